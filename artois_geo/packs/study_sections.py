"""A study as the sections of one sheet: cards, tables, charts and what must be said under each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from artois_geo import canal, charts, meaning, zan
from artois_geo.packs.land_study import LandStudy
from artois_geo.packs.study import DRAWS, SEED, Ranks, Study
from artois_geo.packs.water_study import WaterStudy
from artois_geo.packs.zan_study import Budget, ZanStudy
from artois_geo.sheets import sections, wording
from artois_geo.tables.values import is_missing

M_PER_KM = 1000
TENTH_KM = 0.1  # two positions known better than that give a distance in metres
LEAST_HA = 1e-4  # a square metre
PAIRED = 480  # width of a chart that stands beside its card
SOLID_SHARE = 0.8  # of the weights under which the first stays first
SOLID_SPAN = 1  # ranks by which a solid site may move


@dataclass
class Sections:
    """What a study adds to one sheet, by the name of its section."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    cards: dict[str, pd.Series] = field(default_factory=dict)
    charts: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)  # columns that the row of the sheet gains
    layers: list[str] = field(default_factory=list)  # that the analyses used, by name


def of_site(study: Study, site: pd.Series, lang: str) -> Sections:
    """Sections of the sheet of one site.

    Parameters
    ----------
    study
        From ``packs.study``.
    site
        Row of the site, with ``site_id``.
    lang
        Language of our own words.

    Examples
    --------
    >>> of_site(Study(), pd.Series({"site_id": "a"}), "fr").cards
    {}
    """
    name, found = str(site["site_id"]), Sections()
    sketch = meaning.says_schematic(site.get("geometrie"))
    if study.land is not None and name in study.land.left.index:
        _losses(found, study.land, name, lang)
    if study.water is not None and name in study.water.front.index:
        _canal(found, study.water, name, sketch, lang)
    if study.zan is not None and name in study.zan.sites.index:
        _zan(found, study.zan, name, lang)
    if study.ranks is not None and name in study.ranks.table.index:
        _ranking(found, study.ranks, name, sketch, lang)
    if study.sobriety is not None and name in study.sobriety.index:
        _sobriety(found, study, name, lang)
    return found


def of_territory(study: Study, level: str, code: str, sites: list[str], lang: str) -> Sections:
    """Sections of the sheet of a commune or an EPCI: its trajectory, and what its sites lose.

    Examples
    --------
    >>> of_territory(Study(), "epci", "200072460", [], "fr").tables
    {}
    """
    found = Sections()
    budget = study.zan.budgets.get(level) if study.zan is not None else None
    if study.zan is not None and budget is not None and code in budget.table.index:
        _trajectory(found, level, code, study.zan, lang)
    if study.land is not None:
        _all_losses(found, study.land, sites, lang)
    return found


def _losses(found: Sections, study: LandStudy, name: str, lang: str) -> None:
    under = wording.words(lang)["beneath"]
    left: Any = study.left.loc[name]
    rows: Any = study.losses[study.losses.index.get_level_values(0) == name].droplevel(0)
    rows = rows[rows["alone_ha"] > LEAST_HA]
    taken = [(str(constraint), float(value)) for constraint, value in rows["marginal_ha"].items()]
    unknown, shape = float(left["unknown_ha"]), float(left["shape_lost_ha"])
    if shape > LEAST_HA:
        taken.append((under["shape"], shape))
    if taken or unknown > LEAST_HA:
        found.charts["losses"] = charts.waterfall(
            float(left["gross_ha"]), taken, unknown_ha=unknown, lang=lang
        )
    if len(rows):
        found.tables["losses"] = rows[["alone_ha", "only_ha", "marginal_ha"]].reset_index(names="constraint")
    said = [] if taken else [under["no_loss"]]
    said += _conditions(study, [name], lang)
    said += [under["schematic"]] if left["schematic"] else []
    found.told["losses"] = [*said, *_constraint_sources(study, lang)]
    found.layers += study.constraints.layers
    gross = under["available_of"].replace("{gross}", _number(left["gross_ha"], 1, lang))
    doubt = under["unknown_part"].replace("{ha}", _number(unknown, 1, lang)) if unknown > LEAST_HA else ""
    found.figures = {
        "available_ha": float(left["available_ha"]),
        "available_note": f"{gross} {doubt}".strip(),
    }


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
    what = ", ".join(f"{key} {_number(ha, 1, lang)} ha" for key, ha in sums.items() if ha > 0.05)
    return [wording.words(lang)["beneath"]["condition"].replace("{what}", what)] if what else []


