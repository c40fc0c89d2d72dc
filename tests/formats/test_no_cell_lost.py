"""Every cell of a source is in the layer, or a finding names its column; every feature is kept or named.

Files are written byte by byte (``source_bytes``): what a cell holds is known to the test, and is
never read back by the library or by GDAL.
"""

import itertools
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import source_bytes as sb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from old_libraries import needs_libkml

from artois_geo.deliveries import delivery
from artois_geo.deliveries.delivery import Delivery
from artois_geo.layers import workspace

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# where each example starts a process of GDAL
FEWER = settings(FEW, max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])

# rules that speak of a column without saying that a cell of it is lost or changed
IDLE = {
    "champ inconnu",
    "nombres en texte",
    "code en nombre",
    "zéro initial perdu",
    "position en double",
    "nom tronqué",
}


# --- the property


def no_cell_lost(path: Path, columns: Mapping[str, Sequence[Any]], count: int, **options: Any) -> Delivery:
    """Import a file of ``count`` features, and compare the layer as it is written with its cells."""
    received = delivery.receive(path, "libre", territory="monde", set_aside=True, **options)
    lost_features(received, count)
    if received.outcome != "reject":
        with tempfile.TemporaryDirectory() as home:
            workspace.save_delivery(received, path, Path(home), "couche")
            features = json.loads((Path(home) / "couche.geojson").read_text())["features"]
        compare(received, columns, [feature["properties"] for feature in features])
    return received


def lost_features(received: Delivery, count: int) -> None:
    """What the file holds is what is kept, set aside, or a copy that is named."""
    assert received.counted == count
    copies = {row["position"] for row in received.rows() if row["rule"] == "objet en double"}
    if received.outcome != "reject":
        assert len(received.features) + len(received.aside) + len(copies) == count
    else:  # each feature is in error, or the file is
        errors = {row["position"] for row in received.rows() if row["level"] == "erreur"}
        assert None in errors or errors >= set(range(1, count + 1))


def compare(received: Delivery, columns: Mapping[str, Sequence[Any]], rows: list[dict[str, Any]]) -> None:
    """Cells of the layer as it is written, against those of the source."""
    gone = set(received.aside)
    gone |= {row["position"] - 1 for row in received.rows() if row["rule"] == "objet en double"}
    findings = [row for row in received.rows() if row["rule"] not in IDLE]
    for name, cells in columns.items():
        is_named = any(row["field"] == name or f"« {name} »" in row["message"] for row in findings)
        remaining_cells = [cell for number, cell in enumerate(cells) if number not in gone]
        for number, (cell, row) in enumerate(zip(remaining_cells, rows, strict=True)):
            if not is_named:
                assert name in row or cell in (None, ""), f"« {name} » absent, sans un mot"
                assert same(cell, row.get(name)), (
                    f"« {name} », ligne {number} : {cell!r} lu {row.get(name)!r}"
                )


def same(cell: Any, read: Any) -> bool:
    if isinstance(cell, bool) or isinstance(read, bool):
        return cell is read
    if isinstance(cell, (int, float)) and isinstance(read, (int, float)):
        return cell == read
    if isinstance(cell, list) and isinstance(read, list):
        return len(cell) == len(read) and all(map(same, cell, read))
    if isinstance(cell, dict) and isinstance(read, dict):
        return cell.keys() == read.keys() and all(same(cell[key], read[key]) for key in cell)
    return type(cell) is type(read) and cell == read


