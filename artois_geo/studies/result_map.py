"""The map of a result: one offline page, over the towns and the waterways of the catalogue."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from artois_geo import layers, meaning, tables
from artois_geo.layers import Catalogue, Layer
from artois_geo.studies.canal import water_access
from artois_geo.studies.results.words import Texts, same

if TYPE_CHECKING:
    from artois_geo.maps import Amount, Step
    from artois_geo.theme import Theme

Cited = Layer | Path | tables.Source
OPTION_ASIDE = re.compile(r" \([^()]*--[a-z][^()]*\)")
WATER = {"fr": "Voies d'eau", "en": "Waterways"}


@dataclass(frozen=True)
class ResultLayer:
    """Hold a layer of the map of a result.

    Parameters
    ----------
    features
        Places, in EPSG:2154; one without a shape is listed, not drawn.
    kind
        Whose drawing they take.
    title
        In each language; a text stands in all.
    amounts
        The amount of each place, where the list says one.
    sources
        What the layer was made from, where it is not what the map was.
    """

    features: gpd.GeoDataFrame
    kind: str
    title: Texts | str
    amounts: "Sequence[Amount]" = ()
    sources: Sequence[Cited] = ()

    @property
    def titles(self) -> Texts:
        """Return the title in each language."""
        return same(self.title) if isinstance(self.title, str) else self.title


@dataclass(frozen=True)
class ResultMap:
    """Hold what the map of a result shows.

    Parameters
    ----------
    drawn
        Its layers.
    title, subtitle
        The result in one sentence; what was computed. In each language, or one text for all.
    sources
        Layers that the result was made from.
    balance
        The calculation of the whole.
    convention
        How areas are measured.
    notes
        What a reader must see before using a figure.
    waterways
        Whether those of the catalogue are drawn too.
    """

    drawn: Sequence[ResultLayer]
    title: Texts | str
    subtitle: Texts | str = ""
    sources: Iterable[Cited] = ()
    balance: "Sequence[Step]" = ()
    convention: Texts = field(default_factory=lambda: same(""))
    notes: Sequence[Texts | str] = ()
    waterways: bool = True


def page(result: ResultMap, catalogue: Catalogue, look: "Theme | None" = None) -> bytes:
    """Write the page of a result, in one file that opens without a network.

    Parameters
    ----------
    result
        Layers without any feature are left out.
    catalogue
        Its towns are the ground.
    look
        Who publishes.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Parc")
    >>> result = ResultMap([ResultLayer(site, "site_eco", "Sites")], title="Desserte")
    >>> b"Parc" in page(result, {})
    True
    """
    from artois_geo import maps  # here: a table without its map does not wait for folium

    return maps.standalone(drawing(result, catalogue, look)).encode()


def drawing(result: ResultMap, catalogue: Catalogue, look: "Theme | None" = None) -> Any:
    """Build the map of a result, for a page or for a picture.

    Parameters
    ----------
    result, catalogue, look
        As for :func:`page`.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Parc")
    >>> drawing(ResultMap([ResultLayer(site, "", "Sites")], title="Desserte"), {}).page.title
    'Desserte'
    """
    from artois_geo import maps

    drawn_layers = [*result.drawn, *(_waterways(catalogue) if result.waterways else [])]
    layers_by_title = {layer.titles["fr"]: layer for layer in drawn_layers if len(layer.features)}
    towns = ground(catalogue)
    descriptions = {
        name: _described(layer, layer.sources or result.sources) for name, layer in layers_by_title.items()
    }
    return maps.build(
        {**{name: layer.features for name, layer in layers_by_title.items()}, **towns},
        layers={**descriptions, **{name: catalogue[name] for name in towns}},
        title=_texts(result.title),
        subtitle=_texts(result.subtitle),
        look=look,
        result=maps.Result(
            amounts={name: layer.amounts for name, layer in layers_by_title.items() if layer.amounts},
            balance=result.balance,
            convention=result.convention,
            notes=[_note(note) for note in result.notes],
        ),
    )


def ground(catalogue: Catalogue) -> dict[str, gpd.GeoDataFrame]:
    """Read the towns of a catalogue, by name: what the layers of a result lie on.

    Examples
    --------
    >>> list(ground(layers.read_catalogue()))
    ['communes_schema', 'communes']
    """
    return {
        name: layers.read(layer)
        for kind in reversed(meaning.GROUND_KINDS)
        for name, layer in catalogue.items()
        if layer.kind == kind
    }


def described(title: str, kind: str, source: str) -> Layer:
    """Describe a layer that a study made, as a catalogue would.

    Examples
    --------
    >>> described("Sites", "site_desservi", "").source
    'calcul'
    """
    return Layer(title, Path(title), kind, title, source or "calcul", "", "")


def waterways_layer(lines: gpd.GeoDataFrame, sources: Sequence[Cited]) -> ResultLayer:
    """Draw waterways, one feature per name.

    Examples
    --------
    >>> from artois_geo import example
    >>> waterways_layer(example.line((0, 0), (1, 0)), []).titles["fr"]
    "Voies d'eau"
    """
    return ResultLayer(lines, "voie_eau", WATER, sources=sources)


def _waterways(catalogue: Catalogue) -> list[ResultLayer]:
    """Read the waterways of a catalogue, one feature per name."""
    cited = [catalogue[name] for name in water_access.waterway_layers(catalogue)]
    frames = [layers.read(layer) for layer in cited]
    lines = water_access.one_by_name(water_access.waterways(frames)) if frames else None
    return [] if lines is None or lines.empty else [waterways_layer(lines, cited)]


def _described(layer: ResultLayer, sources: Iterable[Cited]) -> Mapping[str, str]:
    """Describe a layer for the page: its titles, what it was made from and the vintages of that."""
    cited = list(sources)
    titles = {f"title_{lang}": text for lang, text in layer.titles.items() if lang != "fr"}
    vintages = dict.fromkeys(str(getattr(source, "vintage", "") or "non indiqué") for source in cited)
    return {
        **titles,
        "title": layer.titles["fr"],
        "kind": layer.kind,
        "source": " ; ".join(dict.fromkeys(map(_cited, cited))) or "calcul",
        "vintage": " ; ".join(vintages),
        "licence": " ; ".join(
            dict.fromkeys(filter(None, (getattr(cited_layer, "licence", "") for cited_layer in cited)))
        ),
    }


def _cited(source: Cited) -> str:
    return source.name if isinstance(source, Path) else source.title


def _texts(text: Texts | str) -> Texts:
    return same(text) if isinstance(text, str) else text


def _note(note: Texts | str) -> Texts:
    """Give a note in the languages that it has: one of a table is in French alone.

    An option of the command between brackets is advice to who computes, not to who looks at a map.
    """
    return {"fr": OPTION_ASIDE.sub("", note)} if isinstance(note, str) else note
