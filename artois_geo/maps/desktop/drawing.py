"""The drawing of a layer for a desktop GIS: the colours that our maps give to the same features."""

import pandas as pd

from artois_geo import languages, meaning
from artois_geo.formats.exports.records import Drawing, Look
from artois_geo.maps import style

OUTLINE_MM = 0.3
MM_PER_PX = 25.4 / 96  # of the CSS pixels of our pages
FILL_OPACITY, GROUND_OPACITY = 0.7, 0.0  # what lies below a shape stays in sight
MOST_LOOKS = 60  # beyond, a legend is no help: one look for all


def drawing(features: pd.DataFrame, kind: str = "") -> Drawing:
    """Choose how a desktop GIS draws features, from ``style.toml``.

    Parameters
    ----------
    features
        The column of its class, if any, decides the colours.
    kind
        Kind of layer; without one, the columns may make it known.

    Examples
    --------
    >>> from artois_geo import example
    >>> zones = example.square(x_km=0, y_km=0, side_km=1, TYPEZONE="AUc")
    >>> chosen = drawing(zones)
    >>> chosen.column, chosen.looks["AUc"].label
    ('TYPEZONE', 'Zone à urbaniser, ouverte (AUc)')
    """
    drawn_as = style.kind_style(style.drawn_like(kind, features.columns))
    opacity = GROUND_OPACITY if drawn_as["drawn"] == "ground" else FILL_OPACITY
    rest = _look(drawn_as, drawn_as, opacity)
    column = meaning.first_column(features, drawn_as["class"])
    if column is None or not (drawn_as["drawn"] == "discs" or drawn_as.get("icons")):
        return Drawing(rest)
    texts = [text for text in dict.fromkeys(features[column]) if isinstance(text, str) and text.strip()]
    if not texts or len(texts) > MOST_LOOKS:
        return Drawing(rest)
    families = {family["id"]: family for family in style.read_style()["families"]}
    entries = dict(enumerate(drawn_as.get("icons", []))) | families
    looks = {
        text: _look(entries.get(look, drawn_as), drawn_as, opacity)
        for text, look in zip(texts, style.looks(drawn_as, texts), strict=True)
    }
    if drawn_as["drawn"] == "discs":
        rest = _look(families[style.UNKNOWN], drawn_as, opacity)
    return Drawing(rest, column, looks)


def _look(entry: style.Style, drawn_as: style.Style, opacity: float) -> Look:
    """Give the look of an entry of ``style.toml``; what it does not say is as for its kind."""
    label = entry.get("label", {}).get(languages.SOURCE, "")
    fill = str(entry.get("fill", drawn_as["fill"]))
    width_mm = drawn_as["weight"] * MM_PER_PX if "weight" in drawn_as else OUTLINE_MM
    return Look(fill, str(entry.get("stroke", drawn_as["stroke"])), width_mm, opacity, label)
