"""Features of a delivery that are set aside, kept beside the layer and in its history with their reasons."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd

from artois_geo import measure
from artois_geo.deliveries.delivery import Delivery
from artois_geo.formats.geojson import geojson_writer, json_values
from artois_geo.formats.geojson.geometry_text import coordinates_of
from artois_geo.layers import history, store


def keep(folder: Path, layer: str, rejected: tuple[str, bytes] | None, version: int) -> None:
    """Keep the rejects of this import beside the layer; those of an earlier one stay in the history only."""
    for suffix in (".rejets.geojson", ".rejets.csv"):
        file = folder / f"{layer}{suffix}"
        if rejected is not None and rejected[0] == suffix:
            store.replace(
                folder / history.FOLDER / layer / f"{version:04d}{suffix}", rejected[1], within=folder
            )
            store.replace(file, rejected[1], within=folder)
        else:
            file.unlink(missing_ok=True)


def rejected_file(delivery: Delivery) -> tuple[str, bytes]:
    """Write what is set aside: reasons first, then the features as they were delivered."""
    rows = set(delivery.aside)
    reasons = [
        row for row in delivery.rows() if row["level"] == "erreur" and (row["position"] or 0) - 1 in rows
    ]
    if not delivery.raw.has_geometry:
        return ".rejets.csv", _rejected_table(delivery, reasons)
    features = delivery.aside_texts or _rejected_features(delivery)
    head = json.dumps(reasons, ensure_ascii=False, default=str)
    body = ",\n".join(features)
    return ".rejets.geojson", (
        f'{{"type":"FeatureCollection",\n"rejets":{head},\n"features":[\n{body}\n]}}\n'.encode()
    )


def _rejected_features(delivery: Delivery) -> Iterator[str]:
    """Yield original attributes and position; a shape without position is null, its text an attribute."""
    raw = delivery.raw
    for row in delivery.aside:
        shape = raw.shapes[row]
        try:
            geometry = None if shape is None else _degrees(shape)
        except ValueError:
            geometry = None
        values = {name: _as_delivered(column[row]) for name, column in raw.original.items()}
        feature = {"type": "Feature", "properties": values, "geometry": geometry}
        yield json.dumps(feature, ensure_ascii=False, default=str)


def _as_delivered(value: Any) -> Any:
    """Return a value as it came, in words where JSON cannot hold it: that may be why it is set aside."""
    plain = geojson_writer.json_value(value)
    return json_values.without_half_characters(str(plain)) if json_values.fault(plain) else plain


def _degrees(shape: Any) -> dict[str, Any] | None:
    series = gpd.GeoSeries([shape], crs=measure.LAMBERT93).to_crs(measure.WGS84)
    described = coordinates_of(series.iloc[0])
    json.dumps(described, allow_nan=False)
    return described


def _rejected_table(delivery: Delivery, reasons: Iterable[dict[str, Any]]) -> bytes:
    columns = delivery.raw.original
    messages: dict[int, list[str]] = {}
    for reason in reasons:
        messages.setdefault(reason["position"] - 1, []).append(f"{reason['field']} : {reason['message']}")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
    writer.writerow([*columns, "rejet_position", "rejet_motif"])
    for row in delivery.aside:
        cells = ["" if column[row] is None else column[row] for column in columns.values()]
        writer.writerow([*cells, row + 1, " | ".join(messages.get(row, []))])
    return buffer.getvalue().encode()
