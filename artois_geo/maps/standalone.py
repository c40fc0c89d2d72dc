"""One file that asks the network for nothing, or a refusal that says why."""

import html
import re
from collections.abc import Sequence

import folium

from artois_geo.errors import BadValue
from artois_geo.maps import assets
from artois_geo.maps import page as pages
from artois_geo.maps.backdrop.tiles import OPTION, Tiles
from artois_geo.maps.plugins import added, inlined
from artois_geo.maps.plugins.added import MapParts, Need
from artois_geo.maps.records import Page, page_of

MAX_BYTES = 20_000_000


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
        here), or the page would pass 20 MB; the message names what, and what fits in one file.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Parc du canal")
    >>> text = maps.standalone(maps.build({"Sites": site}))
    >>> text.startswith("<!DOCTYPE html>"), "Parc du canal" in text
    (True, True)
    """
    map_parts = added.render(carte)
    if needs := added.online_needs(carte, map_parts):
        raise BadValue(_online(needs))
    page = page_of(carte)
    text = _folium_page(map_parts, added.head(carte)) if page is None else pages.write(page, map_parts)
    size = len(text.encode("utf-8"))
    if size > MAX_BYTES:
        raise BadValue(_too_large(page, size))
    return text


def view(carte: folium.Map) -> str:
    """Write the page that a notebook or a browser shows: the one file, else an online view that says so."""
    map_parts = added.render(carte)
    page = page_of(carte)
    needs = added.online_needs(carte, map_parts)
    if page is None or not needs:
        return standalone(carte)
    return pages.write(page, added.render(carte, online=True), needs=[need.short for need in needs])


def _online(needs: Sequence[Need]) -> str:
    """Tell what keeps a map from fitting in one file, and what does fit."""
    return (
        "La carte ne tient pas en un fichier : elle a besoin d'internet.\n"
        + "\n".join(f"- {need.line}" for need in needs)
        + f"\nTiennent en un fichier : {', '.join(inlined.offline_names())}.\n"
        "Retirer le reste. Un fond de carte : maps.build(…, basemap=…) ou embedded=…. "
        "Dans un carnet, la carte se montre quand même, en ligne."
    )


def _folium_page(map_parts: MapParts, header: str) -> str:
    """Write the page of a map that is folium's alone: its own head, with what it links put inside."""
    header = header.replace("maximum-scale=1.0, user-scalable=no", "")
    inline = re.findall(r"<script[^>]*>(.*?)</script>", header, re.DOTALL)
    texts = (assets.leaflet_js(), *map_parts.scripts, map_parts.script)
    scripts = [text.replace("</script", "<\\/script") for text in texts]
    policy = html.escape(
        assets.csp(scripts=[*scripts, *inline], styles=None, handlers=map_parts.handlers), quote=True
    )
    styles = "".join(f"<style>{text}</style>\n" for text in (assets.leaflet_css(), *map_parts.styles))
    tags = "".join(f"<script>{text}</script>\n" for text in scripts)
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<title>Carte</title>\n'
        f"{styles}{header}\n</head>\n<body>\n{map_parts.element}\n{tags}</body>\n</html>\n"
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
