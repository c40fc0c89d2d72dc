"""Waterways and places of several layers, put together under the same names."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from artois_geo import meaning
from artois_geo.canal import published
from artois_geo.canal.frontage import CEMT
from artois_geo.canal.governance import governance
from artois_geo.canal.waterways import air_draft, classify
from artois_geo.errors import BadTable

LOADING = ("quai", "port fluvial", "port intérieur", "terminal rail-route-fluvial")
SERVED = (*LOADING, "gare fret", "échangeur autoroutier")
OWNERS = ("owner", "proprietaire")  # the columns that may name the owner of a quay; the last one holds
HEIGHTS = ("hauteur_libre_m", "air_draft_m")
QUALITY = (meaning.QUALITY, meaning.PRECISION)  # how well a position is known
PUBLISHED_QUAY = (published.QUAY_M, published.QUAY_SOURCE)


def waters(pieces: Sequence[gpd.GeoDataFrame], known: pd.DataFrame) -> gpd.GeoDataFrame:
    """Gather the lines and surfaces of the layers, named and classed; points are works, not water.

    A name that the table does not know takes the class that its own layer gives (``gabarit``).

    Parameters
    ----------
    pieces
        Layers in EPSG:2154, any geometry.
    known
        Names and classes: ``constants.table("waterways")``.

    Raises
    ------
    BadTable
        No layer holds a line or a surface.

    Examples
    --------
    >>> from artois_geo import constants
    >>> canal = plain.line((0, 0), (3, 0), ouvrage_nom="Canal Seine-Nord Europe")
    >>> waters([canal], constants.table("waterways"))["waterway_cemt"].tolist()
    ['Vb']
    """
    layer_ways = []
    for frame in pieces:
        ways = frame[frame.geometry.notna() & (frame.geometry.length > 0)]
        columns = [name for name in (*QUALITY, "etat", "gabarit", "source") if name in ways.columns]
        layer_ways.append(ways[[*columns, ways.geometry.name]].assign(nom=names(ways)))
    all_ways = pd.concat(layer_ways, ignore_index=True)
    if not len(all_ways):
        raise BadTable("Aucune voie d'eau n'a de géométrie : donner une couche de lignes avec --voies.")
    classified = classify(all_ways, known, column="nom")
    if "gabarit" in classified:
        own_class = classified["gabarit"].where(classified["gabarit"].isin(CEMT))
        lacks_class = classified["waterway_cemt"].isna() & own_class.notna()
        classified.loc[lacks_class, "waterway_cemt"] = own_class[lacks_class]
    return classified


def places(pieces: Sequence[tuple[str, gpd.GeoDataFrame]], *, carry: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """Put the places of all layers together, with who owns and runs them, their air draft, columns to carry.

    Lines are waterways, not places. Each has ``lieu_id``, ``nom`` and ``famille``.

    Parameters
    ----------
    pieces
        Kind of each layer (``"quai"``, ``"logistique"``, or nothing) and the layer, in EPSG:2154.
    carry
        Columns of the layers to bring along.

    Raises
    ------
    BadTable
        No layer has a column to carry.

    Examples
    --------
    >>> quay = plain.point(x_km=0, y_km=0, quai_nom="Quai d'Amont")
    >>> places([("quai", quay)])[["nom", "famille"]].values.tolist()
    [["Quai d'Amont", 'quai']]
    """
    carried = (
        *QUALITY,
        "etat",
        "attributs",
        *OWNERS,
        "gestionnaire",
        *HEIGHTS,
        *PUBLISHED_QUAY,
        "source",
        *carry,
    )
    layer_places = []
    for kind, frame in pieces:
        sites = frame[frame.geometry.isna() | (frame.geometry.length == 0) | (frame.geometry.area > 0)]
        types = [name for name in sites.columns if str(name) == "famille" or str(name).endswith("_type")]
        columns = [name for name in dict.fromkeys(carried) if name in sites.columns]
        family = sites[types[0]] if types else "quai" if kind == "quai" else "lieu"
        labelled = sites.assign(lieu_id=identifiers(sites), nom=names(sites), famille=family)
        layer_places.append(labelled[["lieu_id", "nom", "famille", *columns, sites.geometry.name]])
    all_places = pd.concat(layer_places, ignore_index=True)
    absent = [name for name in carry if name not in all_places.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des lieux desservis : {', '.join(absent)}. Corriger --porter.")
    served = all_places["famille"].isin(SERVED)
    all_places = all_places[served] if served.any() else all_places
    part_candidates = {"owner": OWNERS, "manager": ("gestionnaire",), "text": ("attributs",)}
    part_columns = {
        part: name
        for part, candidates in part_candidates.items()
        for name in candidates
        if name in all_places.columns
    }
    deciders = governance({"": all_places}, columns={"": part_columns})
    return all_places.assign(
        owner=deciders["owner"].to_numpy(),
        manager=deciders["manager"].to_numpy(),
        air_draft_m=drafts(all_places),
    )


def drafts(frame: gpd.GeoDataFrame) -> pd.Series:
    """Read the air draft of each object from the columns and the text that may say it.

    Examples
    --------
    >>> drafts(plain.point(x_km=0, y_km=0, attributs="hauteur_libre_m=4,45")).tolist()
    [4.45]
    """
    columns = [name for name in HEIGHTS if name in frame.columns]
    return air_draft(frame, columns=columns, text="attributs" if "attributs" in frame.columns else None)


def names(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return the name of each object, or its number.

    Examples
    --------
    >>> names(plain.point(x_km=0, y_km=0, quai_nom="Quai")).tolist()
    ['Quai']
    """
    for column in frame.columns:
        if column in {"nom", "name"} or str(column).endswith("_nom"):
            return frame[column]
    return frame.index.to_series().astype(str)


def identifiers(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return the identifiers of objects, from the first column of them (``site_id`` …), or nothing.

    Examples
    --------
    >>> identifiers(plain.point(x_km=0, y_km=0, quai_id="quai-1")).tolist()
    ['quai-1']
    """
    for column in frame.columns:
        if column == "id" or str(column).endswith("_id"):
            return frame[column]
    return pd.Series(None, index=frame.index, dtype=object)