def _all_losses(found: Sections, study: LandStudy, sites: list[str], lang: str) -> None:
    mine = [name for name in sites if name in study.left.index]
    if not mine:
        return
    under = wording.words(lang)["beneath"]
    losses = study.losses[study.losses.index.get_level_values(0).isin(mine)]
    sums = losses.groupby(level=1, sort=False)[["alone_ha", "only_ha", "marginal_ha"]].sum()
    sums = sums[sums["alone_ha"] > LEAST_HA]
    whole = study.left.loc[mine, ["gross_ha", "available_ha"]].sum()
    if len(sums):
        found.tables["losses"] = sums.reset_index(names="constraint")
    said = under["sites_lost"].replace("{n}", str(len(mine)))
    for key, column in (("{gross}", "gross_ha"), ("{left}", "available_ha")):
        said = said.replace(key, f"{_number(whole[column], 1, lang)} ha")
    found.told["losses"] = [
        said,
        *([] if len(sums) else [under["no_loss_place"]]),
        *_conditions(study, mine, lang),
        *([under["schematic"]] if study.left.loc[mine, "schematic"].any() else []),
        *_constraint_sources(study, lang),
    ]
    found.layers += study.constraints.layers


def _canal(found: Sections, study: WaterStudy, name: str, sketch: bool, lang: str) -> None:
    front, under = study.front.loc[name], wording.words(lang)["beneath"]
    if all(is_missing(front[column]) for column in ("waterway_name", "frontage_m", "ring")):
        return
    measured, situated = not is_missing(front["frontage_m"]), not is_missing(front["ring"])
    card: dict[str, Any] = {
        "waterway_name": front["waterway_name"],
        "waterway_distance": _to_water(front, lang),
        "waterway_cemt": front["waterway_cemt"],
        "ring": _word(front["ring"], lang),
    }
    if measured:
        length = wording.told(front["frontage_m"], lang, decimals=0, unit="m")
        is_published = front["frontage_origin"] == canal.PUBLISHED
        card["bank_length"] = under["published"].replace("{text}", length) if is_published else length
        card["berth_class"] = _word(front["berth_class"], lang)
    if name in study.quays.index:
        quay = study.quays.loc[name]
        card |= _quay(quay, lang) if not sketch or quay["method"] == canal.ON_SITE else {}
    found.cards["canal"] = pd.Series(card, dtype=object)
    notes = _roads(study, card, under, sketch, lang)
    if not measured:
        sentence = under["no_frontage" if situated else "no_waterside"]
        notes.append(sentence.replace("{reason}", _reason(front["frontage_reason"], lang)))
    notes += [under["class_unknown"]] if measured and is_missing(front["waterway_cemt"]) else []
    notes += [under["schematic_water"]] if measured and front["waterway_schematic"] else []
    found.told["canal"] = notes
    found.layers += study.layers


def _to_water(front: pd.Series, lang: str) -> str | None:
    """How far the water is; nothing where the bank is published and the drawing knows no better."""
    metres, high_m = front["waterway_m"], front["waterway_high_m"]
    if front["waterway_origin"] == canal.PUBLISHED:
        text = sections.exact_distance(metres / M_PER_KM, lang)
        return str(wording.words(lang)["beneath"]["published"]).replace("{text}", text)
    if is_missing(front["waterway_origin"]):
        return None
    if front["ring_origin"] == canal.PUBLISHED and not high_m < 2 * metres:
        return None
    return _away(metres / M_PER_KM, high_m / M_PER_KM, lang)


def _quay(quay: Any, lang: str) -> dict[str, Any]:
    state = next((quay[name] for name in ("quai_statut", "etat") if not is_missing(quay.get(name))), None)
    shown = str(quay["nom"])
    if state is not None:
        both = wording.words(lang)["beneath"]["state"]
        shown = both.replace("{name}", shown).replace("{state}", str(state))
    if quay["method"] == canal.ON_SITE:
        return {"quay_name": shown, "quay_distance": _word(quay["method"], lang)}
    distance = _away(quay["straight_km"], quay["straight_high_km"], lang)
    return {"quay_name": shown, "quay_distance": distance} | {
        name: quay[name] for name in ("road_km", "road_min")
    }


def _reason(reason: str, lang: str) -> str:
    """Why nothing was computed, without the threshold: « position trop imprécise (± 4,5 km) »."""
    words, _, rest = reason.partition(" : ")
    doubt = rest.split(" (")[0] if rest.startswith("±") else ""
    doubt = doubt if lang == "fr" else doubt.replace(",", ".")
    return f"{_word(words, lang)} ({doubt})" if doubt else str(_word(words, lang))


