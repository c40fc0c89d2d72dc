"""Fields that a delivery lacks and that its shapes give: identifier, main commune, area."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo import measure
from artois_geo.deliveries import identifiers
from artois_geo.kinds.communes import commune_outlines, main_commune
from artois_geo.kinds.schema import Schema
from artois_geo.meaning import is_missing
from artois_geo.text import counted


@dataclass(frozen=True, eq=False)
class Completion:
    """Say how a delivery gets its empty fields filled, see :func:`complete`."""

    communes: gpd.GeoDataFrame | None = None
    earlier: Sequence[gpd.GeoDataFrame] = ()
    code: str = ""

    def __repr__(self) -> str:
        towns = "sans communes" if self.communes is None else counted(len(self.communes), "commune")
        earlier = counted(len(self.earlier), "livraison antérieure", "livraisons antérieures")
        return f"<Completion : {towns}, {earlier}{f', code {self.code}' if self.code else ''}>"

    def filled(self, features: gpd.GeoDataFrame, schema: Schema) -> gpd.GeoDataFrame:
        """Return the features of a kind with their empty fields filled."""
        return completer(schema, self.communes, self.earlier, code=self.code)(features)


def complete(
    communes: gpd.GeoDataFrame | None = None,
    *,
    earlier: Sequence[gpd.GeoDataFrame] = (),
    code: str = "",
) -> Completion:
    """Fill the fields that a delivery lacks from its shapes: identifier, main commune, area.

    It is what ``artois-geo couches importer --completer`` does; given values stay.

    Parameters
    ----------
    communes
        EPSG:2154, polygons with ``comm_insee`` and ``comm_nom``, or the names of ADMIN EXPRESS and
        geo.api.gouv.fr; without it, no commune is filled.
    earlier
        States of the layer that came before: an object known there keeps its identifier.
    code
        Column of the partner's own code, by which objects are known.

    Returns
    -------
    Completion
        For ``receive(…, complete=…)``.

    Examples
    --------
    A zone of 1 ha that has only a name, in a commune of 1 km²:

    >>> import tempfile
    >>> from artois_geo import example, layers
    >>> zone = example.square(x_km=0, y_km=0, side_km=0.1, site_nom="Les Hauts")
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, comm_insee="62498", comm_nom="Lens")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = f"{folder}/zones.geojson"
    ...     layers.write(zone, file)
    ...     received = layers.receive(file, "site_eco", complete=layers.complete(commune))
    >>> received.features[["site_comm_nom", "site_id", "site_surf_brute"]].values.tolist()
    [['Lens', '62498_SITE-ECO_00001', 1.0]]
    """
    return Completion(communes, tuple(earlier), code)


def completer(
    schema: Schema,
    communes: gpd.GeoDataFrame | None = None,
    earlier: Sequence[gpd.GeoDataFrame] = (),
    *,
    code: str = "",
) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """Make the function that fills the empty fields of a kind from the shapes; given values stay.

    Parameters
    ----------
    schema
        Its ``delivery`` table says which field takes the commune (``commune_code``,
        ``commune_name``) and how an identifier is made (``id_format``).
    communes
        EPSG:2154, polygons with ``comm_insee`` and ``comm_nom``, or the names of ADMIN EXPRESS
        and geo.api.gouv.fr; the main commune has the largest share of the feature.
    earlier, code
        States of the layer and column of the partner's code, see :func:`identifiers.identifiers`: an
        object known before keeps its identifier.

    Returns
    -------
    callable
        Features in EPSG:2154 to the same features, completed. ``attrs["identifiers"]`` counts those that
        were given, that earlier states know, and that are new, where the kind has a key.

    Examples
    --------
    >>> from artois_geo.deliveries import completer
    >>> from artois_geo import example, kinds
    >>> zone = example.square(x_km=0, y_km=0, side_km=0.1)
    >>> completer(kinds.read_kind("site_eco"))(zone)["site_id"].tolist()
    ['00000_SITE-ECO_00001']
    """
    delivery = dict(schema.delivery)
    if communes is not None:
        communes = commune_outlines(communes)

    def complete(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        filled = features.copy()
        filled.attrs = dict(features.attrs)
        if communes is not None:
            main = main_commune(features, communes)
            for target, column in (("commune_code", "comm_insee"), ("commune_name", "comm_nom")):
                if target in delivery:
                    filled = _filled(filled, delivery[target], main[column].tolist())
        for field in schema.fields:
            if field.measures == "area":
                per_unit = 1.0 if field.unit == "m²" else measure.M2_PER_HA
                areas = np.round(features.geometry.area.to_numpy() / per_unit, 4)
                filled = _filled(filled, field.name, areas.tolist())
        if schema.key:
            names = identifiers.identifiers(filled, schema, earlier, code=code)
            filled.attrs["identifiers"] = {"given": names.given, "known": names.known, "new": names.new}
            filled = _filled(filled, schema.key, names.identifiers)
        return filled

    return complete


def _filled(features: gpd.GeoDataFrame, name: str, values: Sequence[object]) -> gpd.GeoDataFrame:
    """Return the features with a column whose empty cells take their values."""
    if name not in features.columns:
        cells = list(values)
    else:
        cells = [
            new if is_missing(old) else old for old, new in zip(features[name].tolist(), values, strict=True)
        ]
    column = pd.Series(cells, index=features.index, dtype=object).infer_objects()
    filled = features.assign(**{name: column})
    filled.attrs = dict(features.attrs)
    return filled
