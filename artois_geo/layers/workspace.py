"""What changes a workspace: an import, a repair, a version brought back; each recorded, none partial."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson

from artois_geo import measure
from artois_geo.deliveries.delivery import Delivery
from artois_geo.errors import BadValue, UnreadableFile, UnwritableFile
from artois_geo.formats.geojson import (
    fast_geojson,
    geojson_reader,
    geojson_writer,
    geometry_text,
)
from artois_geo.kinds import repairs
from artois_geo.kinds.former_kinds import converted
from artois_geo.kinds.repairs import repair
from artois_geo.kinds.schema import Schema, kinds
from artois_geo.layers import catalogue, conversion, history, recipes, rejects, store
from artois_geo.layers.catalogue import Layer
from artois_geo.text import UNSAID, UNSAID_FEMININE


@dataclass(frozen=True)
class LayerDescription:
    """What the catalogue tells of a layer: title, who made it, licence, year of the data.

    With ``renews``, what the catalogue already tells of its source, licence and vintage is replaced.
    """

    title: str = ""
    origin: str = UNSAID_FEMININE
    licence: str = UNSAID_FEMININE
    vintage: str = UNSAID
    renews: bool = False
    kept: Callable[[int], None] = lambda _: None  # called with the version: what belongs to the same change


def save_delivery(
    delivery: Delivery,
    source: Path,
    folder: Path,
    layer: str,
    *,
    description: LayerDescription | None = None,
    recipe: tuple[str, bytes] | None = None,
) -> dict[str, Any]:
    """Write a delivery that was not refused as a layer of a workspace, with its history.

    Parameters
    ----------
    delivery
        From ``receive``.
    source
        The delivered file, to remember its checksum.
    folder, layer
        Workspace, made if it is absent, and name of the layer.
    description
        For the catalogue, when the layer is new to it.
    recipe
        Name and text of what the file was read with, kept in the folder and named in the history.

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
    event = import_event(delivery, source)
    if recipe is not None:
        event["recipe"] = f"{recipes.FOLDER}/{recipe[0]}"
    rejected = rejects.rejected_file(delivery) if delivery.aside else None

    def keep(version: int) -> None:
        rejects.keep(folder, layer, rejected, version)
        if recipe is not None:
            recipes.keep(folder, *recipe)

    about = replace(description or LayerDescription(), kept=keep)
    return save_written(delivery_pieces([delivery]), event, folder, layer, delivery.schema, about)


def save_written(
    pieces: Iterable[bytes],
    event: dict[str, Any],
    folder: Path,
    layer: str,
    schema: Schema,
    description: LayerDescription,
) -> dict[str, Any]:
    """Put the bytes of a layer in a workspace, with what its history and its catalogue tell of it.

    Parameters
    ----------
    pieces
        From :func:`delivery_pieces`.
    event
        From :func:`import_event`.
    folder, layer, description
        As for :func:`save_delivery`.
    schema
        Kind of the layer.

    Raises
    ------
    UnwritableFile
        The disk is full, the folder closed, or somebody else writes.
    """
    folder = Path(folder)
    history.layer_path(folder, layer)
    store.make_folder(folder)
    with store.lock(folder, command=f"couches importer {event['input']}"):
        conversion.convert(folder)
        path = history.layer_path(folder, layer)
        event = event | {"ha_before": _hectares(path)}
        kind = schema.name if schema.name in kinds() else ""  # a user's own kind stays with the user
        about = description
        title = about.title or schema.title
        entry = Layer(layer, path, kind, title, about.origin, about.licence, about.vintage)

        def describe(version: int) -> None:
            about.kept(version)
            catalogue_text = catalogue.with_entry(folder, entry, renew=about.renews)
            if catalogue_text is not None:
                store.replace(folder / catalogue.CATALOGUE_FILE, catalogue_text, within=folder)

        version = history.commit(folder, layer, pieces, event, check=_readable, on_committed=describe)
    return event | {"version": version}


def delivery_pieces(deliveries: Iterable[Delivery]) -> Iterator[bytes]:
    """Write deliveries that make one layer as its file, piece by piece, one delivery in memory at a time."""

    def frames() -> Iterator[tuple[gpd.GeoDataFrame, Any]]:
        for delivery in deliveries:
            yield _ordered(delivery), delivery.degrees
            del delivery  # before the next is made

    return (piece.encode() for piece in geojson_writer.pieces_of(frames()))


