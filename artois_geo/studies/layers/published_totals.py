"""Published totals beside what the layers of a catalogue hold, and published figures that code checks."""

from typing import TYPE_CHECKING

from artois_geo import layers
from artois_geo.errors import BadValue, UnknownName
from artois_geo.layers.totals import reconciliation
from artois_geo.studies import StudyTable
from artois_geo.tables.layer_labels import LABELS

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Catalogue, Total

PUBLISHED = "surfaces et longueurs publiées par les sources, convention de mesure non précisée"
BRIEF_TOTALS = ["title", "unit", "declared", "held", "gap", "counted", "unmeasured", "set_aside", "cause"]


def totals(catalogue: "Catalogue") -> StudyTable:
    """Set each published total beside what its layer contains, with the gap and what explains it.

    Parameters
    ----------
    catalogue
        Layers and the totals that sources publish of them.

    Examples
    --------
    >>> totals(layers.read_catalogue()).title
    'Totaux publiés et contenu des couches'
    """
    frames = _frames_of_totals(catalogue)
    table = layers.reconcile(catalogue.totals, frames)
    mixed = dict.fromkeys(["declared", "held", "gap"], object)  # hectares, kilometres and people
    return StudyTable(
        table,
        title="Totaux publiés et contenu des couches",
        sources=[catalogue[name] for name in frames],
        surface=PUBLISHED,
        labels=LABELS,
        brief=table[BRIEF_TOTALS].astype(mixed),
    )


def objects(catalogue: "Catalogue", name: str) -> StudyTable:
    """List the objects that a published total counts, sets aside or cannot measure.

    Parameters
    ----------
    catalogue
        Layers and totals.
    name
        Of the total.

    Raises
    ------
    UnknownName
        No such total; the nearest names are offered.
    BadValue
        No layer holds what the total counts.

    Examples
    --------
    >>> objects(layers.read_catalogue(), "zones_activites").title.endswith(" : les objets")
    True
    """
    total = _total(catalogue, name)
    return StudyTable(
        reconciliation.objects(total, _frames_of_totals(catalogue)).drop(columns="total"),
        title=f"{total.title} : les objets",
        sources=[catalogue[total.layer]],
        surface=PUBLISHED,
        labels=LABELS,
    )


def claims(catalogue: "Catalogue") -> StudyTable:
    """List the published figures that a calculation checks, with its verdict on each.

    Parameters
    ----------
    catalogue
        Whose folder holds the claims.

    Examples
    --------
    >>> "verdict" in claims(layers.read_catalogue()).table
    True
    """
    table = layers.check_claims(layers.read_claims(catalogue.folder))
    failing = table.loc[table["verdict"] != "tient", "claim"].tolist()
    mixed = dict.fromkeys(["published", "computed", "gap"], object)  # seconds, projects and households
    return StudyTable(
        table,
        title="Chiffres publiés que le calcul vérifie",
        notes=[f"Ne tient pas : {claim}." for claim in failing],
        labels={**LABELS, "comment": "Remarque"},
        brief=table.drop(columns="source").astype(mixed),
    )


def _frames_of_totals(catalogue: "Catalogue") -> "dict[str, gpd.GeoDataFrame]":
    names = dict.fromkeys(total.layer for total in catalogue.totals if total.layer)
    return {name: layers.read(catalogue[name]) for name in names}


def _total(catalogue: "Catalogue", name: str) -> "Total":
    totals_by_name = {total.name: total for total in catalogue.totals}
    if name not in totals_by_name:
        raise UnknownName("total", name, totals_by_name)
    if not totals_by_name[name].layer:
        raise BadValue(
            f"Total « {name} » : {totals_by_name[name].comment or 'aucune couche ne le contient'}."
        )
    return totals_by_name[name]
