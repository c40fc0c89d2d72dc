"""One page about one thing: a site, a commune, an EPCI. HTML that prints on A4, offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

import pandas as pd

from artois_geo import meaning, showcase, tables, theme
from artois_geo.meaning import is_missing
from artois_geo.sheets import paper, qr, sections, wording
from artois_geo.sheets.front import Link
from artois_geo.sheets.location import legend
from artois_geo.sheets.location.situation import picture
from artois_geo.sheets.offer import profile as profiles
from artois_geo.sheets.offer.cards import css
from artois_geo.sheets.offer.profile import Profile
from artois_geo.showcase import Media, media, photos
from artois_geo.tables.values import is_number, native
from artois_geo.theme import Theme

CONTACT = ("name", "mail", "phone", "url")  # of who publishes
UNKNOWN = "inconnu"  # no row says that nothing is known
LETTERS = 50  # of a line of half the page


@dataclass(frozen=True)
class _Print:
    """Hold the options of one sheet; :class:`Options` describes them as keywords."""

    figure: str = ""
    cards: Mapping[str, pd.Series] = field(default_factory=dict)
    told: Mapping[str, Sequence[str]] = field(default_factory=dict)
    charts: Mapping[str, str] = field(default_factory=dict)
    lang: str = "fr"
    look: Theme | None = None
    sources: Sequence[tables.Source] = ()
    address: str = ""
    photo: bytes = b""
    issued: date | None = None
    profile: Profile | None = None
    media: Media | None = None
    links: Sequence[Link] = ()
    also: Mapping[str, str] = field(default_factory=dict)


class Options(TypedDict, total=False):
    """List the keywords of :func:`site`, :func:`commune` and :func:`epci`; described in :func:`site`."""

    figure: str
    cards: Mapping[str, pd.Series]
    told: Mapping[str, Sequence[str]]
    charts: Mapping[str, str]
    lang: str
    look: Theme | None
    sources: Sequence[tables.Source]
    address: str
    photo: bytes
    issued: date | None
    profile: Profile | None
    media: Media | None
    links: Sequence[Link]
    also: Mapping[str, str]


def site(site: pd.Series, sections: Mapping[str, pd.DataFrame], **options: Unpack[Options]) -> str:
    """Build the sheet of one site, on one A4 page (more when many sections are given).

    Parameters
    ----------
    site
        One row of a layer of kind ``site_eco`` or ``terrain_eco``, or both
        joined; ``layout.toml`` says which columns are shown. Texts of any kind are shown
        exactly, never run.
    sections
        Tables by name. ``access`` is the table of :func:`access`; names that
        ``words.toml`` knows (``offer``, ``losses``, ``ranking``, ``canal``, ``zan``,
        ``sobriety`` …) get its title in both languages, any other name is the title.
    figure
        SVG element written by :func:`situation` or by ``maps``: not escaped again.
    cards
        What analyses say, by the name of their section: values whose lines ``layout.toml``
        lists under ``cards``. Those named there under ``front`` stand on the first page.
    told
        Sentences under a section: sources, conventions, what is missing.
    charts
        SVG elements of ours by the name of their section: not escaped again.
    lang
        ``"fr"`` or ``"en"``; values of the tables are never translated.
    look
        Theme; the shipped one by default.
    sources
        The layers that the sheet was made from.
    address
        Where the sheet stands online, with ``{id}``: the QR code leads there. Without
        it, the code holds the contact of the theme, else the first link of the source.
    photo
        Content of a PNG or JPEG file.
    issued
        Date to print. Nothing reads the clock.
    profile
        The offer of the site as a visitor reads it: boxes, rows, what is not published, notes.
    media
        Photo and documents of the site, from ``showcase.media.read``; ``photo`` comes before its photo.
    links
        Pages beside the sheet, on screen only: the map, the front page.
    also
        The same sheet in other languages: its file by language.

    Returns
    -------
    str
        HTML with its style inside and no script; its policy refuses everything else.
        Same arguments, same bytes.

    Raises
    ------
    BadValue
        Unknown language, an address without ``{id}``, or a photo that is no image.
    MissingPart
        A photo, without the optional part ``image``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.sheets import site
    >>> row = pd.Series({"site_id": "zone-a", "site_nom": "<Zone A>", "site_surf_brute": 24.0})
    >>> page = site(row, {}, lang="en")
    >>> "&lt;Zone A&gt;" in page, "Not legally binding" in page
    (True, True)
    """
    return _page("site", site, sections, _Print(**options))


def commune(commune: pd.Series, sections: Mapping[str, pd.DataFrame], **options: Unpack[Options]) -> str:
    """Build the sheet of one commune: as :func:`site`, from a row of kind ``commune``.

    ``site_count`` and ``offer_ha`` may be added to the row for its figures.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.sheets import commune
    >>> "62498" in commune(pd.Series({"comm_insee": "62498", "comm_nom": "Lens"}), {})
    True
    """
    return _page("commune", commune, sections, _Print(**options))


def epci(epci: pd.Series, sections: Mapping[str, pd.DataFrame], **options: Unpack[Options]) -> str:
    """Build the sheet of one EPCI: as :func:`site`, from a row with ``epci_sigle`` and ``epci_nom``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.sheets import epci
    >>> "CALL" in epci(pd.Series({"epci_sigle": "CALL", "epci_nom": "CA de Lens - Liévin"}), {})
    True
    """
    return _page("epci", epci, sections, _Print(**options))


def _page(kind: str, row: pd.Series, section_tables: Mapping[str, pd.DataFrame], options: _Print) -> str:
    """Render the sheet of a site, a commune or an EPCI."""
    lang, look = options.lang, options.look or theme.read()
    words = wording.words(lang)
    source_row, row = row, wording.spoken_row(row, lang)
    layout = wording.read("layout.toml")[kind]
    access = section_tables.get("access")
    filled = _filled(section_tables, options)
    front = [filled[name] for name in layout.get("front", []) if name in filled]
    offered = None if options.profile is None else profiles.filled(options.profile, row, look, lang)
    entries = layout["facts"]
    if offered is not None:
        entries = profiles.without_shown(entries, frozenset(layout["said_by_the_offer"]))
    fact_lines = facts(row, entries, lang)
    summary = _summary(row, layout)
    access_lines = None if access is None and kind != "site" else sections.access_rows(access, lang)
    left_cards, right_cards = _columns(front, fact_lines, access_lines, summary)
    identifier = _text(_first_filled(row, layout["id"]))
    cards = [] if options.profile is None else [options.profile.card]
    style = paper.style(look, "tokens.css", "sheet.css", extra=css(cards))
    return paper.template("sheet.html.j2").render(
        kind=kind,
        lang=lang,
        words=words,
        style=style,
        csp=paper.policy(style),
        name=_text(_first_filled(row, _name_columns(layout))) or identifier,
        source_name=_text(_first_filled(source_row, _name_columns(layout))),
        id=identifier,
        place=_location(row, layout),
        chip=_chip(row, layout, options),
        identity=theme.identity(look),
        legal=theme.legal_mention(look, lang),
        profile=offered,
        drawn=picture,
        flags=_flags(kind, row, words, bool(options.figure), is_offer=offered is not None),
        **_figures(row, layout["figures"], access, lang),
        facts=fact_lines,
        quote=_quote(row, layout, words, lang) if offered is None else None,
        summary=summary,
        access=access_lines,
        left=left_cards,
        right=right_cards,
        sections=[section for section in filled.values() if section not in front],
        bar_colour=look.colours["teal"],
        picture=picture(options.figure) if options.figure else "",
        keys=legend.read_off(options.figure, look, lang),
        photo=_photo(options, lang),
        documents=_documents(options, lang),
        document_title=showcase.labels(lang)["documents"],
        links=options.links,
        also=[
            (code, quote(file), wording.words(code)["front"]["language"])
            for code, file in options.also.items()
        ],
        code=_code(row, identifier, options.address, look, words),
        contact=_contact(row, layout, look, words, is_offer=offered is not None),
        sources=_sources(row, words, is_offer=offered is not None),
        layers=paper.layers_line(options.sources, words),
        issued=paper.issued(options.issued, lang),
    )


def _filled(section_tables: Mapping[str, pd.DataFrame], options: _Print) -> dict[str, dict[str, Any]]:
    """Prepare every section, those of the analyses last and in the order of ``layout.toml``."""
    layout, lang = wording.read("layout.toml"), options.lang
    cards, charts, notes = options.cards, options.charts, options.told
    names = [name for name in dict.fromkeys([*section_tables, *cards, *charts, *notes]) if name != "access"]
    analysis_order = layout["order"]
    names.sort(key=lambda name: analysis_order.index(name) + 1 if name in analysis_order else 0)
    return {
        name: {
            **sections.filled(name, section_tables.get(name), charts.get(name, ""), lang),
            "lines": facts(cards.get(name), layout["cards"].get(name, []), lang),
            "under": [*notes.get(name, ())],
        }
        for name in names
    }


def _columns(
    front: Sequence[dict[str, Any]],
    fact_lines: Sequence[object],
    access: Sequence[object] | None,
    summary: Sequence[str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Share the cards of the first page between two columns: each goes in the shorter one."""
    if access is None:
        return [*front], []
    left_height = float(len(fact_lines))
    right_height = 1.7 * len(access) + sum(2 + len(text) / LETTERS for text in summary)
    columns: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for section in front:
        height = 2 + len(section["lines"]) + sum(map(len, section["under"])) / LETTERS
        if left_height <= right_height:
            columns[0].append(section)
            left_height += height
        else:
            columns[1].append(section)
            right_height += height
    return columns


