"""A JSON text read piece by piece with the standard ``json``; errors name the line and the column."""

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

    def __init__(self, stream: Any, path: Path, encoding: str, offsets: "array[int] | None" = None) -> None:
        self.path = path
        self.byte_offset = self._counted = 0  # bytes before position ``_counted`` of the text
        self._offsets = offsets
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
        decoder: Any = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)
        self._scan_once = decoder.scan_once
        self._text, self._position, self._ended, self._lines = "", 0, False, 0
        self._piece = CHUNK

    def mark(self) -> int:
        """Return the position in the text, to come back to."""
        return self._position

    def rewind(self, mark: int) -> None:
        """Return to a position."""
        self._position = mark

    def peek(self, *, separator: bool = False) -> str:
        """Return the next character that is no space, or "" at the end; ``separator`` also skips RS."""
        while True:
            if self._position < len(self._text) and self._text[self._position] not in " \t\n\r\x1e":
                return self._text[self._position]
            spaces = _SPACES.match(self._text, self._position)
            self._position = spaces.end() if spaces else self._position
            if self._position < len(self._text):
                if separator and self._text[self._position] == "\x1e":
                    self._position += 1
                    continue
                return self._text[self._position]
            if not self._more():
                return ""

    def members(self) -> Iterator[str]:
        """Yield the names of the members of an object; the caller takes each value."""
        self._expect("{")
        if self.peek() == "}":
            self._position += 1
            return
        while True:
            name = self.value()[0] if self.peek() == '"' else None
            if not isinstance(name, str):
                raise self.refuse("nom de membre attendu")
            self._expect(":")
            yield name
            if self.peek() != ",":
                break
            self._position += 1
        self._expect("}")

    def items(self, texts: bool) -> Iterator[Any]:
        """Yield the elements of a list, and drop the text behind them."""
        self._expect("[")
        if self.peek() == "]":
            self._position += 1
            return
        while True:
            value, text = self.element()
            yield text if texts else value
            self._forget()
            if self.peek() != ",":
                break
            self._position += 1
        self._expect("]")

    def element(self) -> tuple[Any, str]:
        """Return the next value of a list and its text; note where it stands in the file."""
        value, text = self.value()
        if self._offsets is not None:
            self.byte_offset += _bytes(self._text[self._counted : self._position - len(text)])
            self._offsets.append(self.byte_offset)
            self.byte_offset += _bytes(text)
            self._offsets.append(self.byte_offset)
            self._counted = self._position
        return value, text

    def value(self) -> tuple[Any, str]:
        """Return the next value and its text."""
        self.peek()
        while True:
            try:
                value, end = self._scan_once(self._text, self._position)
            except StopIteration as stop:
                problem, position = "valeur attendue", stop.value
            except json.JSONDecodeError as error:
                problem, position = error.msg, error.pos
            except RecursionError as error:
                raise UnreadableFile(too_deep(self.path)) from error
            except ValueError as error:
                raise UnreadableFile(
                    f"{self.path.name} n'est pas du GeoJSON lisible : {_number_reason(error)}."
                ) from error
            else:
                if end < len(self._text) or self._ended or not self._more():
                    start, self._position = self._position, end
                    return value, self._text[start:end]
                continue
            cut = "Unterminated" in problem or position is None or position >= len(self._text) - 32
            if self._ended or not cut or not self._more():
                raise self.refuse("", position)

    def refuse(self, reason: str, position: int | None = None) -> UnreadableFile:
        """Make the error that names the line and column of a position, by default the current one."""
        if position is None:
            position = self._position
        line = self._lines + self._text.count("\n", 0, position) + 1
        column = position - self._text.rfind("\n", 0, position)
        end = (
            " (fin du fichier : téléchargement interrompu ?)"
            if self._ended and position >= len(self._text) - 1
            else ""
        )
        location = f"erreur de syntaxe ligne {line}, colonne {column}{end}"
        return UnreadableFile(
            f"{self.path.name} n'est pas du GeoJSON lisible : {reason + ', ' if reason else ''}{location}."
        )

    def _expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise self.refuse(f"« {mark} » attendu")
        self._position += 1

    def _forget(self) -> None:
        if self._position > CHUNK:
            self._lines += self._text.count("\n", 0, self._position)
            self._text, self._position, self._counted = self._text[self._position :], 0, 0
            self._piece = CHUNK

    def _more(self) -> bool:
        """Read one more piece of the file; tell whether there was one."""
        if self._ended:
            return False
        if len(self._text) - self._position > MAX_FEATURE_MIB << 20:
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
    """Explain that a text is not in its encoding, and guess the right one from its first bytes."""
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
    """Explain that a file nests its values too deep."""
    return f"{path.name} : plus de {MAX_DEPTH} niveaux imbriqués, fichier refusé."


def _refuse_constant(name: str) -> None:
    raise Malformed(f"« {name} » n'est pas un nombre JSON")


def _number_reason(error: ValueError) -> str:
    return "un nombre a plus de 4 300 chiffres" if "digits" in str(error) else str(error)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise Malformed(f"la clé « {repeated} » est répétée dans un même objet")
    return members