def test_the_property_sees_a_cell_that_is_lost(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The test of the test: a reader that drops a text, and no other, is caught."""
    from artois_geo.formats.databases import geopackage_reader

    true = geopackage_reader._value
    monkeypatch.setattr(
        geopackage_reader, "_value", lambda value, sql: None if value == "b" else true(value, sql)
    )
    rows = [("a", point(0)), ("b", point(1))]
    path = sb.geopackage(tmp_path / "z.gpkg", {"nom": "TEXT", "geom": "POINT"}, rows)
    with pytest.raises(AssertionError, match="« nom », ligne 1 : 'b' lu None"):
        no_cell_lost(path, {"nom": ["a", "b"]}, 2)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new folder each time: an example of hypothesis has none of its own."""
    root = tmp_path_factory.mktemp("sources")
    return (folder for number in itertools.count() if not (folder := root / str(number)).mkdir())


# --- what cells hold


NAMES = st.sampled_from(["nom", "Surface (ha)", "insee", "a b", "é", "type", "date_maj", "geometry", "TOTAL"])
TEXTS = st.sampled_from(
    [
        "Béthune",
        "01004",
        "12,5 ha",
        "abc",
        "1,234.5",
        " espaces ",
        "=1+1",
        "l'=Artois",
        "***",
        "\u2028",
        "😀",
        "NULL",
        "0",
    ]
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9).map(lambda number: round(number, 4))
ANY = st.none() | TEXTS | NUMBERS | st.booleans() | st.integers(-(2**63), 2**63 - 1)


def lists(cells: Any, count: int) -> Any:
    return st.lists(cells, min_size=count, max_size=count)


NAME_LISTS = st.lists(NAMES, unique=True, min_size=1, max_size=4)


def point(number: int) -> bytes:
    return sb.wkb(sb.POINT, [sb.L93[0] + number, sb.L93[1]])


def polygon(number: int) -> bytes:
    return sb.wkb(sb.POLYGON, sb.square(200 * number))


def disc(number: int) -> bytes:
    x, y = sb.L93[0] + 200 * number, sb.L93[1]
    ring = [[x + 40, y], [x, y + 40], [x - 40, y], [x, y - 40], [x + 40, y]]
    return sb.wkb(sb.CURVED_POLYGON, [sb.wkb(sb.ARC, ring)])


def flat(number: int) -> bytes:
    """A polygon with a hole of three positions."""
    (ring,) = sb.square(200 * number)
    return sb.wkb(sb.POLYGON, [ring, [ring[0], ring[2], ring[0]]])


SHAPES = st.sampled_from([point, polygon, disc, flat, lambda _: None, lambda _: b"\x01\x63\x00\x00\x00"])


# --- GeoPackage


def expected_of(value: Any, kind: str = "") -> Any:
    """The JSON value of a cell of SQLite."""
    if kind == "BOOLEAN" and type(value) is int and value in (0, 1):
        return bool(value)
    return value.hex() if isinstance(value, bytes) else value


def stored(path: Path, kinds: Mapping[str, str], table: str = "zones") -> dict[str, list[Any]]:
    """The columns of a table as SQLite keeps them: a text in an INTEGER that is no number stays a text."""
    with closing(sqlite3.connect(path)) as base:
        return {
            name: [
                expected_of(row[0], kind)
                for row in base.execute(f'SELECT "{name}" FROM {table} ORDER BY rowid')
            ]
            for name, kind in kinds.items()
        }


SQL = st.sampled_from(["TEXT", "INTEGER", "REAL", "DECIMAL(9,2)", "DATE", "BOOLEAN", ""])


@FEW
@given(st.data())
def test_geopackage_whatever_its_columns_hold(folders: Iterator[Path], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    kinds = {name: data.draw(SQL) for name in data.draw(NAME_LISTS)}
    cells = [data.draw(lists(ANY | st.binary(min_size=1, max_size=3), len(kinds))) for _ in range(count)]
    shapes = [data.draw(SHAPES)(number) for number in range(count)]
    rows = [[shape, *row] for shape, row in zip(shapes, cells, strict=True)]
    path = sb.geopackage(next(folders) / "z.gpkg", {"geom": "GEOMETRY", **kinds}, rows)
    no_cell_lost(path, stored(path, kinds), count)


KEYS = st.sampled_from(
    [
        ("fid", "INTEGER PRIMARY KEY", [1, 2, 3]),
        ("fid", "INTEGER PRIMARY KEY", [1, 3, 7]),
        ("OGC_FID", "INTEGER PRIMARY KEY", [2, 3, 4]),
        ("id_zae", "INTEGER PRIMARY KEY", [6200017, 6200034, 6200051]),
        ("site_id", "TEXT PRIMARY KEY", ["ARTOIS-1", "b", "10"]),
    ]
)


@FEW
@given(KEYS, st.booleans(), st.booleans())
def test_geopackage_whatever_its_key(
    folders: Iterator[Path], key: tuple[str, str, list], view: bool, styled: bool
) -> None:
    name, kind, values = key
    rows = [(value, polygon(number), f"n{number}") for number, value in enumerate(values)]
    columns = {name: kind, "geom": "POLYGON", "nom": "TEXT"}
    path = sb.geopackage(next(folders) / "z.gpkg", columns, rows)
    if styled:
        sb.geopackage(path, {"styleName": "TEXT"}, [("a",)], layer="layer_styles", features=False)
    if view:
        with closing(sqlite3.connect(path)) as base:
            base.execute("CREATE VIEW vue AS SELECT * FROM zones")
            for table in ("gpkg_contents", "gpkg_geometry_columns"):
                base.execute(f"UPDATE {table} SET table_name = 'vue' WHERE table_name = 'zones'")
            base.commit()
    surrogate = name == "fid" and values == [1, 2, 3] and not view
    cells = {"nom": ["n0", "n1", "n2"]} | ({} if surrogate else {name: values})
    no_cell_lost(path, cells, 3)


@FEW
@given(
    st.sampled_from(["WAL", "DELETE"]),
    st.lists(st.sampled_from(["edit", "add", "drop"]), min_size=1, max_size=4),
)
def test_geopackage_with_a_journal(folders: Iterator[Path], mode: str, changes: list[str]) -> None:
    """What was saved is what is read: with a -wal the changes, with a hot -journal what was before them."""
    folder, crash = next(folders), next(folders)
    columns = {"fid": "INTEGER PRIMARY KEY", "geom": "POLYGON", "nom": "TEXT"}
    path = sb.geopackage(folder / "z.gpkg", columns, [(n, polygon(n), f"n{n}") for n in (1, 2, 3)])
    before = stored(path, {"nom": "TEXT"})
    base = sqlite3.connect(path, isolation_level=None)
    for pragma in (f"journal_mode = {mode}", "wal_autocheckpoint = 0", "cache_size = 1"):
        base.execute(f"PRAGMA {pragma}")
    base.execute("BEGIN")
    base.execute("CREATE TABLE gros AS SELECT randomblob(90000) AS b")
    for number, change in enumerate(changes):
        base.execute(
            {
                "edit": f"UPDATE zones SET nom = 'corrigé {number}' WHERE fid = 2",
                "add": f"INSERT INTO zones (geom, nom) SELECT geom, 'neuf {number}' FROM zones LIMIT 1",
                "drop": "DELETE FROM zones WHERE fid = 1",
            }[change]
        )
    if mode == "WAL":
        base.execute("COMMIT")
    for file in [path, *folder.glob("z.gpkg-[wj]*")]:
        shutil.copyfile(file, crash / file.name)
    if mode == "DELETE":
        base.execute("ROLLBACK")
    base.close()
    saved = stored(path, {"nom": "TEXT"})
    assert saved == before or mode == "WAL"
    no_cell_lost(crash / "z.gpkg", saved, len(saved["nom"]))


# --- shapefile


NUMERIC = [
    (b"", None),
    (b"*********", None),
    (b"12", 12),
    (b"-3", -3),
    (b"12.50", 12.5),
    (b"1e3", 1000.0),
    (b"12,5", "12,5"),
    (b"nan", "nan"),
    (b"1 234", "1 234"),
    (b"000012", 12),
    (b"123456789", 123456789),
]
DATES = [(b"", None), (b"00000000", None), (b"20240401", "2024-04-01"), (b"2024", "2024"), (b"0", None)]
LOGICALS = [(b"T", True), (b"n", False), (b"?", None), (b" ", None), (b"X", "X")]
WORDS = ["Béthune", "***", "Œuf", "12,5 ha", "", "é" * 9]


@FEWER
@given(st.data())
def test_shapefile(folders: Iterator[Path], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 6))
    encoding, cpg = data.draw(
        st.sampled_from(
            [("utf-8", "UTF-8"), ("utf-8", "ISO-8859-1"), ("utf-8", ""), ("cp1252", "1252"), ("cp1252", "")]
        )
    )
    cells = [text.encode(encoding)[:12] for text in WORDS]  # the file itself holds no more than its width
    texts = [(cell, cell.decode(encoding)) for cell in cells]
    fields = [
        ("nom", "C", 12, 0),
        ("n", "N", 9, 0),
        ("surf", "N", 9, 2),
        ("f", "F", 9, 3),
        ("maj", "D", 8, 0),
        ("bati", "L", 1, 0),
    ]
    columns_drawn = [
        data.draw(lists(st.sampled_from(choices), count))
        for choices in (texts, NUMERIC, NUMERIC, NUMERIC, DATES, LOGICALS)
    ]
    deleted = data.draw(lists(st.booleans(), count))
    deleted[0] = False
    records = [
        [None if deleted[n] else column[n][0] for column in columns_drawn]
        if not deleted[n]
        else [None] * len(fields)
        for n in range(count)
    ]
    shapes = [
        None if data.draw(st.integers(0, 4)) == 0 else [r[::-1] for r in sb.square(200 * n)]
        for n in range(count)
    ]
    path = sb.shapefile(next(folders) / "z.shp", fields, records, shapes, cpg=cpg)
    if data.draw(st.booleans()):
        cut = data.draw(st.integers(1, 200))
        path.write_bytes(path.read_bytes()[:-cut] if path.stat().st_size - cut > 100 else path.read_bytes())
    living = [n for n in range(count) if not deleted[n]]
    columns = {
        field[0]: [column[n][1] or None if field[1] == "C" else column[n][1] for n in living]
        for field, column in zip(fields, columns_drawn, strict=True)
    }
    received = no_cell_lost(path, columns, len(living))
    assert any(row["rule"] == "lignes effacées" for row in received.rows()) == any(deleted)


# --- CSV and XLSX


@FEW
@given(st.data(), st.sampled_from(["csv", "xlsx"]))
def test_tables(folders: Iterator[Path], data: st.DataObject, form: str) -> None:
    """Titles, blank rows, columns without a name, repeated headers, any cell."""
    names = [name for name in data.draw(NAME_LISTS) if name != "geometry"] or ["nom"]
    count = data.draw(st.integers(1, 4))
    cells = (
        st.none() | TEXTS
        if form == "csv"
        else ANY.filter(lambda cell: type(cell) is not int or abs(cell) < 2**53)
    )
    body = [data.draw(lists(cells, len(names))) for _ in range(count)]
    for number, row in enumerate(body):  # a row of blanks is no record
        row[0] = f"r{number}"
    empty = data.draw(st.integers(0, len(names)))
    rows = [[*row[:empty], None, *row[empty:], None] if empty else row for row in (names, *body)]
    if data.draw(st.booleans()) and len(names) > 1:
        rows.insert(data.draw(st.integers(1, len(rows))), rows[0])
    if data.draw(st.booleans()) and len(names) > 1:
        rows[:0] = [["Liste des sites"], [None]]
    path = next(folders) / f"t.{form}"
    if form == "csv":
        texts = [["" if cell is None else cell for cell in row] for row in rows]
        path.write_bytes(sb.csv_bytes(texts))
    else:
        sb.workbook(path, {"Graphique": None, "Feuille": rows, "Feuil2": []})
    columns = {name: [cell_of(row[column_index]) for row in body] for column_index, name in enumerate(names)}
    no_cell_lost(path, columns, count)


def cell_of(cell: Any) -> Any:
    """A cell of a table: without the apostrophe that defuses a formula, nothing for an empty text."""
    if isinstance(cell, str):
        return (cell[1:] if cell[:2] == "'=" else cell) or None
    return cell


@FEW
@given(st.data())
def test_formulas_with_and_without_values(folders: Iterator[Path], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 5))
    value = st.sampled_from([12.5, 3, "Lens", "", None])
    columns_drawn = [data.draw(lists(value, count)) for _ in range(2)]
    plain = [data.draw(lists(st.sampled_from(["a", 7, None]), count)) for _ in range(1)]
    rows = [["id", "f", "g", "plain"]]
    for n in range(count):
        rows.append([f"r{n}", *[sb.formula("A1", column[n]) for column in columns_drawn], plain[0][n]])
    path = sb.workbook(next(folders) / "t.xlsx", {"Feuille": rows})
    # a formula without a stored value holds something: what, nobody knows
    unknown = [[object() if cell is None else cell_of(cell) for cell in column] for column in columns_drawn]
    no_cell_lost(path, {"f": unknown[0], "g": unknown[1], "plain": plain[0]}, count)


