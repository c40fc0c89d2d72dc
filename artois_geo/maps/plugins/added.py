"""What a user added to a map with folium: its parts, and what of it reads the network."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import folium

from artois_geo.maps import assets
from artois_geo.maps.plugins import inlined
from artois_geo.maps.records import page_of

# folium links these in every map; only folium.Icon needs the last ones
LEAFLET = re.compile(r"/leaflet(@[\d.]+)?/(dist/)?leaflet\.(js|css)$")
JQUERY = re.compile(r"/jquery-[\d.]+(\.min)?\.js$")
OF_ICONS = ("fontawesome", "awesome-markers", "awesome.rotate", "glyphicons")
BOOTSTRAP = "/bootstrap"  # its style sheet would lay our page out anew
SCRIPT_LINK = re.compile(r'<script src="([^"]+)"></script>')
STYLE_LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)"\s*/?>')
USUAL_ICON = "info-sign"
# an icon that could not be read leaves the usual one
KEEP_ICON = """
const usualIcon = L.Marker.prototype.setIcon;
L.Marker.include({ setIcon(icon) { return icon ? usualIcon.call(this, icon) : this; } });
"""
STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
ADDRESS = re.compile(r"""(?:url|src|href)\s*[=:(]\s*["']?((?:https?:)?//[^"'\s)]+)""")
HANDLER = re.compile(r"""\son\w+\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True)
class MapParts:
    """Hold what folium draws: the map element, the script that starts it, what plugins bring with them.

    ``scripts`` and ``styles`` are inlined; ``script_links`` and ``style_links`` are addresses that
    only an online view reads; ``handlers`` are what buttons of the page run.
    """

    element: str
    script: str
    added: bool = False
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    script_links: tuple[str, ...] = ()
    style_links: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()
    online: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """List the hosts of the addresses, in order, each once."""
        links = (*self.script_links, *self.style_links)
        return tuple(dict.fromkeys(urlsplit(link).netloc for link in links))


def render(carte: folium.Map, *, online: bool = False) -> MapParts:
    """Draw a map with folium and inline the plugins that can be; online, the others stay as addresses."""
    carte.render()
    figure: Any = carte.get_root()
    foreign_head = list(_foreign_head(carte, figure))
    script = _script(figure, apart=online)
    with_icons = _has_pictograms(carte, script)
    links = _needed_links(foreign_head, with_icons and online)
    style_files = _files(filter(_is_style, links))
    script_files = _files(itertools.filterfalse(_is_style, links))
    own_styles = _contents(STYLE, foreign_head)
    element = figure.html.render().strip()
    return MapParts(
        element=element,
        script=_with_shim(script, links),
        added=len(figure.script._children) > 1 or len(figure.html._children) > 1 or bool(links or own_styles),
        scripts=(*_pins(script, with_icons), *script_files.texts, *_contents(SCRIPT, foreign_head)),
        styles=(*style_files.texts, *own_styles),
        script_links=script_files.addresses,
        style_links=style_files.addresses,
        handlers=tuple(double or single for double, single in HANDLER.findall(element)),
        online=online,
    )


@dataclass(frozen=True)
class Need:
    """Name what of a map reads the network, and where it is read."""

    name: str
    address: str = ""
    remedy: str = ""

    @property
    def line(self) -> str:
        """Write it for an error: the address in full, and what to install where that is enough."""
        return f"{self.name} : {self.address}{self.remedy}" if self.address else self.name

    @property
    def short(self) -> str:
        """Write it for a page: the host alone."""
        host = urlsplit(self.address).netloc
        return f"{self.name} ({host})" if host else self.name


def online_needs(carte: folium.Map, parts: MapParts) -> list[Need]:
    """List what of a map reads the network, each once; empty where it needs none."""
    links = (*parts.script_links, *parts.style_links)
    needs = [
        *(Need(f"tuiles « {name} »") for name in _tile_names(carte)),
        *(Need(_asker(carte, link), link, _remedy(link)) for link in links),
        *(Need(name, address) for name, address in _images(carte)),
        *(
            Need(f"folium.Icon(icon=« {name} »), son pictogramme est sur internet (pas sa couleur)")
            for name in filter(None, map(_pictogram, children(carte)))
        ),
        *(Need("image ou fichier de la page", address) for address in ADDRESS.findall(parts.element)),
    ]
    return list({need.name: need for need in reversed(needs)}.values())[::-1]


def head(carte: folium.Map) -> str:
    """Return folium's own head of the page, without what it links."""
    figure: Any = carte.get_root()
    return STYLE_LINK.sub("", SCRIPT_LINK.sub("", str(figure.header.render())))


def _foreign_head(carte: folium.Map, figure: Any) -> Iterator[str]:
    """Yield what stands in the head of the page beside folium's own lines for any map."""
    usual = {name for name, _ in (*carte.default_js, *carte.default_css)}
    usual |= {"meta_http", "css_style", "map_style", carte.get_name()}
    for name, child in figure.header._children.items():
        text = child.render()
        is_foreign = name not in usual and "L_NO_TOUCH" not in text
        if is_foreign or any(word in text for word in OF_ICONS):
            yield text


@dataclass(frozen=True)
class _Files:
    """Hold the files that a head links: the text of those that are inlined, the address of the others."""

    texts: tuple[str, ...]
    addresses: tuple[str, ...]


def _files(links: Iterable[str]) -> _Files:
    texts = {link: _text(link) for link in links}
    return _Files(
        texts=tuple(dict.fromkeys(text for text in texts.values() if text is not None)),
        addresses=tuple(link for link, text in texts.items() if text is None),
    )


def _needed_links(foreign_head: Iterable[str], with_icons: bool) -> list[str]:
    """List the files that a head links and that the page needs, in order."""
    links = (
        link for line in foreign_head for link in (*SCRIPT_LINK.findall(line), *STYLE_LINK.findall(line))
    )
    return [link for link in links if not _is_needless(link, with_icons)]


def _contents(element: re.Pattern[str], foreign_head: Iterable[str]) -> list[str]:
    """Return what stands inside each element of a head."""
    return [text for line in foreign_head for text in element.findall(line)]


def _is_needless(link: str, with_icons: bool) -> bool:
    """Tell whether a page does without a file: Leaflet is inlined, icons are seldom used."""
    if any(word in link for word in OF_ICONS):
        return not with_icons
    return bool(LEAFLET.search(link) or JQUERY.search(link)) or BOOTSTRAP in link


def _is_style(link: str) -> bool:
    return link.split("?")[0].endswith(".css")


def _text(link: str) -> str | None:
    plugin = inlined.plugin_of(link)
    return None if plugin is None else inlined.text_of(plugin, link)


def _pictogram(child: Any) -> str:
    """Return the pictogram of an icon of folium that was chosen; the usual « i » is none."""
    icon = str(child.options.get("icon") or "") if isinstance(child, folium.Icon) else ""
    return "" if icon == USUAL_ICON else icon


def _has_pictograms(carte: folium.Map, script: str) -> bool:
    return "AwesomeMarkers" in script and any(_pictogram(child) for child in children(carte))


def _with_shim(script: str, links: Iterable[str]) -> str:
    """Put before a script what it asks of jQuery, where no file of the page brings it."""
    is_lacking = "$(" in script and not any("jquery" in link for link in links)
    return assets.JQUERY_SHIM + script if is_lacking else script


def _pins(script: str, with_icons: bool) -> list[str]:
    """Return what draws the pins of icons that have a colour and no pictogram."""
    return [inlined.own("icon_pins.js")] if "AwesomeMarkers" in script and not with_icons else []


def _script(figure: Any, *, apart: bool) -> str:
    """Join the scripts of the map; where a file may be out of reach, one that fails leaves the others."""
    scripts = [child.render().strip() for child in figure.script._children.values()]
    if not apart:
        return "\n".join(scripts).strip()
    return KEEP_ICON + "\n".join(
        f"try {{\n{script}\n}} catch (error) {{ console.warn(error); }}" for script in scripts
    )


def children(element: Any) -> Iterator[Any]:
    """Yield all that was added to an element of folium, at any depth."""
    for child in getattr(element, "_children", {}).values():
        yield child
        yield from children(child)


def _tile_names(carte: folium.Map) -> Iterator[str]:
    for child in children(carte):
        if isinstance(child, (folium.TileLayer, folium.WmsTileLayer)):
            yield getattr(child, "tile_name", None) or child.get_name()
        elif type(child).__name__ == "MiniMap" and page_of(carte) is None:  # ours draws its own ground in it
            yield child.tile_layer.tile_name


def _images(carte: folium.Map) -> Iterator[tuple[str, str]]:
    """Yield each picture on the network, with what asks for it."""
    for child in children(carte):
        options = getattr(child, "options", None)
        icon = options.get("icon_url") if isinstance(options, dict) else None
        for address in (getattr(child, "url", None), icon):
            if isinstance(address, str) and re.match(r"(https?:)?//", address):
                yield type(child).__name__, address


def _asker(carte: folium.Map, link: str) -> str:
    """Name what asks for a file: the class of folium, else the file."""
    for child in children(carte):
        resources: Iterable[tuple[str, str]] = (
            *getattr(child, "default_js", ()),
            *getattr(child, "default_css", ()),
        )
        if any(url == link for _, url in resources):
            return type(child).__name__
    plugin = inlined.plugin_of(link)
    return link.rsplit("/", 1)[-1] if plugin is None else plugin.name


def _remedy(link: str) -> str:
    return "" if inlined.plugin_of(link) is None else f" (à installer : pip install '{inlined.EXTRA}')"