def import_event(delivery: Delivery, source: Path) -> dict[str, Any]:
    """Make the line of the history that tells of an import."""
    event: dict[str, Any] = {
        "command": "importer",
        "input": delivery.name,
        "input_sha256": _checksum(source),
        "kind": delivery.schema.name,
        "features_in": delivery.counted,
        "features_out": len(delivery.features),
        "set_aside": len(delivery.aside),
        "ha_before": None,  # once the folder is locked
        "ha_after": round(delivery.after_ha, 4),
    }
    blanked = [
        {"feature": row["feature"], "field": row["field"], "delivered": row["delivered"]}
        for row in delivery.rows()
        if "delivered" in row
    ]
    return event | ({"blanked": blanked} if blanked else {})


def _ordered(delivery: Delivery) -> gpd.GeoDataFrame:
    """Put the fields of the kind first, in its order, then the other columns."""
    frame = delivery.features
    fields = [field.name for field in delivery.schema.fields if field.name in frame.columns]
    extra = [name for name in frame.columns if name not in fields and name != frame.geometry.name]
    ordered = frame[[*fields, *extra, frame.geometry.name]]
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
        if not dry_run:
            conversion.convert(folder)
        features = converted(geojson_reader.read(path), _former_kind(folder, layer))
        mended, report = repair(
            features, kind, max_overlap_m2=max_overlap_m2, max_gap_m2=max_gap_m2, min_piece_m2=min_piece_m2
        )
        if not dry_run and (report["rule"] != "réparation impossible").any():
            event = {
                "command": "reparer",
                "repairs": len(report),
                "features_in": len(features),
                "features_out": len(mended),
                "set_aside": len(features) - len(mended),
                "ha_before": _ha(features),
                "ha_after": _ha(mended),
            }
            wgs84 = mended.to_crs(measure.WGS84)
            wgs84.attrs = dict(features.attrs)
            text = (piece.encode() for piece in geojson_writer.pieces(wgs84))
            history.commit(folder, layer, text, event, check=_readable)
    return mended, report


def save_merged(
    folder: Path, layer: str, features: gpd.GeoDataFrame, kind: str, inputs: dict[str, int]
) -> Path:
    """Write features merged from several returns as a layer of a workspace, with its history.

    Parameters
    ----------
    folder, layer
        Workspace, made if it is absent, and name of the layer.
    features
        EPSG:2154.
    kind
        Kind of the layer, for the catalogue.
    inputs
        Name of each return, and its count of objects.

    Raises
    ------
    UnwritableFile
        The disk is full, the folder closed, or somebody else writes.
    """
    folder = Path(folder)
    history.layer_path(folder, layer)
    store.make_folder(folder)
    with store.lock(folder, command=f"couches fusionner {layer}"):
        path = history.layer_path(folder, layer)
        event = {
            "command": "fusionner",
            "input": ", ".join(inputs),
            "features_in": sum(inputs.values()),
            "features_out": len(features),
            "set_aside": 0,
            "ha_before": _hectares(path),
            "ha_after": _ha(features),
        }
        known_kind = kind if kind in kinds() else ""
        entry = Layer(layer, path, known_kind, layer, UNSAID_FEMININE, UNSAID_FEMININE, UNSAID)

        def describe(_: int) -> None:
            catalogue_text = catalogue.with_entry(folder, entry)
            if catalogue_text is not None:
                store.replace(folder / catalogue.CATALOGUE_FILE, catalogue_text, within=folder)

        text = (piece.encode() for piece in geojson_writer.pieces(features.to_crs(measure.WGS84)))
        history.commit(folder, layer, text, event, check=_readable, on_committed=describe)
    return path


def restore(folder: Path, layer: str, version: int) -> dict[str, Any]:
    """Bring a version of a layer back, byte for byte; the one it replaces stays in the history.

    A version written before the conversion of the workspace comes back under today's columns.

    Returns
    -------
    dict
        The event written in the history.
    """
    folder = Path(folder)
    with store.lock(folder, command=f"couches restaurer {layer}"):
        conversion.convert(folder)
        file = history.version_path(folder, layer, version)
        path = history.layer_path(folder, layer)
        hectares = {"ha_before": _hectares(path), "ha_after": _hectares(file)}
        event = {"command": "restaurer", "restored": version, **hectares}
        former_kind = conversion.former_kind_of(folder, layer, version)
        event["version"] = history.commit(folder, layer, _pieces_of(file, former_kind), event)
    return event


