"""What the constraints take from a site, and from those of a territory, as the sections of a sheet."""

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from artois_geo import land, meaning
from artois_geo.sheets import wording
from artois_geo.studies import site_land
from artois_geo.studies.site_land import LandStudy
from artois_geo.tables.french import places
from artois_geo.tables.values import is_missing

if TYPE_CHECKING:
    from artois_geo.packs.study_sections import Sections

M_PER_KM = 1000
LEAST_HA = 1e-4  # a square metre
LOSSES = ("alone_ha", "only_ha", "marginal_ha")


def add_losses(found: "Sections", study: LandStudy, name: str, lang: str) -> None:
    """Add what a site loses and what remains of it: a waterfall, or an interval for a schematic site."""
    sentences = wording.words(lang)["beneath"]
    remaining: Any = study.left.loc[name]
    rows: Any = study.losses[study.losses.index.get_level_values(0) == name].droplevel(0)
    rows = rows[(rows["alone_ha"] > LEAST_HA) | (rows["marginal_ha"] > LEAST_HA)]
    if len(rows) or remaining["schematic"]:
        found.charts["losses"] = site_land.chart(remaining, rows, lang=lang)
    if len(rows):
        found.tables["losses"] = _loss_table(rows[[*LOSSES, "remaining_ha"]], lang)
    notes = [] if len(rows) or remaining["schematic"] else [sentences["no_loss"]]
    notes += _conditions(study, [name], lang)
    notes += [_unmeasured(remaining, lang), *_convention(study, lang)] if remaining["schematic"] else []
    found.told["losses"] = [*notes, *_constraint_sources(study, lang)]
    found.layers += study.constraints.layers
    published = remaining["gross_origin"] == "publiée"
    gross = sentences["published_of" if published else "available_of"]
    area = (
        _short(remaining["gross_ha"], lang)
        if remaining["schematic"]
        else wording.number(remaining["gross_ha"], 1, lang)
    )
    gross = gross.replace("{gross}", area)
    doubt = ""
    if remaining["unknown_high_ha"] > LEAST_HA:
        doubt = sentences["unknown_part"].replace("{ha}", _bounds(remaining, "unknown", lang))
    available = remaining["available_ha"]
    if remaining["schematic"] and not is_missing(remaining["available_low_ha"]):
        available = _bounds(remaining, "available", lang)
    found.figures = {"available_ha": available, "available_note": f"{gross} {doubt}".strip()}


def add_territory(found: "Sections", study: LandStudy, sites: list[str], lang: str) -> None:
    """Add what the sites of a territory lose together, shared ground counted once."""
    studied_ids = [name for name in sites if name in study.left.index]
    if not studied_ids:
        return
    sentences = wording.words(lang)["beneath"]
    losses = study.losses[study.losses.index.get_level_values(0).isin(studied_ids)]
    sums = losses.groupby(level=1, sort=False)[[*LOSSES]].sum(min_count=1)
    sums = sums[(sums["alone_ha"] > LEAST_HA) | (sums["marginal_ha"] > LEAST_HA)]
    remaining = study.left.loc[studied_ids]
    total = land.totals(study.sites.loc[studied_ids], remaining)
    total["schematic"] = total["schematic_count"] > 0
    if len(sums):
        found.tables["losses"] = _loss_table(sums, lang)
    summary = sentences["sites_lost"].replace("{n}", str(len(studied_ids)))
    summary = summary.replace("{gross}", f"{wording.number(total['united_ha'], 1, lang)} ha")
    summary = summary.replace("{left}", f"{_bounds(total, 'available', lang)} ha")
    repeated = wording.number(total["repeated_ha"], 1, lang)
    found.told["losses"] = [
        summary,
        *([sentences["repeated"].replace("{ha}", repeated)] if total["repeated_ha"] > LEAST_HA else []),
        *([] if len(sums) or total["schematic_count"] else [sentences["no_loss_place"]]),
        *_conditions(study, studied_ids, lang),
        *([sentences["schematic_sites"], *_convention(study, lang)] if total["schematic_count"] else []),
        *_constraint_sources(study, lang),
    ]
    found.layers += study.constraints.layers


def _unmeasured(remaining: pd.Series, lang: str) -> str:
    """Explain why a site has an interval and no figure."""
    words = wording.words(lang)["beneath"]
    if not meaning.says_schematic(remaining.get(meaning.QUALITY)):
        return str(words["schematic_constraint"])
    metres = meaning.precision_m(pd.DataFrame([remaining]))[0]
    if math.isnan(metres):
        return str(words["schematic_unsure"])
    unit, length = ("km", metres / M_PER_KM) if metres >= M_PER_KM else ("m", metres)
    radius = wording.told(length, lang, decimals=min(places([length]), 1), unit=unit)
    return str(words["schematic"]).replace("{radius}", radius)


def _convention(study: LandStudy, lang: str) -> list[str]:
    """Describe how the intervals were computed."""
    if study.moves is None:
        return []
    line = str(wording.words(lang)["beneath"]["moves"])
    for key in ("count", "low_percentile", "high_percentile"):
        line = line.replace(f"{{{key}}}", wording.number(getattr(study.moves, key), 0, lang))
    return [line]


def _loss_table(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Make a table of the steps of a waterfall, our own words in the language of the sheet."""
    words = wording.words(lang)["values"]
    return rows.rename(index=lambda name: words.get(name, name)).reset_index(names="constraint")


def _bounds(remaining: pd.Series, kind: str, lang: str) -> str:
    """Write the hectares of a site, between two bounds where it is not measured."""
    low_ha, high_ha = float(remaining[f"{kind}_low_ha"]), float(remaining[f"{kind}_high_ha"])
    if not remaining["schematic"]:
        return wording.number(high_ha, 1, lang)
    if low_ha == high_ha:
        return _short(high_ha, lang)
    between = str(wording.words(lang)["beneath"]["between_ha"])
    return between.replace("{low}", _short(low_ha, lang)).replace("{high}", _short(high_ha, lang))


def _short(value: float, lang: str) -> str:
    """Write a number with the decimals that it was rounded or published to, none for an integer."""
    decimals = next((digits for digits in range(5) if round(value, digits) == value), 5)
    return wording.number(value, decimals, lang)


def _constraint_sources(study: LandStudy, lang: str) -> list[str]:
    sentences = wording.words(lang)["beneath"]
    cited = " ; ".join(study.constraints.sources)
    notes = [sentences["constraints"].replace("{sources}", cited)] if cited else []
    notes += [] if study.constraints.demands.get("coverage") is not None else [sentences["seen"]]
    return [*notes, sentences["plane"]]


def _conditions(study: LandStudy, names: list[str], lang: str) -> list[str]:
    if study.conditions is None:
        return []
    conditions = study.conditions[study.conditions.index.get_level_values(0).isin(names)]
    sums = conditions["alone_ha"].groupby(level=1, sort=False).sum()
    what = ", ".join(f"{key} {wording.number(ha, 1, lang)} ha" for key, ha in sums.items() if ha > 0.05)
    return [wording.words(lang)["beneath"]["condition"].replace("{what}", what)] if what else []
