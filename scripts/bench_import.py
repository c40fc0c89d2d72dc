"""T4, a GeoJSON delivery read, validated, repaired, written: python bench_import.py T4 ENGINE SIZE FOLDER.

Ours does what ``couches importer`` does: the door of deliveries, then a workspace with its history. The
peers read, make valid, write. What each wrote is read back after the measure: features, invalid ones.
"""

import tempfile
from importlib import import_module
from pathlib import Path

import bench_child
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from bench_child import Files


def artois(files: Files) -> pd.DataFrame:
    """The kind that imposes nothing: the same work as the peers', and every check of a delivery."""
    from artois_geo.deliveries import delivery
    from artois_geo.layers import workspace

    with tempfile.TemporaryDirectory(dir=files.folder) as folder:
        received = delivery.receive(files.delivery, "libre", folder=Path(folder), set_aside=True)
        workspace.save_delivery(received, files.delivery, Path(folder), "livraison")
        bench_child.engine_figures["mis_de_cote"] = len(received.aside)
        return _copy_written(Path(folder) / "livraison.geojson")


def geopandas(files: Files) -> pd.DataFrame:
    """As most people do."""
    with tempfile.TemporaryDirectory(dir=files.folder) as folder:
        frame = gpd.read_file(files.delivery)
        frame = frame.set_geometry(frame.geometry.make_valid())
        frame.to_file(Path(folder) / "ecrit.geojson", driver="GeoJSON", COORDINATE_PRECISION=7)
        return _copy_written(Path(folder) / "ecrit.geojson")


def geopandas_arrow(files: Files) -> pd.DataFrame:
    """As an expert does: by columns, only the invalid ones repaired."""
    with tempfile.TemporaryDirectory(dir=files.folder) as folder:
        frame = gpd.read_file(files.delivery, use_arrow=True)
        shapes = np.asarray(frame.geometry.values).copy()
        bad = ~shapely.is_valid(shapes)
        shapes[bad] = shapely.make_valid(shapes[bad])
        frame = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
        frame.to_file(
            Path(folder) / "ecrit.geojson", driver="GeoJSON", use_arrow=True, COORDINATE_PRECISION=7
        )
        return _copy_written(Path(folder) / "ecrit.geojson")


def duckdb(files: Files) -> pd.DataFrame:
    from bench_peers import _duckdb

    with tempfile.TemporaryDirectory(dir=files.folder) as folder:
        base, target = _duckdb(), Path(folder) / "ecrit.geojson"
        base.execute(
            f"""COPY (SELECT * EXCLUDE geom, CASE WHEN ST_IsValid(geom) THEN geom ELSE ST_MakeValid(geom) END
              AS geom FROM ST_Read('{files.delivery}')) TO '{target}' WITH (FORMAT GDAL, DRIVER 'GeoJSON',
              LAYER_CREATION_OPTIONS 'COORDINATE_PRECISION=7')"""
        )
        return _copy_written(target)


def _copy_written(path: Path) -> pd.DataFrame:
    """A copy of what was written, for the reading back that is not measured."""
    copy_path = path.parent.parent / "resultats" / "T4_ecrit.geojson"
    copy_path.parent.mkdir(exist_ok=True)
    path.replace(copy_path)
    return pd.DataFrame({"fichier": [str(copy_path)]})


def read_back(table: pd.DataFrame, files: Files) -> pd.DataFrame:
    """Ground area by validity: what the engines must agree on."""
    path = Path(table["fichier"].iloc[0])
    frame = pyogrio.read_dataframe(path, use_arrow=True)
    bench_child.engine_figures["objets"] = len(frame)
    bench_child.engine_figures["invalides"] = int((~frame.geometry.is_valid).sum())
    bench_child.engine_figures["mo_lus"] = files.delivery.stat().st_size / 1e6
    path.unlink()
    area = float(frame.to_crs(2154).geometry.area.sum()) / 10_000
    return pd.DataFrame({"mesure": ["surface"], "area_ha": [area]})


def _ready(name: str, files: Files) -> None:
    """The peers' libraries are loaded before the measure: so is ours."""
    if name == "artois":
        import_module("artois_geo.layers.workspace")


ENGINES = {engine.__name__: engine for engine in (artois, geopandas, geopandas_arrow, duckdb)}

if __name__ == "__main__":
    bench_child.run(ENGINES, _ready, after=read_back)
