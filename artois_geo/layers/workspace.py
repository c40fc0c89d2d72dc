"""What changes a workspace: an import, a repair, a version brought back; each recorded, none partial."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson

from artois_geo import measure
from artois_geo.deliveries.delivery import Delivery
from artois_geo.errors import BadValue, UnreadableFile, UnwritableFile, reason
from artois_geo.formats import opening
from artois_geo.formats.geojson import (
    fast_geojson,
    feature_texts,
    geojson_reader,
    geojson_writer,
    geometry_text,
    json_values,
)
from artois_geo.formats.geojson.geometry_text import coordinates_of
from artois_geo.kinds import repairs
from artois_geo.kinds.repairs import repair
from artois_geo.kinds.schema import kinds
from artois_geo.layers import catalogue, history, store
from artois_geo.layers.catalogue import Layer

UNSAID = "non indiqué"


def save_delivery(
    delivery: Delivery,
    source: Path,
    folder: Path,
    layer: str,
    *,
    title: str = "",
    origin: str = UNSAID,
    licence: str = UNSAID,
    vintage: str = UNSAID,
    encoding: str = "",
) -> dict[str, Any]:
    """Write a delivery that was not refused as a layer of a workspace, with its history.

    Parameters
    ----------
    delivery
        From ``receive``.
    source
        The delivered file, to remember its checksum and to set features aside as they were.
    folder, layer
        Workspace, made if it is absent, and name of the layer.
    title, origin, licence, vintage
        For the catalogue, when the layer is new to it.
    encoding
        As given to ``receive``.

    Returns
    -------
    dict
        The event written in the history.

    Raises
    ------
    BadValue
        A refused delivery, or a name that is no layer's.
    UnwritableFile
        The disk is full, the folder closed, or somebody else writes.
    """
    if delivery.outcome == "reject":
        raise BadValue(f"{delivery.name} : livraison refusée, rien n'est écrit.")
    folder = Path(folder)
    history.layer_path(folder, layer)
    _make(folder)
    with store.lock(folder, command=f"couches importer {delivery.name}"):
        before = _hectares(history.layer_path(folder, layer))
        event: dict[str, Any] = {
            "command": "importer",
            "input": delivery.name,
            "input_sha256": _checksum(source),
            "kind": delivery.schema.name,
            "features_in": delivery.counted,
            "features_out": len(delivery.features),
            "set_aside": len(delivery.aside),
            "ha_before": before,
            "ha_after": round(delivery.after_ha, 4),
        }
        blanked = [
            {"feature": row["feature"], "field": row["field"], "delivered": row["delivered"]}
            for row in delivery.rows()
            if "delivered" in row
        ]
        if blanked:
            event["blanked"] = blanked
        rejects = _rejects(delivery, source, encoding) if delivery.aside else None
        text = (piece.encode() for piece in geojson_writer.pieces(_ordered(delivery), delivery.degrees))
        # a user's own kind stays with the user
        kind = delivery.schema.name if delivery.schema.name in kinds() else ""
        path = history.layer_path(folder, layer)
        entry = Layer(layer, path, kind, title or delivery.schema.title, origin, licence, vintage)

        def described(version: int) -> None:
            _keep_rejects(folder, layer, rejects, version)
            known = catalogue.with_entry(folder, entry)
            if known is not None:
                store.replace(folder / catalogue.CATALOGUE_FILE, known, within=folder)

        event["version"] = history.commit(folder, layer, text, event, check=_readable, then=described)
    return event


def _ordered(delivery: Delivery) -> gpd.GeoDataFrame:
    """Fields of the kind first, in its order, then the other columns."""
    frame = delivery.features
    fields = [one.name for one in delivery.schema.fields if one.name in frame.columns]
    others = [name for name in frame.columns if name not in fields and name != frame.geometry.name]
    ordered = frame[[*fields, *others, frame.geometry.name]]
    ordered.attrs = dict(frame.attrs)
    return ordered


def repair_layer(
    folder: Path,
    layer: str,
    *,
    max_overlap_m2: float = 0.0,
    max_gap_m2: float = 0.0,
    min_piece_m2: float = 0.0,
    dry_run: bool = False,
) -> tuple[gpd.GeoDataFrame, Any]:
    """Repair a layer of the workspace in place; returns it and the report.

    With ``dry_run`` nothing is written. See :func:`artois_geo.kinds.repairs.repair`.
    """
    folder = Path(folder)
    kind = _kind(folder, layer)
    with store.lock(folder, command=f"couches reparer {layer}"):
        path = _existing(folder, layer)
        before = geojson_reader.read(path)
        mended, report = repair(
            before, kind, max_overlap_m2=max_overlap_m2, max_gap_m2=max_gap_m2, min_piece_m2=min_piece_m2
        )
        if not dry_run and (report["rule"] != "réparation impossible").any():
            event = {
                "command": "reparer",
                "repairs": len(report),
                "features_in": len(before),
                "features_out": len(mended),
                "set_aside": len(before) - len(mended),
                "ha_before": _ha(before),
                "ha_after": _ha(mended),
            }
            wgs84 = mended.to_crs(measure.WGS84)
            wgs84.attrs = dict(before.attrs)
            history.commit(
                folder, layer, (one.encode() for one in geojson_writer.pieces(wgs84)), event, check=_readable
            )
    return mended, report


def restore(folder: Path, layer: str, version: int) -> dict[str, Any]:
    """Bring a version of a layer back, byte for byte; the one it replaces stays in the history.

    Returns
    -------
    dict
        The event written in the history.
    """
    folder = Path(folder)
    with store.lock(folder, command=f"couches restaurer {layer}"):
        file = history.version_path(folder, layer, version)
        path = history.layer_path(folder, layer)
        before, after = _hectares(path), _hectares(file)
        event = {"command": "restaurer", "restored": version, "ha_before": before, "ha_after": after}
        event["version"] = history.commit(folder, layer, history.read_pieces(file), event)
    return event


def note_export(folder: Path, layer: str, target: Path, standard: str, count: int) -> None:
    """Remember that a layer left the workspace, and under which checksum."""
    with store.lock(Path(folder), command=f"couches exporter {layer}"):
        event = {
            "command": "exporter",
            "output": target.name,
            "output_sha256": history.checksum(target),
            "standard": standard,
            "features_out": count,
        }
        history.note(Path(folder), layer, event)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFile(f"Dossier impossible à créer : {folder} ({reason(error)}).") from error


def _existing(folder: Path, layer: str) -> Path:
    path = history.layer_path(folder, layer)
    if not path.is_file():
        raise UnreadableFile(f"La couche « {layer} » n'existe pas dans {folder}.")
    return path


def _kind(folder: Path, layer: str) -> str | None:
    known = catalogue.read_catalogue(folder)
    kind = known[layer].kind if layer in known else ""
    return kind if kind in kinds() else None


_NOT_READ = "La couche écrite ne se relit pas : rien n'a été remplacé."


def _readable(path: Path) -> None:
    """The new version reads back whole: an encoder fault never replaces a layer."""
    with path.open("rb", buffering=1 << 20) as lines, fast_geojson.without_collector():
        inside = ended = False
        for line in lines:
            ended = line == b"]}\n"
            if inside and not ended and line.strip():
                _refuse_unread(line)
            inside = inside or line == b'"features":[\n'
    if not inside or not ended:
        raise UnwritableFile(_NOT_READ)


def _refuse_unread(line: bytes) -> None:
    try:
        read = orjson.loads(line.strip().removesuffix(b","))
    except ValueError as error:
        raise UnwritableFile(_NOT_READ) from error
    # a number that JSON lacks, infinity for one, would stand as null among the coordinates
    said = line.find(b',"geometry":')
    doubtful = said < 0 or line.find(b"null", said) >= 0
    if not isinstance(read, dict) or (doubtful and b"null" in orjson.dumps(read.get("geometry") or {})):
        raise UnwritableFile(_NOT_READ)


def _hectares(path: Path) -> float | None:
    if not path.is_file():
        return None
    try:
        total, batch = 0.0, []
        for feature in geojson_reader.features(path):  # never a second layer in memory
            batch.append(geometry_text.shape_of(feature["geometry"])[0] if feature["geometry"] else None)
            if len(batch) == repairs.BATCH:
                total, batch = total + _plane_m2(batch), []
        return round((total + _plane_m2(batch)) / measure.M2_PER_HA, 4)
    except (UnreadableFile, ValueError, TypeError, KeyError):
        return None


def _plane_m2(shapes: list[Any]) -> float:
    series = gpd.GeoSeries(shapes, crs=measure.WGS84) if shapes else gpd.GeoSeries([], crs=measure.WGS84)
    return float(series.to_crs(measure.LAMBERT93).area.sum())


def _ha(frame: gpd.GeoDataFrame) -> float:
    return round(float(frame.geometry.area.sum() / measure.M2_PER_HA), 4)


def _checksum(source: Path) -> str:
    source = Path(source)
    if source.is_file():
        return history.checksum(source)
    parts = sorted(one for one in source.iterdir() if one.is_file())
    return " ".join(f"{one.name}:{history.checksum(one)}" for one in parts)


def _keep_rejects(folder: Path, layer: str, rejects: tuple[str, bytes] | None, version: int) -> None:
    """The rejects of this import beside the layer; those of an earlier one stay in the history only."""
    for suffix in (".rejets.geojson", ".rejets.csv"):
        beside = folder / f"{layer}{suffix}"
        if rejects is not None and rejects[0] == suffix:
            store.replace(
                folder / history.FOLDER / layer / f"{version:04d}{suffix}", rejects[1], within=folder
            )
            store.replace(beside, rejects[1], within=folder)
        else:
            beside.unlink(missing_ok=True)


def _rejects(delivery: Delivery, source: Path, encoding: str) -> tuple[str, bytes]:
    """What is set aside: reasons first, then the features as they were delivered."""
    rows = set(delivery.aside)
    reasons = [
        one for one in delivery.rows() if one["level"] == "erreur" and (one["position"] or 0) - 1 in rows
    ]
    if not delivery.raw.has_geometry:
        return ".rejets.csv", _rejected_table(delivery, reasons)
    if delivery.format == "GeoJSON":
        with opening.opened(Path(source), opening.Limits(), delivery.raw.source) as found:
            places = delivery.raw.places
            kept = feature_texts.texts(found.path, rows, encoding=encoding or "utf-8", places=places)
    else:
        kept = list(_rejected_features(delivery))
    head = json.dumps(reasons, ensure_ascii=False, default=str)
    body = ",\n".join(kept)
    return ".rejets.geojson", (
        f'{{"type":"FeatureCollection",\n"rejets":{head},\n"features":[\n{body}\n]}}\n'.encode()
    )


def _rejected_features(delivery: Delivery) -> Iterator[str]:
    """Original attributes and place; a shape that could not be placed is null, its text an attribute."""
    raw = delivery.raw
    for row in delivery.aside:
        shape = raw.shapes[row]
        try:
            placed = None if shape is None else _degrees(shape)
        except ValueError:
            placed = None
        values = {name: _as_delivered(column[row]) for name, column in raw.original.items()}
        feature = {"type": "Feature", "properties": values, "geometry": placed}
        yield json.dumps(feature, ensure_ascii=False, default=str)


def _as_delivered(value: Any) -> Any:
    """A value as it came, in words where JSON cannot hold it: that may be why it is set aside."""
    plain = geojson_writer.json_value(value)
    return json_values.whole(str(plain)) if json_values.fault(plain) else plain


def _degrees(shape: Any) -> dict[str, Any] | None:
    series = gpd.GeoSeries([shape], crs=measure.LAMBERT93).to_crs(measure.WGS84)
    described = coordinates_of(series.iloc[0])
    json.dumps(described, allow_nan=False)
    return described


def _rejected_table(delivery: Delivery, reasons: Iterable[dict[str, Any]]) -> bytes:
    columns = delivery.raw.original
    said: dict[int, list[str]] = {}
    for one in reasons:
        said.setdefault(one["position"] - 1, []).append(f"{one['field']} : {one['message']}")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
    writer.writerow([*columns, "rejet_position", "rejet_motif"])
    for row in delivery.aside:
        cells = ["" if column[row] is None else column[row] for column in columns.values()]
        writer.writerow([*cells, row + 1, " | ".join(said.get(row, []))])
    return buffer.getvalue().encode()