def _summary(row: pd.Series, layout: Mapping[str, Any]) -> list[str]:
    """Return the summary texts, without the one that the quote of the source repeats."""
    quoted = _text(_first_filled(row, layout["quote"]))
    texts = [_text(row[name]) for name in layout["summary"] if name in row]
    return [text for text in texts if text and text != quoted]


def _first_filled(row: pd.Series, names: Sequence[str]) -> Any:
    """Return the value of the first column that is not empty."""
    values = (row[name] for name in names if name in row.index)
    return next((value for value in values if not is_missing(value)), None)


def _name_columns(layout: Mapping[str, Any]) -> Sequence[str]:
    columns = layout["name"]
    return meaning.site_name_columns(columns) if isinstance(columns, str) else columns


def _text(value: Any) -> str:
    return "" if is_missing(value) else str(value)


def _chip(row: pd.Series, layout: Mapping[str, Any], options: _Print) -> str:
    """Return the family of the header: of the offer, else of the row."""
    if options.profile is not None:
        return options.profile.family
    return showcase.value(_text(_first_filled(row, layout["chip"])), options.lang)


def _listed(value: Any) -> str:
    """Write a list joined by « | » with commas."""
    return ", ".join(_text(value).split("|"))


def _location(row: pd.Series, layout: Mapping[str, Any]) -> str:
    parts = [_listed(_first_filled(row, layout["place"])), _text(_first_filled(row, layout["epci"]))]
    return " · ".join(part for part in parts if part)


