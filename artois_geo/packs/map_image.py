"""A map as a picture for a report: title, legend, scale, north, flags and sources, as SVG or PNG."""

from collections.abc import Iterator
from textwrap import wrap
from xml.etree import ElementTree as ET

from artois_geo import sheets, theme
from artois_geo.errors import BadValue
from artois_geo.maps import static_svg, thematic_svg
from artois_geo.maps.numbers import thematic
from artois_geo.maps.records import Page, page_of
from artois_geo.packs import legend
from artois_geo.sheets import wording
from artois_geo.theme import Theme

SVG = "http://www.w3.org/2000/svg"
WIDTH, MAP_WIDTH, EDGE = 1180.0, 860.0, 20.0
HEAD, LINE, SOURCE_LINE, ENTRY = 74.0, 15.0, 12.5, 25.0
SOURCE_LETTERS, LEGEND_LETTERS, TITLE_LETTERS, SUBTITLE_LETTERS = 240, 36, 74, 180
TITLE_LINE, SUBTITLE_LINE = 28.0, 18.0
PNG_WIDTH = int(2 * WIDTH)


def svg(carte: object, *, lang: str = "fr", look: Theme | None = None) -> str:
    """Draw a map as one SVG file, with its title, legend and sources.

    Parameters
    ----------
    carte
        A map made by ``maps.build``.
    lang
        Language of our own words.
    look
        Theme; the shipped one by default.

    Returns
    -------
    str
        A whole SVG document: no script, no link, every text escaped. Same map, same text.

    Raises
    ------
    BadValue
        A map that ``maps.build`` did not make, an unknown language, or a map of a number of a layer
        that is too large for a picture.

    Examples
    --------
    >>> from artois_geo.packs import svg
    >>> from artois_geo import example, maps
    >>> picture = svg(maps.build({"Zones": example.square(x_km=0, y_km=0, side_km=1)}, title="<Essai>"))
    >>> picture.startswith("<svg"), "&lt;Essai&gt;" in picture
    (True, True)
    """
    page, look = page_of_map(carte), look or theme.read()
    words = wording.words(lang)
    _refuse_large_themes(page)
    map_svg = drawing(page, look, lang)
    _, _, view_width, view_height = map(float, map_svg.attrib["viewBox"].split())
    map_height = MAP_WIDTH * view_height / view_width
    entries = legend.entries(page, lang, scale=MAP_WIDTH / view_width)
    body = max(map_height, 30 + sum(_entry_height(sign, name) for sign, name in entries))
    lines = [
        line
        for note in [*_result_lines(page, look, lang), *undrawn(carte, lang), *_lines(page, words, lang)]
        for line in wrap(note, SOURCE_LETTERS)
    ]
    title, subtitle = page.heading(lang)
    head, top = _head(title, subtitle, look)
    height = top + body + 2 * EDGE + len(lines) * SOURCE_LINE
    root = ET.Element("svg", {"xmlns": SVG, "viewBox": f"0 0 {WIDTH:g} {height:.0f}", "role": "img"})
    root.attrib |= {"width": f"{WIDTH:g}", "height": f"{height:.0f}", "font-family": theme.font_stack(look)}
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    root.extend(head)
    placement = {"x": f"{EDGE:g}", "y": f"{top:g}", "width": f"{MAP_WIDTH:g}", "height": f"{map_height:.1f}"}
    map_svg.attrib |= placement
    root.append(map_svg)
    root.extend(_legend(entries, words, look, top))
    foot = top + body + EDGE
    root.extend(
        _text(EDGE, foot + number * SOURCE_LINE, line, 9.5, look.colours["soft"])
        for number, line in enumerate(lines)
    )
    return wording.visible(ET.tostring(root, encoding="unicode"))


def drawing(page: Page, look: Theme, lang: str = "") -> ET.Element:
    """Draw the map alone, in SVG that every program can print.

    The hatchings stand inside it, and a halo is a text of its own under the text:
    ``paint-order`` and fonts of the page are not known to all.
    """
    svg_text = static_svg.draw(page, every_shape=True, lang=lang)
    map_svg = ET.fromstring(wording.visible(svg_text))  # noqa: S314 our own text, made on the line above
    hatchings = ET.fromstring(static_svg.patterns())  # noqa: S314 our own text, made on this line
    map_svg.insert(0, hatchings[0])
    for parent in list(map_svg.iter()):
        for position, child in reversed(list(enumerate(parent))):
            if child.attrib.pop("paint-order", None):
                halo = ET.Element(
                    "text", {**child.attrib, "fill": child.attrib["stroke"], "aria-hidden": "true"}
                )
                halo.text = child.text
                parent.insert(position, halo)
                del child.attrib["stroke"]
    for text in map_svg.iter("text"):
        text.set("font-family", theme.font_stack(look))
    return map_svg


def png(carte: object, *, lang: str = "fr", look: Theme | None = None) -> bytes:
    """Draw the same picture as PNG, 2 360 pixels wide.

    Raises
    ------
    MissingPart
        The optional part ``image`` is not installed.
    BadValue
        As :func:`svg`.

    Examples
    --------
    >>> from artois_geo.packs import png
    >>> from artois_geo import example, maps
    >>> carte = maps.build({"Zones": example.square(x_km=0, y_km=0, side_km=1)})
    >>> png(carte)[1:4]
    b'PNG'
    """
    return sheets.png(svg(carte, lang=lang, look=look), width_px=PNG_WIDTH)


