"""A page on a stand: it rests, guides, and draws the addresses that nobody can follow there."""

import base64
import re
from collections.abc import Iterator, Sequence

import numpy as np
import segno

from artois_geo import meaning
from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps import style
from artois_geo.maps.records import KioskMode, MapLayer

OFFER = "terrain_eco"  # kind of the land on offer: where the guided tour starts when nobody names its sites
ADDRESS = re.compile(r"https?://\S+")
AFTER_ADDRESS = ").,;"  # the same as in dom.js


def mode(layers: Sequence[MapLayer], idle_s: float | None) -> KioskMode:
    """Return what a page on a stand needs besides its layers.

    Raises
    ------
    BadValue
        A patience that is no positive number of seconds.
    """
    settings = style.read_style()["stand"]
    patience = float(settings["idle_s"]) if idle_s is None else idle_s
    if not 0 < patience < float("inf"):
        raise BadValue(f"Veille de {idle_s} s : donner un nombre de secondes plus grand que zéro.")
    addresses = list(dict.fromkeys(address for layer in layers for address in _addresses(layer)))
    codes = {address: qr_code(address) for address in addresses[: settings["codes"]]}
    return KioskMode(idle_s=patience, codes={address: code for address, code in codes.items() if code})


def tour(layers: Sequence[MapLayer], requested: Sequence[str] | None) -> tuple[str, ...]:
    """Return the features of a guided tour, as the page calls them.

    Parameters
    ----------
    layers
        Layers of the map, from the ground up.
    requested
        Sites by id or by name, in order; capitals and accents do not count. None takes the land on
        offer, the largest first; without any, the first sites of the list.

    Raises
    ------
    UnknownName
        A site that no layer of the map holds; the message offers the nearest names.
    """
    listed = [
        layer
        for layer in reversed(layers)
        if layer.style["drawn"] not in {"ground", "none"} and layer.bulk is None
    ]
    if requested is None:
        return _default_tour(listed)
    feature_by_name: dict[str, str] = {}
    names: dict[str, None] = {}
    for layer in listed:
        for key, name in zip(layer.features.keys, layer.features.names, strict=True):
            feature = f"{layer.id}.{key}"
            for spelling in (feature, key if not key.isdecimal() else "", name or ""):
                feature_by_name.setdefault(meaning.words(spelling), feature)
            names.setdefault(name or key)
    features = []
    for site in requested:
        if meaning.words(site) not in feature_by_name or not meaning.words(site):
            raise UnknownName("site", site, names)
        features.append(feature_by_name[meaning.words(site)])
    return tuple(features)


def _default_tour(listed: Sequence[MapLayer]) -> tuple[str, ...]:
    """Choose the land on offer, the largest first; without any, the layers that the list opens."""
    offered = [layer for layer in listed if layer.kind == OFFER and layer.features.keys]
    tour_layers = offered or [
        layer for layer in listed if layer.style["listed"] == "open" and layer.features.keys
    ]
    tour_features: list[str] = []
    for layer in tour_layers:
        features = layer.features
        located = [i for i in range(len(features)) if features.points[i]]
        located.sort(key=lambda i: (-(features.areas[i] or 0.0), features.names[i] or ""))
        tour_features += [f"{layer.id}.{features.keys[i]}" for i in located]
    return tuple(tour_features[: style.read_style()["stand"]["tour_sites"]])


def _addresses(layer: MapLayer) -> Iterator[str]:
    """Yield the web addresses that a card may show; a large layer has too many for a page."""
    columns = [] if layer.bulk else layer.features.columns.values()
    texts = [layer.source, *(value for column in columns for value in column)]
    for text in texts:
        if isinstance(text, str):
            yield from (address.rstrip(AFTER_ADDRESS) for address in ADDRESS.findall(text))


def qr_code(address: str) -> str:
    """Encode a QR code as ``side:bits``, the bits row by row in base64; empty for too long an address.

    Examples
    --------
    >>> qr_code("https://exemple.fr").split(":")[0]
    '25'
    """
    try:
        code = segno.make_qr(address, error="l")
    except segno.DataOverflowError:
        return ""
    modules = np.array([list(row) for row in code.matrix], dtype=np.uint8)
    return f"{len(modules)}:{base64.b64encode(np.packbits(modules & 1).tobytes()).decode('ascii')}"
