"""Tables of areas and of changes, ours and the peers': python bench_peers.py TASK ENGINE SIZE FOLDER.

Peers are written as an expert of each tool would; reading the file counts for all.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bench_child
import bench_postgis
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from bench_child import CORES, Files

BY = ["code_cs", "code_us"]
T1_COLUMNS = ["code", *BY]
T2_COLUMNS = ["code", *(f"{c}_before" for c in BY), *(f"{c}_after" for c in BY)]


# ------------------------------------------------------------------ ours


def _artois_inputs(files: Files, ending: str) -> tuple[gpd.GeoDataFrame, list]:
    from artois_geo import overlay

    communes = gpd.read_parquet(files.communes)[["code", "geometry"]]
    covers = [overlay.open_cover(Path(f"{path}.{ending}")) for path in (files.before, files.after)]
    return communes, covers


def _ours_t1(files: Files, ending: str) -> pd.DataFrame:
    from artois_geo import overlay

    communes, covers = _artois_inputs(files, ending)
    return overlay.area_table(communes, covers[0], by=BY, key="code", cores=CORES)


def _ours_t2(files: Files, ending: str) -> pd.DataFrame:
    from artois_geo import overlay

    communes, covers = _artois_inputs(files, ending)
    return overlay.change_table(*covers, zones=communes, by=BY, key="code", cores=CORES)


def _copies(files: Files) -> tuple[gpd.GeoDataFrame, list]:
    from artois_geo import overlay

    communes, covers = _artois_inputs(files, "gpkg")
    return communes, [overlay.working_copy(cover, files.copies, by=BY, cores=CORES) for cover in covers]


def t1_artois_gpkg(files: Files) -> pd.DataFrame:
    return _ours_t1(files, "gpkg")


def t1_artois_parquet(files: Files) -> pd.DataFrame:
    return _ours_t1(files, "parquet")


def t1_artois_copie(files: Files) -> pd.DataFrame:
    from artois_geo import overlay

    communes, covers = _copies(files)
    return overlay.area_table(communes, covers[0], by=BY, key="code", cores=CORES)


def t1_artois_sans_noyau(files: Files) -> pd.DataFrame:
    from artois_geo.overlay import engine

    engine._FEW_ROWS = 10**9
    return _ours_t1(files, "parquet")


def t2_artois_gpkg(files: Files) -> pd.DataFrame:
    return _ours_t2(files, "gpkg")


def t2_artois_parquet(files: Files) -> pd.DataFrame:
    return _ours_t2(files, "parquet")


def t2_artois_copie(files: Files) -> pd.DataFrame:
    from artois_geo import overlay

    communes, covers = _copies(files)
    return overlay.change_table(*covers, zones=communes, by=BY, key="code", cores=CORES)


# ------------------------------------------------------------------ peers, T1


def _read(files: Files, *paths: Path) -> list[gpd.GeoDataFrame]:
    frames = [gpd.read_parquet(f"{path}.parquet", columns=[*BY, "geometry"]) for path in paths]
    return [*frames, gpd.read_parquet(files.communes)[["code", "geometry"]]]


def t1_geopandas(files: Files) -> pd.DataFrame:
    cover, communes = _read(files, files.before)
    pieces = gpd.overlay(cover, communes, how="intersection", keep_geom_type=True)
    return _grouped(pieces.assign(m2=pieces.area), T1_COLUMNS)


def t1_strtree(files: Files) -> pd.DataFrame:
    """Prepared communes, whole polygons not cut, two threads."""
    cover, communes = _read(files, files.before)
    shapes, zones = np.asarray(cover.geometry.values), np.asarray(communes.geometry.values)

    def part(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        own_shapes = shapes[rows]
        zone, row = shapely.STRtree(own_shapes).query(zones, predicate="contains_properly")
        crossed = np.setdiff1d(np.arange(len(own_shapes)), row)
        other_zone, crossed_rank = shapely.STRtree(own_shapes[crossed]).query(zones, predicate="intersects")
        m2 = shapely.area(shapely.intersection(own_shapes[crossed[crossed_rank]], zones[other_zone]))
        return (
            np.r_[zone, other_zone],
            rows[np.r_[row, crossed[crossed_rank]]],
            np.r_[shapely.area(own_shapes[row]), m2],
        )

    with ThreadPoolExecutor(CORES) as pool:
        parts_found = list(pool.map(part, np.array_split(np.arange(len(shapes)), 8)))
    zone, row, m2 = (np.concatenate(column) for column in zip(*parts_found, strict=True))
    columns = {
        "code": communes["code"].to_numpy()[zone],
        **{c: cover[c].to_numpy()[row] for c in BY},
        "m2": m2,
    }
    return _grouped(pd.DataFrame(columns), T1_COLUMNS)


T1_SQL = """SELECT c.code, o.code_cs, o.code_us, sum(CASE WHEN ST_CoveredBy(o.geometry, c.geometry)
  THEN ST_Area(o.geometry) ELSE ST_Area(ST_Intersection(o.geometry, c.geometry)) END) AS m2
  FROM o JOIN c ON ST_Intersects(o.geometry, c.geometry) GROUP BY 1, 2, 3"""


def t1_duckdb(files: Files) -> pd.DataFrame:
    base = _duckdb()
    base.execute(f"CREATE TABLE o AS SELECT code_cs, code_us, geometry FROM '{files.before}.parquet'")
    base.execute(f"CREATE TABLE c AS SELECT code, geometry FROM '{files.communes}'")
    return _grouped(base.execute(T1_SQL).df(), T1_COLUMNS)


def t1_sedonadb(files: Files) -> pd.DataFrame:
    import sedonadb

    base = sedonadb.connect()
    base.read_parquet(f"{files.before}.parquet").to_view("o")
    base.read_parquet(str(files.communes)).to_view("c")
    return _grouped(base.sql(T1_SQL).to_pandas(), T1_COLUMNS)


def t1_postgis(files: Files) -> pd.DataFrame:
    return _grouped(bench_postgis.ask(bench_postgis.T1, files.size), T1_COLUMNS)


def t1_lire_octets_gpkg(files: Files) -> pd.DataFrame:
    return _every_byte(Path(f"{files.before}.gpkg"))


def t1_lire_octets_parquet(files: Files) -> pd.DataFrame:
    return _every_byte(Path(f"{files.before}.parquet"))


def t1_lire_octets_copie(files: Files) -> pd.DataFrame:
    from artois_geo.overlay import copies

    _, covers = _artois_inputs(files, "gpkg")
    copy = files.copies / copies._name(covers[0], BY)
    return _every_byte(*(path for path in copy.iterdir() if path.is_file()))


def _every_byte(*paths: Path) -> pd.DataFrame:
    """The floor: every byte of the file, once."""
    room = bytearray(1 << 24)
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while file.readinto(room):
                pass
    return pd.DataFrame(columns=[*T1_COLUMNS, "area_ha"])


# ------------------------------------------------------------------ peers, T2


def t2_geopandas(files: Files) -> pd.DataFrame:
    before, after, communes = _read(files, files.before, files.after)
    return _overlaid(before, after, communes)


def t2_prefiltre(files: Files) -> pd.DataFrame:
    """What an expert does: drop the polygons whose bytes and class did not change, overlay the rest."""
    import pyarrow.parquet as pq

    sides = [
        pq.read_table(f"{path}.parquet", columns=[*BY, "geometry"]).to_pandas()
        for path in (files.before, files.after)
    ]
    marks = [
        pd.MultiIndex.from_frame(
            side[BY].assign(h=pd.util.hash_array(side["geometry"].to_numpy(), categorize=False))
        )
        for side in sides
    ]
    differing = [sides[0][~marks[0].isin(marks[1])], sides[1][~marks[1].isin(marks[0])]]
    before, after = (
        gpd.GeoDataFrame(side[BY], geometry=shapely.from_wkb(side["geometry"].to_numpy()), crs=2154)
        for side in differing
    )
    return _overlaid(before, after, gpd.read_parquet(files.communes)[["code", "geometry"]])


def t2_duckdb(files: Files) -> pd.DataFrame:
    """Anti-join on the bytes, overlay of the rest."""
    base = _duckdb()
    for name, path in (("a0", files.before), ("b0", files.after)):
        base.execute(
            f"CREATE TABLE {name} AS SELECT code_cs, code_us, md5_number(ST_AsWKB(geometry)) h, geometry"
            f" FROM '{path}.parquet'"
        )
    base.execute(f"CREATE TABLE c AS SELECT code, geometry FROM '{files.communes}'")
    base.execute("CREATE TABLE a AS SELECT * FROM a0 ANTI JOIN b0 USING (h, code_cs, code_us)")
    base.execute("CREATE TABLE b AS SELECT * FROM b0 ANTI JOIN a0 USING (h, code_cs, code_us)")
    changes = base.execute(
        """WITH x AS (SELECT a.code_cs code_cs_before, a.code_us code_us_before, b.code_cs code_cs_after,
             b.code_us code_us_after, ST_Intersection(a.geometry, b.geometry) AS geometry
           FROM a JOIN b ON ST_Intersects(a.geometry, b.geometry)
           WHERE a.code_cs <> b.code_cs OR a.code_us <> b.code_us),
         y AS (SELECT * FROM x WHERE ST_Area(geometry) > 1e-6)
         SELECT c.code, y.* EXCLUDE geometry, ST_Area(ST_Intersection(y.geometry, c.geometry)) AS m2
         FROM y JOIN c ON ST_Intersects(y.geometry, c.geometry)"""
    ).df()
    return _grouped(changes, T2_COLUMNS)


def t2_postgis(files: Files) -> pd.DataFrame:
    return _grouped(bench_postgis.ask(bench_postgis.T2, files.size), T2_COLUMNS)


# ------------------------------------------------------------------ two coverages that owe each other nothing


def _pair(files: Files) -> Files:
    files.after = files.other
    return files


def t2b_artois_gpkg(files: Files) -> pd.DataFrame:
    return _ours_t2(_pair(files), "gpkg")


def t2b_artois_copie(files: Files) -> pd.DataFrame:
    return t2_artois_copie(_pair(files))


def t2b_strtree(files: Files) -> pd.DataFrame:
    """Every pair cut once, by two threads; what is left is cut by the communes."""
    before, after, communes = _read(files, files.before, files.other)
    before_shapes, right = (np.asarray(side.geometry.values) for side in (before, after))
    classes = [side[BY].agg("|".join, axis=1).to_numpy() for side in (before, after)]
    tree = shapely.STRtree(right)

    def part(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        row, after_row = tree.query(before_shapes[rows], predicate="intersects")
        row = rows[row]
        differ = classes[0][row] != classes[1][after_row]
        row, after_row = row[differ], after_row[differ]
        pieces = shapely.intersection(before_shapes[row], right[after_row])
        is_area = shapely.area(pieces) > 1e-6
        return row[is_area], after_row[is_area], pieces[is_area]

    with ThreadPoolExecutor(CORES) as pool:
        parts_found = list(pool.map(part, np.array_split(np.arange(len(before_shapes)), 16)))
    row, after_row, pieces = (np.concatenate(column) for column in zip(*parts_found, strict=True))
    zones = np.asarray(communes.geometry.values)
    zone, piece = shapely.STRtree(pieces).query(zones, predicate="intersects")
    columns = {"code": communes["code"].to_numpy()[zone]}
    columns |= {f"{c}_before": before[c].to_numpy()[row[piece]] for c in BY}
    columns |= {f"{c}_after": after[c].to_numpy()[after_row[piece]] for c in BY}
    m2 = shapely.area(shapely.intersection(pieces[piece], zones[zone]))
    return _grouped(pd.DataFrame(columns | {"m2": m2}), T2_COLUMNS)


def t2b_postgis(files: Files) -> pd.DataFrame:
    return _grouped(bench_postgis.ask(bench_postgis.T2B, files.size), T2_COLUMNS)


def _overlaid(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> pd.DataFrame:
    renamed_sides = [
        side.rename(columns={c: f"{c}{end}" for c in BY})
        for side, end in ((before, "_before"), (after, "_after"))
    ]
    pieces = gpd.overlay(*renamed_sides, how="intersection", keep_geom_type=True)
    changed = (pieces["code_cs_before"] != pieces["code_cs_after"]) | (
        pieces["code_us_before"] != pieces["code_us_after"]
    )
    pieces = gpd.overlay(pieces[changed], communes, how="intersection", keep_geom_type=True)
    return _grouped(pieces.assign(m2=pieces.area), T2_COLUMNS)


def _duckdb():
    import duckdb
    import duckdb_extension_spatial

    home = Path(duckdb_extension_spatial.__file__).parent
    extension = next(home.glob("extensions/*/spatial.duckdb_extension"))
    base = duckdb.connect()
    base.execute(f"LOAD '{extension}'; SET threads = {CORES}")
    return base


def _grouped(pieces: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    summed = pieces.groupby(columns, as_index=False)["m2"].sum()
    return summed[summed["m2"] > 1e-6].assign(area_ha=lambda t: t["m2"] / 10_000).drop(columns="m2")


def _ready(name: str, files: Files) -> None:
    if name in ("artois_copie", "lire_octets_copie"):
        _copies(_pair(files) if sys.argv[1] == "T2b" else files)  # a later run: copy and functions are there


def main() -> None:
    task = sys.argv[1].lower()
    engines = {
        key.removeprefix(f"{task}_"): engine
        for key, engine in globals().items()
        if key.startswith(f"{task}_")
    }
    bench_child.run(engines, _ready)


if __name__ == "__main__":
    main()