def copy_shipped(folder: Path, name: str, new_name: str = "") -> dict[str, Any]:
    """Make a shipped layer one of the workspace: same bytes, same source, licence and vintage.

    Parameters
    ----------
    folder
        The workspace, made if it is absent.
    name
        Of the shipped layer.
    new_name
        Its name in the workspace; the same without it.

    Returns
    -------
    dict
        The event written in the history.

    Raises
    ------
    UnknownName
        No shipped layer of that name; the nearest are offered.
    BadValue
        The workspace already has a layer of that name, or the name is no layer's.
    UnwritableFile
        The folder is that of the shipped layers, is closed, or somebody else writes.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> copy_shipped(folder, "communes", "fond")["features_out"]
    150
    >>> catalogue.read_catalogue(folder)["fond"].vintage
    'COG et EPCI 2026'
    """
    folder, layer = Path(folder), catalogue.read_catalogue()[name]
    if folder.resolve() == catalogue.shipped_folder().resolve():
        raise UnwritableFile(f"{folder} est le dossier des couches livrées. Donner un autre dossier.")
    own_name = new_name or name
    path = history.layer_path(folder, own_name)
    store.make_folder(folder)
    with store.lock(folder, command=f"couches copier {name}"):
        if path.exists() or _is_listed(folder, own_name):
            raise BadValue(f"L'espace a déjà une couche « {own_name} ». Donner un autre nom : --nom NOM.")
        count = len(geojson_reader.read(layer.path))
        event: dict[str, Any] = {
            "command": f"copiée de la couche livrée {name}",
            "input": layer.path.name,
            "input_sha256": history.checksum(layer.path),
            "kind": layer.kind,
            "features_in": count,
            "features_out": count,
            "set_aside": 0,
            "ha_after": _hectares(layer.path),
        }

        def describe(version: int) -> None:
            text = catalogue.with_entry(folder, replace(layer, name=own_name, path=path))
            if text is not None:
                store.replace(folder / catalogue.CATALOGUE_FILE, text, within=folder)

        pieces = history.read_pieces(layer.path)
        version = history.commit(folder, own_name, pieces, event, on_committed=describe)
    return event | {"version": version}


def _is_listed(folder: Path, layer: str) -> bool:
    """Tell whether the catalogue of a folder, if it has one, lists a layer, even without its file."""
    return (folder / catalogue.CATALOGUE_FILE).is_file() and layer in catalogue.read_catalogue(folder)


def _pieces_of(version: Path, former_kind: str) -> Iterable[bytes]:
    """Return the bytes of a version, under today's columns where it was written before the conversion."""
    if not former_kind:
        return history.read_pieces(version)
    features = converted(geojson_reader.read(version), former_kind)
    degrees = features.to_crs(measure.WGS84)
    degrees.attrs = dict(features.attrs)
    return (piece.encode() for piece in geojson_writer.pieces(degrees))


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


def _existing(folder: Path, layer: str) -> Path:
    path = history.layer_path(folder, layer)
    if not path.is_file():
        advice = f"\nElle est livrée avec l'outil : couches copier {layer} l'y met."
        is_shipped = layer in catalogue.read_catalogue()
        raise UnreadableFile(
            f"La couche « {layer} » n'existe pas dans {folder}.{advice if is_shipped else ''}"
        )
    return path


def _former_kind(folder: Path, layer: str) -> str:
    layers = catalogue.read_catalogue(folder)
    return layers[layer].former_kind if layer in layers else ""


def _kind(folder: Path, layer: str) -> str | None:
    layers = catalogue.read_catalogue(folder)
    kind = layers[layer].kind if layer in layers else ""
    return kind if kind in kinds() else None


_NOT_READ = "La couche écrite ne se relit pas : rien n'a été remplacé."


def _readable(path: Path) -> None:
    """Refuse a new version that does not read back whole: an encoder fault never replaces a layer."""
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
    geometry = line.find(b',"geometry":')
    doubtful = geometry < 0 or line.find(b"null", geometry) >= 0
    if not isinstance(read, dict) or (doubtful and b"null" in orjson.dumps(read.get("geometry") or {})):
        raise UnwritableFile(_NOT_READ)


def _hectares(path: Path) -> float | None:
    """Measure the ground of a layer in its file; ``None`` where it is absent or cannot be read."""
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
    parts = sorted(file for file in source.iterdir() if file.is_file())
    return " ".join(f"{file.name}:{history.checksum(file)}" for file in parts)
