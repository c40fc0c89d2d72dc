"""The door to other people's files: what a file is, from its bytes, before any reader meets it.

A suffix is a claim, the first bytes are the evidence: a GDAL virtual dataset called
``.geojson`` is text that no reader here takes.
"""

import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from artois_geo.errors import UnreadableFile
from artois_geo.formats import journals
from artois_geo.formats.archives import MIB, Limits, Part, gunzip, is_hidden, unpack
from artois_geo.formats.exports.short_names import TABLE_END
from artois_geo.formats.findings import Finding


@dataclass(frozen=True)
class Opened:
    """A file whose bytes agree with its format.

    ``parts`` are those of a shapefile, or files that continue each other; ``layer`` is what
    remains of the layer asked for, ``source`` the file that it chose among several.
    """

    path: Path
    format: str
    parts: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the door itself
    layer: str = ""
    source: str = ""


SUFFIXES = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".geojsonl": "GeoJSON",
    ".geojsons": "GeoJSON",
    ".ndjson": "GeoJSON",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".txt": "CSV",
    ".shp": "Shapefile",
    ".gpkg": "GeoPackage",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".gpx": "GPX",
    ".tab": "MapInfo",
    ".mif": "MapInfo",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
    ".xlsx": "XLSX",
}
SHAPE_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg", ".qpj", ".cst")
COMPANIONS = {".tab": (".dat", ".map", ".id", ".ind"), ".mif": (".mid",), ".shp": SHAPE_PARTS[1:]}
ACCEPTED = (
    "GeoJSON (aussi .gz), CSV, Shapefile (dossier ou .zip), GeoPackage, FlatGeobuf, GeoParquet, KML ou KMZ,"
    " GPX, MapInfo, XLSX"
)


_TO_WORKBOOK = "L'enregistrer d'abord en .xlsx : dans le tableur, Fichier, Enregistrer sous."
_TO_LAYER = (
    "L'enregistrer d'abord en GeoPackage : dans QGIS, clic droit sur la couche, Exporter, Sauvegarder les "
    "entités sous."
)
_CONVERSIONS = {  # what to do with a file that people often send and that is not read
    **dict.fromkeys((".xls", ".xlsb", ".xlsm", ".ods", ".numbers"), _TO_WORKBOOK),
    **dict.fromkeys((".gml", ".dxf", ".dwg", ".gdb", ".sqlite", ".db", ".e00", ".osm", ".pbf"), _TO_LAYER),
    **dict.fromkeys((".qgs", ".qgz"), f"C'est un projet QGIS : donner la couche qu'il montre. {_TO_LAYER}"),
    **dict.fromkeys((".pdf", ".doc", ".docx", ".odt"), "En demander le tableau ou la couche à qui l'a fait."),
}
_TABLES = {".csv", ".tsv", ".xlsx"}
_FOLLOWING = re.compile(r"part[-._]?\d+.*\.parquet", re.IGNORECASE)
_GEOJSON = re.compile(
    rb'"type"\s*:\s*"(FeatureCollection|Feature|(Multi)?(Point|LineString|Polygon)|GeometryCollection)"'
)


@contextmanager
def opened(path: Path, limits: Limits, layer: str = "") -> Iterator[Opened]:
    """Check a delivery and give its one readable file; unpacked copies live inside the ``with``.

    Parameters
    ----------
    path
        File, folder or archive.
    limits
        What it may cost.
    layer
        A file of the folder or archive (``zones``, ``zones.shp``, ``donnees/zones.shp``), a layer
        of the one file, or both (``projet.gpkg/zones``).

    Raises
    ------
    UnreadableFile
        Absent, too large, not what its suffix says, an archive that climbs,
        inflates, nests or holds several layers.
    """
    with _layer_file(Path(path), limits, layer) as file:
        if file.format != "GeoPackage":
            yield file
            return
        with journals.settled(file.path) as (settled, findings):
            yield replace(file, path=settled, findings=(*file.findings, *findings))


@contextmanager
def _layer_file(path: Path, limits: Limits, layer: str) -> Iterator[Opened]:
    """Give the one layer file of a path, a folder or an archive, as it was delivered."""
    path = _plain_file(path)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file() and not is_hidden(file.name))
        yield _one_of([Part(file, file.name) for file in files], path.name, layer)
        return
    if path.stat().st_size > limits.file_mib * MIB:
        raise UnreadableFile(
            f"{path.name} dépasse {limits.file_mib} Mio : fichier refusé"
            " (voir « couches importer --taille-max »)."
        )
    start = _start(path, 4)
    if start[:2] == b"\x1f\x8b" or (start == b"PK\x03\x04" and path.suffix.lower() != ".xlsx"):
        with tempfile.TemporaryDirectory(prefix="artois-") as folder:
            if start[:2] == b"\x1f\x8b":
                file = gunzip(path, Path(folder), limits)
                yield replace(_recognised(file, path.name), layer=layer)
                return
            parts, unread_names = unpack(path, Path(folder), limits, is_wanted=_is_wanted)
            yield _one_of(parts, path.name, layer, unread_names)
        return
    yield replace(_recognised(path, path.name), layer=layer)


