"""GeoJSON read feature by feature with the standard ``json``: nothing lost, no link followed."""

import codecs
import json
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from artois_geo import measure
from artois_geo.errors import BadCRS, UnreadableFile
from artois_geo.layers import geometry_text, thinning
from artois_geo.layers.feature_shapes import Shapes
from artois_geo.layers.findings import Finding
from artois_geo.layers.raw import RESERVED, Columns, Raw

MAX_DEPTH = 64
MAX_FEATURE_MIB = 64
CHUNK = 1 << 20
OWN_MEMBERS = {"name", "xy_coordinate_resolution", "crs", "bbox", "type", "features"}
_SPACES = re.compile(r"[ \t\n\r]*")
_CRS_NAME = re.compile(r"^(?:urn:ogc:def:crs:)?(?:OGC:1\.3:|OGC::?)?(CRS84|EPSG:{1,2}(?:[\d.]*:)?(\d{1,6}))$")


def read_raw(path: Path, *, encoding: str = "utf-8") -> Raw:
    """Everything that a GeoJSON (or GeoJSON-seq) file holds, and what is wrong with its structure.

    Raises
    ------
    UnreadableFile
        Absent, not JSON, not GeoJSON, nested too deep, one feature too large.
    BadCRS
        A declared CRS that is a link or that nobody knows.
    """
    if encoding.lower() in _UTF_8:
        try:
            with thinning.without_collector():
                return _read(path, encoding, thin=True)
        except (UnreadableFile, thinning.Unusual):
            pass  # the slow reader says exactly what is wrong, and where
    return _read(path, encoding, thin=False)


def _read(path: Path, encoding: str, *, thin: bool) -> Raw:
    members: dict[str, Any] = {}
    columns, ids = Columns(), []
    raw = Raw()
    shapes = Shapes(raw.findings)
    places, apart = array("q"), array("q")
    found = features(path, encoding=encoding, members=members, thin=shapes if thin else None, places=places)
    for number, feature in enumerate(found, start=1):
        feature = _checked(feature, number, raw.findings)
        properties = feature.get("properties") or {}
        for value in properties.values():
            if isinstance(value, list | dict) and _depth(value) > MAX_DEPTH:
                raise UnreadableFile(_too_deep(path))
        columns.add(properties)
        shapes.add(feature, number)
        apart.append(shapes.apart)
        ids.append(feature.get("id"))
        if len(feature) > 3:
            others = {key: value for key, value in feature.items() if key not in _FEATURE}
            if others:
                raw.feature_members[number - 1] = others
    raw.columns = columns.ordered()
    raw.shapes = shapes.built()
    raw.places = _places(places, apart) if thin else None
    raw.findings.sort(key=lambda one: one.feature or 0)
    raw.crs = _crs(members.get("crs"), path)
    raw.members = {key: value for key, value in members.items() if key not in {"crs", "bbox", "type"}}
    _keep_ids(ids, raw)
    _say_members(raw)
    return raw


def _places(thin: "array[int]", apart: "array[int]") -> np.ndarray | None:
    """Where each feature begins and ends in the file: in the thinned text, and the bytes set apart so far."""
    if len(thin) != 2 * len(apart):
        return None
    passed = np.r_[0, apart]
    return np.array(thin).reshape(-1, 2) + np.column_stack([passed[:-1], passed[1:]])


_FEATURE = {"type", "properties", "geometry", "id", "bbox"}
_UTF_8 = {"utf-8", "utf8", "utf-8-sig"}


