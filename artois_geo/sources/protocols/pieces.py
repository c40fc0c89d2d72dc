"""A request that a server cuts is asked again by quarters of its box, until each answer is whole.

A server that stops at 5 000 objects says 200 all the same: what it left out is in one of the quarters. An
object that two quarters touch comes twice and counts once; together there must be as many as were announced.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from artois_geo.errors import SourceError
from artois_geo.sources.definition import Source
from artois_geo.sources.protocols.shape import NO_LAYER, bbox_text, polygon_text
from artois_geo.sources.scope import Box
from artois_geo.sources.transport import Query
from artois_geo.text import counted

MARK = "q"  # between the number of a request and the quarters that lead to a piece: 0001q03
MOST_DEPTH = 8  # a side of 5 km ends at 20 m
MOST_PIECES = 1_000
_DECIMALS = 7


@dataclass
class Pieces:
    """Brings one request whole, by pieces where it is cut.

    Parameters
    ----------
    source
        What is taken.
    ask
        Called with a request and its label; gives the objects that came, and whether some were left out.
    count
        Of the pieces asked for.
    """

    source: Source
    ask: Callable[[Query, str], tuple[Iterable[dict[str, Any]], bool]]
    count: int = 0
    _keys: set[str] = field(default_factory=set)

    def bring(self, query: Query, label: str, announced: int | None) -> int:
        """Bring the pieces of a request that was cut; return how many objects they hold in all.

        Raises
        ------
        SourceError
            A piece that cannot be cut again, or fewer objects in all than announced.
        """
        self._keys, before = set(), self.count
        self._bring_quarters(query, label + MARK, 1)
        received = len(self._keys)
        if announced is not None and received != announced:
            raise SourceError(
                f"Morceaux incomplets ({self.source.id}, {query.name}) : "
                f"{counted(announced, 'objet annoncé', 'objets annoncés')}, {counted(received, 'reçu')} en "
                f"{counted(self.count - before, 'morceau', 'morceaux')}. {NO_LAYER}"
            )
        return received

    def _bring_quarters(self, query: Query, label: str, depth: int) -> None:
        """Ask for each quarter, and for its own quarters where it is cut too."""
        parts = quarters(query)
        if not parts or depth > MOST_DEPTH or self.count + len(parts) > MOST_PIECES:
            raise SourceError(
                f"Réponse coupée par le serveur, qui ne se partage plus ({self.source.id}, {query.name}) : "
                f"demander un territoire plus petit, ou prendre le fichier du producteur. {NO_LAYER}"
            )
        for rank, part in enumerate(parts):
            self.count += 1
            objects, is_cut = self.ask(part, f"{label}{rank}")
            self._keys.update(_keys(objects, self.source))
            if is_cut:
                self._bring_quarters(part, f"{label}{rank}", depth + 1)


def are_of_one_request(first: str, second: str) -> bool:
    """Tell whether two raw files are pieces of one request, or it and one of its pieces.

    Examples
    --------
    >>> are_of_one_request("0001-00001.json", "0001q03-00001.json")
    True
    >>> are_of_one_request("0001q03-00001.json", "0001q03-00002.json")
    False
    """
    labels = [name.partition("-")[0] for name in (first, second)]
    return labels[0] != labels[1] and len({label.partition(MARK)[0] for label in labels}) == 1


def quarters(query: Query) -> list[Query]:
    """Return the four quarters of the box of a request; none where it has no box, or one of no width.

    Examples
    --------
    >>> query = Query("emprise", "https://exemple.fr", {"BBOX": "0,0,10,20,urn"}, box=(0, 0, 10, 20))
    >>> [part.parameters["BBOX"] for part in quarters(query)]
    ['0,0,5,10,urn', '5,0,10,10,urn', '0,10,5,20,urn', '5,10,10,20,urn']
    """
    if query.box is None:
        return []
    return [_within(query, quarter, rank) for rank, quarter in enumerate(_quartered(query.box), start=1)]


def _quartered(box: Box) -> Iterator[Box]:
    """Yield the quarters of a box, whose sides touch: in whole metres, or in degrees."""
    west, south, east, north = box
    decimals = 0 if max(map(abs, box)) > 180 or float(max(box)).is_integer() else _DECIMALS
    x, y = round((west + east) / 2, decimals), round((south + north) / 2, decimals)
    if west < x < east and south < y < north:
        yield from ((west, south, x, y), (x, south, east, y), (west, y, x, north), (x, y, east, north))


def _within(query: Query, box: Box, rank: int) -> Query:
    """Put another box in the place of that of a request."""
    parameters = dict(query.parameters)
    for write in (polygon_text, bbox_text):
        before, after = write(query.box or box), write(box)
        parameters = {name: text.replace(before, after) for name, text in parameters.items()}
    return replace(query, name=f"{query.name}, quart {rank}", parameters=parameters, box=box)


def key_of(values: Callable[[str], Any], names: Sequence[str]) -> str:
    """Write the key of an object, of one column or several; zero is a key, nothing is none.

    Examples
    --------
    >>> key_of({"gid": 0, "partition": None}.get, ("partition", "gid"))
    ' 0'
    """
    cells = map(values, names)
    return " ".join("" if cell is None else str(cell) for cell in cells)


def _keys(objects: Iterable[dict[str, Any]], source: Source) -> Iterator[str]:
    names = source.reading.key.split()
    for each in objects:
        yield key_of((each.get("properties") or {}).get, names)
