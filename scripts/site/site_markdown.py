"""Write Markdown whose texts come from elsewhere: nothing of them becomes markup."""

import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"``(.+?)``|`([^`]+)`")
_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_MARKUP = re.compile(r"([\\*_\[\]<>$#|{}~])")


def plain(text: object) -> str:
    """Escape a text for a paragraph or a cell: one line, no markup."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split())).replace("`", "\\`")


def prose(text: str) -> str:
    """Convert the text of a docstring, whose code stands between double back-quotes, to one line."""
    text = _ROLE.sub(r"``\1``", " ".join(text.split()))
    pieces, position = [], 0
    for match in _CODE.finditer(text):
        pieces += [plain_inside(text[position : match.start()]), code(match[1] or match[2])]
        position = match.end()
    return "".join([*pieces, plain_inside(text[position:])])


def plain_inside(text: str) -> str:
    """Escape a part of a line, keeping the spaces at its ends."""
    return _MARKUP.sub(r"\\\1", text).replace("`", "\\`")


def code(text: object) -> str:
    """Write a name as code; an empty one is nothing."""
    inside = " ".join(str(text).split()).replace("`", "'").replace("|", "\\|")
    return f"`{inside}`" if inside else ""


def fence(text: str, language: str = "text") -> str:
    """Write a block whose text is shown as it is."""
    marks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{marks}{language}\n{text}\n{marks}\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; the cells are already Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