def features(
    path: Path,
    *,
    encoding: str = "utf-8",
    members: dict[str, Any] | None = None,
    texts: bool = False,
    thin: Shapes | None = None,
    places: "array[int] | None" = None,
) -> Iterator[Any]:
    """The features of a file one by one; ``members`` receives what else the collection holds.

    With ``texts`` each item is the text of the feature, as the file wrote it. ``places`` receives
    the first byte of each in what was read, and the one after its last.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"Fichier introuvable : {path}.")
    held: dict[str, Any] = {} if members is None else members
    with path.open("rb") as file:
        stream: Any = file
        if thin is not None:
            stream = thin.thin(file, size=path.stat().st_size, largest=MAX_FEATURE_MIB << 20)
        scan = _Scan(stream, path, encoding, places)
        scan.place = len(codecs.BOM_UTF8) if file.peek(3).startswith(codecs.BOM_UTF8) else 0
        first = scan.peek()
        if first == "":
            raise UnreadableFile(f"{path.name} est vide (0 octet utile) : téléchargement à refaire ?")
        if first != "{":
            scan.value()  # tells a syntax error from JSON of another kind
            raise UnreadableFile(f"{path.name} est du JSON mais pas du GeoJSON : membre « type » absent.")
        yield from _document(scan, held, texts)


def _document(scan: "_Scan", members: dict[str, Any], texts: bool) -> Iterator[Any]:
    """A collection streams; a lone Feature or geometry, or one per line, is read whole."""
    start = scan.mark()
    seen: list[str] = []
    listed = False
    for name in scan.members():
        if name in seen:
            raise scan.refuse(f"la clé « {name} » est répétée dans un même objet")
        seen.append(name)
        if name == "features" and scan.peek() == "[":
            listed = True
            yield from scan.items(texts)
        else:
            value = scan.value()
            members[name] = value[0] if name != "features" else None
            if name == "type" and value[0] in ("Feature", *geometry_text.TYPES) and not listed:
                scan.rewind(start)
                members.clear()
                yield from _sequence(scan, texts)
                return
    if not listed:
        lone = _lone(members)
        if lone is None:
            raise UnreadableFile(_not_geojson(scan.path, members, seen))
        members.clear()
        yield json.dumps(lone, ensure_ascii=False) if texts else lone
        return
    if members.get("type") != "FeatureCollection":
        raise UnreadableFile(_not_geojson(scan.path, members, seen))
    if scan.peek(separator=True) != "":
        raise scan.refuse("texte après la fin de la collection")


def _lone(members: dict[str, Any]) -> dict[str, Any] | None:
    if members.get("type") == "Feature":
        return dict(members)
    if members.get("type") in geometry_text.TYPES:
        return {"type": "Feature", "properties": {}, "geometry": dict(members)}
    return None


def _sequence(scan: "_Scan", texts: bool) -> Iterator[Any]:
    while scan.peek(separator=True) != "":
        value, text = scan.element()
        if isinstance(value, dict) and value.get("type") in geometry_text.TYPES:
            value = {"type": "Feature", "properties": {}, "geometry": value}
        yield text if texts else value


def _not_geojson(path: Path, members: dict[str, Any], seen: list[str]) -> str:
    if "type" not in members:
        return f"{path.name} est du JSON mais pas du GeoJSON : membre « type » absent."
    if members["type"] == "FeatureCollection":
        said = "n'est pas une liste" if "features" in seen else "est absent"
        return f"{path.name} : le membre « features » de la collection {said}."
    return f"{path.name} est du JSON mais pas du GeoJSON : type « {str(members['type'])[:40]} »."


class _Scan:
    """A JSON text read piece by piece, dropped as it is used."""

    def __init__(self, stream: Any, path: Path, encoding: str, places: "array[int] | None" = None) -> None:
        self.path = path
        self.place = self._placed = 0  # bytes before that position of the text
        self._places = places
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
        decoder: Any = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)
        self._scan_once = decoder.scan_once
        self._text, self._at, self._ended, self._lines = "", 0, False, 0
        self._piece = CHUNK

    def mark(self) -> int:
        return self._at

    def rewind(self, mark: int) -> None:
        self._at = mark

    def peek(self, *, separator: bool = False) -> str:
        """Next character that is no space, or "" at the end; ``separator`` also skips RS."""
        while True:
            if self._at < len(self._text) and self._text[self._at] not in " \t\n\r\x1e":
                return self._text[self._at]
            matched = _SPACES.match(self._text, self._at)
            self._at = matched.end() if matched else self._at
            if self._at < len(self._text):
                if separator and self._text[self._at] == "\x1e":
                    self._at += 1
                    continue
                return self._text[self._at]
            if not self._more():
                return ""

    def members(self) -> Iterator[str]:
        """Names of the members of an object; the caller takes each value."""
        self._expect("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            name = self.value()[0] if self.peek() == '"' else None
            if not isinstance(name, str):
                raise self.refuse("nom de membre attendu")
            self._expect(":")
            yield name
            if self.peek() != ",":
                break
            self._at += 1
        self._expect("}")

    def items(self, texts: bool) -> Iterator[Any]:
        """Elements of a list, forgetting the text behind them."""
        self._expect("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            value, text = self.element()
            yield text if texts else value
            self._forget()
            if self.peek() != ",":
                break
            self._at += 1
        self._expect("]")

    def element(self) -> tuple[Any, str]:
        """The next value of a list and its text; its place is noted."""
        found, text = self.value()
        if self._places is not None:
            self.place += _bytes(self._text[self._placed : self._at - len(text)])
            self._places.append(self.place)
            self.place += _bytes(text)
            self._places.append(self.place)
            self._placed = self._at
        return found, text

    def value(self) -> tuple[Any, str]:
        """The next value and its text."""
        self.peek()
        while True:
            try:
                found, end = self._scan_once(self._text, self._at)
            except StopIteration as stop:
                problem, where = "valeur attendue", stop.value
            except json.JSONDecodeError as error:
                problem, where = error.msg, error.pos
            except RecursionError as error:
                raise UnreadableFile(_too_deep(self.path)) from error
            except ValueError as error:
                raise UnreadableFile(
                    f"{self.path.name} n'est pas du GeoJSON lisible : {_number_reason(error)}."
                ) from error
            else:
                if end < len(self._text) or self._ended or not self._more():
                    start, self._at = self._at, end
                    return found, self._text[start:end]
                continue
            cut = "Unterminated" in problem or where is None or where >= len(self._text) - 32
            if self._ended or not cut or not self._more():
                raise self.refuse("", where)

    def refuse(self, said: str, where: int | None = None) -> UnreadableFile:
        at = self._at if where is None else where
        line = self._lines + self._text.count("\n", 0, at) + 1
        column = at - self._text.rfind("\n", 0, at)
        end = (
            " (fin du fichier : téléchargement interrompu ?)"
            if self._ended and at >= len(self._text) - 1
            else ""
        )
        place = f"erreur de syntaxe ligne {line}, colonne {column}{end}"
        return UnreadableFile(
            f"{self.path.name} n'est pas du GeoJSON lisible : {said + ', ' if said else ''}{place}."
        )

    def _expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise self.refuse(f"« {mark} » attendu")
        self._at += 1

    def _forget(self) -> None:
        if self._at > CHUNK:
            self._lines += self._text.count("\n", 0, self._at)
            self._text, self._at, self._placed = self._text[self._at :], 0, 0
            self._piece = CHUNK

    def _more(self) -> bool:
        if self._ended:
            return False
        if len(self._text) - self._at > MAX_FEATURE_MIB << 20:
            raise UnreadableFile(
                f"{self.path.name} : un objet dépasse {MAX_FEATURE_MIB} Mio à lui seul, fichier refusé.\n"
                "Découper cette géométrie, ou la simplifier, avant l'import."
            )
        piece = self._stream.read(self._piece)
        self._piece = min(self._piece * 2, MAX_FEATURE_MIB << 20)
        try:
            self._text += self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise UnreadableFile(_bad_encoding(self.path, self._encoding)) from error
        self._ended = not piece
        return bool(piece)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _bad_encoding(path: Path, encoding: str) -> str:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        guess, name = "UTF-16", "utf-16"
    else:
        guess, name = "Windows-1252", "cp1252"
    return (
        f"{path.name} n'est pas du GeoJSON : texte illisible en {encoding.upper()}, probablement {guess}.\n"
        f"L'enregistrer en UTF-8, ou relancer avec --encodage {name}."
    )


def _too_deep(path: Path) -> str:
    return f"{path.name} : plus de {MAX_DEPTH} niveaux imbriqués, fichier refusé."


def _refuse_constant(name: str) -> None:
    raise ValueError(f"« {name} » n'est pas un nombre JSON")


def _number_reason(error: ValueError) -> str:
    return "un nombre a plus de 4 300 chiffres" if "digits" in str(error) else str(error)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"la clé « {twice} » est répétée dans un même objet")
    return found


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        one, depth = stack.pop()
        if isinstance(one, list | dict):
            deepest = max(deepest, depth)
            stack += [(inner, depth + 1) for inner in (one.values() if isinstance(one, dict) else one)]
    return deepest


def _checked(feature: Any, number: int, found: list[Finding]) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        found.append(
            Finding(number, "type", "structure", "erreur", feature, "cet élément n'est pas un Feature")
        )
        return {"properties": {}, "geometry": None}
    if not isinstance(feature.get("properties"), dict | None):
        message = "« properties » n'est pas un objet"
        found.append(Finding(number, "properties", "structure", "erreur", feature["properties"], message))
        return feature | {"properties": {}}
    return feature


def _crs(declared: Any, path: Path) -> str:
    if declared is None:
        return measure.WGS84
    name = declared.get("properties", {}).get("name") if isinstance(declared, dict) else None
    matched = _CRS_NAME.match(name) if isinstance(name, str) else None
    if matched is None:
        said = name or "un lien, jamais suivi" if isinstance(declared, dict) else declared
        raise BadCRS(
            f"{path.name} : système de coordonnées déclaré (membre « crs ») illisible : {str(said)[:60]}.\n"
            "L'indiquer à l'import : artois-geo couches importer … --crs EPSG:2154."
        )
    return measure.WGS84 if matched[1] == "CRS84" else f"EPSG:{matched[2]}"


def _keep_ids(ids: list[Any], raw: Raw) -> None:
    given = [one for one in ids if one is not None]
    if not given:
        return
    if len(given) == len(ids) and len({str(one) for one in given}) == len(ids):
        raw.ids = ids
        return
    for row, one in enumerate(ids):
        if one is not None:
            raw.feature_members[row] = {"id": one} | raw.feature_members.get(row, {})


def _say_members(raw: Raw) -> None:
    kept = [name for name in raw.members if name not in OWN_MEMBERS]
    by_feature = sorted({name for one in raw.feature_members.values() for name in one})
    for names, where in ((kept, "de la collection"), (by_feature, "d'objets")):
        if names:
            message = f"membres {where} hors des attributs, conservés : {', '.join(names)}"
            raw.findings.append(Finding(None, "", "membres conservés", "alerte", ", ".join(names), message))
    if RESERVED in raw.columns:
        message = "attribut « geometry » renommé « geometry_ » : une table n'a qu'une colonne de ce nom"
        raw.findings.append(Finding(None, RESERVED, "nom réservé", "réparation", RESERVED, message))