def _is_wanted(name: str) -> bool:
    """Tell whether a member of an archive is a layer, or a part of one."""
    name = name.lower()
    suffix = Path(name).suffix
    companion = any(suffix in suffixes for suffixes in COMPANIONS.values())
    return (suffix in SUFFIXES and suffix != ".txt") or companion or name.endswith(journals.SUFFIXES)


def _plain_file(path: Path) -> Path:
    try:
        file = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UnreadableFile(f"Fichier introuvable : {path}. Un chemin de fichier est attendu.") from error
    if not file.is_dir() and not stat.S_ISREG(file.stat().st_mode):
        raise UnreadableFile(f"{path} n'est pas un fichier ordinaire.")
    return file


def _start(path: Path, count: int = 512) -> bytes:
    with path.open("rb") as stream:
        return stream.read(count)


def _recognised(path: Path, file_name: str) -> Opened:
    """Return a file as its suffix and its first bytes agree that it is."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnreadableFile(
            f"{file_name} : format non pris en charge « {suffix or 'sans extension'} ».\n"
            f"{_conversion([file_name])}Formats lus : {ACCEPTED}."
        )
    kind = SUFFIXES[suffix]
    start = _start(path)
    if not start.strip():
        raise UnreadableFile(
            f"{file_name} est vide ({path.stat().st_size} octets) : téléchargement à refaire ?"
        )
    contradiction = _mismatch(kind, suffix, start)
    if contradiction:
        raise UnreadableFile(
            f"{file_name} n'est pas un fichier {kind}, malgré son extension : {contradiction}."
        )
    if kind in {"KML", "GPX"}:
        _refuse_entities(path, file_name)
    companions = _companions(path)
    if kind == "Shapefile" and not any(part.suffix.lower() == ".dbf" for part in companions):
        raise UnreadableFile(
            f"{file_name} : fichier .dbf absent, aucun attribut ne serait lu.\n"
            "Redemander le shapefile complet."
        )
    return Opened(path, kind, (path, *companions))


def _mismatch(kind: str, suffix: str, start: bytes) -> str:
    """Explain why the first bytes of a file are not of its format; empty where they may be."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n\x1e")
    utf16 = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    if kind == "GeoJSON":
        return _not_json(text, utf16=utf16)
    if kind == "CSV":
        if b"\x00" in start and not utf16:
            return "son contenu n'est pas du texte"
        return "son contenu est du XML" if text[:5] in (b"<?xml", b"<OGRV", b"<!DOC", b"<OGRW") else ""
    if kind == "KML":
        return "" if b"<kml" in start or b"<?xml" in text[:5] else "balise <kml> absente"
    if kind == "GPX":
        return "" if b"<gpx" in start or b"<?xml" in text[:5] else "balise <gpx> absente"
    if kind == "MapInfo":
        words, problem = _MAPINFO_HEADS[suffix]
        return "" if text.lower().startswith(words) else problem
    return "" if start.startswith(_MAGIC[kind]) else "ses premiers octets sont autres"


_MAPINFO_HEADS = {".mif": (b"version", "en-tête MIF absent"), ".tab": (b"!table", "en-tête !table absent")}
_MAGIC = {
    "Shapefile": b"\x00\x00\x27\x0a",
    "GeoPackage": b"SQLite format 3\x00",
    "FlatGeobuf": b"fgb",
    "GeoParquet": b"PAR1",
    "XLSX": b"PK\x03\x04",
}


def _not_json(text: bytes, *, utf16: bool) -> str:
    if text[:1] == b"<":
        return "son contenu est une page web" if b"html" in text.lower()[:200] else "son contenu est du XML"
    return "" if text[:1] in b"{[" or utf16 else "son contenu n'est pas du JSON"


def _refuse_entities(path: Path, file_name: str) -> None:
    content = path.read_bytes().upper()
    for word in (b"<!DOCTYPE", b"<!ENTITY", b"<NETWORKLINK"):
        if word in content:
            raise UnreadableFile(
                f"{file_name} : « {word.decode().lower()} » refusé, le fichier mènerait ailleurs."
            )


