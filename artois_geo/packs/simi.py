"""The folder of a property fair: offer, map, sheets in two languages, board, data for a portal, manifest."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as ET

import pandas as pd

from artois_geo import errors, layers, maps, offer, sheets, tables, theme
from artois_geo.layers import Catalogue, files
from artois_geo.maps import objects, static_svg
from artois_geo.maps.carte import Carte
from artois_geo.packs import holdings, legend, map_columns, offer_page, site_sheets, still
from artois_geo.packs.folder import Folder, make
from artois_geo.packs.holdings import LAND, SITES, Holdings
from artois_geo.packs.site_sheets import Edition
from artois_geo.packs.study import Study, study
from artois_geo.sheets import codes, wording
from artois_geo.sheets.pdf import require as require_pdf
from artois_geo.theme import Theme

MAP, PAGE, TABLE, WORKBOOK, OBJECTS = "carte.html", "index.html", "offre.csv", "offre.xlsx", "offre.geojson"
KIOSK = "kiosque.html"
BOARD, SHEETS, WEB = "planche-a3", "fiches", "web"
TITLES = {lang: wording.words(lang)["offer_title"] for lang in wording.LANGUAGES}
TITLE = TITLES["fr"]
SUBTITLE = "Dossier du salon : carte hors ligne, fiches, tableau de l'offre, totaux et contrôles"
BOARD_COLUMNS = ("famille", "site_count", "offer_ha", "recycled_ha", "extension_ha", "unmeasured")


@dataclass(frozen=True)
class Pack:
    """A folder that was written, and the tables it was written from.

    ``offer`` by EPCI and family, ``land`` the objects published as available,
    ``totals`` each published total beside what is held, ``checks`` one row a layer.
    """

    folder: Path
    files: tuple[Path, ...]
    offer: pd.DataFrame
    land: pd.DataFrame
    totals: pd.DataFrame
    checks: pd.DataFrame


def simi(
    catalogue: Catalogue,
    folder: Path,
    *,
    basemap: str | None = None,
    embedded: Path | None = None,
    embedded_zoom: int | None = None,
    pdf: bool | None = None,
    zipped: bool = False,
    look: Theme | None = None,
    address: str = "",
    issued: date | None = None,
    analyse: Callable[[Holdings], Study | None] | None = None,
    kiosk: bool = False,
    idle_s: float | None = None,
    tour: Sequence[str] | None = None,
    tell: Callable[[str], object] = lambda step: None,
) -> Pack:
    """Write the folder of a property fair.

    ``index.html``, ``carte.html`` (one offline file), ``offre.csv``, ``.xlsx`` and
    ``.geojson``, a sheet in French and in English for each site of which a source publishes
    land, an A3 board in both languages, ``web/`` for a portal (public columns, stable
    ids), and ``manifest.json`` with the checksum of each file and the vintage of each source.

    Parameters
    ----------
    catalogue
        Layers; one of kind ``site_nomme`` is needed, one of kind ``foncier`` is used
        when there. All are drawn on the map.
    folder
        Made if absent. Files of ours are replaced, what an earlier pack wrote and this one
        does not is taken away, other files stay.
    basemap
        Online background that the reader of the map may choose, see ``maps.build``;
        without one the map asks the network for nothing.
    embedded, embedded_zoom
        Background of tiles that travels in the map, see ``maps.build``.
    pdf
        Sheets and board as PDF too; by default when the optional part is installed.
    zipped
        The same files as one ``.zip`` beside the folder.
    look
        Theme of sheets and board; the shipped one by default.
    address
        Where a sheet stands online, with ``{id}``: for its QR code.
    issued
        Date to print and to write in the manifest.
    analyse
        What the analyses say of the catalogue; by default ``packs.study`` with the thresholds
        of ``issued``, else those in force today.
    kiosk
        A second map for the screen of the stand, ``kiosque.html``; ``idle_s`` and ``tour`` are
        those of ``maps.build``. A tour without it is that of ``carte.html``.
    tell
        Called with a French sentence at the start of each of the steps.

    Returns
    -------
    Pack
        What was written, and the tables in it. Same arguments, same bytes.

    Raises
    ------
    BadTable
        No layer of named sites in the catalogue, or one without the columns it needs.
    BadValue
        An address without ``{id}``, a patience that is no number of seconds, or tiles that
        cannot be embedded.
    UnknownName
        A site of the tour that no layer holds.
    MissingPart
        ``pdf`` is asked for and not installed.
    UnreadableFile
        A layer cannot be read.
    UnwritableFile
        The folder cannot be made, or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     pack = simi(layers.read_catalogue(), Path(place) / "simi", pdf=False)
    ...     sorted(path.name for path in pack.folder.iterdir() if path.is_file())[:4]
    ['carte.html', 'index.html', 'manifest.json', 'offre.csv']
    """
    sites_layer = offer_page.first(catalogue, SITES)
    if sites_layer is None:
        raise errors.BadTable(
            f"Pas d'offre à montrer : aucune couche de type « {SITES} » dans {catalogue.folder}."
        )
    if address:
        codes.address(address, "")
    if pdf:
        require_pdf()
    out = Folder(folder)
    make(out.path)
    in_pdf = sheets.has_pdf() if pdf is None else pdf
    tell("Lecture et contrôle des couches")
    held = holdings.read(catalogue)
    checks = offer_page.checks(catalogue, held.frames)
    tell("Rapprochement avec les totaux publiés")
    totals = layers.reconcile(catalogue.totals, held.frames)
    tell("Tableau de l'offre")
    table = offer.offer(held.frames[sites_layer.name], by=["epci_sigle", "famille"])
    land_frame = held.kind(LAND)
    land = pd.DataFrame() if land_frame is None else offer_page.land_table(land_frame)
    footer = offer_page.footer(catalogue, held.frames)
    out.add(TABLE, tables.to_csv(table))
    out.add(WORKBOOK, offer_page.workbook(table, land, totals, footer))
    tell("Carte hors ligne")
    day = issued or date.today()
    studied = analyse(held) if analyse is not None else study(held, on=day)
    shown = map_columns.with_study(held.frames, held, studied, address=address)
    said = {lang: f"{wording.words(lang)['offer_told']} · {sites_layer.vintage}" for lang in TITLES}
    drawn = partial(
        maps.build,
        shown,
        layers=catalogue,
        title=TITLES,
        subtitle=said,
        basemap=basemap,
        embedded=embedded,
        embedded_zoom=embedded_zoom,
        look=look,
    )
    carte = cast(Carte, drawn(tour=None if kiosk else tour))
    out.add(MAP, maps.standalone(carte))
    if kiosk:
        out.add(KIOSK, maps.standalone(drawn(kiosk=True, idle_s=idle_s, tour=tour)))
    editions = [
        Edition(lang=lang, look=look, address=address, issued=issued, study=studied)
        for lang in wording.LANGUAGES
    ]
    tell("Fiches des sites")
    rows = _sheets(out, held, editions, in_pdf)
    tell("Planche A3")
    boards = _boards(out, held, carte, land, footer, editions, in_pdf)
    tell("Données pour un portail")
    _web(out, held)
    tell("Page d'accueil et manifeste")
    page = sheets.front_page(
        title=TITLE,
        subtitle=SUBTITLE,
        links=_links(out, boards),
        figures=offer_page.figures(held.frames[sites_layer.name], land, catalogue, checks),
        sections=offer_page.front_sections(table, land, totals, checks),
        rows=rows,
        warnings=footer.notes,
        footer=footer,
        picture=static_svg.patterns() + static_svg.draw(carte.page),
        look=look,
    )
    out.add(PAGE, page)
    digests = {name: hashlib.sha256(layer.path.read_bytes()).hexdigest() for name, layer in catalogue.items()}
    written = out.close(
        title=TITLE, sources=list(footer.sources), digests=digests, issued=issued, zipped=zipped
    )
    return Pack(out.path, tuple(written), table, land, totals, checks)


def _sheets(out: Folder, held: Holdings, editions: list[Edition], in_pdf: bool) -> list[sheets.FileRow]:
    """A sheet per language for each site with land that a source publishes."""
    rows = []
    sites = held.kind(SITES)
    for name, stem in site_sheets.stems(held, on_offer=True).items():
        links = []
        for edition in editions:
            page = site_sheets.site_sheet(held, name, edition)
            tongue = edition.lang.upper()
            path = f"{SHEETS}/{stem}.{edition.lang}"
            out.add(f"{path}.html", page)
            links.append(sheets.Link(f"{path}.html", tongue, f"fiche {tongue}"))
            if in_pdf:
                out.add(f"{path}.pdf", sheets.to_pdf(page))
                links.append(sheets.Link(f"{path}.pdf", f"PDF {tongue}", f"fiche {tongue} en PDF"))
        row = holdings.site_row(held, holdings.found(sites, name, ("site_id",), "site"))
        counted = row.get("compte_dans_total")
        aside = counted is None or pd.isna(counted) or not counted
        rows.append((aside, sheets.FileRow(str(row.get("site_nom")), _status(row), links)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]  # what is really offered first


def _status(row: pd.Series) -> str:
    said = [row.get(name) for name in ("comm_nom", "dispo_statut")]
    return " · ".join(str(part) for part in said if isinstance(part, str))


def _boards(
    out: Folder,
    held: Holdings,
    carte: Carte,
    land: pd.DataFrame,
    footer: tables.Footer,
    editions: list[Edition],
    in_pdf: bool,
) -> list[sheets.Link]:
    links = []
    families = offer.offer(held.frames[held.by_kind[SITES]], by=["famille"])[list(BOARD_COLUMNS)]
    for edition in editions:
        page = sheets.board(
            title=TITLES[edition.lang],
            subtitle=wording.words(edition.lang)["board_told"],
            figure=ET.tostring(still.drawing(carte.page, edition.look or theme.read()), encoding="unicode"),
            keys=[(_sign(sign), label) for sign, label in legend.entries(carte.page, edition.lang)],
            figures=offer_page.board_figures(held.frames[held.by_kind[SITES]], land, edition.lang),
            cards=offer_page.cards(land, edition.lang),
            tables_of={"families": families},
            warnings=[offer_page.schematic_note(edition.lang)] if footer.notes else [],
            sources=footer.sources,
            lang=edition.lang,
            look=edition.look,
            issued=edition.issued,
        )
        name = f"{BOARD}.{edition.lang}"
        out.add(f"{name}.html", page)
        if in_pdf:
            out.add(f"{name}.pdf", sheets.to_pdf(page))
        suffix = "pdf" if in_pdf else "html"
        links.append(sheets.Link(f"{name}.{suffix}", f"Planche A3, {edition.lang.upper()}", "à imprimer"))
    return links


def _sign(sign: ET.Element) -> str:
    """A sign of the legend as an element of its own."""
    width, height = legend.SIGN
    whole = ET.Element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "aria-hidden": "true"})
    whole.append(sign)
    return ET.tostring(whole, encoding="unicode")


def _web(out: Folder, held: Holdings) -> None:
    """The layers for a portal: public columns, ids that stay, and a list that says what each file is."""
    entries = []
    for name, layer in held.catalogue.items():
        frame = held.frames[name]
        private = (
            objects.private_columns(layers.read_kind(layer.kind).fields)
            if layer.kind in layers.kinds()
            else ()
        )
        public = frame.drop(columns=[column for column in private if column in frame])
        text = files.geojson_text(public.to_crs("EPSG:4326"))
        out.add(f"{WEB}/{name}.geojson", text)
        if layer.kind == LAND:
            out.add(OBJECTS, text)
        entries.append(
            {
                "file": f"{name}.geojson",
                "title": layer.title,
                "kind": layer.kind,
                "features": len(public),
                "source": layer.source,
                "licence": layer.licence,
                "vintage": layer.vintage,
                "geometry_note": layer.geometry_note,
            }
        )
    out.add(f"{WEB}/index.json", tables.to_json(pd.DataFrame(entries)))


def _links(out: Folder, boards: list[sheets.Link]) -> list[sheets.Link]:
    links = [
        sheets.Link(MAP, "Ouvrir la carte", "un seul fichier, sans réseau"),
        *([sheets.Link(KIOSK, "Carte du stand", "pour l'écran tactile")] if KIOSK in out.held else []),
        sheets.Link(WORKBOOK, "Tableau de l'offre, Excel", "avec ses sources"),
        sheets.Link(TABLE, "Tableau de l'offre, CSV", "pour un tableur français"),
    ]
    if OBJECTS in out.held:
        links.append(sheets.Link(OBJECTS, "Objets de l'offre, GeoJSON", "pour un SIG"))
    return [*links, *boards]