STYLES: dict[str, Callable[[float], str]] = {
    "English": lambda number: f"{number:,}",
    "German": lambda number: f"{number:,}".translate(str.maketrans(",.", ".,")),
    "French": lambda number: f"{number:,}".translate(str.maketrans(",.", "\u202f,")),
    "bare comma": lambda number: f"{number}".replace(".", ","),
    "software": str,
}
QUANTITIES = st.one_of(
    st.integers(1, 10**7),
    st.integers(1, 10**8).map(lambda n: n / 1000),
    st.integers(1, 10**5).map(lambda n: n / 10),
)


@FEW
@given(
    st.sampled_from(sorted(STYLES)),
    st.lists(QUANTITIES, min_size=1, max_size=6),
    st.sampled_from(["csv", "xlsx"]),
)
def test_a_number_in_any_style_is_itself_or_said(
    folders: Iterator[Path], style: str, quantities: list[float], form: str
) -> None:
    """A thousand times too small is never silent, whatever the column."""
    folder = next(folders)
    (folder / "terrain.toml").write_text(KIND)
    texts = [STYLES[style](number) for number in quantities]
    rows = [["id", "surface"], *[[f"T{n}", text] for n, text in enumerate(texts)]]
    path = folder / f"t.{form}"
    path.write_bytes(sb.csv_bytes(rows)) if form == "csv" else sb.workbook(path, {"F": rows})
    received = delivery.receive(path, folder / "terrain.toml", set_aside=True)
    rows_told = {
        row["position"] for row in received.rows() if row["field"] == "surface" and row["level"] != "note"
    }
    for n, number in enumerate(quantities):
        read = received.features["surface"].get(n)
        assert None in rows_told or n + 1 in rows_told or read == pytest.approx(number), (
            texts,
            received.rows(),
        )


