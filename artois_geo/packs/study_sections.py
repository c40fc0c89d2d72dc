"""A study as the sections of one sheet: cards, tables, charts and the notes under each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from artois_geo import canal, charts, meaning, zan
from artois_geo.packs import land_sections
from artois_geo.sheets import sections, wording
from artois_geo.studies.ranking.requests import DRAWS, SEED
from artois_geo.studies.site_water import WaterStudy
from artois_geo.studies.site_zan import Budget, ZanStudy
from artois_geo.studies.sites import Ranks, Study
from artois_geo.tables.values import is_missing

M_PER_KM = 1000
TENTH_KM = 0.1  # two positions known better than that give a distance in metres
PAIRED = 480  # width of a chart that stands beside its card
SOLID_SHARE = 0.8  # of the weights under which the first stays first
SOLID_SPAN = 1  # ranks by which a solid site may move


@dataclass
class Sections:
    """Collect what a study adds to one sheet, by the name of its section."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    cards: dict[str, pd.Series] = field(default_factory=dict)
    charts: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)  # columns that the row of the sheet gains
    layers: list[str] = field(default_factory=list)  # that the analyses used, by name


def of_site(study: Study, site: pd.Series, lang: str) -> Sections:
    """Build the sections of the sheet of one site.

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
    name, sheet_sections = str(site["site_id"]), Sections()
    schematic = meaning.says_schematic(site.get("geometrie"))
    if study.land is not None and name in study.land.left.index:
        land_sections.add_losses(sheet_sections, study.land, name, lang)
    if study.water is not None and name in study.water.front.index:
        _canal(sheet_sections, study.water, name, schematic, lang)
    if study.zan is not None and name in study.zan.sites.index:
        _zan(sheet_sections, study.zan, name, lang)
    if study.ranks is not None and name in study.ranks.table.index:
        _ranking(sheet_sections, study.ranks, name, schematic, lang)
    if study.sobriety is not None and name in study.sobriety.index:
        _sobriety(sheet_sections, study, name, lang)
    return sheet_sections


def of_territory(study: Study, level: str, code: str, sites: list[str], lang: str) -> Sections:
    """Build the sections of the sheet of a commune or an EPCI: its trajectory, and what its sites lose.

    Examples
    --------
    >>> of_territory(Study(), "epci", "200072460", [], "fr").tables
    {}
    """
    sheet_sections = Sections()
    budget = study.zan.budgets.get(level) if study.zan is not None else None
    if study.zan is not None and budget is not None and code in budget.table.index:
        _trajectory(sheet_sections, level, code, study.zan, lang)
    if study.land is not None:
        land_sections.add_territory(sheet_sections, study.land, sites, lang)
    return sheet_sections


def _canal(sheet_sections: Sections, study: WaterStudy, name: str, schematic: bool, lang: str) -> None:
    """Add the bank, the berth and the quay of a site, and why one of them is unknown."""
    front, sentences = study.front.loc[name], wording.words(lang)["beneath"]
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
        card["bank_length"] = sentences["published"].replace("{text}", length) if is_published else length
        card["berth_class"] = _word(front["berth_class"], lang)
    if name in study.quays.index:
        quay = study.quays.loc[name]
        card |= _quay(quay, lang) if not schematic or quay["method"] == canal.ON_SITE else {}
    sheet_sections.cards["canal"] = pd.Series(card, dtype=object)
    notes = _roads(study, card, sentences, schematic, lang)
    if not measured:
        sentence = sentences["no_frontage" if situated else "no_waterside"]
        notes.append(sentence.replace("{reason}", _reason(front["frontage_reason"], lang)))
    notes += [sentences["class_unknown"]] if measured and is_missing(front["waterway_cemt"]) else []
    notes += [sentences["schematic_water"]] if measured and front["waterway_schematic"] else []
    sheet_sections.told["canal"] = notes
    sheet_sections.layers += study.layers


def _to_water(front: pd.Series, lang: str) -> str | None:
    """Write how far the water is; None where the bank is published and the drawing is not more precise."""
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
    """Return the name, state and distance of the nearest quay."""
    state = next((quay[name] for name in ("quai_statut", "etat") if not is_missing(quay.get(name))), None)
    label = str(quay["nom"])
    if state is not None:
        both = wording.words(lang)["beneath"]["state"]
        label = both.replace("{name}", label).replace("{state}", str(state))
    if quay["method"] == canal.ON_SITE:
        return {"quay_name": label, "quay_distance": _word(quay["method"], lang)}
    distance = _away(quay["straight_km"], quay["straight_high_km"], lang)
    return {"quay_name": label, "quay_distance": distance} | {
        name: quay[name] for name in ("road_km", "road_min")
    }


def _reason(reason: str, lang: str) -> str:
    """Explain why nothing was computed, without the threshold: « position trop imprécise (± 4,5 km) »."""
    words, _, rest = reason.partition(" : ")
    doubt = rest.split(" (")[0] if rest.startswith("±") else ""
    doubt = doubt if lang == "fr" else doubt.replace(",", ".")
    return f"{_word(words, lang)} ({doubt})" if doubt else str(_word(words, lang))


def _roads(
    study: WaterStudy, card: Mapping[str, Any], sentences: Any, schematic: bool, lang: str
) -> list[str]:
    """Tell by which roads the quay is reached, or why it is not."""
    if study.roads is None:
        return [sentences["straight"]]
    if schematic:
        return [sentences["road_sketch"]]
    if is_missing(card.get("road_km")):
        return [sentences["no_road"].replace("{roads}", study.roads.title)]
    speed = _number(study.roads.settings["speed_kmh"], 0, lang)
    return [sentences["by_road"].replace("{speed}", speed).replace("{roads}", study.roads.title)]


def _away(km: float, high_km: float, lang: str) -> str:
    """Write a distance with its precision; in metres where the precision allows it."""
    if is_missing(km):  # known to be less than its own uncertainty
        return sections.distance(0.0, high_km, lang)
    if high_km - km < TENTH_KM:
        return sections.exact_distance(km, lang)
    return sections.distance(km, high_km - km, lang)


def _zan(sheet_sections: Sections, study: ZanStudy, name: str, lang: str) -> None:
    """Add the hectares that a site consumes, and their share of each budget."""
    row: Any = study.sites.loc[name]
    sentences = wording.words(lang)["beneath"]
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
                sentences["share"]
                .replace("{share}", sections.percent(row[f"{level}_share"], lang))
                .replace("{ha}", _number(row[f"{level}_allowed_ha"], 2, lang))
            )
    sheet_sections.cards["zan"] = pd.Series(card, dtype=object)
    budget_lines = [
        _budget_line(level, budget, str(row[f"{level}_code"]), lang)
        for level, budget in study.budgets.items()
        if not is_missing(row.get(f"{level}_allowed_ha"))
    ]
    flow_notes = [note for budget in study.budgets.values() for note in _flow_notes(budget, lang)]
    if "epci_left_ha" in card and "unobserved_years" in study.budgets["epci"].table:
        budget_lines.insert(0, wording.remaining(study.budgets["epci"].table.loc[row["epci_code"]], lang))
    sheet_sections.told["zan"] = (
        [*budget_lines, *dict.fromkeys(flow_notes)] if budget_lines else [sentences["no_budget"]]
    )
    sheet_sections.layers += study.layers


def _budget_line(level: str, budget: Budget, code: str, lang: str) -> str:
    """Describe a budget: its years, its rate, the document that sets it, its source."""
    row: Any = budget.table.loc[code]
    line = str(wording.words(lang)["beneath"]["budget"])
    texts = {
        "level": _word(level, lang),
        "first": str(budget.years[0]),
        "last": str(budget.years[1]),
        "source": budget.source,
        "share": sections.percent(row["reduction_share"], lang),
        "document": _document(row, lang),
    }
    for name, text in texts.items():
        line = line.replace(f"{{{name}}}", text)
    return line


def _document(row: Any, lang: str) -> str:
    """Name the document that sets a rate, its territory, and its date."""
    document = str(row.get("target_document", zan.NATIONAL))
    parts = [_word(document, lang)]
    if document != zan.NATIONAL and not is_missing(row.get("target_since")):
        parts += [str(row["target_level"]), wording.told(row["target_since"], lang)]
    return ", ".join(parts)


def _dated(area_ha: float, budget: Budget, code: str, lang: str) -> str:
    """Write hectares of a budget, with the day up to which its flows are known."""
    area = f"{_number(area_ha, 2, lang)} ha"
    row: Any = budget.table.loc[code]
    if is_missing(row.get("remaining_on")):
        return area
    day = wording.told(row["remaining_on"], lang)
    return str(wording.words(lang)["remaining"]["dated"]).replace("{ha}", area).replace("{day}", day)


def _flow_notes(budget: Budget, lang: str) -> list[str]:
    """Warn that the flows of a budget are fictional, or that the last one is provisional."""
    sentences, flows = wording.words(lang)["beneath"], budget.flows
    notes = [sentences["made_up_flows"]] if budget.fictitious else []
    if "provisional" in flows and flows["provisional"].any():
        year = int(flows.loc[flows["provisional"].astype(bool), "year"].max())
        notes.append(sentences["provisional"].replace("{year}", str(year)))
    return notes


def _trajectory(sheet_sections: Sections, level: str, code: str, study: ZanStudy, lang: str) -> None:
    """Add the trajectory of a territory: its card, its chart, its notes."""
    budget = study.budgets[level]
    row: Any = budget.table.loc[code]
    card = row[["reference_ha", "reduction_share", "allowed_ha", "projected_ha"]].to_dict()
    card |= {name: _dated(row[name], budget, code, lang) for name in ("used_ha", "left_ha")}
    planned = study.planned.get(level)
    if planned is not None and code in planned.index:
        built: Any = planned.loc[code]
        card["planned_local_ha"] = built["planned_local_ha"]
        card["planned_left_ha"] = _dated(built["left_ha"], budget, code, lang)
    sheet_sections.cards["trajectory"] = pd.Series(card, dtype=object)
    flows = budget.flows[budget.flows[budget.key] == code]
    sheet_sections.charts["trajectory"] = charts.trajectory_chart(
        row, flows, name=str(row.get("nom", code)), budget_years=budget.years, lang=lang
    )
    sheet_sections.told["trajectory"] = [
        *([wording.remaining(row, lang)] if "unobserved_years" in row else []),
        _budget_line(level, budget, code, lang),
        *_flow_notes(budget, lang),
    ]
    sheet_sections.layers += study.layers


def _ranking(sheet_sections: Sections, ranks: Ranks, name: str, schematic: bool, lang: str) -> None:
    """Add the rank and score, as intervals where data are missing; no rank where too little is known."""
    row: Any = ranks.table.loc[name]
    sentences = wording.words(lang)["beneath"]
    profile = _profile(ranks, sentences["profile"])
    if not row["completeness"]:
        if ranks.requested:
            sheet_sections.told["ranking"] = [
                sentences["no_rank_sketch" if schematic else "no_rank"],
                profile,
            ]
        return
    card: dict[str, Any] = {"known_share": row["completeness"], "veto": row["veto"]}
    notes = []
    if not is_missing(row["rank"]):
        known_share = min(ranks.known_share, row["completeness"])
        if known_share < ranks.min_known_share:
            span = row["rank_low"], row["rank_high"]
            notes.append(sentences["open_place"].replace("{share}", sections.percent(known_share, lang)))
        else:
            span = row["best_rank"], row["worst_rank"]
            ranked_count = int(ranks.table["rank"].notna().sum())
            card["rank_of"] = (
                sentences["ordinal"].replace("{rank}", str(row["rank"])).replace("{n}", str(ranked_count))
            )
            card["first_share"] = sentences["weights"].replace(
                "{share}", sections.percent(row["first_share"], lang)
            )
            solid = span[1] - span[0] <= SOLID_SPAN or row["first_share"] >= SOLID_SHARE
            draws = sentences["draws"].replace("{n}", _number(DRAWS, 0, lang)).replace("{seed}", str(SEED))
            notes += [sentences["solid" if solid else "fragile"], draws]
        between = sentences["between"].replace("{best}", str(int(span[0])))
        card["rank_range"] = between.replace("{worst}", str(int(span[1])))
    if not is_missing(row["score"]):
        score_text = sentences["score"]
        for key, column in (("{score}", "score"), ("{low}", "score_low"), ("{high}", "score_high")):
            score_text = score_text.replace(key, _number(row[column], 0, lang))
        card["score_range"] = score_text
    sheet_sections.cards["ranking"] = pd.Series(card, dtype=object)
    sheet_sections.told["ranking"] = [*notes, profile]


def _profile(ranks: Ranks, template: str) -> str:
    """Name the profile that ranks the sites, and its source if it has one."""
    settings = ranks.profile.settings
    source = str(settings["source"]).rstrip(".")
    sentence = template if source else re.sub(r"\s*:\s*\{source\}", "", template)
    return sentence.replace("{title}", str(settings["titre"])).replace("{source}", source)


def _sobriety(sheet_sections: Sections, study: Study, name: str, lang: str) -> None:
    """Add the profile of a site on the axes of land sobriety."""
    assert study.sobriety is not None
    row: Any = study.sobriety.loc[name]
    card: Any = study.figures.loc[name]
    sentences = wording.words(lang)["beneath"]
    axes = {str(axis): row[axis] for axis in row.index if not str(axis).endswith("_completeness")}
    if all(is_missing(value) for value in axes.values()):
        return
    axis_values = {_word(axis, lang): None if is_missing(value) else value for axis, value in axes.items()}
    sheet_sections.charts["sobriety"] = charts.profile(axis_values, lang=lang, width=PAIRED)
    jobs = card.get("jobs_per_ha")
    per_job = {} if is_missing(jobs) or jobs <= 0 else {"m2_per_job": 10_000 / jobs}
    sheet_sections.cards["sobriety"] = pd.Series({**card.to_dict(), **per_job}, dtype=object)
    sheet_sections.layers += study.figures.attrs.get("layers", ())
    infill = [sentences["infill"]] if not is_missing(card.get("theoretical_ha")) else []
    sheet_sections.told["sobriety"] = [sentences["axes"], *infill]


def _word(value: object, lang: str) -> Any:
    """Translate a word of an analysis into the language of the sheet."""
    return wording.words(lang)["values"].get(value, value) if isinstance(value, str) else value


def _number(value: float, decimals: int, lang: str) -> str:
    return wording.number(float(value), decimals, lang)
