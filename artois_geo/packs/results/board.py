"""The map of a result as the page of a committee: the same layers, legend and amounts as on screen."""

import math
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

from artois_geo import theme
from artois_geo.maps import static_svg, style
from artois_geo.maps.records import MapLayer, Page
from artois_geo.maps.results import records
from artois_geo.packs import legend, map_image
from artois_geo.sheets import committee, wording
from artois_geo.sheets.committee import Committee, Line, Row, RowTable
from artois_geo.theme import Theme

SVG = "http://www.w3.org/2000/svg"


def page(
    carte: object, *, paper: str, lang: str = "fr", look: Theme | None = None, issued: date | None = None
) -> str:
    """Build the page of a committee from the map of a result.

    Parameters
    ----------
    carte
        A map made by ``maps.build`` with its ``result``.
    paper
        ``"a3"`` or ``"a4"``.
    lang, look, issued
        Language of our own words, theme, date to print.

    Returns
    -------
    str
        HTML: no script, nothing fetched.

    Raises
    ------
    BadValue
        A map that ``maps.build`` did not make.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> site = example.square(x_km=0, y_km=0, side_km=1, objet="Parc")
    >>> amount = maps.Amount({"fr": "100,00 ha", "en": "100.00 ha"})
    >>> kind, result = {"Sites": {"kind": "foncier_libre"}}, maps.Result(amounts={"Sites": [amount]})
    >>> carte = maps.build({"Sites": site}, layers=kind, title="1 site", result=result)
    >>> "100,00 ha" in page(carte, paper="a4")
    True
    """
    map_page, look = map_image.page_of_map(carte), look or theme.read()
    result = map_page.result or records.Result()
    title, subtitle = map_page.heading(lang)
    words = wording.words(lang)
    made_up = any(layer.features.fictional for layer in map_page.layers)
    content = Committee(
        title=title,
        subtitle=subtitle,
        figure="",
        keys=[(_sign(sign), name) for sign, name in legend.entries(map_page, lang)],
        balance=[Line(step.sign, step.label[lang], step.amount[lang]) for step in result.balance],
        tables=[_table(layer, lang) for layer in _listed(map_page)],
        convention=result.convention.get(lang, ""),
        notes=[*_ground_note(map_page, lang), *(_note(note, lang) for note in result.notes)],
        sources=_sources(map_page, words),
        warnings=[f"{words['made_up']}."] if made_up else [],
        paper=paper,
        lang=lang,
        look=look,
        issued=issued,
    )
    width, height = committee.map_size(content)
    shaped = replace(map_page, bounds=_shaped(map_page.bounds, width / height))
    figure = ET.tostring(map_image.drawing(shaped, look, lang), encoding="unicode")
    return committee.committee(replace(content, figure=figure))


def _listed(map_page: Page) -> list[MapLayer]:
    """List the layers of the result itself, in the order of the panel."""
    listed = [layer for layer in map_page.layers if layer.amounts and layer.style["listed"] == "open"]
    return sorted(listed, key=lambda layer: -float(layer.style["order"]))


def _table(layer: MapLayer, lang: str) -> RowTable:
    rows = sorted(range(len(layer.amounts)), key=lambda row: -layer.amounts[row].order)
    return RowTable(layer.title_in(lang), [_row(layer, row, lang) for row in rows])


def _row(layer: MapLayer, index: int, lang: str) -> Row:
    """Write a place; a calculation of one line says nothing that the amount does not."""
    amount, features = layer.amounts[index], layer.features
    formula = records.formula(amount.steps, lang) if len(amount.steps) != 2 else ""
    name = features.names[index] or f"{layer.title_in(lang)} {index + 1}"
    return Row(name, amount.text[lang], features.places[index] or "", formula)


def _ground_note(map_page: Page, lang: str) -> list[str]:
    """Say that the outlines of the communes are a schema, where they are."""
    is_schematic = bool(map_page.ground and map_page.ground["schematic"])
    return [style.read_words()[lang]["schematic_cells"]] if is_schematic else []


def _note(note: records.Texts, lang: str) -> str:
    text = note.get(lang) or note["fr"]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _sources(map_page: Page, words: wording.Words) -> str:
    """List what the layers were made from, each once, with its vintage."""
    unstated = words["unstated"]
    cited = [
        f"{layer.source or unstated} ({words['vintage']} {layer.vintage or unstated})"
        for layer in map_page.layers
    ]
    return " ; ".join(dict.fromkeys(cited))


def _sign(sign: ET.Element) -> str:
    """Wrap a sign of the legend as a picture of its own, with the hatchings that it may use."""
    root = ET.Element("svg", {"xmlns": SVG, "viewBox": "0 0 30 18", "aria-hidden": "true"})
    if "url(#" in ET.tostring(sign, encoding="unicode"):
        root.append(ET.fromstring(static_svg.patterns())[0])  # noqa: S314 our own text, made on this line
    root.append(sign)
    return ET.tostring(root, encoding="unicode")


def _shaped(bounds: list[list[float]], ratio: float) -> list[list[float]]:
    """Return bounds for a map that fills the room that it has on the paper."""
    (south, west), (north, east) = bounds
    shrink = math.cos(math.radians((south + north) / 2))
    width, height = (east - west) * shrink, north - south
    if width / height < ratio:
        margin = (height * ratio - width) / shrink / 2
        return [[south, west - margin], [north, east + margin]]
    margin = (width / ratio - height) / 2
    return [[south - margin, west], [north + margin, east]]
