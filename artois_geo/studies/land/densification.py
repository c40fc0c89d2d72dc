"""What could still be built on land units, by unit or by site."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo import constants, densification, layers
from artois_geo.errors import BadTable
from artois_geo.studies import StudyTable, data_warnings, planner_files
from artois_geo.studies.land.requests import DensificationRequest
from artois_geo.text import decimal_point, number

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.layers import Catalogue, Layer
    from artois_geo.studies.result_map import ResultMap

ALONE = "_seule"  # owner of parcels that each are a unit
CHOSEN = (
    "setback_m",
    "min_width_m",
    "min_part_ha",
    "mobilisable_share",
)  # by a planner


@dataclass(frozen=True)
class Settings:
    """Hold the thresholds of a densification by name, and the constants that give those nobody chose."""

    values: dict[str, Any]
    constants: list["Constant"]

    @property
    def thresholds(self) -> densification.Thresholds:
        """Return the thresholds as the analysis takes them."""
        return densification.Thresholds(**self.values)


def settings_on(day: date, chosen: dict[str, Any] | None = None) -> Settings:
    """Read the thresholds in force on a day, but those that a planner chose.

    Examples
    --------
    >>> settings = settings_on(date(2026, 12, 8), {"setback_m": 5.0})
    >>> settings.thresholds.setback_m, len(settings.constants) == len(densification.DEFAULTS) - 1
    (5.0, True)
    """
    chosen = chosen or {}
    read = {key: constants.get(name, on=day) for key, name in densification.DEFAULTS.items()}
    values = {key: chosen.get(key, constant.value) for key, constant in read.items()}
    return Settings(values, [constant for key, constant in read.items() if key not in chosen])


def units_of(
    parcels: "gpd.GeoDataFrame", *, owner: str | None = None, key: str = "id", **options: Any
) -> "gpd.GeoDataFrame":
    """Group the parcels of each owner that touch; without a column of owners each parcel is a unit.

    Parameters
    ----------
    parcels
        Polygons in EPSG:2154.
    owner, key
        Column of owners; column of cadastral identifiers.
    **options
        Further keywords of :func:`artois_geo.densification.land_units`.

    Examples
    --------
    >>> from artois_geo import example
    >>> units_of(example.square(x_km=0, y_km=0, side_km=0.1, id="59512000AB0001"))["unit_ha"].tolist()
    [1.0]
    """
    owned = parcels if owner else parcels.assign(**{ALONE: None})
    return densification.land_units(owned, owner=owner or ALONE, key=key, **options)


def study(
    parcelles: "Layer | Path",
    batiments: "Layer | Path",
    request: DensificationRequest,
    catalogue: "Catalogue",
    *,
    on: date,
    on_step: Callable[[str], object] = str,
) -> StudyTable:
    """Estimate what can be built on each land unit, or on each site, theoretical and mobilisable apart.

    Parameters
    ----------
    parcelles, batiments
        Layers of polygons.
    request
        Columns, perimeters, roads, thresholds.
    catalogue
        Where the name of the roads is looked up.
    on
        Day whose constants stand for the thresholds that nobody chose.
    on_step
        Called with the name of each step, in French.

    Raises
    ------
    BadTable, BadCRS, BadValue, UnknownName, UnreadableFile
        A file, a layer or a column that cannot be used.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> lot = example.square(x_km=0, y_km=0, side_km=0.1, id="59512000AB0001")
    >>> hall = example.square(x_km=0, y_km=0, side_km=0.02)
    >>> paths = [Path(tempfile.mkdtemp()) / name for name in ("lots.geojson", "halls.geojson")]
    >>> for features, path in zip([lot, hall], paths, strict=True):
    ...     layers.write(features, path)
    >>> answer = study(*paths, DensificationRequest(), layers.read_catalogue(), on=date(2026, 12, 8))
    >>> answer.table["state"].tolist()
    ['sous-bâtie']
    """
    parcels = layers.read(parcelles)
    sources = [parcelles, batiments, *([request.sites] if request.sites else [])]
    _require_columns(parcels, parcelles, request)
    zones = _perimeters(request)
    on_step("Unités foncières")
    units = _units(parcels, parcelles, request, zones)
    roads = None
    if request.roads:
        roads, road_source = planner_files.layer(request.roads, catalogue)
        sources.append(road_source)
    on_step("Reliquats")
    settings = settings_on(on, _chosen(request))
    capacity = densification.potential(
        units,
        layers.read(batiments),
        settings.thresholds,
        max_ces=_share_or_column(request.max_ces),
        roads=roads,
    )
    notes = [
        *_notes(capacity, request),
        *(note for features in (parcels, units) for note in data_warnings.warnings(features)),
    ]
    table = densification.by_site(capacity, key=request.site_key).reset_index() if request.by_site else None
    by_unit = _by_unit(capacity)
    buildable = by_unit[by_unit["theoretical_ha"] > 0].drop(columns=["geometry", "parcels"])
    access = densification.DEFAULTS["min_access_m"]
    return StudyTable(
        by_unit if table is None else table,
        title="Densification",
        sources=sources,
        constants=[constant for constant in settings.constants if request.roads or constant.name != access],
        surface="lambert93",
        notes=notes,
        labels={"unit_id": "Unité foncière", "parcels": "Parcelles"},
        members={"parametres": settings.values},
        brief=buildable if table is None else None,
        brief_notes=[*notes, *_unlisted(len(by_unit) - len(buildable), len(by_unit))],
    )


def drawn(answer: StudyTable) -> "ResultMap":
    """Draw what can be built on each land unit, from the table of :func:`study`.

    Examples
    --------
    >>> from artois_geo import example
    >>> figures = {"theoretical_ha": 1.0, "mobilisable_ha": 0.5}
    >>> unit = example.square(x_km=0, y_km=0, side_km=0.1, unit_id="A", **figures)
    >>> len(drawn(StudyTable(unit)).drawn)
    1
    """
    from artois_geo.studies.land.maps import densified  # here: a table does not wait for folium

    return densified.densified_map(answer)


def _require_columns(
    parcels: "gpd.GeoDataFrame", source: "Layer | Path", request: DensificationRequest
) -> None:
    """Refuse parcels that lack a column of the request, by the option that names it."""
    options = dict.fromkeys(request.keep, "--garder")
    if request.owner:
        options[request.owner] = "--proprietaire"
    if request.key:
        options[request.key] = "--cle"
    planner_files.require_columns(parcels, source.name, options)


def _perimeters(request: DensificationRequest) -> "gpd.GeoDataFrame | None":
    if not request.sites:
        return None
    zones = layers.read(request.sites)
    planner_files.require_columns(zones, request.sites.name, {request.site_key: "--cle-site"})
    return zones


def _units(
    parcels: "gpd.GeoDataFrame",
    source: "Layer | Path",
    request: DensificationRequest,
    zones: "gpd.GeoDataFrame | None",
) -> "gpd.GeoDataFrame":
    """Group the parcels into units; a file without identifiers is named in the message."""
    try:
        key = request.key or densification.parcel_key(parcels)
    except BadTable as error:
        raise BadTable(f"{source.name} : {error}") from error
    return units_of(
        parcels, owner=request.owner, key=key, keep=request.keep, sites=zones, site_key=request.site_key
    )


def _chosen(request: DensificationRequest) -> dict[str, Any]:
    """List the thresholds that the planner gave."""
    thresholds = {name: getattr(request, name) for name in CHOSEN if getattr(request, name) is not None}
    reference = _share_or_column(request.reference_ces)
    return thresholds | ({} if reference is None else {"reference_ces": reference})


def _by_unit(capacity: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """Give each unit the shape of what can still be built on it: that is worth a map."""
    by_unit = capacity.drop(columns=ALONE, errors="ignore").set_geometry("remainder_geometry")
    return by_unit.drop(columns="geometry").rename_geometry("geometry")


def _notes(capacity: "pd.DataFrame", request: DensificationRequest) -> list[str]:
    """Say both readings of the ground, and what the units are made of."""
    theoretical, mobilisable = (
        number(capacity[name].sum(), 2) for name in ("theoretical_ha", "mobilisable_ha")
    )
    notes = [
        f"Théorique {theoretical} ha ; mobilisable {mobilisable} ha :"
        " deux lectures du même sol, à ne pas additionner."
    ]
    if not request.owner:
        notes.append("Sans --proprietaire, chaque parcelle est prise pour une unité foncière.")
    elif not request.by_site:
        notes.append("Contient des propriétaires : à ne pas publier tel quel.")
    return notes


def _unlisted(count: int, unit_count: int) -> list[str]:
    if not count:
        return []
    return [
        f"Unités sans reliquat, non listées : {count} sur {unit_count} ;"
        " --format csv, json ou xlsx les donne toutes."
    ]


def _share_or_column(text: str | None) -> float | str | None:
    """Read a share with a decimal comma or point, or keep the name of a column."""
    if not text:
        return None
    try:
        return float(decimal_point(text))
    except ValueError:
        return text
