"""What the constraints take from a site, and from those of a territory, as the sections of a sheet."""

import math
from typing import Any

import pandas as pd

from artois_geo import land, meaning
from artois_geo.packs.sections.section import Section
from artois_geo.sheets import wording
from artois_geo.sheets.wording import phrase
from artois_geo.studies.sites import site_land
from artois_geo.studies.sites.site_land import LandStudy
from artois_geo.tables.french import places
from artois_geo.tables.values import is_missing

NAME = "losses"
M_PER_KM = 1000
LEAST_HA = 1e-4  # a square metre
LOSSES = ("alone_ha", "only_ha", "marginal_ha")


def of_site(study: LandStudy, name: str, lang: str) -> Section:
    """Show what a site loses and what remains of it: a waterfall, or an interval for a schematic site."""
    remaining: Any = study.left.loc[name]
    rows: Any = study.losses[study.losses.index.get_level_values(0) == name].droplevel(0)
    rows = rows[(rows["alone_ha"] > LEAST_HA) | (rows["marginal_ha"] > LEAST_HA)]
    has_steps, schematic = len(rows) > 0, bool(remaining["schematic"])
    return Section(
        NAME,
        table=_loss_table(rows[[*LOSSES, "remaining_ha"]], lang) if has_steps else None,
        chart=site_land.chart(remaining, rows, lang=lang) if has_steps or schematic else "",
        notes=[
            *([] if has_steps or schematic else [phrase(lang, "beneath.no_loss")]),
            *_conditions(study, [name], lang),
            *([_unmeasured(remaining, lang), *_convention(study, lang)] if schematic else []),
            *_constraint_sources(study, lang),
        ],
        figures=_figures(remaining, lang),
        layers=study.constraints.layers,
    )


def of_territory(study: LandStudy, sites: list[str], lang: str) -> Section | None:
    """Show what the sites of a territory lose together, shared ground counted once."""
    studied_ids = [name for name in sites if name in study.left.index]
    if not studied_ids:
        return None
    losses = study.losses[study.losses.index.get_level_values(0).isin(studied_ids)]
    sums = losses.groupby(level=1, sort=False)[[*LOSSES]].sum(min_count=1)
    sums = sums[(sums["alone_ha"] > LEAST_HA) | (sums["marginal_ha"] > LEAST_HA)]
    total: dict[str, Any] = dict(land.totals(study.sites.loc[studied_ids], study.left.loc[studied_ids]))
    schematic = total["schematic_count"] > 0
    available = _bounds({**total, "schematic": schematic}, "available", lang)
    repeated = wording.number(total["repeated_ha"], 1, lang)
    gross = wording.number(total["united_ha"], 1, lang)
    return Section(
        NAME,
        table=_loss_table(sums, lang) if len(sums) else None,
        notes=[
            phrase(
                lang, "beneath.sites_lost", n=len(studied_ids), gross=f"{gross} ha", left=f"{available} ha"
            ),
            *([phrase(lang, "beneath.repeated", ha=repeated)] if total["repeated_ha"] > LEAST_HA else []),
            *([] if len(sums) or schematic else [phrase(lang, "beneath.no_loss_place")]),
            *_conditions(study, studied_ids, lang),
            *([phrase(lang, "beneath.schematic_sites"), *_convention(study, lang)] if schematic else []),
            *_constraint_sources(study, lang),
        ],
        layers=study.constraints.layers,
    )


def _figures(remaining: Any, lang: str) -> dict[str, Any]:
    """Return the available area of a site and the note beside it: out of which area, how much is unknown."""
    schematic, gross_ha = remaining["schematic"], remaining["gross_ha"]
    gross = phrase(
        lang,
        f"beneath.{'published_of' if remaining['gross_origin'] == 'publiée' else 'available_of'}",
        gross=_short(gross_ha, lang) if schematic else wording.number(gross_ha, 1, lang),
    )
    doubt = ""
    if remaining["unknown_high_ha"] > LEAST_HA:
        doubt = phrase(lang, "beneath.unknown_part", ha=_bounds(remaining, "unknown", lang))
    available = remaining["available_ha"]
    if schematic and not is_missing(remaining["available_low_ha"]):
        available = _bounds(remaining, "available", lang)
    return {"available_ha": available, "available_note": f"{gross} {doubt}".strip()}


def _unmeasured(remaining: pd.Series, lang: str) -> str:
    """Explain why a site has an interval and no figure."""
    if not meaning.says_schematic(remaining.get(meaning.QUALITY)):
        return phrase(lang, "beneath.schematic_constraint")
    metres = meaning.precision_m(pd.DataFrame([remaining]))[0]
    if math.isnan(metres):
        return phrase(lang, "beneath.schematic_unsure")
    unit, length = ("km", metres / M_PER_KM) if metres >= M_PER_KM else ("m", metres)
    radius = wording.told(length, lang, decimals=min(places([length]), 1), unit=unit)
    return phrase(lang, "beneath.schematic", radius=radius)


def _convention(study: LandStudy, lang: str) -> list[str]:
    """Describe how the intervals were computed."""
    if study.moves is None:
        return []
    keys = ("count", "low_percentile", "high_percentile")
    values = {key: wording.number(getattr(study.moves, key), 0, lang) for key in keys}
    return [phrase(lang, "beneath.moves", **values)]


def _loss_table(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Make a table of the steps of a waterfall, our own words in the language of the sheet."""
    words = wording.words(lang)["values"]
    return rows.rename(index=lambda name: words.get(name, name)).reset_index(names="constraint")


def _bounds(remaining: Any, kind: str, lang: str) -> str:
    """Write the hectares of a site, between two bounds where it is not measured."""
    low_ha, high_ha = float(remaining[f"{kind}_low_ha"]), float(remaining[f"{kind}_high_ha"])
    if not remaining["schematic"]:
        return wording.number(high_ha, 1, lang)
    if low_ha == high_ha:
        return _short(high_ha, lang)
    return phrase(lang, "beneath.between_ha", low=_short(low_ha, lang), high=_short(high_ha, lang))


def _short(value: float, lang: str) -> str:
    """Write a number with the decimals that it was rounded or published to, none for an integer."""
    decimals = next((digits for digits in range(5) if round(value, digits) == value), 5)
    return wording.number(value, decimals, lang)


def _constraint_sources(study: LandStudy, lang: str) -> list[str]:
    cited = " ; ".join(study.constraints.sources)
    notes = [phrase(lang, "beneath.constraints", sources=cited)] if cited else []
    has_coverage = study.constraints.demands.get("coverage") is not None
    return [*notes, *([] if has_coverage else [phrase(lang, "beneath.seen")]), phrase(lang, "beneath.plane")]


def _conditions(study: LandStudy, names: list[str], lang: str) -> list[str]:
    if study.conditions is None:
        return []
    conditions = study.conditions[study.conditions.index.get_level_values(0).isin(names)]
    sums = conditions["alone_ha"].groupby(level=1, sort=False).sum()
    what = ", ".join(f"{key} {wording.number(ha, 1, lang)} ha" for key, ha in sums.items() if ha > 0.05)
    return [phrase(lang, "beneath.condition", what=what)] if what else []