def _companions(path: Path) -> tuple[Path, ...]:
    suffixes = COMPANIONS.get(path.suffix.lower(), ())
    companions = [
        file for file in path.parent.iterdir() if file.stem == path.stem and file.suffix.lower() in suffixes
    ]
    return tuple(sorted(companions))


def _one_of(parts: list[Part], file_name: str, layer: str, unread_names: Sequence[str] = ()) -> Opened:
    """Open the one layer file of a folder or archive: the requested one, else the only one with shapes."""
    files = [part for part in parts if part.path.suffix.lower() in SUFFIXES and part.path.suffix != ".txt"]
    if not files:
        raise UnreadableFile(_without_layer(file_name, [*(part.name for part in parts), *unread_names]))
    following = _following(files)
    if following:
        return replace(_recognised(following[0], file_name), parts=following, layer=layer)
    selected, inner_layer = _selected(files, file_name, layer)
    return replace(
        _recognised(selected.path, file_name),
        findings=_unread_files(selected, files, file_name),
        layer=inner_layer,
        source=selected.name if len(files) > 1 else "",
    )


def _selected(files: list[Part], file_name: str, layer: str) -> tuple[Part, str]:
    """Select the file that ``layer`` designates, else the only one with shapes; give the layer inside it."""
    designated, inner_layer = _designated(files, layer)
    if designated is not None:
        return designated, inner_layer
    candidates = [file for file in files if _is_drawn(file.path)] or files
    if len(candidates) > 1:
        raise UnreadableFile(_several(candidates, file_name, layer))
    return candidates[0], layer


def _unread_files(selected: Part, files: list[Part], file_name: str) -> tuple[Finding, ...]:
    """Report the files of a delivery that are not read."""
    unread = [file.name for file in files if file != selected and not file.name.endswith(TABLE_END)]
    listed = ", ".join(unread[:8])
    if not listed:
        return ()
    message = (
        f"{selected.name} est lu ; autres fichiers de {file_name}, non lus : {listed} (voir --couche-source)"
    )
    return (Finding(None, "", "autres fichiers", "note", listed, message),)


def _following(files: list[Part]) -> tuple[Path, ...]:
    """List files that continue each other, as Dask and Spark write them: part.0.parquet, part.1.parquet…"""
    folders = {file.path.parent for file in files}
    if len(files) < 2 or len(folders) > 1 or not all(_FOLLOWING.fullmatch(file.path.name) for file in files):
        return ()

    def order(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", path.name)]

    return tuple(sorted((file.path for file in files), key=order))


def _designated(files: list[Part], layer: str) -> tuple[Part | None, str]:
    """Find the file that a name designates, alone or before a slash, and the layer named inside it."""
    for length in (len(layer), layer.rfind("/")):
        name, inner = layer[: max(length, 0)], layer[max(length, 0) + 1 :]
        matches = (
            [file for file in files if name in (file.name, file.path.name, file.path.stem)] if name else []
        )
        if len(matches) == 1:
            return matches[0], inner
    return None, layer


def _is_drawn(path: Path) -> bool:
    """Tell whether a file is a layer, not a table or metadata beside one."""
    suffix = path.suffix.lower()
    return suffix not in _TABLES and (suffix != ".json" or _GEOJSON.search(_start(path, 1 << 16)) is not None)


def _several(files: list[Part], file_name: str, layer: str) -> str:
    """Explain that a delivery holds several layers."""
    names = [file.name for file in files]
    listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    missing = f" ; « {layer} » n'en désigne pas une seule" if layer else ""
    return (
        f"{file_name} contient plusieurs couches ({listed}){missing}.\n"
        f"En choisir une avec --couche-source, par exemple --couche-source {names[0]}."
    )


def _without_layer(file_name: str, names: list[str]) -> str:
    """Explain that nothing can be read of a delivery."""
    nested = [name for name in names if Path(name).suffix.lower() in {".zip", ".7z", ".rar", ".gz"}]
    if nested:
        return f"{file_name} contient une archive dans l'archive ({nested[0]}) : la décompresser d'abord."
    dbf = [name for name in names if name.lower().endswith(".dbf")]
    hint = f" ({dbf[0]} sans son .shp)" if dbf else ""
    return (
        f"{file_name} ne contient aucune couche lisible{hint}.\n"
        f"{_conversion([*names, file_name])}Formats lus : {ACCEPTED}."
    )


def _conversion(names: Sequence[str]) -> str:
    """Say how to turn the first file that is known, and not read, into one that is."""
    suffixes = (Path(part).suffix.lower() for name in names for part in Path(name).parts)  # x.gdb is a folder
    advice = next((_CONVERSIONS[suffix] for suffix in suffixes if suffix in _CONVERSIONS), "")
    return f"{advice}\n" if advice else ""