def _flags(
    kind: str, row: pd.Series, words: wording.Words, has_map: bool, *, is_offer: bool
) -> list[dict[str, str]]:
    flags = []
    if meaning.is_true(row.get(meaning.FICTIONAL)):
        flags.append("made_up" if kind == "site" else "made_up_place")
    if kind == "site" and is_missing(row.get(meaning.QUALITY)) and not has_map:
        flags.append("unplaced")
    elif meaning.says_schematic(row.get(meaning.QUALITY)) and not is_offer:  # told under the map of an offer
        flags.append("schematic" if kind == "site" else "schematic_place")
    titles = {"made_up_place": words["made_up"]}
    return [{"title": titles.get(name) or words[name], "told": words[f"{name}_told"]} for name in flags]


def _figures(
    row: pd.Series, entries: Sequence[Mapping[str, Any]], access: pd.DataFrame | None, lang: str
) -> dict[str, Any]:
    """Prepare the key figures that are known, and one line of those that nobody publishes."""
    figures = [_figure(row, entry, access, lang) for entry in entries]
    known_figures = [figure for figure in figures if figure["value"] != wording.MISSING]
    names = [figure["label"] for figure in figures if figure["value"] == wording.MISSING]
    absent = ", ".join(name[:1].lower() + name[1:] for name in names)
    return {
        "figures": known_figures,
        "unpublished": wording.phrase(lang, "not_published", list=absent) if absent else "",
    }


