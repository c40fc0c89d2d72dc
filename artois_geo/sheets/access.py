"""How far is the nearest port, terminal, junction, station (desserte, à vol d'oiseau)?"""

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from artois_geo import canal, meaning, measure
from artois_geo.errors import BadTable
from artois_geo.sheets import wording

SITE = "site"
COLUMNS = ["access_kind", "objet_id", "objet_nom", "straight_km", "uncertainty_km", "access_origin"]
TYPE, NAME = "objet_type", "objet_nom"
JUNCTION = "junction"  # the kind of access whose distance sources publish


def access(site: gpd.GeoDataFrame, logistics: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure the straight-line distance from one site to the nearest object of each kind of access.

    The kinds (river port or quay, multimodal terminal, motorway junction, passenger
    station, freight station) and the words that a layer uses for them are in
    ``layout.toml``. What a source says is only studied or planned is left out. Distances are those of
    ``canal.access``: a schematic site is measured from its centre, an object that is the site
    itself has none. A distance to a junction that the site publishes (``dist_echangeur_publiee_m``) wins.

    Parameters
    ----------
    site
        One row, EPSG:2154; ``geometrie`` and ``precision_m`` are read when there.
    logistics
        Objects of kind ``logistique``, EPSG:2154, with ``objet_type`` and
        ``objet_nom``; ``etat``, ``fret``, ``voyageurs``, ``precision_m`` when there.

    Returns
    -------
    DataFrame
        One row per kind that is known, in the order of ``layout.toml``: ``access_kind``,
        ``objet_id`` (label of the row of ``logistics``, null for a published distance), ``objet_nom`` (the
        words of the source for a published distance), ``straight_km``, ``uncertainty_km`` (both
        positions together; missing when one is not said), ``access_origin`` (« à vol d'oiseau »,
        « sur le site » or « publié »).

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        ``site`` is not one row, or ``logistics`` lacks a column.

    Examples
    --------
    >>> from artois_geo.sheets import access
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, geometrie="levée", precision_m=0)
    >>> port = example.square(x_km=3, y_km=0, side_km=1, objet_type="quai", objet_nom="Quai", precision_m=50)
    >>> access(site, port)[["access_kind", "straight_km", "uncertainty_km"]].values.tolist()
    [['port', 2.0, 0.05]]
    """
    measure.require_lambert93(site=site, logistics=logistics)
    if len(site) != 1:
        raise BadTable(f"Desserte : un seul site est attendu, {len(site)} sont donnés.")
    return access_of_sites(site, logistics).drop(columns=SITE)


def access_of_sites(sites: gpd.GeoDataFrame, logistics: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure the access of many sites at once: the rows of :func:`access`, one site after another.

    Parameters
    ----------
    sites
        One row per site, unique index, EPSG:2154; read as :func:`access` reads it.
    logistics
        See :func:`access`.

    Returns
    -------
    DataFrame
        ``site`` (label of the row of ``sites``), then the columns of :func:`access`. A site of
        which nothing is known has no row.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        ``logistics`` lacks a column.

    Examples
    --------
    >>> from artois_geo.sheets import access_of_sites
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> sites = pd.concat([example.point(x_km=x, y_km=0) for x in (0, 4)], ignore_index=True)
    >>> port = example.square(x_km=5, y_km=0, side_km=1, objet_type="quai", objet_nom="Quai")
    >>> access_of_sites(sites, port)[["site", "straight_km"]].values.tolist()
    [[0.0, 5.0], [1.0, 1.0]]
    """
    measure.require_lambert93(sites=sites, logistics=logistics)
    absent = [name for name in (TYPE, NAME) if name not in logistics]
    if absent:
        raise BadTable(f"Desserte : colonnes absentes de la couche logistique : {', '.join(absent)}.")
    objects = logistics.reset_index(drop=True)  # two layers put together may use the same labels
    reach = canal.access(sites, objects, family=TYPE, carry=[NAME])
    published = canal.junctions(sites)
    rows: list[tuple[Any, ...]] = []
    for kind, serves in _serving(objects):
        near = canal.nearest(reach[serves[reach["place"]]].assign(family=kind))
        if kind == JUNCTION:
            for site, km, words in published[["straight_km", "words"]].itertuples(name=None):
                rows.append((site, kind, None, words, km, 0.0, canal.PUBLISHED))
            near = near[~near["site"].isin(published.index)]
        doubts_km = (near["straight_high_km"] - near["straight_km"]).round(9)  # 0.05, not 0.0499999
        labels = logistics.index[near["place"].to_numpy()]
        columns = (near["site"], labels, near[NAME], near["straight_km"], doubts_km, near["method"])
        for site, label, *measures in zip(*columns, strict=True):
            rows.append((site, kind, label, *measures))
    table = pd.DataFrame(rows, columns=[SITE, *COLUMNS])
    return table.iloc[np.argsort(sites.index.get_indexer(table[SITE]), kind="stable")].reset_index(drop=True)


def _serving(objects: gpd.GeoDataFrame) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Tell which objects are an access of each kind, and open."""
    layout, types = wording.read("layout.toml"), objects[TYPE]
    usable = np.ones(len(objects), dtype=bool)
    if "etat" in objects:
        usable = _true(objects["etat"].isna() | objects["etat"].isin(layout["open_states"]))
    for kind, entry in layout["access"].items():
        is_access = usable & _true(types.isin(entry["types"]))
        if flag := entry.get("flag"):
            is_access &= meaning.true_rows(objects, flag)
        yield kind, is_access


def _true(column: pd.Series) -> npt.NDArray[np.bool_]:
    return column.fillna(False).to_numpy(dtype=bool)
