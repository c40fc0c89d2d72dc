"""The folder of a property fair: offer, map, sheets in two languages, board, data for a portal, manifest."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, cast

import pandas as pd

from artois_geo import deprecated, errors, layers, maps, meaning, network, offer, sheets, tables, theme
from artois_geo.formats.geojson import geojson_writer
from artois_geo.kinds import publication
from artois_geo.layers import Catalogue, Layer, store
from artois_geo.maps.carte import Carte
from artois_geo.maps.records import Page, page_of
from artois_geo.maps.style import covers_the_offer
from artois_geo.packs import front_pages, offer_page, offer_view, site_sheets
from artois_geo.packs.folder import Folder
from artois_geo.packs.front_pages import BOARD, KIOSK, MAP, OBJECTS, SHEETS, TABLE, WORKBOOK
from artois_geo.packs.offer_view import OfferView
from artois_geo.packs.sections import map_columns, site_media
from artois_geo.packs.sections.site_media import MediaOf
from artois_geo.packs.site_sheets import Edition
from artois_geo.sheets import qr, wording
from artois_geo.sheets.pdf import require as require_pdf
from artois_geo.showcase import Folders
from artois_geo.studies.library import drafts
from artois_geo.studies.sites import catalogue_data, deduced
from artois_geo.studies.sites.all_analyses import Study, study
from artois_geo.studies.sites.catalogue_data import LAND, SITES, CatalogueData
from artois_geo.theme import Theme

WEB = "web"
BOARD_WIDTH, BOARD_HEIGHT = 980.0, 870.0  # of the map of a board, where nothing but its foot stands under it
CODE_ROOM, WARNING_ROOM = 60.0, 50.0  # that a QR code and a warning take
TITLE = wording.offer_title("fr", "")  # of an offer whose territory nobody names


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


@dataclass(frozen=True)
class FairOptions:
    """Choose what the folder of a fair holds and how it looks.

    Parameters
    ----------
    basemap
        Online background that the reader of the map may choose, see ``maps.Background``;
        without one the map asks the network for nothing.
    embedded, embedded_zoom
        Background of tiles that travels in the map, see ``maps.Background``.
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
    kiosk
        A second map for the screen of the stand, ``kiosque.html``; ``idle_s`` and ``tour`` are
        those of ``maps.Kiosk``. A tour without it is that of ``carte.html``.
    photos, documents
        Folders of the files that the layers name for the sites on offer; by default ``photos`` and
        ``documents`` of the workspace, where they are there. Documents are copied into the folder.
    """

    basemap: str | None = None
    embedded: Path | None = None
    embedded_zoom: int | None = None
    pdf: bool | None = None
    zipped: bool = False
    look: Theme | None = None
    address: str = ""
    issued: date | None = None
    kiosk: bool = False
    idle_s: float | None = None
    tour: Sequence[str] | None = None
    photos: Path | None = None
    documents: Path | None = None


def simi(
    catalogue: Catalogue,
    folder: Path,
    options: FairOptions | None = None,
    *,
    analyse: Callable[[CatalogueData], Study | None] | None = None,
    tell: Callable[[str], object] = lambda step: None,
    **keywords: Any,
) -> Pack:
    """Write the folder of a property fair.

    ``index.html`` and ``index.en.html``, ``carte.html`` (one offline file), ``offre.csv``, ``.xlsx`` and
    ``.geojson``, a sheet in French and in English for each site of which a source publishes
    land, an A3 board in both languages, ``web/`` for a portal (public columns, stable
    ids), and ``manifest.json`` with the checksum of each file and the vintage of each source.

    Parameters
    ----------
    catalogue
        Layers; one of kind ``site_eco`` is needed, one of kind ``terrain_eco`` is used
        when there. All are drawn on the map, but land cover, zoning, parcels and buildings, which
        would cover the offer.
    folder
        Made if absent. Files of ours are replaced, what an earlier pack wrote and this one
        does not is taken away, other files stay.
    options
        See :class:`FairOptions`.
    analyse
        Returns the analyses of the catalogue; by default ``packs.study_of`` with the thresholds
        of ``issued``, else those in force today.
    tell
        Called with a French sentence at the start of each of the steps.
    keywords
        Fields of ``options``, by name, as in version 0.1.0.

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
        ``pdf`` is requested and not installed.
    UnreadableFile
        A layer cannot be read.
    UnwritableFile
        The folder cannot be made, or a file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from artois_geo import layers
    >>> from artois_geo.packs import FairOptions, simi
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     pack = simi(layers.read_catalogue(), Path(place) / "simi", FairOptions(pdf=False))
    ...     sorted(path.name for path in pack.folder.iterdir() if path.is_file())[:4]
    ['carte.html', 'index.en.html', 'index.html', 'manifest.json']
    """
    options = deprecated.gathered(FairOptions, options, keywords, function="packs.simi(options=)")
    options = replace(options, look=options.look or theme.read())  # a command always names one
    sites_layer = _require_sites(catalogue)
    _require_usable(options)
    out = Folder(folder)
    store.make_folder(out.path)
    in_pdf = sheets.has_pdf() if options.pdf is None else options.pdf
    tell("Lecture et contrôle des couches")
    data = catalogue_data.read(catalogue)
    checks = offer_page.checks(catalogue, data.frames)
    tell("Rapprochement avec les totaux publiés")
    totals = layers.reconcile(catalogue.totals, data.frames)
    tell("Tableau de l'offre")
    table = offer.offer(data.frames[sites_layer.name], by=deduced.GROUPS)
    land = offer_page.land_table(catalogue_data.offered_land(data))
    footer = offer_page.footer(catalogue, data.frames)
    out.add(TABLE, tables.to_csv(table))
    out.add(TABLE.replace(".csv", tables.SOURCES), tables.to_csv(tables.sources_table(footer)))
    owner = options.look.owner["name"] if options.look is not None else ""
    out.add(WORKBOOK, offer_page.workbook(table, land, totals, footer, author=owner))
    tell("Carte hors ligne")
    on = options.issued or date.today()
    studied = analyse(data) if analyse is not None else study(data, on=on)
    stems = site_sheets.shown_stems(data)
    folders = Folders.of(catalogue.folder, options.photos, options.documents)
    media_of = site_media.read(data, stems, folders)
    out.add_all(site_media.files(media_of))
    media_of = site_media.in_pack(media_of, stems, SHEETS, ["html", "pdf"] if in_pdf else ["html"])
    carte, kiosk = _maps(data, studied, options, media_of)
    out.add(MAP, maps.standalone(carte))
    if kiosk is not None:
        out.add(KIOSK, maps.standalone(kiosk))
    views = [offer_view.read(data, on, lang) for lang in wording.LANGUAGES]
    by_lang = {view.lang: view for view in views}
    plain = Edition("", options.look, options.address, options.issued, study=studied, views=by_lang)
    plain = replace(plain, media=site_media.of_sheets(media_of))
    editions = [_edition(plain, lang, page_of(carte), stems, in_pdf) for lang in wording.LANGUAGES]
    tell("Fiches des sites")
    out.add_pages(_sheets(data, editions), in_pdf=in_pdf)
    tell("Planche A3")
    out.add_pages(_boards(data, views, editions), in_pdf=in_pdf)
    tell("Données pour un portail")
    out.add_all(_web(data))
    tell("Pages d'accueil et manifeste")
    page_tables = front_pages.Tables(table, totals, checks)
    folder_files = front_pages.Folder(out.files, _site_rows(data), carte, options.look, media_of)
    for view in views:
        lang = view.lang
        out.add(front_pages.file_of(lang), front_pages.visitor_page(data, view, folder_files))
        page = front_pages.technicians_page(data, page_tables, folder_files, lang)
        out.add(front_pages.technicians_file(lang), page)
    digests = {name: hashlib.sha256(layer.path.read_bytes()).hexdigest() for name, layer in catalogue.items()}
    paths = out.write_with_manifest(
        title=wording.offer_title("fr", catalogue.territory),
        sources=list(footer.sources),
        digests=digests,
        issued=options.issued,
        zipped=options.zipped,
        publisher=owner,
    )
    return Pack(out.path, tuple(paths), table, land, totals, checks)


def _require_usable(options: FairOptions) -> None:
    """Refuse an address without place for an identifier, and a PDF that nothing here can write."""
    if options.address:
        qr.address(options.address, "")
    if options.pdf:
        require_pdf()


def _edition(plain: Edition, lang: str, page: Page | None, stems: Mapping[str, str], in_pdf: bool) -> Edition:
    """Return the edition of a pack in a language, with the ways from each sheet to what stands beside it."""
    return replace(
        plain,
        lang=lang,
        links={name: _beside(page, name, stem, lang, in_pdf) for name, stem in stems.items()},
        also={name: _also(stem, lang) for name, stem in stems.items()},
    )


def _boards(data: CatalogueData, views: Sequence[OfferView], editions: Sequence[Edition]) -> dict[str, str]:
    """Build the board of each language, by its name without suffix."""
    return {
        f"{BOARD}.{view.lang}": _board(data, view, edition)
        for view, edition in zip(views, editions, strict=True)
    }


def _require_sites(catalogue: Catalogue) -> Layer:
    """Return the layer of named sites; without one there is no offer to show."""
    layer = offer_page.first_layer_of_kind(catalogue, SITES)
    if layer is None:
        raise errors.BadTable(
            f"Pas d'offre à montrer : aucune couche de type « {SITES} » dans {catalogue.folder}.\n"
            f"Remplir formulaires/{SITES}.xlsx (espace creer), puis l'importer (couches importer)."
            + "".join(f"\n{line}" for line in drafts.advice(catalogue))
        )
    return layer


def _maps(
    data: CatalogueData, studied: Study | None, options: FairOptions, media_of: MediaOf
) -> tuple[Carte, Carte | None]:
    """Build the map of the folder, and that of the stand if there is one, which leads to no file."""
    frames = map_columns.with_study(data.frames, data, studied, address=options.address)
    build_map = partial(
        maps.build,
        {name: frame for name, frame in frames.items() if not _is_left_out(data, name)},
        layers=data.catalogue,
        title={lang: wording.offer_title(lang, data.catalogue.territory) for lang in wording.LANGUAGES},
        subtitle={lang: _subtitle(data, lang) for lang in wording.LANGUAGES},
        background=maps.Background(
            basemap=options.basemap,
            embedded=options.embedded,
            embedded_zoom=options.embedded_zoom,
            landmarks=network.landmarks(data.of_kinds()),
            landmarks_credit=site_media.landmarks_credit(data.catalogue),
        ),
        look=options.look,
        issued=options.issued,
    )
    carte = build_map(tour=None if options.kiosk else options.tour, media=media_of)
    stand_media = site_media.unlinked(media_of)
    kiosk = (
        build_map(kiosk=maps.Kiosk(options.idle_s, options.tour), media=stand_media)
        if options.kiosk
        else None
    )
    return cast(Carte, carte), cast(Carte | None, kiosk)


def _is_left_out(data: CatalogueData, name: str) -> bool:
    """Tell whether the map of the offer does without a layer that would cover it."""
    return covers_the_offer(data.catalogue[name].kind, data.frames[name].columns)


def _subtitle(data: CatalogueData, lang: str) -> str:
    """Say under the title what the positions are worth, where they are sketched."""
    is_sketched = bool(meaning.schematic(data.frames[data.by_kind[SITES]]).any())
    return wording.words(lang)["offer_told"] if is_sketched else ""


def _sheets(data: CatalogueData, editions: list[Edition]) -> dict[str, str]:
    """Build the sheets of each site with published land, one per language, by path without suffix."""
    stems = site_sheets.shown_stems(data)
    access = site_sheets.access_by_id(data, stems)
    return {
        f"{SHEETS}/{stem}.{edition.lang}": site_sheets.site_sheet(data, name, replace(edition, access=access))
        for name, stem in stems.items()
        for edition in editions
    }


def _beside(page: Page | None, identifier: str, stem: str, lang: str, in_pdf: bool) -> list[sheets.Link]:
    """Return the ways from the sheet of a site: its place on the map, the front page, its PDF."""
    words = wording.words(lang)["front"]
    view = site_media.map_view(page, identifier, lang)
    links = [
        sheets.Link(f"{site_media.UP}{MAP}", words["on_the_map"], view=view),
        sheets.Link(f"{site_media.UP}{front_pages.file_of(lang)}", words["visitors"]),
    ]
    return [*links, *([sheets.Link(f"{stem}.{lang}.pdf", "PDF")] if in_pdf else [])]


def _also(stem: str, lang: str) -> dict[str, str]:
    return {code: f"{stem}.{code}.html" for code in wording.LANGUAGES if code != lang}


def _site_rows(data: CatalogueData) -> list[tuple[str, pd.Series]]:
    """List the sites that have sheets, what is offered first: the stem of their files, and their row."""
    rows = []
    sites = data.kind(SITES)
    for name, stem in site_sheets.shown_stems(data).items():
        row = catalogue_data.site_row(data, catalogue_data.find_row(sites, name, ("site_id",), "site"))
        rows.append((not meaning.is_true(row.get(meaning.COUNTED)), stem, row))
    return [(stem, row) for _, stem, row in sorted(rows, key=lambda row: row[0])]


def _board(data: CatalogueData, view: OfferView, edition: Edition) -> str:
    """Build the A3 board in the language of a view: its title is the sum, its pins are its cards."""
    lang, look = view.lang, edition.look
    unpublished = offer_view.unpublished(view)
    warnings = offer_page.fictional_warning(data.frames, lang)
    other = {code: f"{BOARD}.{code}.html" for code in wording.LANGUAGES if code != lang}
    return sheets.board(
        sheets.Board(
            title=offer_view.title(view),
            subtitle=" · ".join(
                part
                for part in (
                    wording.offer_title(lang, data.catalogue.territory),
                    offer_view.works(data, lang),
                )
                if part
            ),
            **offer_view.plan(data, view, look, (BOARD_WIDTH, _board_height(edition, warnings))),
            groups=offer_view.card_groups(data, view, _sheet_files(edition), look, edition.media),
            notes=[unpublished] if unpublished else [],
            warnings=warnings,
            sources=[catalogue_data.source(data.catalogue[name], lang) for name in _drawn(data)],
            links=[
                sheets.Link(front_pages.file_of(lang), wording.words(lang)["front"]["visitors"]),
            ],
            also=other,
            lang=lang,
            look=look,
            issued=edition.issued,
        )
    )


def _board_height(edition: Edition, warnings: Sequence[str]) -> float:
    """Return the height of the map of a board that leaves room for its foot, QR code and warnings."""
    has_code = bool(edition.address or (edition.look is not None and qr.mecard(edition.look.owner)))
    return BOARD_HEIGHT - CODE_ROOM * has_code - WARNING_ROOM * len(warnings)


def _sheet_files(edition: Edition) -> dict[str, str]:
    """Return the page of the sheet of each site in the language of an edition."""
    return {name: own.sheets[edition.lang]["html"] for name, own in edition.media.items() if own.sheets}


def _drawn(data: CatalogueData) -> list[str]:
    """List the layers that the map of the offers draws."""
    landmarks = (network.ROADS, network.RAILS)
    kinds = (*meaning.GROUND_KINDS, *landmarks, SITES, LAND, catalogue_data.LOGISTICS, offer_view.WORKS)
    return list(dict.fromkeys(name for kind in kinds for name in data.names(kind)))


def _web(data: CatalogueData) -> dict[str, str | bytes]:
    """Write the layers for a portal: public columns, stable ids, and a list that describes each file.

    Layers that the map of the offer leaves out (land cover, parcels, buildings) weigh more than all the rest.
    """
    files_of: dict[str, str | bytes] = {}
    entries = []
    for name, layer in data.catalogue.items():
        if _is_left_out(data, name):
            continue
        frame = data.frames[name]
        public = frame
        if layer.kind in layers.kinds():
            public, _, _ = publication.public(frame, layers.read_kind(layer.kind))
        text = geojson_writer.geojson_text(public.to_crs("EPSG:4326"))
        files_of[f"{WEB}/{name}.geojson"] = text
        if layer.kind == LAND:
            files_of[OBJECTS] = text
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
    files_of[f"{WEB}/index.json"] = tables.to_json(pd.DataFrame(entries))
    return files_of
