"""A study as the sections of one sheet: cards, tables, charts and the notes under each."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from artois_geo import canal, charts, meaning, showcase, zan
from artois_geo.meaning import is_null
from artois_geo.packs.sections import land_sections
from artois_geo.packs.sections.section import Section, Sections, gather
from artois_geo.sheets import sections, wording
from artois_geo.sheets.wording import phrase
from artois_geo.studies.ranking.requests import DRAWS, SEED
from artois_geo.studies.sites.all_analyses import Ranks, Study
from artois_geo.studies.sites.site_water import WaterStudy
from artois_geo.studies.sites.site_zan import Budget, ZanStudy
from artois_geo.text import point

M_PER_KM = 1000
TENTH_KM = 0.1  # two positions known better than that give a distance in metres
PAIRED = 480  # width of a chart that stands beside its card
SOLID_SHARE = 0.8  # of the weights under which the first stays first
SOLID_SPAN = 1  # ranks by which a solid site may move


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
    name, schematic = str(site["site_id"]), meaning.says_schematic(site.get("geometrie"))
    parts: list[Section | None] = []
    if study.land is not None and name in study.land.left.index:
        parts.append(land_sections.of_site(study.land, name, lang))
    if study.water is not None and name in study.water.front.index:
        parts.append(_canal(study.water, name, schematic, lang))
    if study.zan is not None and name in study.zan.sites.index:
        parts.append(_zan(study.zan, name, lang))
    if study.ranks is not None and name in study.ranks.table.index:
        parts.append(_ranking(study.ranks, name, schematic, lang))
    if study.sobriety is not None and name in study.sobriety.index:
        parts.append(_sobriety(study, study.sobriety.loc[name], name, lang))
    return gather(parts)


def of_territory(study: Study, level: str, code: str, sites: list[str], lang: str) -> Sections:
    """Build the sections of the sheet of a commune or an EPCI: its trajectory, and what its sites lose.

    Examples
    --------
    >>> of_territory(Study(), "epci", "200072460", [], "fr").tables
    {}
    """
    parts: list[Section | None] = []
    budget = study.zan.budgets.get(level) if study.zan is not None else None
    if study.zan is not None and budget is not None and code in budget.table.index:
        parts.append(_trajectory(level, code, study.zan, lang))
    if study.land is not None:
        parts.append(land_sections.of_territory(study.land, sites, lang))
    return gather(parts)


def _canal(study: WaterStudy, name: str, schematic: bool, lang: str) -> Section | None:
    """Show the bank, the berth and the quay of a site, and why one of them is unknown."""
    front = study.front.loc[name]
    if all(is_null(front[column]) for column in ("waterway_name", "frontage_m", "ring")):
        return None
    card: dict[str, Any] = {
        "waterway_name": front["waterway_name"],
        "waterway_distance": _to_water(front, lang),
        "waterway_cemt": front["waterway_cemt"],
        "ring": _word(front["ring"], lang),
    }
    if not is_null(front["frontage_m"]):
        length = wording.told(front["frontage_m"], lang, decimals=0, unit="m")
        is_published = front["frontage_origin"] == canal.PUBLISHED
        card["bank_length"] = phrase(lang, "beneath.published", text=length) if is_published else length
        card["berth_class"] = _word(front["berth_class"], lang)
    if name in study.quays.index:
        quay = study.quays.loc[name]
        card |= _quay(quay, lang) if not schematic or quay["method"] == canal.ON_SITE else {}
    return Section(
        "canal",
        card=pd.Series(card, dtype=object),
        notes=[_roads(study, card, schematic, lang), *_water_notes(front, lang)],
        layers=study.layers,
    )


def _water_notes(front: pd.Series, lang: str) -> list[str]:
    """Tell why the bank was not measured, or what is unsure about it."""
    if is_null(front["frontage_m"]):
        key = "no_waterside" if is_null(front["ring"]) else "no_frontage"
        return [phrase(lang, f"beneath.{key}", reason=_reason(front["frontage_reason"], lang))]
    notes = [phrase(lang, "beneath.class_unknown")] if is_null(front["waterway_cemt"]) else []
    return [*notes, *([phrase(lang, "beneath.schematic_water")] if front["waterway_schematic"] else [])]


def _to_water(front: pd.Series, lang: str) -> str | None:
    """Write how far the water is; None where the bank is published and the drawing is not more precise."""
    metres, high_m = front["waterway_m"], front["waterway_high_m"]
    if front["waterway_origin"] == canal.PUBLISHED:
        text = sections.exact_distance(metres / M_PER_KM, lang)
        return phrase(lang, "beneath.published", text=text)
    if is_null(front["waterway_origin"]):
        return None
    if front["ring_origin"] == canal.PUBLISHED and not high_m < 2 * metres:
        return None
    return _away(metres / M_PER_KM, high_m / M_PER_KM, lang)


def _quay(quay: Any, lang: str) -> dict[str, Any]:
    """Return the name, state and distance of the nearest quay."""
    state = next((quay[name] for name in ("quai_statut", "etat") if not is_null(quay.get(name))), None)
    label = str(quay["nom"])
    if state is not None:
        label = phrase(lang, "beneath.state", name=label, state=showcase.value(str(state), lang))
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
    doubt = doubt if lang == "fr" else point(doubt)
    return f"{_word(words, lang)} ({doubt})" if doubt else str(_word(words, lang))


def _roads(study: WaterStudy, card: Mapping[str, Any], schematic: bool, lang: str) -> str:
    """Tell by which roads the quay is reached, or why it is not."""
    if study.roads is None:
        return phrase(lang, "beneath.straight")
    if schematic:
        return phrase(lang, "beneath.road_sketch")
    if is_null(card.get("road_km")):
        return phrase(lang, "beneath.no_road", roads=study.roads.title)
    speed = _number(study.roads.settings.speed_kmh, 0, lang)
    return phrase(lang, "beneath.by_road", speed=speed, roads=study.roads.title)


def _away(km: float, high_km: float, lang: str) -> str:
    """Write a distance with its precision; in metres where the precision allows it."""
    if is_null(km):  # known to be less than its own uncertainty
        return sections.distance(0.0, high_km, lang)
    if high_km - km < TENTH_KM:
        return sections.exact_distance(km, lang)
    return sections.distance(km, high_km - km, lang)


def _zan(study: ZanStudy, name: str, lang: str) -> Section | None:
    """Show the hectares that a site consumes, and their share of each budget."""
    row: Any = study.sites.loc[name]
    if is_null(row.get("zan_account")):
        return None  # the origin alone stands among the facts of the site
    card = {key: row.get(key) for key in ("zan_consumed_ha", "zan_year", "zan_local_ha")}
    notes = _budget_notes(study, row, lang)
    if not is_null(row.get("epci_left_ha")):
        budget = study.budgets["epci"]
        card["epci_left_ha"] = _dated(row["epci_left_ha"], budget, row["epci_code"], lang)
        if "unobserved_years" in budget.table:
            notes.insert(0, wording.remaining(budget.table.loc[row["epci_code"]], lang))
    accounts = [_word(account, lang) for account in str(row["zan_account"]).split(", ")]
    card["zan_account"] = ", ".join(accounts)
    for level in ("commune", "epci"):
        if not is_null(row.get(f"{level}_share")):
            share = sections.percent(row[f"{level}_share"], lang)
            allowed = _number(row[f"{level}_allowed_ha"], 2, lang)
            card[f"{level}_share"] = phrase(lang, "beneath.share", share=share, ha=allowed)
    return Section("zan", card=pd.Series(card, dtype=object), notes=notes, layers=study.layers)


def _budget_notes(study: ZanStudy, row: Any, lang: str) -> list[str]:
    """Describe the budgets that a site draws on, and what is unsure about their flows."""
    lines = [
        _budget_line(level, budget, str(row[f"{level}_code"]), lang)
        for level, budget in study.budgets.items()
        if not is_null(row.get(f"{level}_allowed_ha"))
    ]
    if not lines:
        return [phrase(lang, "beneath.no_budget")]
    notes = [note for budget in study.budgets.values() for note in _flow_notes(budget, lang)]
    return [*lines, *dict.fromkeys(notes)]


def _budget_line(level: str, budget: Budget, code: str, lang: str) -> str:
    """Describe a budget: its years, its rate, the document that sets it, its source."""
    row: Any = budget.table.loc[code]
    return phrase(
        lang,
        "beneath.budget",
        level=_word(level, lang),
        first=budget.years[0],
        last=budget.years[1],
        source=budget.source,
        share=sections.percent(row["reduction_share"], lang),
        document=_document(row, lang),
    )


def _document(row: Any, lang: str) -> str:
    """Name the document that sets a rate, its territory, and its date."""
    document = str(row.get("target_document", zan.NATIONAL))
    parts = [_word(document, lang)]
    if document != zan.NATIONAL and not is_null(row.get("target_since")):
        parts += [str(row["target_level"]), wording.told(row["target_since"], lang)]
    return ", ".join(parts)


def _dated(area_ha: float, budget: Budget, code: str, lang: str) -> str:
    """Write hectares of a budget, with the day up to which its flows are known."""
    area = f"{_number(area_ha, 2, lang)} ha"
    row: Any = budget.table.loc[code]
    if is_null(row.get("remaining_on")):
        return area
    day = wording.told(row["remaining_on"], lang)
    return phrase(lang, "remaining.dated", ha=area, day=day)


def _flow_notes(budget: Budget, lang: str) -> list[str]:
    """Warn that the flows of a budget are fictional, or that the last one is provisional."""
    flows = budget.flows
    notes = [phrase(lang, "beneath.made_up_flows")] if budget.fictitious else []
    if "provisional" in flows and flows["provisional"].any():
        year = int(flows.loc[flows["provisional"].astype(bool), "year"].max())
        notes.append(phrase(lang, "beneath.provisional", year=year))
    return notes


def _trajectory(level: str, code: str, study: ZanStudy, lang: str) -> Section:
    """Show the trajectory of a territory: its card, its chart, its notes."""
    budget = study.budgets[level]
    row: Any = budget.table.loc[code]
    card = row[["reference_ha", "reduction_share", "allowed_ha", "projected_ha"]].to_dict()
    card |= {name: _dated(row[name], budget, code, lang) for name in ("used_ha", "left_ha")}
    planned = study.planned.get(level)
    if planned is not None and code in planned.index:
        built: Any = planned.loc[code]
        card["planned_local_ha"] = built["planned_local_ha"]
        card["planned_left_ha"] = _dated(built["left_ha"], budget, code, lang)
    flows = budget.flows[budget.flows[budget.key] == code]
    return Section(
        "trajectory",
        card=pd.Series(card, dtype=object),
        chart=charts.trajectory_chart(
            row, flows, name=str(row.get("nom", code)), budget_years=budget.years, lang=lang
        ),
        notes=[
            *([wording.remaining(row, lang)] if "unobserved_years" in row else []),
            _budget_line(level, budget, code, lang),
            *_flow_notes(budget, lang),
        ],
        layers=study.layers,
    )


def _ranking(ranks: Ranks, name: str, schematic: bool, lang: str) -> Section | None:
    """Show the rank and score, as intervals where data are missing; no rank where too little is known."""
    row: Any = ranks.table.loc[name]
    profile = _profile(ranks, lang)
    if not row["completeness"]:
        key = "no_rank_sketch" if schematic else "no_rank"
        return (
            Section("ranking", notes=[phrase(lang, f"beneath.{key}"), profile]) if ranks.requested else None
        )
    card: dict[str, Any] = {"known_share": row["completeness"], "veto": row["veto"]}
    notes: list[str] = []
    if not is_null(row["rank"]):
        rank_figures, notes = _place(ranks, row, lang)
        card |= rank_figures
    if not is_null(row["score"]):
        columns = {"score": "score", "low": "score_low", "high": "score_high"}
        scores = {blank: _number(row[column], 0, lang) for blank, column in columns.items()}
        card["score_range"] = phrase(lang, "beneath.score", **scores)
    return Section("ranking", card=pd.Series(card, dtype=object), notes=[*notes, profile])


def _place(ranks: Ranks, row: Any, lang: str) -> tuple[dict[str, Any], list[str]]:
    """Return the rank of a site, its range and its notes; the range alone where too little is known."""
    card: dict[str, Any] = {}
    known_share = min(ranks.known_share, row["completeness"])
    if known_share < ranks.min_known_share:
        span = row["rank_low"], row["rank_high"]
        notes = [phrase(lang, "beneath.open_place", share=sections.percent(known_share, lang))]
    else:
        span = row["best_rank"], row["worst_rank"]
        first_share = sections.percent(row["first_share"], lang)
        ranked_count = int(ranks.table["rank"].notna().sum())
        card["rank_of"] = phrase(lang, "beneath.ordinal", rank=row["rank"], n=ranked_count)
        card["first_share"] = phrase(lang, "beneath.weights", share=first_share)
        solid = span[1] - span[0] <= SOLID_SPAN or row["first_share"] >= SOLID_SHARE
        notes = [
            phrase(lang, "beneath.solid" if solid else "beneath.fragile"),
            phrase(lang, "beneath.draws", n=_number(DRAWS, 0, lang), seed=SEED),
        ]
    card["rank_range"] = phrase(lang, "beneath.between", best=int(span[0]), worst=int(span[1]))
    return card, notes


def _profile(ranks: Ranks, lang: str) -> str:
    """Name the profile that ranks the sites, and its source if it has one."""
    settings = ranks.profile.settings
    source = str(settings["source"]).rstrip(".")
    template = str(wording.words(lang)["beneath"]["profile"])
    sentence = template if source else re.sub(r"\s*:\s*\{source\}", "", template)
    return sentence.format(title=settings["titre"], source=source)


def _sobriety(study: Study, row: Any, name: str, lang: str) -> Section | None:
    """Show the profile of a site on the axes of land sobriety."""
    card: Any = study.figures.loc[name]
    axes = {str(axis): row[axis] for axis in row.index if not str(axis).endswith("_completeness")}
    if all(is_null(value) for value in axes.values()):
        return None
    axis_values = {_word(axis, lang): None if is_null(value) else value for axis, value in axes.items()}
    jobs = card.get("jobs_per_ha")
    per_job = {} if is_null(jobs) or jobs <= 0 else {"m2_per_job": 10_000 / jobs}
    infill = [] if is_null(card.get("theoretical_ha")) else [phrase(lang, "beneath.infill")]
    return Section(
        "sobriety",
        card=pd.Series({**card.to_dict(), **per_job}, dtype=object),
        chart=charts.profile(axis_values, lang=lang, width=PAIRED),
        notes=[phrase(lang, "beneath.axes"), *infill],
        layers=study.figures.attrs.get("layers", ()),
    )


def _word(value: object, lang: str) -> Any:
    """Translate a word of an analysis into the language of the sheet."""
    return wording.words(lang)["values"].get(value, value) if isinstance(value, str) else value


def _number(value: float, decimals: int, lang: str) -> str:
    return wording.number(float(value), decimals, lang)
