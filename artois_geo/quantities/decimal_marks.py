"""What a comma and a point mean in the numbers of a column: decided by all its cells, never by one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from artois_geo.text import compact as without_spaces
from artois_geo.text import point

_MARKED = re.compile(r"[+-]?[\d.,]+([eE][+-]?\d+)?")
_GROUPED = {mark: re.compile(rf"[+-]?\d{{1,3}}({re.escape(mark)}\d{{3}})+") for mark in ",."}
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Marks:
    """What the numbers of a column prove of each mark.

    A mark followed by other than three figures, or written once after four figures or a zero,
    is decimal; written twice, or before the other one, it parts the thousands. « 2,345 »
    proves nothing.
    """

    decimal_comma: bool = False
    decimal_point: bool = False
    grouping_comma: bool = False
    grouping_point: bool = False

    @classmethod
    def of(cls, values: Iterable[Any]) -> "Marks":
        """Gather what the cells of a column prove.

        Examples
        --------
        >>> Marks.of(["1,234.5", "2,345"])
        Marks(decimal_comma=False, decimal_point=True, grouping_comma=True, grouping_point=False)
        """
        decimal, grouping = set(), set()
        for value in {value for value in values if isinstance(value, str)}:
            compact = without_spaces(value)
            if not _MARKED.fullmatch(compact):
                continue
            last_mark = max(",.", key=compact.rfind)
            first_mark = "," if last_mark == "." else "."
            if first_mark in compact:  # both: the last one is decimal, where the first parts thousands
                if compact.count(last_mark) == 1 and _GROUPED[first_mark].fullmatch(
                    compact.split(last_mark)[0]
                ):
                    decimal.add(last_mark)
                    grouping.add(first_mark)
            elif compact.count(last_mark) > 1:
                grouping |= {last_mark} if _GROUPED[last_mark].fullmatch(compact) else set()
            elif last_mark in compact and not is_ambiguous(value):
                decimal.add(last_mark)
        return cls("," in decimal, "." in decimal, "," in grouping, "." in grouping)

    def plain(self, text: str, *, is_integer: bool) -> str:
        """Write the number of a cell as Python does; empty where the column leaves two readings.

        Parameters
        ----------
        text
            The cell.
        is_integer
            The field is an integer: a comma alone is no decimal mark there.

        Examples
        --------
        >>> marks = Marks.of(["1,234.5", "2,345"])
        >>> marks.plain("2,345", is_integer=False), Marks().plain("2,345", is_integer=False)
        ('2345', '2.345')
        """
        compact = without_spaces(text)
        if "," in compact and "." in compact:
            last_mark = max(",.", key=compact.rfind)
            grouped, _, decimals = compact.rpartition(last_mark)
            if not _GROUPED["," if last_mark == "." else "."].fullmatch(grouped):
                return ""
            compact = f"{re.sub('[,.]', '', grouped)}.{decimals}"
        elif _GROUPED[","].fullmatch(compact) and (compact.count(",") > 1 or is_ambiguous(text)):
            compact = self._comma(compact, is_integer=is_integer)
        elif _GROUPED["."].fullmatch(compact) and (compact.count(".") > 1 or is_ambiguous(text)):
            compact = self._point(compact)
        elif "," in compact:
            compact = "" if self.decimal_point else point(compact)
        return compact if _PLAIN.fullmatch(compact) else ""

    def supposes(self, text: str) -> bool:
        """Tell whether a number is read with a decimal mark that nothing in the column proves.

        Examples
        --------
        >>> Marks.of(["2,345"]).supposes("2,345"), Marks.of(["2,345", "12,5"]).supposes("2,345")
        (True, False)
        """
        if not is_ambiguous(text):
            return False
        if "," in text:
            return not (self.decimal_comma or self.grouping_comma)
        return not (self.decimal_point or self.grouping_point)

    def _comma(self, compact: str, *, is_integer: bool) -> str:
        """Read « 2,345 »: thousands where the column proves it, decimal unless it speaks against it."""
        if compact.count(",") > 1 or (self.grouping_comma and not self.decimal_comma):
            return compact.replace(",", "")
        against = self.grouping_comma or self.decimal_point or (is_integer and not self.decimal_comma)
        return "" if against else point(compact)

    def _point(self, compact: str) -> str:
        """Read « 2.345 »: thousands where the column proves it, decimal unless its mark is the comma."""
        if compact.count(".") > 1 or (self.grouping_point and not self.decimal_point):
            return compact.replace(".", "")
        against = self.grouping_point or (self.decimal_comma and not self.decimal_point)
        return "" if against else compact


def is_ambiguous(text: str) -> bool:
    """Tell whether a number reads both with a decimal mark and with thousands, as « 2,345 » does.

    Examples
    --------
    >>> [is_ambiguous(text) for text in ("2,345", "0,345", "1 234,567", "12,5")]
    [True, False, False, False]
    """
    text = text.strip()
    grouped = _GROUPED[","].fullmatch(text) or _GROUPED["."].fullmatch(text)
    figures = text.lstrip("+-")
    return grouped is not None and figures.count(",") + figures.count(".") == 1 and figures[0] != "0"
