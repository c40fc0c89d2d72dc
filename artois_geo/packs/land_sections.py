"""What the constraints take from a site, and from those of a territory, as the sections of a sheet."""

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from artois_geo import land, meaning
from artois_geo.packs import land_study
from artois_geo.packs.land_study import LandStudy
from artois_geo.sheets import wording
from artois_geo.tables.french import places
from artois_geo.tables.values import is_missing

if TYPE_CHECKING:
    from artois_geo.packs.study_sections import Sections

M_PER_KM = 1000
LEAST_HA = 1e-4  # a square metre
LOSSES = ("alone_ha", "only_ha", "marginal_ha")


def add_losses(found: "Sections", study: LandStudy, name: str, lang: str) -> None:
    """What a site loses and what is left of it: a waterfall, or an interval where it is not measured."""
    under = wording.words(lang)["beneath"]
    left: Any = study.left.loc[name]
    rows: Any = study.losses[study.losses.index.get_level_values(0) == name].droplevel(0)
    rows = rows[(rows["alone_ha"] > LEAST_HA) | (rows["marginal_ha"] > LEAST_HA)]
    if len(rows) or left["schematic"]:
        found.charts["losses"] = land_study.chart(left, rows, lang=lang)
    if len(rows):
        found.tables["losses"] = _named(rows[[*LOSSES, "remaining_ha"]], lang)
    said = [] if len(rows) or left["schematic"] else [under["no_loss"]]
    said += _conditions(study, [name], lang)
    said += [_unmeasured(left, lang), *_convention(study, lang)] if left["schematic"] else []
    found.told["losses"] = [*said, *_constraint_sources(study, lang)]
    found.layers += study.constraints.layers
    published = left["gross_origin"] == "publiée"
    gross = under["published_of" if published else "available_of"]
    area = _short(left["gross_ha"], lang) if left["schematic"] else wording.number(left["gross_ha"], 1, lang)
    gross = gross.replace("{gross}", area)
    doubt = ""
    if left["unknown_high_ha"] > LEAST_HA:
        doubt = under["unknown_part"].replace("{ha}", _bounds(left, "unknown", lang))
    shown = left["available_ha"]
    if left["schematic"] and not is_missing(left["available_low_ha"]):
        shown = _bounds(left, "available", lang)
    found.figures = {"available_ha": shown, "available_note": f"{gross} {doubt}".strip()}


def add_territory(found: "Sections", study: LandStudy, sites: list[str], lang: str) -> None:
    """What the sites of a territory lose, and what they hold together, each ground counted once."""
    mine = [name for name in sites if name in study.left.index]
    if not mine:
        return
    under = wording.words(lang)["beneath"]
    losses = study.losses[study.losses.index.get_level_values(0).isin(mine)]
    sums = losses.groupby(level=1, sort=False)[[*LOSSES]].sum(min_count=1)
    sums = sums[(sums["alone_ha"] > LEAST_HA) | (sums["marginal_ha"] > LEAST_HA)]
    left = study.left.loc[mine]
    whole = land.totals(study.sites.loc[mine], left)
    whole["schematic"] = whole["schematic_count"] > 0
    if len(sums):
        found.tables["losses"] = _named(sums, lang)
    said = under["sites_lost"].replace("{n}", str(len(mine)))
    said = said.replace("{gross}", f"{wording.number(whole['united_ha'], 1, lang)} ha")
    said = said.replace("{left}", f"{_bounds(whole, 'available', lang)} ha")
    repeated = wording.number(whole["repeated_ha"], 1, lang)
    found.told["losses"] = [
        said,
        *([under["repeated"].replace("{ha}", repeated)] if whole["repeated_ha"] > LEAST_HA else []),
        *([] if len(sums) or whole["schematic_count"] else [under["no_loss_place"]]),
        *_conditions(study, mine, lang),
        *([under["schematic_sites"], *_convention(study, lang)] if whole["schematic_count"] else []),
        *_constraint_sources(study, lang),
    ]
    found.layers += study.constraints.layers


def _unmeasured(left: pd.Series, lang: str) -> str:
    """Why a site has an interval and no figure."""
    words = wording.words(lang)["beneath"]
    if not meaning.says_schematic(left.get(meaning.QUALITY)):
        return str(words["schematic_constraint"])
    metres = meaning.precision_m(pd.DataFrame([left]))[0]
    if math.isnan(metres):
        return str(words["schematic_unsure"])
    unit, length = ("km", metres / M_PER_KM) if metres >= M_PER_KM else ("m", metres)
    radius = wording.told(length, lang, decimals=min(places([length]), 1), unit=unit)
    return str(words["schematic"]).replace("{radius}", radius)


def _convention(study: LandStudy, lang: str) -> list[str]:
    """How the intervals were read."""
    if study.moves is None:
        return []
    line = str(wording.words(lang)["beneath"]["moves"])
    for key in ("count", "low_percentile", "high_percentile"):
        line = line.replace(f"{{{key}}}", wording.number(getattr(study.moves, key), 0, lang))
    return [line]


def _named(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Steps of a waterfall as a table, ours in the language of the sheet."""
    words = wording.words(lang)["values"]
    return rows.rename(index=lambda name: words.get(name, name)).reset_index(names="constraint")


def _bounds(left: pd.Series, kind: str, lang: str) -> str:
    """Hectares of a site, between two bounds where it is not measured."""
    low, high = float(left[f"{kind}_low_ha"]), float(left[f"{kind}_high_ha"])
    if not left["schematic"]:
        return wording.number(high, 1, lang)
    if low == high:
        return _short(high, lang)
    between = str(wording.words(lang)["beneath"]["between_ha"])
    return between.replace("{low}", _short(low, lang)).replace("{high}", _short(high, lang))


def _short(value: float, lang: str) -> str:
    """A number with the decimals that it was rounded or published to, none when it is whole."""
    decimals = next((digits for digits in range(5) if round(value, digits) == value), 5)
    return wording.number(value, decimals, lang)


def _constraint_sources(study: LandStudy, lang: str) -> list[str]:
    under = wording.words(lang)["beneath"]
    cited = " ; ".join(study.constraints.sources)
    said = [under["constraints"].replace("{sources}", cited)] if cited else []
    said += [] if study.constraints.demands.get("coverage") is not None else [under["seen"]]
    return [*said, under["plane"]]


def _conditions(study: LandStudy, names: list[str], lang: str) -> list[str]:
    if study.conditions is None:
        return []
    mine = study.conditions[study.conditions.index.get_level_values(0).isin(names)]
    sums = mine["alone_ha"].groupby(level=1, sort=False).sum()
    what = ", ".join(f"{key} {wording.number(ha, 1, lang)} ha" for key, ha in sums.items() if ha > 0.05)
    return [wording.words(lang)["beneath"]["condition"].replace("{what}", what)] if what else []