def _head(title: str, subtitle: str, look: Theme) -> tuple[list[ET.Element], float]:
    """Write title and subtitle whole, and return where the map may start below them."""
    texts, y = [], 36.0
    for line in wrap(title, TITLE_LETTERS):
        texts.append(_text(EDGE, y, line, 24, look.colours["navy"], weight="700"))
        y += TITLE_LINE
    y += SUBTITLE_LINE - TITLE_LINE + 4
    for line in wrap(subtitle, SUBTITLE_LETTERS):
        texts.append(_text(EDGE, y, line, 12.5, look.colours["soft"]))
        y += SUBTITLE_LINE
    return texts, max(HEAD, y + 2)


def page_of_map(carte: object) -> Page:
    """Return the page of a map; refuse one that ``maps.build`` did not make.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> page_of_map(maps.build({"Zones": example.square(x_km=0, y_km=0, side_km=1)})).lang
    'fr'
    """
    page = page_of(carte)
    if page is None:
        raise BadValue("Cette carte n'a pas été faite par maps.build.")
    return page


def _refuse_large_themes(page: Page) -> None:
    themed = [layer for layer in page.layers if layer.theme and layer.group == thematic.GROUP]
    large = next((layer for layer in themed if layer.bulk), None)
    if large is not None:
        raise BadValue(
            f"Couche « {large.name} » : {len(large.features)} objets, trop pour la carte thématique d'une "
            "image.\nL'additionner par commune ou par EPCI, ou faire la page : --sortie carte.html sans "
            "--image."
        )


def _legend(
    entries: list[tuple[ET.Element, str]], words: wording.Words, look: Theme, top: float
) -> Iterator[ET.Element]:
    """Yield the legend, to the right of the map."""
    x, y = EDGE + MAP_WIDTH + 24, top + 14
    yield _text(x, y, words["legend"], 14, look.colours["navy"], weight="700")
    y += 14
    for sign, name in entries:
        sign.set("transform", f"translate({x:g} {y:g})")
        yield sign
        for line in wrap(name, LEGEND_LETTERS) or [""]:
            yield _text(x + 38, y + 13, line, 12, look.colours["ink"])
            y += LINE
        y += _entry_height(sign, name) - LINE * (len(wrap(name, LEGEND_LETTERS)) or 1)


def _entry_height(sign: ET.Element, name: str) -> float:
    lines = len(wrap(name, LEGEND_LETTERS)) or 1
    return max(ENTRY + LINE * (lines - 1), float(sign.get(thematic_svg.HIGH, "0")))


def _result_lines(page: Page, look: Theme, lang: str) -> list[str]:
    """List who publishes a result, and how its areas are measured."""
    if page.result is None:
        return []
    return [line for line in (look.owner.get("name", ""), page.result.convention.get(lang, "")) if line]


def _lines(page: Page, words: wording.Words, lang: str) -> list[str]:
    """List the notes of the picture: warnings, then the source, vintage and licence of each layer."""
    lines = []
    if any(any(layer.features.schematic) for layer in page.layers if layer.bulk is None):
        lines.append(f"{words['schematic_place']}. {words['schematic_place_told']}")
    if any(layer.features.fictional for layer in page.layers):
        lines.append(f"{words['made_up']}.")
    unstated = words["unstated"]
    for layer in page.layers:
        if layer.bulk is None:
            source_and_vintage = (
                f"{layer.source or unstated} ; {words['vintage']} {layer.vintage or unstated}"
            )
            origin = f"{source_and_vintage} ; {words['licence']} {layer.licence or unstated}"
            lines.append(f"{layer.title_in(lang)}{words['colon']}{origin}")
    if credit := (page.ground or {}).get("landmarks_credit"):
        lines.append(f"{words['map_landmarks']}{words['colon']}{credit}")
    return [*lines, words["not_binding"]]


def undrawn(carte: object, lang: str = "fr", *, preview: bool = False) -> list[str]:
    """Name each layer that is too large for a picture and is not in it.

    A ``preview`` leaves out simplified outlines too, as ``static_svg.draw`` does.

    Raises
    ------
    BadValue
        As :func:`svg`.

    Examples
    --------
    >>> from artois_geo.packs import undrawn
    >>> from artois_geo import example, maps
    >>> undrawn(maps.build({"Zones": example.square(x_km=0, y_km=0, side_km=1)}))
    []
    """
    page = page_of_map(carte)
    return [
        wording.phrase(
            lang, "bulk", n=wording.number(len(layer.features), 0, lang), title=layer.title_in(lang)
        )
        for layer in page.layers
        if layer.bulk or (preview and layer.tolerance is not None)
    ]


def _text(x: float, y: float, content: str, size: float, colour: str, *, weight: str = "400") -> ET.Element:
    attributes = {
        "x": f"{x:g}",
        "y": f"{y:.1f}",
        "font-size": f"{size:g}",
        "font-weight": weight,
        "fill": colour,
    }
    text = ET.Element("text", attributes)
    text.text = content
    return text
