"""The map of layers of a catalogue, its sites with the figures of their sheets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import geopandas as gpd

from artois_geo import layers, maps, meaning, network, theme
from artois_geo.errors import ArtoisGeoError, BadOptions
from artois_geo.layers import Catalogue, Layer
from artois_geo.maps import style
from artois_geo.maps.carte import Carte
from artois_geo.packs import map_image, site_sheets
from artois_geo.packs.sections import map_columns, site_media
from artois_geo.showcase import Folders, Media
from artois_geo.studies import data_warnings
from artois_geo.studies.requests import ColumnTheme, MapRequest
from artois_geo.studies.sites import catalogue_data
from artois_geo.studies.sites.all_analyses import Study
from artois_geo.studies.sites.catalogue_data import SITES, CatalogueData
from artois_geo.theme import Theme

MOST_SITES = 1_000  # whose cards give the figures of their sheets: more would be slow to measure one by one

EMPTY = "couche vide, 0 objet : rien à dessiner."

Source = Layer | Path


@dataclass(frozen=True)
class CatalogueMap:
    """Hold a map, the warnings about its layers (name of the layer, sentence), the theme of the page."""

    carte: Carte
    warnings: Sequence[tuple[str, str]]
    look: Theme


def _say_aside(names: Sequence[str], on_warning: Callable[[str], object]) -> None:
    """Name the layers that would have covered the map."""
    if names:
        on_warning(
            f"Laissées de côté, elles couvriraient la carte : {', '.join(names)}. "
            f"Pour en voir une, la nommer : artois-geo carte {names[0]}"
        )


def catalogue_map(
    request: MapRequest,
    catalogue: Catalogue,
    *,
    analyse: Callable[[CatalogueData], Study],
    on_progress: Callable[[str], object] = lambda step: None,
    on_warning: Callable[[str], object] = lambda sentence: None,
) -> CatalogueMap:
    """Build the map of the layers that a reader asks for; towns are added as its ground.

    Parameters
    ----------
    request
        Layers, themes and settings of the page. Without a layer, all those of the catalogue but land cover,
        zoning, parcels and buildings, which would cover them: ``on_warning`` gets their names.
    catalogue
        Where the layers are looked up.
    analyse
        Returns the analyses of the sites of the catalogue.
    on_progress
        Called with a French sentence at the start of each step.
    on_warning
        Called with a French sentence where the sites cannot be analysed: the map is that of the layers.

    Raises
    ------
    BadTable, BadCRS, BadValue, UnknownName, UnreadableFile
        See ``layers.read`` and ``maps.build``.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.packs import Study, catalogue_map
    >>> from artois_geo.studies.requests import MapRequest
    >>> request = MapRequest(couches=[layers.read_catalogue()["communes_schema"]], bare=True)
    >>> drawn = catalogue_map(request, layers.read_catalogue(), analyse=lambda data: Study())
    >>> [layer.name for layer in drawn.carte.page.layers], drawn.warnings[0][0]
    (['communes_schema', 'communes'], 'communes')
    """
    look = theme.read(request.theme)
    sides = list(request.comparer or ())
    sources = _named(_sources(request, catalogue, sides))
    frames = {name: layers.read(source) for name, source in sources.items()}
    listed = {name: frame for name, frame in frames.items() if catalogue.get(name) == sources[name]}
    if not request.bare:
        listed = _completed(listed, catalogue)
        frames |= listed
    if not request.bare and _has_few_sites(listed, catalogue):
        on_progress("Analyses des sites")
        frames = _analysed(frames, catalogue_data.read(catalogue, listed), analyse, on_warning)
    names = [name for side in sides for name, source in sources.items() if source == side]
    on_progress("Dessin de la carte")
    carte = maps.build(
        frames,
        layers=_described(sources),
        title=request.titre or _titles(catalogue.territory),
        background=maps.Background(
            basemap=request.fond,
            embedded=request.fond_embarque,
            embedded_zoom=request.zoom_max_fond,
            landmarks=_landmarks(catalogue, frames),
            landmarks_credit=site_media.landmarks_credit(catalogue),
        ),
        lang=request.langue,
        compare=(names[0], names[1]) if names else None,
        vintages=_vintages(request, sources),
        themes=_themes(request.themes, frames),
        look=look,
        media={} if request.bare else _media(catalogue_data.read(catalogue, listed)),
        **request.stand,
    )
    _say_aside([layer.name for layer in _covering(request, catalogue, sides)], on_warning)
    return CatalogueMap(cast(Carte, carte), _warnings(frames), look)


def _completed(listed: dict[str, gpd.GeoDataFrame], catalogue: Catalogue) -> dict[str, gpd.GeoDataFrame]:
    """Fill what the standard lets us deduce of sites and plots (families), as the pack of a fair does."""
    filled = [name for name in listed if catalogue[name].kind in (SITES, catalogue_data.LAND)]
    others = {name: frame for name, frame in listed.items() if name not in filled}
    data = catalogue_data.read(catalogue, others)
    return {name: data.frames[name] if name in filled else frame for name, frame in listed.items()}


def _warnings(frames: Mapping[str, gpd.GeoDataFrame]) -> list[tuple[str, str]]:
    """List what must be said of the layers of a map: the empty ones, then what their data says."""
    lines = [(name, EMPTY) for name, frame in frames.items() if frame.empty]
    return lines + [(name, line) for name, frame in frames.items() for line in data_warnings.warnings(frame)]


def _media(data: CatalogueData) -> dict[str, Media]:
    """Read the photos and documents of the sites on offer; a map alone leads to no file beside it."""
    if data.kind(SITES) is None or data.kind(catalogue_data.LAND) is None:
        return {}
    try:
        stems = site_sheets.stems(data, on_offer=True)
    except ArtoisGeoError:  # sites without identifier have no sheet, and no media that one would name
        return {}
    return site_media.unlinked(site_media.read(data, stems, Folders.of(data.catalogue.folder)))


def _landmarks(catalogue: Catalogue, drawn: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Select the main roads and tracks of the layers that the map does not draw whole."""
    kinds = (network.ROADS, network.RAILS)
    landmark_layers = [
        layer for name, layer in catalogue.items() if layer.kind in kinds and name not in drawn
    ]
    return network.landmarks({layer.kind: layers.read(layer) for layer in reversed(landmark_layers)})