KIND = """
title = "Terrains"
key = "id"
geometry = ["null"]
[[fields]]
name = "id"
type = "string"
[[fields]]
name = "surface"
type = "number"
"""


@FEW
@given(
    st.sampled_from(["geo_point_2d", "latlon", "lat;lon", "wkt", "geojson"]),
    st.lists(st.tuples(st.floats(-89, 89), st.floats(-179, 179)), min_size=1, max_size=3),
)
def test_positions_of_a_table(folders: Iterator[Path], form: str, places: list[tuple[float, float]]) -> None:
    places = [(round(lat, 4), round(lon, 4)) for lat, lon in places]
    cells_of_position = {
        "wkt": lambda lat, lon: [f"SRID=4326;POINT ({lon} {lat})"],
        "geojson": lambda lat, lon: [json.dumps({"type": "Point", "coordinates": [lon, lat]})],
        "lat;lon": lambda lat, lon: [str(lat).replace(".", ","), str(lon).replace(".", ",")],
    }.get(form, lambda lat, lon: [f"{lat}, {lon}"])
    rows = [
        ["id", *form.split(";")],
        *[[f"P{n}", *cells_of_position(*position)] for n, position in enumerate(places)],
    ]
    path = next(folders) / "t.csv"
    path.write_bytes(sb.csv_bytes(rows))
    received = delivery.receive(path, "libre", territory="monde", crs="EPSG:4326")
    with tempfile.TemporaryDirectory() as home:
        workspace.save_delivery(received, path, Path(home), "couche")
        features = json.loads((Path(home) / "couche.geojson").read_text())["features"]
    assert [feature["geometry"]["coordinates"] for feature in features] == [[lon, lat] for lat, lon in places]


