"""Tables and rules that a planner hands over: CSV from a spreadsheet, or the output of an earlier command."""

import glob
import json
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo import meaning, vocabulary
from artois_geo.errors import BadTable, UnreadableFile, reason
from artois_geo.studies import input_headings
from artois_geo.text import decimal_point

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo import land
    from artois_geo.layers import Catalogue, Layer


_WITH_COMPANIONS = {".shp", ".tab", ".mif"}


def text_of(path: Path) -> str:
    """Read a text file: UTF-8, or what French spreadsheets write."""
    content = _content(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path.name} : {reason(error)}.") from error


def table(path: Path, *, wanted: Iterable[str] = (), as_written: Iterable[str | None] = ()) -> "pd.DataFrame":
    """Read the rows of a table or of a layer in any format, or of the JSON that a command wrote.

    Numbers that a table without shapes holds as texts are numbers, unless one starts with a zero: a code
    stays text. French headings are the columns that they name: ``wanted`` and ``as_written`` as for
    :func:`artois_geo.studies.input_headings.in_columns`.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "unites.csv"
    >>> _ = path.write_text("Unité foncière;Surface de l'unité foncière (ha)\\n0012;1,5\\n")
    >>> table(path).to_dict("list")
    {'unit_id': ['0012'], 'unit_ha': [1.5]}
    """
    frame = _named(raw_table(path), wanted, as_written)
    if "geometry" not in frame:
        frame = frame.astype(dict.fromkeys(frame.select_dtypes("string").columns, object))
    texts = [name for name in frame.columns if frame[name].dtype == object and _is_of_texts(frame[name])]
    return frame.assign(**{name: _typed(frame[name].fillna("").astype(str)) for name in texts})


def raw_table(path: Path) -> "pd.DataFrame":
    """Read the same rows as the file has them: every cell of a CSV is a text."""
    from artois_geo import layers

    if is_json(path) and (rows := _json_rows(path)) is not None:
        return rows
    if path.suffix.lower() == ".parquet" and (rows := _parquet_rows(path)) is not None:
        return rows
    return layers.read_table(path)


def text_table(
    path: Path, *, wanted: Iterable[str] = (), as_written: Iterable[str | None] = ()
) -> "pd.DataFrame":
    """Read the rows of a table or of a layer in any format, every cell of a table as text: codes stay codes.

    French headings as for :func:`table`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "communes.csv"
    >>> _ = path.write_text("insee;ha\\n01001;1,5\\n")
    >>> text_table(path).values.tolist()
    [['01001', '1,5']]
    """
    import geopandas as gpd

    frame = raw_table(path)
    if isinstance(frame, gpd.GeoDataFrame) or is_json(path):
        return frame
    return _named(frame, wanted, as_written).map(_as_text)


def _named(frame: "pd.DataFrame", wanted: Iterable[str], as_written: Iterable[str | None]) -> "pd.DataFrame":
    """Give a table without shapes the columns that its headings name."""
    if "geometry" in frame:
        return frame
    return input_headings.in_columns(frame, wanted=wanted, as_written=as_written)


