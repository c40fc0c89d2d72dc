"""Business parks as a visitor sees them, where no layer says which land is on offer."""

import pandas as pd

from artois_geo import languages, meaning
from artois_geo.showcase import facts, writing
from artois_geo.showcase.records import SEPARATOR, ZONES, Fact, Offer

UNKNOWN = "inconnu"  # a value of every list of the standard


def zones(sites: pd.DataFrame, lang: str = languages.SOURCE) -> tuple[Offer, ...]:
    """List the sites of a layer by hectares, those of unknown area last; parts of a site are left out.

    Parameters
    ----------
    sites
        Layer of kind ``site_eco``, any CRS.
    lang
        Language of the texts.

    Returns
    -------
    tuple of Offer
        Of the group ``zones``: nothing says that they are for sale, so nothing is missing of them.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.showcase import zones
    >>> parks = pd.DataFrame({"site_nom": ["Nord", "Sud"], "site_surf_brute": [2.0, 9.5]})
    >>> [(zone.number, zone.name, zone.hectares) for zone in zones(parks)]
    [(1, 'Sud', 9.5), (2, 'Nord', 2.0)]
    """
    whole_parks = sites[~meaning.true_rows(sites, meaning.SUB_SITE)]
    hectares = pd.Series(meaning.published_ha(whole_parks), index=whole_parks.index)
    ordered = hectares.sort_values(ascending=False, kind="stable", na_position="last").index
    return tuple(
        _zone(dict(whole_parks.loc[label]), label, number, float(hectares[label]), lang)
        for number, label in enumerate(ordered, 1)
    )


def _zone(row: facts.Row, label: object, number: int, hectares: float, lang: str) -> Offer:
    names = (f"site_nom_{lang}", *meaning.site_name_columns("layer"))
    communes = facts.plain(row, "communes") or facts.plain(row, "site_comm_nom")
    published = [fact for fact in facts.facts(row, lang, 0.0) if fact.field not in {"surface", "state"}]
    state = facts.plain(row, "site_etat")
    if state and meaning.fold(state) != UNKNOWN:
        published.insert(0, Fact("state", writing.value(state, lang), source=facts.plain(row, "source")))
    return Offer(
        id=facts.plain(row, "site_id") or str(label),
        row=label,
        number=number,
        group=ZONES,
        name=next((name for column in names if (name := facts.plain(row, column))), str(label)),
        family=facts.plain(row, "famille"),
        communes=tuple(part for part in communes.split(SEPARATOR) if part),
        epci=facts.plain(row, "site_epci_nom") or facts.plain(row, "epci_sigle"),
        hectares=None if pd.isna(hectares) else hectares,
        is_summed=not pd.isna(hectares),
        short_surface="",
        facts=tuple(published),
        missing=(),
        ask=facts.whom(row),
        date=facts.plain(row, "date_info"),
        precision_m=facts.number(row, meaning.PRECISION),
        site_id=facts.plain(row, "site_id"),
    )
