"""A usual slip in a call works, or is refused in French: never by an error of pandas."""

import contextlib
import io
import re
import warnings
from typing import Any

import pytest
from slips import Call, examples, natural

import artois_geo
from artois_geo.errors import ArtoisGeoError

# Called by the other rooms for every cell and word: reading their arguments would cost more than they do.
INSIDE = {"errors", "languages", "meaning", "suffixes", "text", "theme", "vocabulary"}
NO_DOOR = {"cli", "fluvial", "studies"}  # a command line, a former name, and records without functions
SLOW = {"packs", "sheets", "sources"}
# What a slip meets there, and why it stays.
ALLOWED = {
    "formats.why_unusable": "le système qu'un fichier déclare, tel quel : pyproj nomme sa faute",
    "threads.results": "la fonction donnée par l'appelant échoue sur ses propres valeurs",
    "sheets.png": "le dessin est du texte SVG : un autre texte est une faute que resvg nomme",
}
ENGLISH = re.compile(r"\b(must|expected|unexpected|not found|cannot|invalid|argument)\b")
ROOMS = sorted(set(artois_geo.ROOMS) - INSIDE - NO_DOOR)


def failures(room: str) -> list[str]:
    """Try the slips of each argument of each function of a room; list what does not fail in French."""
    wrong: list[str] = []

    def handle(name: str, call: Call) -> None:
        if name in ALLOWED:
            return
        for argument, value in {**call.arguments, **call.keywords}.items():
            for slip, wrong_value in natural(value):
                fault = outcome(call, argument, wrong_value)
                if fault:
                    wrong.append(f"{name}({argument}) · {slip} · {fault}")

    examples(room, handle)
    return wrong


def outcome(call: Call, argument: str, wrong_value: Any) -> str:
    """Return how a call fails, nothing where it works or says in French what is wrong."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            call.again(argument, wrong_value)
        except ArtoisGeoError as refusal:
            return f"anglais : {refusal}" if ENGLISH.search(str(refusal)) else ""
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:100]}"
    return ""


@pytest.mark.parametrize(
    "room", [pytest.param(room, marks=pytest.mark.long) if room in SLOW else room for room in ROOMS]
)
def test_a_usual_slip_works_or_is_refused_in_french(room: str, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert failures(room) == []
