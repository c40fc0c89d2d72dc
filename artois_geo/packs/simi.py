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
from artois_geo.layers import Catalogue, files, publication
from artois_geo.maps.carte import Carte
from artois_geo.packs import front_pages, legend, map_columns, map_image, offer_page, site_sheets
from artois_geo.packs.folder import Folder, make
from artois_geo.packs.front_pages import BOARD, KIOSK, MAP, OBJECTS, SHEETS, TABLE, WORKBOOK
from artois_geo.packs.site_sheets import Edition
from artois_geo.sheets import qr, wording
from artois_geo.sheets.pdf import require as require_pdf
from artois_geo.studies import catalogue_data as holdings
from artois_geo.studies.catalogue_data import LAND, SITES, CatalogueData
from artois_geo.studies.sites import Study, study
from artois_geo.tables.values import is_missing
from artois_geo.theme import Theme

WEB = "web"
TITLE = wording.words("fr")["offer_title"]
BOARD_COLUMNS = ("famille", "site_count", "offer_ha", "recycled_ha", "extension_ha", "unmeasured")


@dataclass(frozen=True)
class Pack:
    """Describe a folder that was written, and the tables behind it.

    ``offer`` by EPCI and family, ``land`` the objects published as available,
    ``totals`` each published total beside the computed one, ``checks`` one row a layer.
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
    analyse: Callable[[CatalogueData], Study | None] | None = None,
    kiosk: bool = False,
    idle_s: float | None = None,
    tour: Sequence[str] | None = None,
    tell: Callable[[str], object] = lambda step: None,
) -> Pack:
    """Write the folder of a property fair.

    ``index.html`` and ``index.en.html``, ``carte.html`` (one offline file), ``offre.csv``, ``.xlsx`` and
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
    ['carte.html', 'index.en.html', 'index.html', 'manifest.json']
    """
    sites_layer = offer_page.first(catalogue, SITES)
    if sites_layer is None:
        raise errors.BadTable(
            f"Pas d'offre à montrer : aucune couche de type « {SITES} » dans {catalogue.folder}."
        )
    if address:
        qr.address(address, "")
    if pdf:
        require_pdf()
    out = Folder(folder)
    make(out.path)
    in_pdf = sheets.has_pdf() if pdf is None else pdf
    tell("Lecture et contrôle des couches")
    catalogue_data = holdings.read(catalogue)
    checks = offer_page.checks(catalogue, catalogue_data.frames)
    tell("Rapprochement avec les totaux publiés")
    totals = layers.reconcile(catalogue.totals, catalogue_data.frames)
    tell("Tableau de l'offre")
    table = offer.offer(catalogue_data.frames[sites_layer.name], by=["epci_sigle", "famille"])
    land = offer_page.land_table(catalogue_data.kind(LAND))
    footer = offer_page.footer(catalogue, catalogue_data.frames)
    out.add(TABLE, tables.to_csv(table))
    out.add(TABLE.replace(".csv", tables.SOURCES), tables.to_csv(tables.sources_table(footer)))
    out.add(WORKBOOK, offer_page.workbook(table, land, totals, footer))
    tell("Carte hors ligne")
    day = issued or date.today()
    studied = analyse(catalogue_data) if analyse is not None else study(catalogue_data, on=day)
    map_frames = map_columns.with_study(catalogue_data.frames, catalogue_data, studied, address=address)
    words = {lang: wording.words(lang) for lang in wording.LANGUAGES}
    build_map = partial(
        maps.build,
        map_frames,
        layers=catalogue,
        title={lang: lang_words["offer_title"] for lang, lang_words in words.items()},
        subtitle={
            lang: f"{lang_words['offer_told']} · {sites_layer.vintage}" for lang, lang_words in words.items()
        },
        basemap=basemap,
        embedded=embedded,
        embedded_zoom=embedded_zoom,
        look=look,
    )
    carte = cast(Carte, build_map(tour=None if kiosk else tour))
    out.add(MAP, maps.standalone(carte))
    if kiosk:
        out.add(KIOSK, maps.standalone(build_map(kiosk=True, idle_s=idle_s, tour=tour)))
    editions = [
        Edition(lang=lang, look=look, address=address, issued=issued, study=studied)
        for lang in wording.LANGUAGES
    ]
    tell("Fiches des sites")
    sites = _sheets(out, catalogue_data, editions, in_pdf)
    tell("Planche A3")
    _boards(out, catalogue_data, carte, editions, in_pdf)
    tell("Données pour un portail")
    _web(out, catalogue_data)
    tell("Pages d'accueil et manifeste")
    page_tables = front_pages.Tables(table, totals, checks)
    for lang in wording.LANGUAGES:
        page = front_pages.page(catalogue_data, page_tables, out.held, sites, carte, look, lang)
        out.add(front_pages.file_of(lang), page)
    digests = {name: hashlib.sha256(layer.path.read_bytes()).hexdigest() for name, layer in catalogue.items()}
    paths = out.close(
        title=TITLE, sources=list(footer.sources), digests=digests, issued=issued, zipped=zipped
    )
    return Pack(out.path, tuple(paths), table, land, totals, checks)


def _sheets(
    out: Folder, catalogue_data: CatalogueData, editions: list[Edition], in_pdf: bool
) -> list[tuple[str, pd.Series]]:
    """Write the sheets of each site with published land, one per language; return their stems and rows."""
    rows = []
    sites = catalogue_data.kind(SITES)
    for name, stem in site_sheets.stems(catalogue_data, on_offer=True).items():
        for edition in editions:
            page = site_sheets.site_sheet(catalogue_data, name, edition)
            path = f"{SHEETS}/{stem}.{edition.lang}"
            out.add(f"{path}.html", page)
            if in_pdf:
                out.add(f"{path}.pdf", sheets.to_pdf(page))
        row = holdings.site_row(catalogue_data, holdings.find_row(sites, name, ("site_id",), "site"))
        counted = row.get("compte_dans_total")
        set_aside = is_missing(counted) or not counted
        rows.append((set_aside, stem, row))
    return [(stem, row) for _, stem, row in sorted(rows, key=lambda row: row[0])]  # what is offered first


def _boards(
    out: Folder, catalogue_data: CatalogueData, carte: Carte, editions: list[Edition], in_pdf: bool
) -> None:
    """Write the A3 board in each language."""
    sites = catalogue_data.frames[catalogue_data.by_kind[SITES]]
    families = offer.offer(sites, by=["famille"])[list(BOARD_COLUMNS)]
    for edition in editions:
        lang, land = edition.lang, offer_page.land_table(catalogue_data.kind(LAND), edition.lang)
        footer = offer_page.footer(catalogue_data.catalogue, catalogue_data.frames, lang)
        page = sheets.board(
            title=wording.words(lang)["offer_title"],
            subtitle=wording.words(lang)["board_told"],
            figure=ET.tostring(
                map_image.drawing(carte.page, edition.look or theme.read(), lang), encoding="unicode"
            ),
            keys=[(_sign(sign), label) for sign, label in legend.entries(carte.page, lang)],
            figures=offer_page.board_figures(sites, land, lang),
            cards=offer_page.cards(land, lang),
            tables_of={"families": offer_page.families(families, lang)},
            warnings=[
                *offer_page.board_warnings(catalogue_data.frames, lang),
                *map_image.undrawn(carte, lang),
            ],
            sources=footer.sources,
            lang=lang,
            look=edition.look,
            issued=edition.issued,
        )
        name = f"{BOARD}.{lang}"
        out.add(f"{name}.html", page)
        if in_pdf:
            out.add(f"{name}.pdf", sheets.to_pdf(page))


def _sign(sign: ET.Element) -> str:
    """Wrap a sign of the legend in an SVG element of its own."""
    width, height = legend.SIGN
    svg = ET.Element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "aria-hidden": "true"})
    svg.append(sign)
    return ET.tostring(svg, encoding="unicode")


def _web(out: Folder, catalogue_data: CatalogueData) -> None:
    """Write the layers for a portal: public columns, stable ids, and a list that describes each file."""
    entries = []
    for name, layer in catalogue_data.catalogue.items():
        frame = catalogue_data.frames[name]
        public = frame
        if layer.kind in layers.kinds():
            public, _, _ = publication.public(frame, layers.read_kind(layer.kind))
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
