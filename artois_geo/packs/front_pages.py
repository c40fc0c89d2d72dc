"""The front pages of a pack, one for each language: the same figures, links and tables, its own first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import pandas as pd

from artois_geo import languages, offer, sheets, showcase
from artois_geo.maps.carte import Carte
from artois_geo.packs import map_image, offer_page, offer_view
from artois_geo.packs.offer_view import OfferView
from artois_geo.sheets import wording
from artois_geo.showcase import Media
from artois_geo.studies.sites import catalogue_data as holdings
from artois_geo.studies.sites.catalogue_data import LAND, SITES, CatalogueData
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
    """Hold the tables of the pages: the offer, published and computed totals, findings by layer."""

    offer: pd.DataFrame
    totals: pd.DataFrame
    checks: pd.DataFrame


def file_of(lang: str) -> str:
    """Return the file name of the page in a language; ``index.html`` is in the first language.

    Examples
    --------
    >>> file_of("fr"), file_of("en")
    ('index.html', 'index.en.html')
    """
    return "index.html" if lang == languages.SOURCE else f"index.{lang}.html"


@dataclass(frozen=True)
class Folder:
    """Hold what a folder has for its front pages: files, sites with sheets, map, theme, media by site."""

    files: Collection[str]
    sites: Sequence[tuple[str, pd.Series]]
    carte: Carte
    look: Theme | None = None
    media: Mapping[str, Media] = field(default_factory=dict)


def technicians_file(lang: str) -> str:
    """Return the file name of the page for technicians in a language.

    Examples
    --------
    >>> technicians_file("fr"), technicians_file("en")
    ('techniciens.html', 'techniciens.en.html')
    """
    return "techniciens.html" if lang == languages.SOURCE else f"techniciens.{lang}.html"


def visitor_page(data: CatalogueData, view: OfferView, folder: Folder) -> str:
    """Build the front page of a folder: the offer first, the method one click away."""
    lang = view.lang
    words = wording.words(lang)["front"]
    files = {str(row.get("site_id")): _sheet_file(stem, folder.files, lang) for stem, row in folder.sites}
    board = next((name for end in ("html", "pdf") if (name := f"{BOARD}.{lang}.{end}") in folder.files), "")
    maps = [link for link in _links(folder.files, [lang], lang) if link.file in {MAP, KIOSK}]
    links = [*maps, *([sheets.Link(board, words["board_link"])] if board else [])]
    fictional = offer_page.fictional_warning(data.frames, lang)
    content = sheets.VisitorPage(
        title=wording.offer_title(lang, data.catalogue.territory),
        promise=words["promise_zones" if holds_zones(view) else "promise"],
        sums=offer_view.sums(view),
        leads=[sentence for sentence in (offer_view.works(data, lang),) if sentence],
        links=links,
        groups=offer_view.card_groups(data, view, files, folder.look, folder.media),
        **offer_view.plan(data, view, folder.look, (620.0, 500.0)),
        technicians=sheets.Link(technicians_file(lang), words["technicians"]),
        look=folder.look,
        lang=lang,
        also={code: file_of(code) for code in wording.LANGUAGES if code != lang},
        warnings=fictional,
    )
    return sheets.visitor_page(content)


def holds_zones(view: OfferView) -> bool:
    """Tell whether a view shows business parks, for want of land on offer.

    Examples
    --------
    >>> holds_zones(OfferView("fr"))
    False
    """
    return any(group.id == showcase.ZONES for group in view.groups)


def technicians_page(data: CatalogueData, pack_tables: Tables, folder: Folder, lang: str) -> str:
    """Build the page of counts, checks, files and sources of a folder in one language.

    Parameters
    ----------
    data
        Layers of the catalogue.
    pack_tables
        Tables of the pack.
    folder
        Files that are there: only they are linked; sites, map and theme.
    lang
        Language of the page.
    """
    words = wording.words(lang)
    footer = offer_page.footer(data.catalogue, data.frames, lang)
    land = offer_page.land_table(holdings.offered_land(data), lang)
    lang_codes = sorted(wording.LANGUAGES, key=lambda code: code != lang)
    back = sheets.Link(file_of(lang), words["front"]["visitors"])
    content = sheets.FrontPage(
        title=words["front"]["technicians"],
        subtitle=wording.offer_title(lang, data.catalogue.territory),
        links=[back, *_links(folder.files, lang_codes, lang)],
        figures=[
            *_site_figures(data, lang),
            _land_figure(data, land, lang),
            _check_figure(pack_tables.checks, lang),
        ],
        sections=_sections(data, pack_tables, land, lang),
        rows=[
            _row(stem, wording.spoken_row(row, lang), folder.files, lang_codes, lang)
            for stem, row in folder.sites
        ],
        warnings=[*footer.notes, *map_image.undrawn(folder.carte, lang, preview=True)],
        footer=footer,
        look=folder.look,
        lang=lang,
        also={code: technicians_file(code) for code in lang_codes if code != lang},
    )
    return sheets.front_page(content)


def _sheet_file(stem: str, file_names: Collection[str], lang: str) -> str:
    """Return the file of the sheet of a site in a language, the page before the PDF."""
    names = (f"{SHEETS}/{stem}.{lang}.{end}" for end in ("html", "pdf"))
    return next((quote(name) for name in names if name in file_names), "")


def _links(file_names: Collection[str], lang_codes: Sequence[str], lang: str) -> list[sheets.Link]:
    """List the files of the folder that the page links to, the boards last."""
    words = wording.words(lang)["front"]
    map_fragment = "" if lang == languages.SOURCE else f"l={lang}"  # the map opens in the first language
    parts = {"map": MAP, "kiosk": KIOSK, "workbook": WORKBOOK, "table": TABLE, "objects": OBJECTS}
    links = [
        sheets.Link(
            file, words[part], words[f"{part}_told"], map_fragment if part in {"map", "kiosk"} else ""
        )
        for part, file in parts.items()
        if file in file_names
    ]
    boards = {
        code: next((name for end in ("pdf", "html") if (name := f"{BOARD}.{code}.{end}") in file_names), "")
        for code in lang_codes
    }
    caption = words["board_told"]
    return links + [
        sheets.Link(name, wording.phrase(lang, "front.board", lang=code.upper()), caption)
        for code, name in boards.items()
        if name
    ]


def _row(
    stem: str, row: pd.Series, file_names: Collection[str], lang_codes: Sequence[str], lang: str
) -> sheets.FileRow:
    """List the sheets of one site, in each language and format that the folder has."""
    links = []
    for code in lang_codes:
        lang_label = code.upper()
        for end, title, caption_key in (
            ("html", lang_label, "sheet_told"),
            ("pdf", f"PDF {lang_label}", "pdf_told"),
        ):
            if (name := f"{SHEETS}/{stem}.{code}.{end}") in file_names:
                links.append(
                    sheets.Link(name, title, wording.phrase(lang, f"front.{caption_key}", lang=lang_label))
                )
    facts = [
        showcase.value(text, lang)
        for name in ("site_comm_nom", "dispo_statut")
        if isinstance(text := row.get(name), str)
    ]
    return sheets.FileRow(str(row.get("site_nom")), " · ".join(facts), links)


def _sections(
    catalogue_data: CatalogueData, pack_tables: Tables, land: pd.DataFrame, lang: str
) -> list[sheets.Section]:
    """Build the tables of the page; empty ones are omitted."""
    words, labels = wording.words(lang)["front"], offer_page.labels(lang)
    titles = [holdings.localized(layer, "title", lang) for layer in catalogue_data.catalogue.values()]
    tables_of = {
        "offer": offer_page.families(pack_tables.offer, lang),
        "land": land,
        "totals": _totals(catalogue_data, pack_tables.totals, lang),
        "checks": pack_tables.checks.assign(layer=titles),
    }
    return [
        sheets.Section(words[name], table, words[f"{name}_told"], labels)
        for name, table in tables_of.items()
        if len(table)
    ]


def _totals(catalogue_data: CatalogueData, totals: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Translate the published totals; hectares, kilometres and people share one column."""
    if not len(totals):
        return totals
    mixed = dict.fromkeys(["declared", "held", "gap"], object)
    totals_table = totals[["title", "unit", "declared", "held", "gap", "cause"]].astype(mixed)
    if lang == languages.SOURCE:
        return totals_table
    published_totals = catalogue_data.catalogue.totals
    causes = [
        _cause(row, holdings.localized(total, "comment", lang), lang)
        for total, (_, row) in zip(published_totals, totals.iterrows(), strict=True)
    ]
    return totals_table.assign(
        title=[holdings.localized(total, "title", lang) for total in published_totals],
        unit=[holdings.localized(total, "unit", lang) for total in published_totals],
        cause=causes,
    )


