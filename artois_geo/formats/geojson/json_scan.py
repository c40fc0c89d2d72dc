"""A JSON text read piece by piece with the standard ``json``; what is wrong is said by line and column."""

import codecs
import json
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from artois_geo.errors import Malformed, UnreadableFile

MAX_DEPTH = 64
MAX_FEATURE_MIB = 64
CHUNK = 1 << 20
_SPACES = re.compile(r"[ \t\n\r]*")


class Scan:
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
                raise UnreadableFile(too_deep(self.path)) from error
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


def too_deep(path: Path) -> str:
    return f"{path.name} : plus de {MAX_DEPTH} niveaux imbriqués, fichier refusé."


def _refuse_constant(name: str) -> None:
    raise Malformed(f"« {name} » n'est pas un nombre JSON")


def _number_reason(error: ValueError) -> str:
    return "un nombre a plus de 4 300 chiffres" if "digits" in str(error) else str(error)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Malformed(f"la clé « {twice} » est répétée dans un même objet")
    return found
