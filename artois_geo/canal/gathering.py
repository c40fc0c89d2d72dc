"""Waterways and places of several layers, put together under the same names."""

from collections.abc import Iterable, Sequence

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
PLACE_COLUMNS = (
    *QUALITY,
    "etat",
    "attributs",
    *OWNERS,
    "gestionnaire",
    *HEIGHTS,
    published.QUAY_M,
    published.QUAY_SOURCE,
    "source",
)
SECTION = r"section d(?:u|e la|e l['’]) ?([^;]+)"  # « section du Dunkerque-Escaut »: part of that liaison


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
    >>> from artois_geo.canal import waters
    >>> from artois_geo import constants, example
    >>> canal = example.line((0, 0), (3, 0), ouvrage_nom="Canal Seine-Nord Europe")
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
    >>> from artois_geo.canal import places
    >>> from artois_geo import example
    >>> quay = example.point(x_km=0, y_km=0, quai_nom="Quai d'Amont")
    >>> places([("quai", quay)])[["nom", "famille"]].values.tolist()
    [["Quai d'Amont", 'quai']]
    """
    columns = dict.fromkeys((*PLACE_COLUMNS, *carry))
    all_places = pd.concat([_labelled(kind, frame, columns) for kind, frame in pieces], ignore_index=True)
    absent = [name for name in carry if name not in all_places.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des lieux desservis : {', '.join(absent)}. Corriger --porter.")
    served = all_places["famille"].isin(SERVED)
    all_places = all_places[served] if served.any() else all_places
    parts = {**dict.fromkeys(OWNERS, "owner"), "gestionnaire": "manager", "attributs": "text"}
    part_columns = {part: name for name, part in parts.items() if name in all_places.columns}
    deciders = governance({"": all_places}, columns={"": part_columns})
    return all_places.assign(
        owner=deciders["owner"].to_numpy(),
        manager=deciders["manager"].to_numpy(),
        air_draft_m=drafts(all_places),
    )


def _labelled(kind: str, frame: gpd.GeoDataFrame, columns: Iterable[str]) -> gpd.GeoDataFrame:
    """Return the places of a layer, points and surfaces, with an identifier, a name and a family each."""
    sites = frame[frame.geometry.isna() | (frame.geometry.length == 0) | (frame.geometry.area > 0)]
    types = [name for name in sites.columns if str(name) == "famille" or str(name).endswith("_type")]
    family = sites[types[0]] if types else "quai" if kind == "quai" else "lieu"
    labelled = sites.assign(lieu_id=identifiers(sites), nom=names(sites), famille=family)
    present = [name for name in columns if name in sites.columns]
    return labelled[["lieu_id", "nom", "famille", *present, sites.geometry.name]]


def drafts(frame: gpd.GeoDataFrame) -> pd.Series:
    """Read the air draft of each object from the columns and the text that may say it.

    Examples
    --------
    >>> from artois_geo.canal import drafts
    >>> from artois_geo import example
    >>> drafts(example.point(x_km=0, y_km=0, attributs="hauteur_libre_m=4,45")).tolist()
    [4.45]
    """
    columns = [name for name in HEIGHTS if name in frame.columns]
    return air_draft(frame, columns=columns, text="attributs" if "attributs" in frame.columns else None)


def air_drafts(pieces: Sequence[gpd.GeoDataFrame], known: pd.DataFrame) -> pd.Series:
    """Read the air draft of each waterway by its name, as any object of the layers says it; the lowest holds.

    A section without its own takes that of the liaison it belongs to (« section du Dunkerque-Escaut »):
    a boat that sails it has to pass there.

    Parameters
    ----------
    pieces
        Layers in EPSG:2154, any geometry.
    known
        Names and classes: ``constants.table("waterways")``.

    Examples
    --------
    >>> from artois_geo.canal import air_drafts
    >>> from artois_geo import constants, example
    >>> canal = example.line((0, 0), (3, 0), ouvrage_nom="Canal Seine-Nord Europe", hauteur_libre_m=7.0)
    >>> air_drafts([canal], constants.table("waterways")).tolist()
    [7.0]
    """
    named_pieces = [_named_heights(frame, known) for frame in pieces]
    by_object = pd.concat(named_pieces, ignore_index=True)
    heights = by_object.groupby("name")["height"].min()
    sections = by_object.dropna(subset=["name", "liaison"]).drop_duplicates("name").set_index("name")
    return heights.fillna(sections["liaison"].map(heights))


def _named_heights(frame: gpd.GeoDataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the waterway of each object of a layer, the liaison it is a section of, and its air draft."""
    liaison = None
    if "attributs" in frame.columns:
        liaison = (
            "canal " + frame["attributs"].astype("string").str.extract(SECTION, expand=False).str.strip()
        )
    objects = frame.assign(nom=names(frame), liaison=liaison)
    return pd.DataFrame(
        {
            "name": classify(objects, known, column="nom")["waterway_name"],
            "liaison": classify(objects, known, column="liaison")["waterway_name"],
            "height": drafts(frame),
        }
    )


def names(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return the name of each object, or its number.

    Examples
    --------
    >>> from artois_geo.canal import names
    >>> from artois_geo import example
    >>> names(example.point(x_km=0, y_km=0, quai_nom="Quai")).tolist()
    ['Quai']
    """
    column = meaning.name_column(frame, also=["name"])
    return frame.index.to_series().astype(str) if column is None else frame[column]


def identifiers(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return the identifiers of objects, from the first column of them (``site_id`` …), or nothing.

    Examples
    --------
    >>> from artois_geo import example
    >>> identifiers(example.point(x_km=0, y_km=0, quai_id="quai-1")).tolist()
    ['quai-1']
    """
    for column in frame.columns:
        if column == "id" or str(column).endswith("_id"):
            return frame[column]
    return pd.Series(None, index=frame.index, dtype=object)
