"""The front pages of a pack, one for each language: the same figures, links and tables, its own first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from artois_geo import languages, offer, sheets
from artois_geo.maps import static_svg
from artois_geo.maps.carte import Carte
from artois_geo.packs import holdings, offer_page, still
from artois_geo.packs.holdings import LAND, SITES, Holdings
from artois_geo.sheets import wording
from artois_geo.theme import Theme

MAP, KIOSK, TABLE, WORKBOOK, OBJECTS = (
    "carte.html",
    "kiosque.html",
    "offre.csv",
    "offre.xlsx",
    "offre.geojson",
)
BOARD, SHEETS = "planche-a3", "fiches"


@dataclass(frozen=True)
class Tables:
    """What the pages show: the offer, each published total beside what is held, findings by layer."""

    offer: pd.DataFrame
    totals: pd.DataFrame
    checks: pd.DataFrame


def file_of(lang: str) -> str:
    """The name of the page in a language: the first language is the one that opens.

    Examples
    --------
    >>> file_of("fr"), file_of("en")
    ('index.html', 'index.en.html')
    """
    return "index.html" if lang == languages.SOURCE else f"index.{lang}.html"


def page(
    held: Holdings,
    shown: Tables,
    written: Collection[str],
    sites: Sequence[tuple[str, pd.Series]],
    carte: Carte,
    look: Theme | None,
    lang: str,
) -> str:
    """The front page in a language.

    Parameters
    ----------
    held
        Layers of the catalogue.
    shown
        Tables of the pack.
    written
        Files of the folder: only what is there is linked.
    sites
        Sites that have sheets: the stem of their files, and their row.
    carte
        The map, for its preview.
    look, lang
        As ``sheets.front_page``.
    """
    words = wording.words(lang)
    footer = offer_page.footer(held.catalogue, held.frames, lang)
    land = offer_page.land_table(held.kind(LAND), lang)
    tongues = sorted(wording.LANGUAGES, key=lambda one: one != lang)
    return sheets.front_page(
        title=words["offer_title"],
        subtitle=words["front"]["told"],
        links=_links(written, tongues, lang),
        figures=[
            *_site_figures(held, lang),
            _land_figure(held, land, lang),
            _check_figure(shown.checks, lang),
        ],
        sections=_sections(held, shown, land, lang),
        rows=[_row(stem, wording.spoken_row(row, lang), written, tongues, lang) for stem, row in sites],
        warnings=[*footer.notes, *still.undrawn(carte, lang, preview=True)],
        footer=footer,
        picture=static_svg.patterns() + static_svg.draw(carte.page, lang=lang),
        look=look,
        lang=lang,
        also={one: file_of(one) for one in tongues if one != lang},
    )


def _links(written: Collection[str], tongues: Sequence[str], lang: str) -> list[sheets.Link]:
    words = wording.words(lang)["front"]
    view = "" if lang == languages.SOURCE else f"l={lang}"  # the map opens in the first language
    parts = {"map": MAP, "kiosk": KIOSK, "workbook": WORKBOOK, "table": TABLE, "objects": OBJECTS}
    links = [
        sheets.Link(file, words[part], words[f"{part}_told"], view if part in {"map", "kiosk"} else "")
        for part, file in parts.items()
        if file in written
    ]
    boards = {
        one: next((name for end in ("pdf", "html") if (name := f"{BOARD}.{one}.{end}") in written), "")
        for one in tongues
    }
    told = words["board_told"]
    return links + [
        sheets.Link(name, words["board"].replace("{lang}", one.upper()), told)
        for one, name in boards.items()
        if name
    ]


def _row(
    stem: str, row: pd.Series, written: Collection[str], tongues: Sequence[str], lang: str
) -> sheets.FileRow:
    words, links = wording.words(lang)["front"], []
    for one in tongues:
        tongue = one.upper()
        for end, title, told in (("html", tongue, "sheet_told"), ("pdf", f"PDF {tongue}", "pdf_told")):
            if (name := f"{SHEETS}/{stem}.{one}.{end}") in written:
                links.append(sheets.Link(name, title, words[told].replace("{lang}", tongue)))
    said = [row.get(name) for name in ("comm_nom", "dispo_statut")]
    return sheets.FileRow(
        str(row.get("site_nom")), " · ".join(part for part in said if isinstance(part, str)), links
    )


def _sections(held: Holdings, shown: Tables, land: pd.DataFrame, lang: str) -> list[sheets.Section]:
    words, labels = wording.words(lang)["front"], offer_page.labels(lang)
    titles = [holdings.said(layer, "title", lang) for layer in held.catalogue.values()]
    tables_of = {
        "offer": offer_page.families(shown.offer, lang),
        "land": land,
        "totals": _totals(held, shown.totals, lang),
        "checks": shown.checks.assign(layer=titles),
    }
    return [
        sheets.Section(words[name], table, words[f"{name}_told"], labels)
        for name, table in tables_of.items()
        if len(table)
    ]


def _totals(held: Holdings, totals: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Published totals as a language reads them; hectares, kilometres and people in one column."""
    if not len(totals):
        return totals
    mixed = dict.fromkeys(["declared", "held", "gap"], object)
    shown = totals[["title", "unit", "declared", "held", "gap", "cause"]].astype(mixed)
    if lang == languages.SOURCE:
        return shown
    known = held.catalogue.totals
    causes = [
        _cause(row, holdings.said(total, "comment", lang), lang)
        for total, (_, row) in zip(known, totals.iterrows(), strict=True)
    ]
    return shown.assign(
        title=[holdings.said(total, "title", lang) for total in known],
        unit=[holdings.said(total, "unit", lang) for total in known],
        cause=causes,
    )


