"""What JSON can hold of a value: what is written reads back the same, or is refused with its reason."""

import math
import re
from typing import Any

from artois_geo.formats.geojson.json_scan import MAX_DEPTH

_LOST = "\ufffd"
_HALF = re.compile("[\ud800-\udfff]")


def fault(value: Any) -> str:
    """Explain why JSON cannot hold a value, in French; empty when it can.

    Examples
    --------
    >>> fault([1, "é", None]), fault({"a": float("inf")}), fault({1: "a"})
    ('', 'nombre infini', 'clé qui n’est pas un texte : 1')
    """
    stack = [(value, 1)]
    while stack:
        item, depth = stack.pop()
        reason = _own_fault(item, nested=depth > 1)
        if reason:
            return reason
        if isinstance(item, dict | list | tuple):
            if depth > MAX_DEPTH:
                return f"plus de {MAX_DEPTH} niveaux imbriqués"
            stack += [(inner, depth + 1) for inner in (item.values() if isinstance(item, dict) else item)]
    return ""


def _own_fault(item: Any, *, nested: bool) -> str:
    """Explain why JSON cannot hold a value, apart from what is inside it."""
    if isinstance(item, str):
        return "texte qui n'est pas de l'Unicode (moitié de caractère)" if is_broken(item) else ""
    if isinstance(item, float):
        if math.isinf(item):
            return "nombre infini"
        return "nombre indéfini (NaN) dans une liste" if nested and math.isnan(item) else ""
    if isinstance(item, dict):
        for key in item:
            if not isinstance(key, str):
                return f"clé qui n’est pas un texte : {key!r}"
            if is_broken(key):
                return "clé qui n'est pas de l'Unicode (moitié de caractère)"
        return ""
    if item is None or isinstance(item, int | list | tuple):
        return ""
    return f"valeur de type {type(item).__name__}"


def is_broken(text: str) -> bool:
    """Tell whether a text holds half a character, which no file in UTF-8 can.

    Examples
    --------
    >>> is_broken("\\ud800"), is_broken("😀")
    (True, False)
    """
    return not text.isascii() and _HALF.search(text) is not None


def without_half_characters(value: Any) -> Any:
    """Replace half characters by « � » wherever a value holds them.

    Examples
    --------
    >>> without_half_characters({"a": ["b\\ud800"]})
    {'a': ['b�']}
    """
    if isinstance(value, str):
        return value if value.isascii() else _HALF.sub(_LOST, value)
    if isinstance(value, dict):
        return {without_half_characters(key): without_half_characters(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_half_characters(inner) for inner in value]
    return value
