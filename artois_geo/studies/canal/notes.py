"""What is said under the tables of the canal: what is not known, what is published, when it opens."""

from collections.abc import Iterable, Sequence

import geopandas as gpd

from artois_geo import canal, constants, meaning, text
from artois_geo.studies.assumptions import Assumptions

PLANNED_CANAL = "voie_eau_projet"  # kind of a layer
BY_AIR = "À vol d'oiseau faute de routes : ni distance ni temps de route."
LIAISON = "La hauteur libre d'une section est celle publiée pour toute sa liaison ; vide : inconnue."


def of_inputs(
    sites: gpd.GeoDataFrame, places: gpd.GeoDataFrame, *, has_roads: bool, opening: Sequence[str] = ()
) -> list[str]:
    """Say what a reader must know of the sites and the places before using a distance.

    Parameters
    ----------
    sites
        EPSG:2154.
    places
        From ``canal.places``.
    has_roads
        Whether distances by road were asked for.
    opening
        From :func:`of_planned_canal`.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.point(x_km=0, y_km=0)
    >>> of_inputs(site, site, has_roads=False)[0]
    "À vol d'oiseau faute de routes : ni distance ni temps de route."
    """
    notes = [] if has_roads else [BY_AIR]
    sketched = places[meaning.schematic(places)]
    if len(sketched):
        notes.append(f"Lieux schématiques : {len(sketched)} sur {len(places)}{_precision(sketched)}.")
    if unlocated := int(sites.geometry.isna().sum()):
        count = text.counted(unlocated, "site")
        notes.append(f"{count} sans géométrie : ni distance ni linéaire de berge.")
    return [*notes, *opening]


def of_planned_canal(layers: Iterable[object], assumptions: Assumptions) -> list[str]:
    """Say when the Canal Seine-Nord Europe is supposed to open, where a layer draws a planned canal.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo.layers import read_catalogue
    >>> day = Assumptions(date(2026, 12, 8))
    >>> [len(of_planned_canal([read_catalogue()[name]], day)) for name in ("canal_seine_nord", "logistique")]
    [1, 0]
    """
    is_planned = any(getattr(layer, "kind", "") == PLANNED_CANAL for layer in layers)
    return [of_opening(assumptions)] if is_planned else []


def of_front(front: gpd.GeoDataFrame) -> list[str]:
    """Say what positions known too roughly leave undecided, what would decide it, and what is published.

    Parameters
    ----------
    front
        From ``canal.waterside``.

    Examples
    --------
    >>> from artois_geo import example
    >>> quay = {"frontage_m": 450.0, "frontage_source": "« A »"}
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Port", **quay)
    >>> of_front(site.assign(frontage_reason=None, ring_reason=None, frontage_origin="publié"))
    ['Port : quai de 450 m, publié (« A »).']
    """
    reasons = front["frontage_reason"].fillna("") + front["ring_reason"].fillna("")
    imprecise, unknown = (
        int(reasons.str.contains(start).sum()) for start in (canal.IMPRECISE, canal.UNKNOWN_PRECISION)
    )
    notes = []
    if imprecise:
        count = text.counted(imprecise, "site")
        notes.append(
            f"Position trop imprécise pour {count} sur {len(front)} : ni linéaire de "
            "berge ni couronne calculés, distances arrondies et données avec leurs bornes."
        )
    if unknown:
        count = text.counted(unknown, "site")
        notes.append(
            f"Précision de la position inconnue pour {count} sur {len(front)} : remplir "
            "la colonne precision_m des couches (sites, voies d'eau, quais), ou la déclarer avec "
            "--precision-sites, --precision-axes, --precision-lieux."
        )
    names, is_published = canal.names(front), front["frontage_origin"].eq(canal.PUBLISHED)
    for label, row in front[is_published].iterrows():
        words = canal.quoted(row["frontage_source"])
        notes.append(f"{names[label]} : quai de {text.digits(row['frontage_m'])} m, publié (« {words} »).")
    return notes


def of_opening(assumptions: Assumptions) -> str:
    """Say when the canal is supposed to open, and what was announced over time.

    Examples
    --------
    >>> from datetime import date
    >>> of_opening(Assumptions(date(2026, 12, 8)))[:66]
    'Mise en service du canal Seine-Nord Europe supposée en 2032 (annon'
    """
    announced = constants.values("csne_opening_year")
    year = constants.get("csne_opening_year", on=assumptions.on).value
    history = " ; ".join(f"{constant.value} au {constant.since:%d/%m/%Y}" for constant in announced)
    return f"Mise en service du canal Seine-Nord Europe supposée en {year} (annonces : {history})."


def _precision(places: gpd.GeoDataFrame) -> str:
    """Say within how many metres places are known, where their layer says it of them all."""
    worst_m = float(meaning.precision_m(places).max())  # NaN where one position is not said
    return "" if worst_m != worst_m else f", posés à {canal.length(worst_m)} près au pire"