def _as_text(cell: Any) -> str:
    if meaning.is_missing(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def is_json(path: Path) -> bool:
    """Tell whether a file may hold the rows that a command wrote, compressed or not.

    Examples
    --------
    >>> is_json(Path("budget.json.gz")), is_json(Path("sites.geojson"))
    (True, False)
    """
    return path.name.lower().endswith((".json", ".json.gz"))


def _is_of_texts(column: "pd.Series") -> bool:
    return all(isinstance(cell, str) for cell in column.dropna())


def _json_rows(path: Path) -> "pd.DataFrame | None":
    """Read the rows that a command wrote, or the bare list of geo.api.gouv.fr; None for anything else."""
    import pandas as pd

    from artois_geo.formats import archives
    from artois_geo.formats.opening import Limits

    if path.suffix.lower() == ".gz" and path.is_file():
        with tempfile.TemporaryDirectory(prefix="artois-") as folder:
            return _json_rows(archives.gunzip(path, Path(folder), Limits()))
    try:
        content = json.loads(text_of(path))
    except ValueError:  # told by the reader of layers
        return None
    rows = content.get("rows") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return pd.DataFrame(rows)


def _parquet_rows(path: Path) -> "pd.DataFrame | None":
    """Read the rows of a Parquet without geometry; None for a layer, and for what is no Parquet."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    try:
        about = parquet.read_schema(path).metadata or {}
    except (OSError, pa.ArrowException):
        return None
    return None if b"geo" in about else pd.read_parquet(path)


def require_columns(frame: "pd.DataFrame", name: str, columns: Mapping[str, str]) -> None:
    """Refuse, by the name of its file, a table that lacks a column; each has the option that gives it."""
    for column, option in columns.items():
        if column not in frame.columns:
            listed = input_headings.listed(frame)
            advice = f" Donner avec {option} une de ses colonnes" if option else " Ses colonnes"
            raise BadTable(f"{name} n'a pas de colonne {vocabulary.written(column)}.{advice} : {listed}.")


def layer(
    name: str, catalogue: "Catalogue", *, beside: Path | None = None
) -> "tuple[gpd.GeoDataFrame, Layer | Path]":
    """Read a layer by path (relative to ``beside``, then to here) or by its name in the catalogue.

    Parameters
    ----------
    name
        Path of a file, ``file.gpkg|layername=x``, or name of a layer.
    catalogue
        Where a name is looked up.
    beside
        Folder of the file that names the layer.

    Raises
    ------
    UnknownName
        Neither a file nor a layer of the catalogue; the nearest names are offered.

    Examples
    --------
    >>> from artois_geo import layers
    >>> sites, source = layer("sites_eco", layers.read_catalogue())
    >>> source.name, sites.crs.to_epsg()
    ('sites_eco', 2154)
    """
    from artois_geo import layers

    source = source_of(name, catalogue, beside=beside)
    return layers.read(source), source


def source_of(name: str, catalogue: "Catalogue", *, beside: Path | None = None) -> "Layer | Path":
    """Find what :func:`layer` reads under a name: a file, else a layer of the catalogue.

    Examples
    --------
    >>> from artois_geo import layers
    >>> source_of("sites_eco", layers.read_catalogue()).name
    'sites_eco'
    """
    from artois_geo import layers

    file, inside = layers.split_name(Path(name))
    for folder in (beside, Path()):
        if folder is not None and (folder / file).exists():
            return folder / name if inside else folder / file
    return layer_or_path(name, catalogue)


def is_there(name: str, catalogue: "Catalogue", *, beside: Path | None = None) -> bool:
    """Tell whether :func:`layer` finds a file or a layer of the catalogue under a name.

    Examples
    --------
    >>> from artois_geo import layers
    >>> is_there("sites_eco", layers.read_catalogue()), is_there("ppri.gpkg", layers.read_catalogue())
    (True, False)
    """
    from artois_geo import layers

    file, _ = layers.split_name(Path(name))
    return name in catalogue or any((folder / file).exists() for folder in (beside, Path()) if folder)


def layer_or_path(name: str, catalogue: "Catalogue") -> "Layer | Path":
    """Return the layer of that name, or the path where the text is one.

    Examples
    --------
    >>> from artois_geo import layers
    >>> layer_or_path("sites_eco", layers.read_catalogue()).kind
    'site_eco'
    >>> layer_or_path("mes_sites.gpkg", layers.read_catalogue()).suffix
    '.gpkg'
    """
    path = Path(name)
    if name not in catalogue and (path.suffix or path.exists() or len(path.parts) > 1):
        return path
    return catalogue[name]  # an unknown name is an error that offers the nearest ones


def fingerprint(source: "Layer | Path") -> str:
    """Return the sha256 of the file behind a layer; of all the files where it has several."""
    from artois_geo import layers
    from artois_geo.layers.history import checksum

    path = layers.split_name(source)[0] if isinstance(source, Path) else source.path
    parts = sorted(part for part in path.iterdir() if part.is_file()) if path.is_dir() else [path]
    if path.suffix.lower() in _WITH_COMPANIONS:
        parts = sorted(part for part in path.parent.glob(f"{glob.escape(path.stem)}.*") if part.is_file())
    if len(parts) == 1:
        return checksum(parts[0])
    return sha256(" ".join(f"{part.name}:{checksum(part)}" for part in parts).encode()).hexdigest()


_RULES = {".toml": "toml", ".csv": "csv", ".json": "json", ".geojson": "json", ".xlsx": "csv"}


def holds_rules(path: Path) -> bool:
    """Tell whether a file holds a table of constraints, or the output of a run; else it is a layer of them.

    Examples
    --------
    >>> holds_rules(Path("contraintes.toml")), holds_rules(Path("contraintes.gpkg"))
    (True, False)
    """
    from artois_geo import land

    form = _RULES.get(path.suffix.lower())
    if form is None or form == "toml":
        return form is not None
    if form == "json":
        try:
            content = json.loads(text_of(path))
        except ValueError:
            return path.suffix.lower() == ".json"  # told by the reader of rules
        return (
            isinstance(content, dict) and content.get("type") != "FeatureCollection"
        ) or "regles" in content
    heads = raw_table(path).columns if path.suffix.lower() == ".xlsx" else _headings(path)
    return "couche" in {land.rule_key(str(heading)) for heading in heads}


def _headings(path: Path) -> list[str]:
    first_line = next(iter(text_of(path).splitlines()), "")
    return first_line.replace('"', "").split(";" if ";" in first_line else ",")


def rules(path: Path) -> "tuple[list[land.Rule], land.Options, dict[str, str]]":
    """Read constraints, options, and the fingerprints that an earlier output kept of its layers."""
    from artois_geo import land

    form = _RULES.get(path.suffix.lower())
    if form is None:
        raise UnreadableFile(
            f"{path.name} : une table de contraintes se donne en .toml, .csv, .xlsx ou .json."
        )
    text = _as_csv(path) if path.suffix.lower() == ".xlsx" else text_of(path)
    constraints, options = land.read_rules(text, form=form)
    fingerprints: Any = json.loads(text).get("entrees", {}) if form == "json" else {}
    return constraints, options, dict(fingerprints)


def _as_csv(path: Path) -> str:
    """Write a sheet of a workbook as the CSV that a spreadsheet would write of it."""
    cells = raw_table(path)
    return cells.astype(object).where(cells.notna(), "").to_csv(index=False, sep=";")


def _typed(column: "pd.Series") -> "pd.Series":
    """Make numbers, or true and false, of a column of texts that are all so; a code stays text."""
    import pandas as pd

    values = column.str.strip()
    filled = values[values != ""]
    codes = filled.str.fullmatch(r"0\d+").any()
    numbers = pd.to_numeric(filled.map(decimal_point), errors="coerce")
    if len(filled) and not codes and numbers.notna().all():
        return numbers.reindex(column.index)
    answers = filled.map(meaning.truth)
    if len(filled) and answers.notna().all():
        return answers.astype(bool).reindex(column.index)
    return values.where(values != "", None)