def _roads(study: WaterStudy, card: Mapping[str, Any], under: Any, sketch: bool, lang: str) -> list[str]:
    """By which roads the quay is reached, or why it is not."""
    if study.roads is None:
        return [under["straight"]]
    if sketch:
        return [under["road_sketch"]]
    if is_missing(card.get("road_km")):
        return [under["no_road"].replace("{roads}", study.roads.title)]
    speed = _number(study.roads.settings["speed_kmh"], 0, lang)
    return [under["by_road"].replace("{speed}", speed).replace("{roads}", study.roads.title)]


def _away(km: float, high_km: float, lang: str) -> str:
    """A distance and what its precision leaves of it; in metres where that leaves tens of them."""
    if is_missing(km):  # known to be less than its own uncertainty
        return sections.distance(0.0, high_km, lang)
    if high_km - km < TENTH_KM:
        return sections.exact_distance(km, lang)
    return sections.distance(km, high_km - km, lang)


def _zan(found: Sections, study: ZanStudy, name: str, lang: str) -> None:
    row: Any = study.sites.loc[name]
    under = wording.words(lang)["beneath"]
    if is_missing(row.get("zan_account")):
        return  # the origin alone stands among the facts of the site
    card = {key: row.get(key) for key in ("zan_consumed_ha", "zan_year", "zan_local_ha")}
    if not is_missing(row.get("epci_left_ha")):
        card["epci_left_ha"] = _dated(row["epci_left_ha"], study.budgets["epci"], row["epci_code"], lang)
    accounts = [_word(account, lang) for account in str(row["zan_account"]).split(", ")]
    card["zan_account"] = ", ".join(accounts)
    for level in ("commune", "epci"):
        if not is_missing(row.get(f"{level}_share")):
            card[f"{level}_share"] = (
                under["share"]
                .replace("{share}", sections.percent(row[f"{level}_share"], lang))
                .replace("{ha}", _number(row[f"{level}_allowed_ha"], 2, lang))
            )
    found.cards["zan"] = pd.Series(card, dtype=object)
    told = [
        _budget_line(level, budget, str(row[f"{level}_code"]), lang)
        for level, budget in study.budgets.items()
        if not is_missing(row.get(f"{level}_allowed_ha"))
    ]
    notes = [note for budget in study.budgets.values() for note in _flow_notes(budget, lang)]
    if "epci_left_ha" in card and "unobserved_years" in study.budgets["epci"].table:
        told.insert(0, wording.remaining(study.budgets["epci"].table.loc[row["epci_code"]], lang))
    found.told["zan"] = [*told, *dict.fromkeys(notes)] if told else [under["no_budget"]]
    found.layers += study.layers


def _budget_line(level: str, budget: Budget, code: str, lang: str) -> str:
    row: Any = budget.table.loc[code]
    line = str(wording.words(lang)["beneath"]["budget"])
    said = {
        "level": _word(level, lang),
        "first": str(budget.years[0]),
        "last": str(budget.years[1]),
        "source": budget.source,
        "share": sections.percent(row["reduction_share"], lang),
        "document": _document(row, lang),
    }
    for name, text in said.items():
        line = line.replace(f"{{{name}}}", text)
    return line


def _document(row: Any, lang: str) -> str:
    """The document that sets a rate, the territory it sets it for, and since when."""
    document = str(row.get("target_document", zan.NATIONAL))
    parts = [_word(document, lang)]
    if document != zan.NATIONAL and not is_missing(row.get("target_since")):
        parts += [str(row["target_level"]), wording.told(row["target_since"], lang)]
    return ", ".join(parts)


def _dated(area_ha: float, budget: Budget, code: str, lang: str) -> str:
    """Hectares of a budget, with the day up to which its flows are known."""
    area = f"{_number(area_ha, 2, lang)} ha"
    row: Any = budget.table.loc[code]
    if is_missing(row.get("remaining_on")):
        return area
    day = wording.told(row["remaining_on"], lang)
    return str(wording.words(lang)["remaining"]["dated"]).replace("{ha}", area).replace("{day}", day)


def _flow_notes(budget: Budget, lang: str) -> list[str]:
    """What must be said of the flows under a budget: that the last is provisional, that they are made up."""
    under, flows = wording.words(lang)["beneath"], budget.flows
    said = [under["made_up_flows"]] if budget.fictitious else []
    if "provisional" in flows and flows["provisional"].any():
        year = int(flows.loc[flows["provisional"].astype(bool), "year"].max())
        said.append(under["provisional"].replace("{year}", str(year)))
    return said


