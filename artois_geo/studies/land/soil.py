"""What the available land already is: read of a layer as it was delivered, and of all sites together."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from artois_geo import land, shapes
from artois_geo.measure import LAMBERT93
from artois_geo.studies import Assumptions, planner_files
from artois_geo.studies.land import constraint_layers
from artois_geo.studies.land.requests import AvailableRequest
from artois_geo.studies.library import soil_nomenclatures
from artois_geo.text import number

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer

NATURE = "nature"  # column of a layer that says it in our words


@dataclass(frozen=True)
class DescribedLand:
    """Hold the available land with the hectares of each nature, what to say, and the layer that was read."""

    remaining: gpd.GeoDataFrame
    notes: list[str]
    source: "Layer | Path"


def describe(
    remaining: gpd.GeoDataFrame, request: AvailableRequest, catalogue: "Catalogue", *, on: date
) -> DescribedLand:
    """Measure what the available land of each site already is.

    Parameters
    ----------
    remaining
        From :func:`artois_geo.land.available`.
    request
        ``soil`` names the layer. With ``soil_column`` or ``natures``, or a column « nature », the words of
        that column count; else a nomenclature is recognised by the columns, or is ``nomenclature``.
    catalogue
        Where the name of a layer is looked up.
    on
        Day whose convention says how much a repair may change a polygon.

    Raises
    ------
    BadTable, UnknownName, UnreadableFile
        A layer, a column, a class or a nomenclature that cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from artois_geo import example, layers
    >>> path = Path(tempfile.mkdtemp()) / "plu.geojson"
    >>> layers.write(example.rectangle(x_km=0, y_km=0, width_km=0.3, height_km=1, typezone="A"), path)
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> left = land.available(site, example.square(x_km=5, y_km=5, side_km=1))
    >>> answer = describe(left, AvailableRequest(soil=str(path)), {}, on=date(2026, 12, 8))
    >>> answer.remaining[["enaf_ha", "not_enaf_ha", "soil_unknown_ha"]].round(3).values.tolist()
    [[30.0, 0.0, 70.0]]
    """
    source = planner_files.source_of(str(request.soil), catalogue)
    max_change_share = Assumptions(on).value(constraint_layers.MAX_CHANGE)
    cover, repairs = constraint_layers.sound(source, source.name, max_change_share)
    notes = constraint_layers.describe_repairs(repairs)
    in_words = request.soil_column or request.natures or NATURE in cover.columns
    if in_words and not request.nomenclature:
        column = request.soil_column or NATURE
        described = land.soil(remaining, cover, by=column, natures=request.natures)
        return DescribedLand(described, notes, source)
    reading = soil_nomenclatures.read(cover, source.name, request.nomenclature)
    cover = gpd.GeoDataFrame({NATURE: reading.natures}, geometry=cover.geometry.to_numpy(), crs=cover.crs)
    cover = cover[shapes.are_polygons(cover)]
    described = land.soil(remaining, cover, by=NATURE, split=land.SPLIT)
    return DescribedLand(described, [_total(remaining, cover), *notes, *reading.notes], source)


def _total(remaining: gpd.GeoDataFrame, cover: gpd.GeoDataFrame) -> str:
    """Say what the land of all measured sites is together, the ground of several counted once."""
    measured = remaining[~remaining["schematic"].astype(bool)]
    ground = shapely.union_all(measured.geometry.to_numpy())
    ground_frame = gpd.GeoDataFrame(geometry=[ground], crs=LAMBERT93)
    sums = land.soil(ground_frame, cover, by=NATURE, split=land.SPLIT).iloc[0]
    whole_ha = number(sum(sums[name] for name in ("enaf_ha", "not_enaf_ha", "soil_unknown_ha")), 2)
    return (
        f"Disponible mesuré, sans double compte : {whole_ha} ha = {number(sums['enaf_ha'], 2)} ENAF"
        f" + {number(sums['not_enaf_ha'], 2)} non ENAF + {number(sums['soil_unknown_ha'], 2)} inconnus."
    )
