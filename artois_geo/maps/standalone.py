"""One file that asks the network for nothing, or a refusal that says why."""

import html
import re
from collections.abc import Iterator
from typing import Any

import folium

from artois_geo.errors import BadValue
from artois_geo.maps import assets
from artois_geo.maps import page as pages
from artois_geo.maps.backdrop.tiles import OPTION, Tiles
from artois_geo.maps.records import Page, page_of

MAX_BYTES = 20_000_000

# folium links these in every map; only folium.Icon needs the last ones, and it is refused below
LEAFLET = re.compile(r"/leaflet(@[\d.]+)?/(dist/)?leaflet\.(js|css)$")
JQUERY = re.compile(r"/jquery-[\d.]+(\.min)?\.js$")
NEEDLESS = ("bootstrap", "fontawesome", "awesome-markers", "awesome.rotate", "glyphicons")
SCRIPT_LINK = re.compile(r'<script src="([^"]+)"></script>')
STYLE_LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)"\s*/?>')


def standalone(carte: folium.Map) -> str:
    """Write one HTML file with everything inside: opened from disk or mail, it makes no request.

    Parameters
    ----------
    carte
        Map of ``maps.build``, possibly with controls of folium added to it, or
        any folium map. An online basemap chosen in ``maps.build`` stays: the page
        then may reach that one host, says so, and only does once it is chosen.

    Returns
    -------
    str
        HTML. A Content-Security-Policy refuses all that is not inlined; same map,
        same bytes.

    Raises
    ------
    BadValue
        The map needs the network (tiles, a plugin whose script is not installed
        here), or the page would pass 20 MB; the message names what and says what to do.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Parc du canal")
    >>> text = maps.standalone(maps.build({"Sites": site}))
    >>> text.startswith("<!DOCTYPE html>"), "Parc du canal" in text
    (True, True)
    """
    map_parts = _render_parts(carte)
    _refuse_network(carte, map_parts)
    page = page_of(carte)
    text = _folium_page(carte, map_parts) if page is None else pages.write(page, map_parts)
    size = len(text.encode("utf-8"))
    if size > MAX_BYTES:
        raise BadValue(_too_large(page, size))
    return text


def _render_parts(carte: folium.Map) -> pages.MapElement:
    carte.render()
    figure: Any = carte.get_root()
    element, script = figure.html.render(), figure.script.render()
    if "$(" in script:
        script = assets.JQUERY_SHIM + script
    return pages.MapElement(element=element.strip(), script=script.strip())


def _refuse_network(carte: folium.Map, map_parts: pages.MapElement) -> None:
    """Refuse a map that needs the network: tiles, a plugin not installed here, icons or links."""
    for child in _children(carte):
        if isinstance(child, (folium.TileLayer, folium.WmsTileLayer)):
            name = getattr(child, "tile_name", None) or child.get_name()
            raise BadValue(
                f"La carte lit des tuiles sur internet (« {name} »).\n"
                "Retirer cette couche, ou choisir le fond en ligne avec maps.build(…, basemap=…)."
            )
    for url in _links(carte):
        if not _is_known(url):
            raise BadValue(
                f"La carte a besoin d'un fichier qui n'est pas installé ici : {url}\n"
                "Retirer l'extension de folium qui le demande."
            )
    if "AwesomeMarkers" in map_parts.script:
        raise BadValue(
            "La carte utilise folium.Icon, dont les images sont lues sur internet.\n"
            "Utiliser un marqueur sans icône, ou folium.CircleMarker."
        )
    address = re.search(r"""(?:url|src|href)\s*[=:(]\s*["']?(https?:)?//[^"'\s)]+""", map_parts.element)
    if address:
        raise BadValue(f"La carte lit une adresse sur internet : {address[0]}. La retirer.")


def _children(element: Any) -> Iterator[Any]:
    for child in getattr(element, "_children", {}).values():
        yield child
        yield from _children(child)


def _links(carte: folium.Map) -> list[str]:
    header = _header(carte)
    return [*SCRIPT_LINK.findall(header), *STYLE_LINK.findall(header)]


def _header(carte: folium.Map) -> str:
    figure: Any = carte.get_root()
    return str(figure.header.render())


def _is_known(url: str) -> bool:
    return bool(LEAFLET.search(url) or JQUERY.search(url)) or any(word in url for word in NEEDLESS)


def _folium_page(carte: folium.Map, map_parts: pages.MapElement) -> str:
    """Write the page of a map that is folium's alone: its own head, with what it links put inside."""
    header = STYLE_LINK.sub("", SCRIPT_LINK.sub("", _header(carte)))
    header = header.replace("maximum-scale=1.0, user-scalable=no", "")
    inline = re.findall(r"<script[^>]*>(.*?)</script>", header, re.DOTALL)
    scripts = [text.replace("</script", "<\\/script") for text in (assets.leaflet_js(), map_parts.script)]
    policy = html.escape(assets.csp(scripts=[*scripts, *inline], styles=None))
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<title>Carte</title>\n'
        f"<style>{assets.leaflet_css()}</style>\n{header}\n</head>\n<body>\n{map_parts.element}\n"
        f"<script>{scripts[0]}</script>\n<script>{scripts[1]}</script>\n</body>\n</html>\n"
    )


def _too_large(page: Page | None, size: int) -> str:
    """Tell what makes the page too heavy, and what to do."""
    message = (
        f"La page ferait {size / 1e6:.0f} Mo ; au-delà de {MAX_BYTES / 1e6:.0f} Mo "
        "elle ne s'ouvre ni ne s'envoie plus."
    )
    if page is None:
        return message + "\nRetirer des objets ou simplifier leurs contours."
    if page.embedded and max(page.embedded.weights.values()) > size / 2:
        return f"{message}\n{_lower_zoom(page.embedded)}"
    weights = {layer.title: len(pages.island(pages.layer_payload(layer))) for layer in page.layers}
    heaviest = max(weights, key=lambda title: weights[title])
    return (
        f"{message}\nLa couche la plus lourde est « {heaviest} » ({weights[heaviest] / 1e6:.0f} Mo) : "
        "la découper sur le territoire utile, simplifier ses contours (shapely.coverage_simplify) "
        "ou retirer les colonnes qui ne servent pas."
    )


def _lower_zoom(embedded: Tiles) -> str:
    lowest_zoom, highest_zoom = embedded.zooms
    message = (
        f"Le fond embarqué en pèse {embedded.weights[highest_zoom] / 1e6:.1f} jusqu'au zoom {highest_zoom}"
    )
    if lowest_zoom == highest_zoom:
        return f"{message} : en extraire un territoire plus petit, ou des images plus légères (WebP, JPEG)."
    lower_zoom = max(zoom for zoom in embedded.weights if zoom < highest_zoom)
    return f"{message} ; {embedded.weights[lower_zoom] / 1e6:.1f} avec {OPTION} {lower_zoom}."