def _vintages(request: MapRequest, sources: Mapping[str, Source]) -> list[str]:
    """Return the names of the layers that are vintages of one, in the order in which they are given."""
    if not request.millesimes:
        return []
    if len(request.couches) < 2:
        raise BadOptions("--millesimes demande au moins deux COUCHE, de la plus ancienne à la plus récente.")
    return [name for couche in request.couches for name, source in sources.items() if source == couche]


def _described(sources: Mapping[str, Layer | Path]) -> dict[str, Layer]:
    return {name: source for name, source in sources.items() if isinstance(source, Layer)}


def _titles(territory: str) -> dict[str, str]:
    """Return the title of the map of a territory, by language; that of any map where nobody names it."""
    by_language = style.read_words().items()
    return {lang: " · ".join(filter(None, (words["title"], territory))) for lang, words in by_language}


def picture(carte: object, form: str, lang: str, look: Theme | None = None) -> bytes:
    """Draw a map as the file of a picture, ``".svg"`` or ``".png"``.

    Examples
    --------
    >>> from artois_geo import maps
    >>> from artois_geo.packs import picture
    >>> from artois_geo import example
    >>> picture(maps.build({"Zones": example.square(x_km=0, y_km=0, side_km=1)}), ".svg", "fr")[:4]
    b'<svg'
    """
    if form.lower() == ".png":
        return map_image.png(carte, lang=lang, look=look)
    return map_image.svg(carte, lang=lang, look=look).encode()


def _sources(request: MapRequest, catalogue: Catalogue, sides: Sequence[Source]) -> list[Source]:
    """List the layers of the map: its ground, those that themes name, those requested, those compared."""
    covering = _covering(request, catalogue, sides)
    unnamed = [] if sides else [layer for layer in catalogue.values() if layer not in covering]
    given_names = {_name(source) for source in [*request.couches, *sides]}
    files = [theme.file for name, theme in request.themes.items() if theme.file and name not in given_names]
    requested = [*request.couches, *files] or unnamed
    themed = [catalogue[name] for name in request.themes if name in catalogue]
    ground = [
        layer
        for layer in catalogue.values()
        if layer.kind in meaning.GROUND_KINDS and layer not in [*requested, *sides]
    ]
    return [*ground, *themed, *requested, *sides]


def _covering(request: MapRequest, catalogue: Catalogue, sides: Sequence[Source]) -> list[Layer]:
    """List the layers that would hide the others of a map on which no layer is named."""
    if request.couches or sides:
        return []
    layers_of = [layer for layer in catalogue.values() if layer.name not in request.themes]
    covering = [layer for layer in layers_of if style.covers_the_offer(layer.kind, ())]
    return covering if len(covering) < len(layers_of) else []


def _named(sources: Sequence[Source]) -> dict[str, Source]:
    """Name each layer, once; two files of one name are told apart by their folders."""
    source_by_name: dict[str, Source] = {}
    source_of: dict[str, Source] = {
        _name(source): source for source in sources if not isinstance(source, Path)
    }
    for source in sources:
        name = _name(source)
        if source_of.setdefault(name, source) != source and isinstance(source, Path):
            name = f"{source.parent.name} {name}"
            name = name if source_of.setdefault(name, source) == source else str(source)
        source_by_name[name] = source
    return source_by_name


def _name(source: Source) -> str:
    return source.stem if isinstance(source, Path) else source.name


def _has_few_sites(frames: Mapping[str, gpd.GeoDataFrame], catalogue: Catalogue) -> bool:
    """Tell whether the map shows sites of the catalogue, and few enough to analyse."""
    counts = [len(frame) for name, frame in frames.items() if catalogue[name].kind == SITES]
    return bool(counts) and sum(counts) <= MOST_SITES


def _analysed(
    frames: dict[str, gpd.GeoDataFrame],
    data: CatalogueData,
    analyse: Callable[[CatalogueData], Study],
    on_warning: Callable[[str], object],
) -> dict[str, gpd.GeoDataFrame]:
    """Add to the sites the figures of their sheets; a layer that an analysis refuses hides no map."""
    try:
        return map_columns.with_study(frames, data, analyse(data))
    except ArtoisGeoError as error:
        on_warning(f"Carte sans les analyses des sites : {error}")
        return frames


def _themes(
    themes: Mapping[str, ColumnTheme], frames: Mapping[str, gpd.GeoDataFrame]
) -> dict[str, maps.Thematic]:
    """Turn the columns requested into themes; « a/b » is a ratio, unless a column has that name."""
    return {name: _theme(theme, frames.get(name)) for name, theme in themes.items()}


def _theme(theme: ColumnTheme, frame: gpd.GeoDataFrame | None) -> maps.Thematic:
    numerator, _, denominator = theme.column.partition("/")
    if frame is not None and theme.column in frame.columns:
        numerator, denominator = theme.column, ""
    return maps.Thematic(numerator, per=denominator, drawn=theme.drawn, **theme.settings)
