"""Which offers a visitor sees, in which group and order, and what their hectares sum to."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import pandas as pd

from artois_geo import constants, languages, meaning
from artois_geo.kinds import deductions
from artois_geo.kinds.deductions import DEDUCED
from artois_geo.showcase import facts, writing
from artois_geo.showcase.records import AVAILABLE, GROUPS, LATER, PUBLISHED, SEPARATOR, ZONES, Group, Offer

RECENT = "offre_disponible_mois"
REMAINDER_UNKNOWN = "remaining"  # state of land whose remainder nobody publishes
BUILT = "existant et actif"
OF_THE_SITE = (
    "dist_echangeur_publiee_m",
    "dist_echangeur_publiee_source",
    "dist_eau_publiee_m",
    "dist_eau_publiee_source",
    "bord_eau_publie",
    "bord_eau_publie_source",
    "quai_publie_m",
    "quai_publie_source",
    "site_nom",
    "site_vocadomi",
    "site_moa_nom",
    "site_surf_brute",
    "prix_m2",
    "puissance_elec_mw",
    "reseau_gaz",
    "reseau_fibre_optique",
    "reseau_eau_potable",
    "contact_nom",
    "contact_mail",
    "contact_tel",
    "famille",
    "communes",
    "site_comm_nom",
    "site_epci_nom",
    "epci_sigle",
    meaning.PRECISION,
)
_RANK = re.compile(r"_TERRAIN-ECO_0*(\d+)$")  # of a plot of a commune, in its identifier of the standard
Plots = TypeVar("Plots", bound=pd.DataFrame)


def on_offer(land: Plots) -> Plots:
    """Select the plots that are an offer: those that count, and those that their own layer announces.

    A plot that its commercial stage alone describes, sold or reserved, is no offer.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.showcase import on_offer
    >>> plots = pd.DataFrame({"terr_id": ["a", "b"], "compte_dans_total": [True, False]})
    >>> on_offer(plots.assign(dispo_statut=["offert", "vendu"], dispo_statut_deduit=True))["terr_id"].tolist()
    ['a']
    """
    if f"dispo_statut{DEDUCED}" not in land or meaning.COUNTED not in land:
        return land
    counts = meaning.true_rows(land, meaning.COUNTED)
    is_stage_alone = land[f"dispo_statut{DEDUCED}"].astype(bool) | land["dispo_statut"].isna()
    return land[counts | ~is_stage_alone]


def offers(
    land: pd.DataFrame, *, on: date, sites: pd.DataFrame | None = None, lang: str = languages.SOURCE
) -> tuple[Offer, ...]:
    """List the offers of a layer of plots as a visitor sees them: by group, then by hectares.

    Land whose hectares cannot be summed, and land of unknown area, comes last in its group. The numbers
    start at 1 and are the same in every language.

    Parameters
    ----------
    land
        Layer of kind ``terrain_eco``, any CRS: see the fields of the kind.
    on
        Day of the edition: what a source published less than ``offre_disponible_mois`` before it is
        available today.
    sites
        Layer of kind ``site_eco``: what its sites publish fills what the plots leave open, and tells what
        was built since.
    lang
        Language of the texts.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from artois_geo.showcase import offers
    >>> plots = pd.DataFrame({"terr_id": ["a", "b"], "terr_surf_brute": [4.0, 50.0],
    ...     "dispo_statut": ["offert", "commercialisable à l'origine"], "compte_dans_total": [True, False],
    ...     "date_info": ["2026-03", "2018"]})
    >>> [(offer.number, offer.group, offer.is_summed) for offer in offers(plots, on=date(2026, 12, 1))]
    [(1, 'available', True), (2, 'later', False)]
    """
    plots = on_offer(deductions.deduced(land, deductions.read_deductions()))
    site_rows = _site_rows(sites)
    drafts = []
    for position, (label, plot) in enumerate(plots.iterrows()):
        row = _with_site(_row(plot), site_rows)
        draft = _offer(row, label, on=on, built_ha=_built_ha(row, sites), lang=lang)
        drafts.append((*_rank(draft), position, draft))
    ordered = [draft[-1] for draft in sorted(drafts, key=lambda draft: draft[:-1])]
    name_counts = Counter(offer.name for offer in ordered)
    return tuple(
        replace(
            offer, number=number, name=_told_apart(offer, lang) if name_counts[offer.name] > 1 else offer.name
        )
        for number, offer in enumerate(ordered, 1)
    )


def groups(members: tuple[Offer, ...], lang: str = languages.SOURCE) -> tuple[Group, ...]:
    """Part offers in their groups, with the sum of each in words; a group without any is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from artois_geo.showcase import groups, offers
    >>> plots = pd.DataFrame({"terr_id": ["a", "b"], "terr_surf_brute": [10.0, 4.1556],
    ...     "dispo_statut": "offert", "compte_dans_total": True, "date_info": ["2022-05-02", "2024"]})
    >>> [(group.title, group.sum_text) for group in groups(offers(plots, on=date(2026, 12, 1)))]
    [('Publié comme disponible', '14,2\\xa0ha sur 2 sites')]
    """
    return tuple(
        _group(name, own, lang)
        for name in GROUPS
        if (own := tuple(offer for offer in members if offer.group == name))
    )


def group_of(row: Mapping[str, Any], on: date) -> str:
    """Return the group of an offer: available today, published as available, or later.

    A year alone is read as its first day: what cannot be known to be recent is not.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo.showcase import group_of
    >>> row = {"compte_dans_total": True, "date_info": "2024"}
    >>> group_of(row, date(2025, 6, 1)), group_of(row, date(2026, 12, 1)), group_of({}, date(2026, 12, 1))
    ('available', 'published', 'later')
    """
    if not meaning.is_true(row.get(meaning.COUNTED)):
        return LATER
    day = _first_day(str(row.get("date_info") or ""))
    if day is None:
        return PUBLISHED
    months = (on.year - day.year) * 12 + on.month - day.month - (on.day < day.day)
    return AVAILABLE if 0 <= months < constants.get(RECENT, on=on).value else PUBLISHED


def not_published(offer: Offer, lang: str = languages.SOURCE) -> str:
    """Write the line of what nobody publishes of an offer; empty where all is published.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from artois_geo.showcase import not_published, offers
    >>> plots = pd.DataFrame({"terr_id": ["a"], "terr_surf_brute": [1.0], "prix_m2": [30]})
    >>> not_published(offers(plots, on=date(2026, 12, 1))[0])[:19]
    'Non publié\\xa0: accès,'
    """
    names = writing.words()["missing"]
    absent = ", ".join(names[key][lang] for key in offer.missing)
    return writing.phrase(lang, "lines.not_published", list=absent) if absent else ""


def labels(lang: str = languages.SOURCE) -> dict[str, str]:
    """Return the label of each field, and those of the sheet and the group.

    Examples
    --------
    >>> from artois_geo.showcase import labels
    >>> labels()["calendar"]
    'Calendrier'
    """
    return {key: label[lang] for key, label in writing.words()["labels"].items()}


def _offer(row: dict[str, Any], label: Any, *, on: date, built_ha: float, lang: str) -> Offer:
    """Make the record of one offer, still without its number."""
    published = facts.facts(row, lang, built_ha)
    hectares = facts.number(row, "terr_surf_brute") or None
    communes = str(_first(row, "communes", "site_comm_nom") or "")
    return Offer(
        id=str(_first(row, "terr_id", "site_id") or label),
        row=label,
        number=0,
        group=group_of(row, on),
        name=str(_first(row, *_names(lang)) or label),
        family=str(row["famille"]) if not meaning.is_missing(row.get("famille")) else "",
        communes=tuple(part for part in communes.split(SEPARATOR) if part),
        epci=str(_first(row, "site_epci_nom", "epci_sigle") or ""),
        hectares=hectares,
        is_summed=hectares is not None and facts.status(row) != REMAINDER_UNKNOWN,
        short_surface=facts.short_surface(row, lang, built_ha),
        facts=published,
        missing=facts.missing(row, published),
        ask=facts.whom(row),
        date=str(_first(row, "date_info") or ""),
        precision_m=facts.number(row, meaning.PRECISION),
        site_id=str(_first(row, "site_id") or ""),
    )


def _names(lang: str) -> list[str]:
    """List the columns that name an offer, those of the language first."""
    columns = ("terr_nom", "site_nom")
    own = [] if lang == languages.SOURCE else [f"{column}_{lang}" for column in columns]
    return [*own, *columns, "terr_id", "site_id"]


def _told_apart(offer: Offer, lang: str) -> str:
    """Name a plot whose name others share by its rank in its identifier, else by its identifier."""
    rank = _RANK.search(offer.id)
    return writing.phrase(lang, "lines.plot", name=offer.name, id=rank[1] if rank else offer.id)


def _rank(offer: Offer) -> tuple[int, bool, bool, float]:
    return GROUPS.index(offer.group), not offer.is_summed, offer.hectares is None, -(offer.hectares or 0)


def _group(name: str, own: tuple[Offer, ...], lang: str) -> Group:
    areas = [offer.hectares for offer in own if offer.is_summed and offer.hectares is not None]
    total = sum(areas) if areas else None
    site_ids = [offer.site_id for offer in own if offer.site_id]
    by_plot = len(set(site_ids)) < len(site_ids)
    if total is None:
        sum_text = writing.phrase(lang, "sums.none")
    else:
        kind = name if name in {LATER, ZONES} else AVAILABLE
        ending = "_one" if len(areas) == 1 else "_plots" if by_plot else ""
        key = f"sums.{kind}{ending}"
        sum_text = f"{writing.hectares(total, lang)} {writing.phrase(lang, key, n=len(areas))}"
    title = writing.phrase(lang, f"groups.{name}")
    return Group(name, title, own, total, len(areas), sum_text, by_plot)


def _site_rows(sites: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    if sites is None or "site_id" not in sites:
        return {}
    columns = [name for name in OF_THE_SITE if name in sites]
    table = pd.DataFrame(sites).drop_duplicates("site_id").astype(object)
    return {str(site["site_id"]): _row(site[columns]) for _, site in table.iterrows()}


def _row(line: pd.Series) -> dict[str, Any]:
    return {str(name): value for name, value in line.items()}


def _with_site(row: dict[str, Any], site_rows: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Fill what a plot leaves open with what its site publishes."""
    site = site_rows.get(str(row.get("site_id")), {})
    open_columns = {name: value for name, value in site.items() if meaning.is_missing(row.get(name))}
    return row | open_columns


def _built_ha(row: Mapping[str, Any], sites: pd.DataFrame | None) -> float:
    """Sum the hectares of the parts of a site that were built after its offer was published."""
    needed = {"parent_id", "annee", "site_surf_brute", "site_etat"}
    year = str(row.get("date_info") or "")[:4]
    if sites is None or not needed <= set(sites.columns) or not year.isdecimal():
        return 0.0
    is_part = sites["parent_id"] == row.get("site_id")
    years = pd.to_numeric(sites["annee"], errors="coerce")
    built = sites[is_part & (years > int(year)) & (sites["site_etat"] == BUILT)]
    return float(pd.to_numeric(built["site_surf_brute"], errors="coerce").sum())


def _first(row: Mapping[str, Any], *columns: str) -> Any:
    return next((row[name] for name in columns if not meaning.is_missing(row.get(name))), None)


def _first_day(text: str) -> date | None:
    """Return the first day that a date of the layer (year, month or day) may be."""
    parts = [int(part) for part in text[:10].split("-") if part.isdecimal()]
    try:
        return date(parts[0], *[*parts[1:], 1, 1][:2]) if parts else None
    except ValueError:
        return None