def _cause(row: pd.Series, comment: str, lang: str) -> str:
    words = wording.words(lang)["front"]
    if pd.isna(row["held"]):
        return comment or str(words["no_layer"])
    counts = [name for name in ("counted", "unmeasured", "set_aside") if row[name] or name == "counted"]
    phrases = [wording.phrase(lang, f"front.{name}", n=wording.number(row[name], 0, lang)) for name in counts]
    return "; ".join([*phrases, *([comment] if comment else [])])


def _site_figures(catalogue_data: CatalogueData, lang: str) -> list[sheets.Figure]:
    """Count the sites and sum the hectares on offer."""
    words = wording.words(lang)
    offer_total = offer.offer(catalogue_data.frames[catalogue_data.by_kind[SITES]], by=[]).iloc[0]
    count, set_aside = int(offer_total["site_count"]), int(offer_total["set_aside"])
    return [
        sheets.Figure(
            wording.number(count, 0, lang),
            words["board_figures"]["sites"],
            wording.phrase(lang, "front.sub_sites", n=wording.number(set_aside, 0, lang)),
        ),
        sheets.Figure(
            _ha(float(offer_total["offer_ha"]), lang),
            words["board_figures"]["published"],
            wording.phrase(
                lang, "front.measured", n=wording.number(count - offer_total["unmeasured"], 0, lang)
            ),
        ),
    ]


def _land_figure(catalogue_data: CatalogueData, land: pd.DataFrame, lang: str) -> sheets.Figure:
    """Sum the land offered now, beside the totals that the source announces."""
    words, layer = wording.words(lang), catalogue_data.layer(LAND)
    announced = [
        total for total in catalogue_data.catalogue.totals if layer is not None and total.layer == layer.name
    ]
    notes = [
        wording.phrase(
            lang,
            "front.announced",
            n=wording.told(float(total.value), lang),
            unit=holdings.localized(total, "unit", lang),
            title=holdings.localized(total, "title", lang),
        )
        for total in announced
    ]
    return sheets.Figure(
        _ha(offer_page.offered_ha(land), lang), words["board_figures"]["offered"], " ; ".join(notes)
    )


def _check_figure(checks: pd.DataFrame, lang: str) -> sheets.Figure:
    faults, words = int(checks["erreur"].sum()), wording.words(lang)["front"]
    return sheets.Figure(
        wording.number(faults, 0, lang),
        words["faults" if faults > 1 else "fault"],
        wording.phrase(lang, "front.checked", n=wording.number(len(checks), 0, lang)),
    )


def _ha(value: float, lang: str) -> str:
    return (
        wording.MISSING if pd.isna(value) else f"{wording.number(value, 0 if value >= 100 else 1, lang)} ha"
    )