def _figure(
    row: pd.Series, entry: Mapping[str, Any], access: pd.DataFrame | None, lang: str
) -> dict[str, Any]:
    """Prepare one key figure: a distance, a published value, or a measured one in its absence."""
    if "access" in entry:
        return {"unit": "", "main": False, **sections.access_figure(access, entry["access"], lang)}
    value = _first_filled(row, entry["columns"])
    words = wording.words(lang)
    if value is None and "measured" in entry and _first_filled(row, entry["measured"]["columns"]) is not None:
        return _figure(row, {"unit": entry["unit"], "decimals": 1, **entry["measured"]}, access, lang)
    note = showcase.value(_text(_first_filled(row, entry.get("note", []))), lang)
    if value is None:
        none = entry.get("none", {}).get(lang, words["unstated"])
        note = note or none
    own = "own" if "own" in entry else "label"
    uncounted = "note" in entry and meaning.truth(row.get(meaning.COUNTED), letters=True) is False
    if uncounted and value is not None:
        note = f"{note} · {words['uncounted']}" if note else words["uncounted"]
    return {
        "label": entry["label" if _text(row.get("source")) else own][lang],
        "value": wording.told(value, lang, decimals=entry.get("decimals")),
        "unit": "" if value is None else _unit(entry, lang),
        "note": note,
        "main": entry.get("main", False) and not uncounted,
    }


def _unit(entry: Mapping[str, Any], lang: str) -> str:
    unit = entry.get("unit", "")
    return str(unit if isinstance(unit, str) else unit[lang])


def facts(row: pd.Series | None, entries: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, str]]:
    """Return label and value of each line of ``layout.toml``; an empty value has no line."""
    facts: list[dict[str, str]] = []
    if row is None:
        return facts
    for entry in entries:
        value = _first_filled(row, entry["columns"])
        if value is None or meaning.fold(str(value)) == UNKNOWN:
            continue
        if entry["columns"][0].endswith("_share") and is_number(native(value)):
            facts.append({"label": entry["label"][lang], "value": sections.percent(float(value), lang)})
            continue
        listed = (
            _listed(value) if isinstance(value, str) and entry["columns"][0].startswith("comm") else value
        )
        text = wording.told(
            listed,
            lang,
            decimals=entry.get("decimals"),
            unit=_unit(entry, lang),
            years=entry.get("years", False),
        )
        facts.append({"label": entry["label"][lang], "value": wording.marked(text, listed, lang)})
    return facts


def _quote(
    row: pd.Series, layout: Mapping[str, Any], words: wording.Words, lang: str
) -> dict[str, Any] | None:
    """Quote the source on what is on offer, with its date, whether it counts and why."""
    source_words = _text(_first_filled(row, layout["quote"]))
    if not source_words:
        return None
    parts = [{"text": showcase.value(_text(row.get("dispo_statut")), lang), "strong": ""}]
    counted = meaning.truth(row.get(meaning.COUNTED), letters=True)
    if counted is not None:
        parts.append(
            {"text": words["counted" if counted else "uncounted"], "strong": "yes" if counted else "no"}
        )
    parts.append({"text": showcase.value(_text(row.get("compte_motif")), lang), "strong": ""})
    if dated := _text(row.get("date_info")):
        parts.append({"text": words["dated"].format(date=dated), "strong": ""})
    return {"text": source_words, "parts": [part for part in parts if part["text"]]}