# --- GeoParquet


INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))
DECIMALS = st.decimals(-(10**6), 10**6, places=2)
COLUMNS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "texte": (TEXTS, str),
    "entier": (st.integers(-(2**63), 2**63 - 1), int),
    "grand": (st.integers(2**63, 2**64 - 1), str),
    "reel": (st.floats(allow_nan=False, allow_infinity=False), float),
    "decimal": (DECIMALS, float),
    "fin": (
        st.decimals(0, 1, places=25),
        lambda cell: float(cell) if Decimal(repr(float(cell))) == cell else object(),
    ),
    "jour": (st.dates(date(1900, 1, 1), date(2100, 1, 1)), date.isoformat),
    "instant": (INSTANTS, datetime.isoformat),
    "duree": (
        st.timedeltas(timedelta(0), timedelta(9)).map(lambda t: timedelta(t.days, t.seconds)),
        lambda cell: pd.Timedelta(cell).isoformat(),
    ),
    "vrai": (st.booleans(), bool),
    "octets": (st.binary(min_size=1, max_size=4), bytes.hex),
    "liste": (st.lists(DECIMALS, max_size=3), lambda cell: [float(part) for part in cell]),
    "fiche": (
        st.fixed_dictionaries({"le": st.dates(date(1900, 1, 1)), "n": st.integers(0, 9)}),
        lambda cell: {"le": cell["le"].isoformat(), "n": cell["n"]},
    ),
}