def _trajectory(found: Sections, level: str, code: str, study: ZanStudy, lang: str) -> None:
    budget = study.budgets[level]
    row: Any = budget.table.loc[code]
    card = row[["reference_ha", "reduction_share", "allowed_ha", "projected_ha"]].to_dict()
    card |= {name: _dated(row[name], budget, code, lang) for name in ("used_ha", "left_ha")}
    planned = study.planned.get(level)
    if planned is not None and code in planned.index:
        built: Any = planned.loc[code]
        card["planned_local_ha"] = built["planned_local_ha"]
        card["planned_left_ha"] = _dated(built["left_ha"], budget, code, lang)
    found.cards["trajectory"] = pd.Series(card, dtype=object)
    flows = budget.flows[budget.flows[budget.key] == code]
    found.charts["trajectory"] = charts.trajectory_chart(
        row, flows, name=str(row.get("nom", code)), budget_years=budget.years, lang=lang
    )
    found.told["trajectory"] = [
        *([wording.remaining(row, lang)] if "unobserved_years" in row else []),
        _budget_line(level, budget, code, lang),
        *_flow_notes(budget, lang),
    ]
    found.layers += study.layers


def _ranking(found: Sections, ranks: Ranks, name: str, sketch: bool, lang: str) -> None:
    """Rank and score, as intervals where something is unknown; no rank is said where too little is known."""
    row: Any = ranks.table.loc[name]
    under = wording.words(lang)["beneath"]
    profile = _profile(ranks, under["profile"])
    if not row["completeness"]:
        if ranks.requested:
            found.told["ranking"] = [under["no_rank_sketch" if sketch else "no_rank"], profile]
        return
    card: dict[str, Any] = {"known_share": row["completeness"], "veto": row["veto"]}
    notes = []
    if not is_missing(row["rank"]):
        known = min(ranks.known_share, row["completeness"])
        if known < ranks.min_known_share:
            span = row["rank_low"], row["rank_high"]
            notes.append(under["open_place"].replace("{share}", sections.percent(known, lang)))
        else:
            span = row["best_rank"], row["worst_rank"]
            placed = int(ranks.table["rank"].notna().sum())
            card["rank_of"] = under["ordinal"].replace("{rank}", str(row["rank"])).replace("{n}", str(placed))
            card["first_share"] = under["weights"].replace(
                "{share}", sections.percent(row["first_share"], lang)
            )
            solid = span[1] - span[0] <= SOLID_SPAN or row["first_share"] >= SOLID_SHARE
            draws = under["draws"].replace("{n}", _number(DRAWS, 0, lang)).replace("{seed}", str(SEED))
            notes += [under["solid" if solid else "fragile"], draws]
        between = under["between"].replace("{best}", str(int(span[0])))
        card["rank_range"] = between.replace("{worst}", str(int(span[1])))
    if not is_missing(row["score"]):
        shown = under["score"]
        for key, column in (("{score}", "score"), ("{low}", "score_low"), ("{high}", "score_high")):
            shown = shown.replace(key, _number(row[column], 0, lang))
        card["score_range"] = shown
    found.cards["ranking"] = pd.Series(card, dtype=object)
    found.told["ranking"] = [*notes, profile]


def _profile(ranks: Ranks, template: str) -> str:
    """Which profile ranks the sites, and where it comes from if it says so."""
    settings = ranks.profile.settings
    source = str(settings["source"]).rstrip(".")
    shown = template if source else re.sub(r"\s*:\s*\{source\}", "", template)
    return shown.replace("{title}", str(settings["titre"])).replace("{source}", source)


def _sobriety(found: Sections, study: Study, name: str, lang: str) -> None:
    assert study.sobriety is not None
    row: Any = study.sobriety.loc[name]
    card: Any = study.figures.loc[name]
    under = wording.words(lang)["beneath"]
    axes = {str(axis): row[axis] for axis in row.index if not str(axis).endswith("_completeness")}
    if all(is_missing(value) for value in axes.values()):
        return
    shown = {_word(axis, lang): None if is_missing(value) else value for axis, value in axes.items()}
    found.charts["sobriety"] = charts.profile(shown, lang=lang, width=PAIRED)
    jobs = card.get("jobs_per_ha")
    per_job = {} if is_missing(jobs) or jobs <= 0 else {"m2_per_job": 10_000 / jobs}
    found.cards["sobriety"] = pd.Series({**card.to_dict(), **per_job}, dtype=object)
    found.layers += study.figures.attrs.get("layers", ())
    infill = [under["infill"]] if not is_missing(card.get("theoretical_ha")) else []
    found.told["sobriety"] = [under["axes"], *infill]


def _word(value: object, lang: str) -> Any:
    """A word that an analysis writes, in the language of the sheet."""
    return wording.words(lang)["values"].get(value, value) if isinstance(value, str) else value


def _number(value: float, decimals: int, lang: str) -> str:
    return wording.number(float(value), decimals, lang)
