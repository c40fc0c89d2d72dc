"""The territory for which a source is asked: communes, an EPCI, a département, or a box."""

import re
from dataclasses import dataclass

import pyproj

from artois_geo import measure
from artois_geo.errors import BadOptions, BadValue
from artois_geo.text import counted

COMMUNE = re.compile(r"(?:\d{2}|2[AB])\d{3}")
OVERSEAS = "97"
SIREN = re.compile(r"\d{9}")
DEPARTEMENT = re.compile(r"\d{2}|2[AB]")
MOST_COMMUNES = 2_000
FRANCE = "france"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scope:
    """What is asked for: ``kind`` is a scope of a source, ``codes`` sorted, ``box`` in metres (EPSG:2154).

    ``boxes`` are those of the communes of ``codes``, where their contours are known.
    """

    kind: str
    codes: tuple[str, ...] = ()
    box: Box | None = None
    boxes: tuple[Box, ...] = ()

    def text(self) -> str:
        """Name the territory as a planner reads it."""
        if self.kind == "communes":
            first_codes = ", ".join(self.codes[:3]) + (" …" if len(self.codes) > 3 else "")
            return f"{counted(len(self.codes), 'commune')} ({first_codes})"
        if self.kind == "emprise" and self.box:
            return f"emprise {' ; '.join(f'{edge:.0f}' for edge in self.box)} (Lambert-93)"
        names = {"epci": "EPCI", "departement": "département"}
        return f"{names[self.kind]} {self.codes[0]}" if self.codes else "France entière"


def scope_of(communes: str = "", epci: str = "", departement: str = "", emprise: str = "") -> Scope:
    """Read a territory as it is typed; exactly one of the four.

    Parameters
    ----------
    communes
        INSEE codes, separated by commas.
    epci
        SIREN.
    departement
        Code, ``62`` or ``D062``.
    emprise
        West, south, east, north: in degrees, or in metres of Lambert-93.

    Raises
    ------
    BadOptions
        None, or two of them.
    BadValue
        A code of another form, a box that is empty or turned over.

    Examples
    --------
    >>> from artois_geo.sources import scope_of
    >>> scope_of(communes="62498, 62427").codes
    ('62427', '62498')
    >>> scope_of(departement="D062").text()
    'département 62'
    >>> scope_of(emprise="2.7867,50.4196,2.8515,50.4595").text()
    'emprise 684819 ; 7035793 ; 689439 ; 7040248 (Lambert-93)'
    """
    typed = {"communes": communes, "epci": epci, "departement": departement, "emprise": emprise}
    typed_scopes = {kind: text for kind, text in typed.items() if text.strip()}
    if len(typed_scopes) != 1:
        raise BadOptions(
            "Dire pour quel territoire, par une seule option : --communes, --epci, --departement, --emprise."
        )
    kind, text = next(iter(typed_scopes.items()))
    return Scope(kind, box=_box(text)) if kind == "emprise" else Scope(kind, _codes(kind, text))


def _codes(kind: str, text: str) -> tuple[str, ...]:
    """Read codes of one kind, each once and sorted."""
    codes = [code.strip().upper() for code in text.split(",") if code.strip()]
    if kind == "departement":
        codes = [re.sub(r"^D0?(?=.{2,3}$)", "", code) for code in codes]
    pattern, example = {
        "communes": (COMMUNE, "cinq caractères, comme 59350"),
        "epci": (SIREN, "neuf chiffres"),
        "departement": (DEPARTEMENT, "comme 59 ou D059"),
    }[kind]
    for code in codes:
        if not pattern.fullmatch(code):
            what = {"communes": "code de commune", "epci": "SIREN d'EPCI", "departement": "département"}[kind]
            raise BadValue(f"{what} refusé : « {code} » ({example}).")
        if kind != "epci" and code.startswith(OVERSEAS):
            raise BadValue(f"« {code} » : les sources se lisent en Lambert-93, la métropole seulement.")
    if kind != "communes" and len(set(codes)) != 1:
        raise BadValue(f"{kind} : un seul code à la fois, reçu {len(set(codes))}.")
    if len(set(codes)) > MOST_COMMUNES:
        raise BadValue(f"{len(set(codes))} communes : demander leur département.")
    return tuple(sorted(set(codes)))


def departement_of(code: str) -> str:
    """Return the département of a commune of the mainland.

    Examples
    --------
    >>> departement_of("2A004"), departement_of("59350")
    ('2A', '59')
    """
    return code[:2]


def degrees(box: Box) -> Box:
    """Return the box in degrees, longitude first, that holds a box in metres of Lambert-93.

    Examples
    --------
    >>> degrees((684819, 7035793, 689439, 7040248))
    (2.78652, 50.4195, 2.85162, 50.4596)
    """
    project = pyproj.Transformer.from_crs(measure.LAMBERT93, measure.WGS84, always_xy=True)
    west, south, east, north = project.transform_bounds(*box)
    margin = 5e-6  # half of the last figure: rounding must not cut
    return (
        round(west - margin, 5),
        round(south - margin, 5),
        round(east + margin, 5),
        round(north + margin, 5),
    )


def _box(text: str) -> Box:
    """Read a box as metres of Lambert-93."""
    try:
        edges = [float(part) for part in text.replace(";", ",").split(",")]
        west, south, east, north = edges
    except ValueError:
        raise BadValue(
            "emprise refusée : quatre nombres séparés par des virgules, ouest, sud, est, nord, "
            "avec un point pour les décimales."
        ) from None
    if not (west < east and south < north):
        raise BadValue("emprise vide ou retournée : écrire ouest, sud, est, nord.")
    if max(map(abs, edges)) <= 180:
        if not (west > -6 and east < 10 and south > 41 and north < 52):
            raise BadValue(
                "emprise hors de France métropolitaine : en degrés, la longitude d'abord "
                "(ouest, sud, est, nord)."
            )
        project = pyproj.Transformer.from_crs(measure.WGS84, measure.LAMBERT93, always_xy=True)
        west, south, east, north = project.transform_bounds(west, south, east, north)
    elif not (west > 0 and east < 1.4e6 and south > 6e6 and north < 7.2e6):
        raise BadValue("emprise hors de France métropolitaine, en mètres Lambert-93 (ouest, sud, est, nord).")
    return round(west), round(south), round(east), round(north)