def _contact(
    row: pd.Series, layout: Mapping[str, Any], look: Theme, words: wording.Words, *, is_offer: bool
) -> list[dict[str, str]]:
    values = [_text(row[name]) for name in layout["contact"] if name in row.index]
    if is_offer:  # its contact is named above, with who publishes
        return [{"text": value, "href": _reach(value)} for value in values if value]
    values = [value for value in values if value] or [
        look.owner[name] for name in CONTACT if look.owner[name]
    ]
    items = [{"text": value, "href": _reach(value)} for value in values]
    operator = _text(row.get("site_moa_nom"))
    if operator:
        items.append({"text": words["contact_operator"].format(name=operator), "href": ""})
    return items or [{"text": words["contact_none"], "href": ""}]


def _reach(value: str) -> str:
    """Make the link of a contact: a page, a mail address, a telephone."""
    if wording.link(value).lower().startswith(("http", "mailto", "tel")):
        return wording.link(value)
    if value.count("@") == 1 and not any(sign.isspace() for sign in value):
        return wording.link(f"mailto:{quote(value, safe='@.+-_')}")
    digits = "".join(sign for sign in value if sign in "+0123456789")
    return (
        f"tel:{digits}" if len(digits) >= 8 and not set(value) - set("+0123456789 ().-\u00a0\u202f") else ""
    )


def _code(
    row: pd.Series, identifier: str, address: str, look: Theme, words: wording.Words
) -> dict[str, Any] | None:
    """Draw the QR code: the sheet online, else the contact of the theme, else a link of the source."""
    content, caption_key = "", ""
    if address:
        content, caption_key = qr.address(address, identifier), "qr_page"
    elif card := qr.mecard(look.owner):
        content, caption_key = card, "qr_contact"
    elif source := wording.first_link([_text(row.get("source"))]):
        content, caption_key = source, "qr_source"
    qr_svg = qr.qr(content, look.colours["navy"]) if content else ""
    return {"picture": picture(qr_svg), "told": words[caption_key]} if qr_svg else None


def _sources(row: pd.Series, words: wording.Words, *, is_offer: bool) -> list[dict[str, Any]]:
    """Return source, precision and convention; the notes and the map of an offer say the first two."""
    source, precision = _text(row.get("source")), _text(row.get("precision"))
    convention = words["convention" if source else "convention_own"]
    lines = []
    if source and not is_offer:
        pieces = [
            (wording.shortened(text) if address else text, address)
            for text, address in wording.linked(source)
        ]
        lines.append({"label": words["source"], "pieces": pieces, "quote": True})
    if precision and not is_offer:
        lines.append({"label": words["precision"], "pieces": [(precision, "")], "quote": True})
    return [*lines, {"label": "", "pieces": [(convention, "")], "quote": False}]


def _photo(options: _Print, lang: str) -> dict[str, str]:
    """Prepare the photo of a sheet, with who took it and when; empty without one."""
    photo = options.media.photo if options.media is not None else None
    photo = photos.read(options.photo) if options.photo else photo
    return {} if photo is None else {"address": photo.large, "credit": media.credit(photo, lang)}


def _documents(options: _Print, lang: str) -> list[dict[str, str]]:
    """Prepare the documents of a sheet: title, date and weight, linked where they travel or are online."""
    documents = () if options.media is None else options.media.documents
    return [
        {
            "title": document.title,
            "href": media.reached(document),
            "about": media.about(document, lang),
        }
        for document in documents
    ]
