"""A workspace of version 0.1.0 becomes one of today: its files and its catalogue, once, in the history."""

import re
from collections.abc import Mapping
from pathlib import Path

from artois_geo import measure
from artois_geo.formats.geojson import geojson_reader, geojson_writer
from artois_geo.kinds.former_kinds import converted, former_kinds
from artois_geo.layers import catalogue, history, store

COMMAND = "convertir"
_KIND = re.compile(r"\s*kind\s*=")
_LAYER = re.compile(r"\s*layer\s*=\s*[\"'](.*?)[\"']")
_TABLE = re.compile(r"^\s*\[+\s*\"?([^\]\"]*)\"?\s*\]+")


def convert(folder: Path) -> list[str]:
    """Convert the layers of former kinds of a workspace; call it under the lock, before any other change.

    Parameters
    ----------
    folder
        Workspace; one without former kinds is left as it is.

    Returns
    -------
    list
        Names of the layers that were converted: each has a line in its history, and the file of
        version 0.1.0 is kept as the version before.

    Examples
    --------
    >>> import tempfile
    >>> convert(Path(tempfile.mkdtemp()))
    []
    """
    file = Path(folder) / catalogue.CATALOGUE_FILE
    if not file.is_file():
        return []
    # a name that no history can bear was written by hand: its layer goes on being read as it is
    catalogued = catalogue.read_catalogue(folder).values()
    former = [layer for layer in catalogued if layer.former_kind and history.NAME.fullmatch(layer.name)]
    if not former:
        return []
    text = _renamed(file.read_text(encoding="utf-8"), {layer.name: layer.former_kind for layer in former})
    for layer in former:
        if not layer.path.is_file():
            continue
        features = converted(geojson_reader.read(layer.path), layer.former_kind)
        degrees = features.to_crs(measure.WGS84)
        degrees.attrs = dict(features.attrs)
        pieces = (piece.encode() for piece in geojson_writer.pieces(degrees))
        event = {
            "command": COMMAND,
            "former_kind": layer.former_kind,
            "kind": layer.kind,
            "features_in": len(features),
            "features_out": len(features),
        }
        history.commit(folder, layer.name, pieces, event)
    store.replace(file, text.encode(), within=folder)
    return [layer.name for layer in former]


def former_kind_of(folder: Path, layer: str, version: int) -> str:
    """Return the former kind whose columns a version has: it was written before the conversion.

    Examples
    --------
    >>> former_kind_of(Path("nulle part"), "zones", 1)
    ''
    """
    for event in history.events(folder, layer):
        if event.get("command") == COMMAND and version < event.get("version", 0):
            return str(event["former_kind"])
    return ""


def _renamed(text: str, kinds: dict[str, str]) -> str:
    """Write the new kinds and columns in a catalogue, line by line: what people wrote around stays."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if _TABLE.match(line):
            blocks.append([])
        blocks[-1].append(line)
    return "".join(line for block in blocks for line in _renamed_block(block, kinds))


def _renamed_block(block: list[str], kinds: dict[str, str]) -> list[str]:
    header = _TABLE.match(block[0]) if block else None
    name = header[1].strip() if header else ""
    if name in kinds:
        new = former_kinds()[kinds[name]].kind
        return [line.replace(kinds[name], new, 1) if _KIND.match(line) else line for line in block]
    if name == "totals":
        layer = next((layer_line[1] for line in block if (layer_line := _LAYER.match(line))), "")
        if layer in kinds:
            columns = former_kinds()[kinds[layer]].columns
            return [_with_columns(line, columns) for line in block]
    return block


def _with_columns(line: str, columns: Mapping[str, str]) -> str:
    """Rename the columns that a line of a total names, in ``column`` or ``where``."""
    if re.match(r"\s*column\s*=", line):
        return re.sub(r"(?<=[\"'])\w+(?=[\"'])", lambda word: columns.get(word[0], word[0]), line)
    if re.match(r"\s*where\s*=", line):
        return re.sub(r"\w+(?=\s*=\s)", lambda word: columns.get(word[0], word[0]), line)
    return line