def _cause(row: pd.Series, comment: str, lang: str) -> str:
    words = wording.words(lang)["front"]
    if pd.isna(row["held"]):
        return comment or str(words["no_layer"])
    counts = [name for name in ("counted", "unmeasured", "set_aside") if row[name] or name == "counted"]
    said = [words[name].replace("{n}", wording.number(row[name], 0, lang)) for name in counts]
    return "; ".join([*said, *([comment] if comment else [])])


def _site_figures(held: Holdings, lang: str) -> list[sheets.Figure]:
    words = wording.words(lang)
    whole = offer.offer(held.frames[held.by_kind[SITES]], by=[]).iloc[0]
    count, aside = int(whole["site_count"]), int(whole["set_aside"])
    return [
        sheets.Figure(
            wording.number(count, 0, lang),
            words["board_figures"]["sites"],
            words["front"]["sub_sites"].replace("{n}", wording.number(aside, 0, lang)),
        ),
        sheets.Figure(
            _ha(float(whole["offer_ha"]), lang),
            words["board_figures"]["published"],
            words["front"]["measured"].replace("{n}", wording.number(count - whole["unmeasured"], 0, lang)),
        ),
    ]


def _land_figure(held: Holdings, land: pd.DataFrame, lang: str) -> sheets.Figure:
    words, layer = wording.words(lang), held.layer(LAND)
    announced = [total for total in held.catalogue.totals if layer is not None and total.layer == layer.name]
    notes = []
    for total in announced:
        note = words["front"]["announced"].replace("{n}", wording.told(float(total.value), lang))
        for what in ("unit", "title"):
            note = note.replace(f"{{{what}}}", holdings.said(total, what, lang))
        notes.append(note)
    return sheets.Figure(
        _ha(offer_page.offered_ha(land), lang), words["board_figures"]["offered"], " ; ".join(notes)
    )


def _check_figure(checks: pd.DataFrame, lang: str) -> sheets.Figure:
    faults, words = int(checks["erreur"].sum()), wording.words(lang)["front"]
    return sheets.Figure(
        wording.number(faults, 0, lang),
        words["faults" if faults > 1 else "fault"],
        words["checked"].replace("{n}", wording.number(len(checks), 0, lang)),
    )


def _ha(value: float, lang: str) -> str:
    return (
        wording.MISSING if pd.isna(value) else f"{wording.number(value, 0 if value >= 100 else 1, lang)} ha"
    )