@FEW
@given(st.data())
def test_geoparquet(folders: Iterator[Path], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    names = data.draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True, min_size=1, max_size=5))
    cells = {name: data.draw(lists(st.none() | COLUMNS[name][0], count)) for name in names}
    native = data.draw(st.booleans())
    nested = [sb.square(200 * number) for number in range(count)]
    shapes = nested if native else [polygon(number) for number in range(count)]
    more: dict[str, Any] = {}
    if data.draw(st.booleans()):
        more = {"covering": "bbox", "extra_columns": {"centre": {"encoding": "WKB"}}}
        cells |= {
            "bbox": [{"xmin": 0.0, "ymin": 0.0, "xmax": 1.0, "ymax": 1.0}] * count,
            "centre": [point(0)] * count,
        }
    arrays = {
        name: pa.array(column, pa.uint64()) if name == "grand" else column for name, column in cells.items()
    }
    if native:
        more |= {"encoding": "polygon", "layout": data.draw(st.sampled_from(["separated", "interleaved"]))}
    folder = next(folders)
    sb.geoparquet(folder / "part.0.parquet", arrays, shapes, **more)
    expected = {
        name: [
            None if cell is None else COLUMNS.get(name, (None, lambda _: object()))[1](cell)
            for cell in column
        ]
        for name, column in cells.items()
    }
    if data.draw(st.booleans()):
        shutil.copyfile(folder / "part.0.parquet", folder / "part.1.parquet")
        copies = {name: column * 2 for name, column in expected.items()}
        received = delivery.receive(folder, "libre", territory="monde")
        assert received.counted == 2 * count
        assert {name: len(column) for name, column in copies.items()}.keys() - {"bbox"} <= set(
            received.features.columns
        )
        return
    no_cell_lost(folder / "part.0.parquet", expected, count)


# --- GeoJSON


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
RING = [[2.70, 50.45], [2.701, 50.45], [2.701, 50.451], [2.70, 50.451], [2.70, 50.45]]
SPIKE = [[2.7002, 50.4502], [2.7004, 50.4504], [2.7002, 50.4502]]
DRAWN = [
    None,
    {"type": "Point", "coordinates": [2.7, 50.4]},
    {"type": "MultiPoint", "coordinates": []},
    {"type": "MultiLineString", "coordinates": []},
    {"type": "MultiPolygon", "coordinates": []},
    {"type": "GeometryCollection", "geometries": []},
    {"type": "Polygon", "coordinates": [RING, SPIKE]},
    {"type": "Polygon", "coordinates": [RING[:4]]},
    {"type": "MultiPolygon", "coordinates": [[RING], [SPIKE]]},
    {"type": "Polygon", "coordinates": [SPIKE]},
    {"type": "Point", "coordinates": [684000, 7037000]},
    {"type": "Point", "coordinates": [2.7, "x"]},
    {"type": "Cercle"},
    {"type": "Point", "coordinates": [2.7, 50.4, 12.0]},
]


@FEW
@given(st.data())
def test_geojson(folders: Iterator[Path], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 5))
    names = data.draw(NAME_LISTS)
    rows = [{name: data.draw(JSON) for name in names if data.draw(st.integers(0, 3))} for _ in range(count)]
    shapes = [*data.draw(lists(st.sampled_from(DRAWN), count)), DRAWN[1]]
    rows.append({})
    crs = data.draw(
        st.sampled_from(
            [None, "EPSG:4326", {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}]
        )
    )
    members = {} if crs is None else {"crs": crs}
    path = next(folders) / "z.geojson"
    path.write_bytes(sb.geojson_bytes(rows, shapes, **members))
    no_cell_lost(path, {name: [row.get(name) for row in rows] for name in names}, count + 1)


# --- KML, MapInfo, archives


