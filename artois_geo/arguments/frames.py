"""What a function takes for a table, with shapes or without."""

from os import PathLike
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo.arguments.words import given
from artois_geo.errors import BadTable

DASK = frozenset({"dask", "dask_expr", "dask_geopandas"})  # packages of frames that lie elsewhere


def require_frame(name: str, frame: object, *, plain: bool = False) -> None:
    """Refuse what is no table at hand, nor has shapes unless a plain one will do; say what to write."""
    if isinstance(frame, gpd.GeoDataFrame) and not plain:
        if frame.active_geometry_name not in frame.columns:  # none, or dropped
            raise BadTable(
                f"« {name} » n'a plus de colonne de géométrie active.\n"
                f"La désigner : {name}.set_geometry(…), avec le nom de la colonne."
            )
        return
    if isinstance(frame, pd.DataFrame) and plain:
        return
    if type(frame).__module__.partition(".")[0] in DASK:
        raise BadTable(
            f"« {name} » est réparti sur Dask, cette fonction calcule en mémoire.\n"
            f"Écrire {name}.compute() pour le ramener ; overlay.area_table, overlay.change_table, "
            "land.available et territory.split le prennent tel quel."
        )
    if isinstance(frame, pd.DataFrame):
        raise BadTable(
            f"« {name} » n'a pas de géométrie (reçu : un tableau simple).\n"
            f"Lire la couche avec layers.read, ou écrire gpd.GeoDataFrame({name}, geometry=…, crs=2154)."
        )
    expected = "un tableau, DataFrame" if plain else "un GeoDataFrame"
    raise BadTable(f"« {name} » doit être {expected} (reçu : {given(frame)}).\n{_advice(name, frame)}")


def _advice(name: str, frame: Any) -> str:
    """Say what to write instead of what is no table."""
    if isinstance(frame, str | PathLike):
        return f'Le lire d\'abord : layers.read("{frame}").'
    if isinstance(frame, pd.Series):
        return f"Garder le tableau : {name}[[…]] plutôt que {name}[…], ou {name}.to_frame()."
    if isinstance(frame, list | tuple):
        return f"Réunir d'abord ses couches, lues par layers.read : pd.concat({name}, ignore_index=True)."
    if isinstance(frame, dict):
        return f'Donner une couche, par exemple {name}["…"] ou layers.read("sites.geojson").'
    return 'Le lire par exemple avec layers.read("sites.geojson").'
