"""Published offer of land, by EPCI and by family of sites."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo import meaning, offer, tables, text
from artois_geo.studies import StudyTable, data_warnings
from artois_geo.studies.sites import deduced
from artois_geo.studies.sites.deduced import LAND

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.layers import Layer

DECLARED = "surfaces déclarées par la couche, convention de mesure non précisée"
STATUS = "dispo_statut"
_MOST = 5  # repeated identifiers that a note lists
PUBLISHED = "surfaces publiées par les sources, convention de mesure non précisée"


def study(
    source: "Layer | Path",
    *,
    by: str | Sequence[str] = deduced.GROUPS,
    area_column: str | None = None,
) -> StudyTable:
    """Count the sites of a layer and sum the hectares that sources publish.

    Parameters
    ----------
    source
        Layer of sites, or of land on offer (kind ``terrain_eco``: what is announced without being offered is
        set aside).
    by
        Column, or columns, that make the groups.
    area_column
        Column of published hectares; by default ``site_surf_brute``, or ``terr_surf_brute`` of land.

    Raises
    ------
    UnknownName
        A column that the layer has not.

    Examples
    --------
    >>> from artois_geo import layers
    >>> by_epci = study(layers.read_catalogue()["sites_eco"], by="epci_sigle")
    >>> by_epci.title, list(by_epci.notes)[0].startswith("Total : ")
    ('Offre par groupe de sites', True)
    """
    sites = deduced.read(source)
    is_land = deduced.kind_of(source, sites) == LAND
    is_published = "source" in sites or not deduced.kind_of(source, sites)
    columns: dict[str, Any] = {"area": area_column}
    if is_land:
        columns["counted"] = meaning.COUNTED
    return StudyTable(
        offer.offer(sites, by=by, **columns),
        title="Foncier offert" if is_land else "Offre par groupe de sites",
        sources=[source],
        surface=PUBLISHED if is_published else DECLARED,
        notes=[
            _total(offer.offer(sites, by=[], **columns), "publiés" if is_published else "déclarés"),
            *(_set_aside_by_status(sites) if is_land else ()),
            *_repeated(sites, "terr_id" if is_land else "site_id"),
            *deduced.notes(sites),
            *data_warnings.warnings(sites),
        ],
        kind=getattr(source, "kind", ""),
    )


def _total(totals: "pd.DataFrame", made: str) -> str:
    row = tables.texts(totals).iloc[0]
    site_count, unmeasured, set_aside = (int(totals[name].iloc[0]) for name in offer.COUNTS)
    return (
        f"Total : {text.counted(site_count, 'site')}, {row['offer_ha']} ha {made} ; "
        f"{text.counted(unmeasured, 'site')} sans surface, {text.counted(set_aside, 'écarté')}."
    )


def _repeated(sites: "pd.DataFrame", key: str) -> list[str]:
    """Tell which identifiers stand on several rows: each row is counted, and nobody else would see it."""
    if key not in sites:
        return []
    counts = sites[key].dropna().astype(str).value_counts(sort=False)
    repeated = [f"« {name} » ({count} lignes)" for name, count in counts.items() if name and count > 1]
    if not repeated:
        return []
    listed = ", ".join(repeated[:_MOST]) + (", …" if len(repeated) > _MOST else "")
    return [f"Identifiant répété ({key}), chaque ligne est comptée : {listed}."]


def _set_aside_by_status(land: "pd.DataFrame") -> list[str]:
    """Tell plots that are sold from those that wait, where what is set aside has a status."""
    if STATUS not in land:
        return []
    is_counted = meaning.true_rows(land, meaning.COUNTED) & ~meaning.true_rows(land, meaning.SUB_SITE)
    counts = land.loc[~is_counted, STATUS].fillna("statut non indiqué").value_counts()
    statuses = [f"{count} « {status} »" for status, count in counts.items()]
    return [f"Écartés, par statut : {', '.join(statuses)}."] if statuses else []