@needs_libkml
@FEWER
@given(st.data(), st.booleans())
def test_kml(folders: Iterator[Path], data: st.DataObject, zipped: bool) -> None:
    count = data.draw(st.integers(1, 4))
    texts = st.sampled_from(["Béthune", "12,5 ha", "a & b < c", "01004", " espaces "])
    rows = [
        {"name": f"P{n}", **{name: data.draw(texts) for name in ("commune", "Surface", "visibility")}}
        for n in range(count)
    ]
    places = [None if data.draw(st.integers(0, 3)) == 0 else (2.7 + n / 10, 50.4) for n in range(count)]
    content = sb.kml_bytes(rows, places)
    folder = next(folders)
    path = folder / "z.kml"
    path.write_bytes(content)
    if zipped:
        path = sb.archive(folder / "z.kmz", {"doc.kml": content, "files/icone.png": b"x"})
    columns = {name: [row[name] for row in rows] for name in ("commune", "Surface", "visibility")}
    no_cell_lost(path, {"Name": [row["name"] for row in rows], **columns}, count)


@FEWER
@given(st.data())
def test_flatgeobuf(folders: Iterator[Path], data: st.DataObject) -> None:
    """Written by GDAL, from cells that the test draws."""
    count = data.draw(st.integers(1, 4))
    texts = data.draw(lists(st.none() | TEXTS, count))
    numbers = {
        "n": data.draw(lists(st.none() | st.integers(-(2**53), 2**53), count)),
        "surf": data.draw(lists(st.none() | NUMBERS.map(float), count)),
        "bati": data.draw(lists(st.none() | st.booleans(), count)),
    }
    kinds = {"n": "int64", "surf": "float64", "bati": "bool"}
    cells = {"nom": texts, **numbers}
    path = next(folders) / "z.fgb"
    pyogrio.raw.write(
        path,
        np.array(
            [
                data.draw(st.sampled_from([point, polygon, disc, lambda _: None]))(number)
                for number in range(count)
            ],
            dtype=object,
        ),
        [
            np.array([0 if cell is None and name in kinds else cell for cell in column], kinds.get(name, "O"))
            for name, column in cells.items()
        ],
        list(cells),
        field_mask=[np.array([cell is None for cell in column]) for column in cells.values()],
        geometry_type="Unknown",
        driver="FlatGeobuf",
        crs="EPSG:2154",
        SPATIAL_INDEX="NO",  # it would sort them by their places
    )
    no_cell_lost(path, cells, count)


@FEWER
@given(st.data())
def test_mif(folders: Iterator[Path], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 5))
    kinds = {
        "nom": "Char (20)",
        "n": "Integer",
        "surf": "Decimal (10, 2)",
        "reel": "Float",
        "maj": "Date",
        "bati": "Logical",
    }
    choices: list[list[tuple[str, Any]]] = [
        [('"Béthune"', "Béthune"), ('""', ""), ('"12;5 ha"', "12;5 ha")],
        [("12", 12), ("-3", -3), ("", None), ("12,5", "12,5")],
        [("12.50", 12.5), ("", None), ("0.00", 0), ("12,5", "12,5")],
        [("1500.25", 1500.25), ("", None)],
        [("20240401", "2024-04-01"), ("", None)],
        [("T", True), ("F", False), ("", None)],
    ]
    columns_drawn = [data.draw(lists(st.sampled_from(column), count)) for column in choices]
    places = [None if data.draw(st.integers(0, 3)) == 0 else (sb.L93[0] + n, sb.L93[1]) for n in range(count)]
    path = sb.mif(
        next(folders) / "z.mif",
        kinds,
        [[column[n][0] for column in columns_drawn] for n in range(count)],
        places,
    )
    columns = {name: [cell[1] for cell in column] for name, column in zip(kinds, columns_drawn, strict=True)}
    no_cell_lost(path, columns, count)


@FEW
@given(
    st.lists(
        st.sampled_from(
            [
                "a/Thumbs.db",
                "b/Thumbs.db",
                "._zones.geojson",
                "notice.pdf",
                "a/dico.csv",
                "meta.json",
                "x.txt",
            ]
        ),
        unique=True,
    ),
    st.lists(TEXTS, min_size=1, max_size=3),
)
def test_archives(folders: Iterator[Path], other_members: list[str], texts: list[str]) -> None:
    content = sb.geojson_bytes([{"nom": text} for text in texts], [DRAWN[1]] * len(texts))
    members = dict.fromkeys(other_members, b'{"mot": "sens"}') | {"a/zones.geojson": content}
    path = sb.archive(next(folders) / "z.zip", members)
    received = no_cell_lost(path, {"nom": texts}, len(texts))
    tables_beside = {name for name in other_members if name.endswith((".csv", ".json"))}
    assert all(any(name in row["message"] for row in received.rows()) for name in tables_beside)
