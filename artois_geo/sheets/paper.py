"""What sheets and board are printed on: templates, style, policy, and the line of the layers."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from artois_geo import tables, theme
from artois_geo.sheets import wording
from artois_geo.text import UNSAID_FEMININE
from artois_geo.theme import Theme


@cache
def template(name: str) -> jinja2.Template:
    """Load a template of this room: every text is escaped, an unknown name is an error."""
    return _environment().get_template(name)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(file),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalised,
    )
    environment.globals["marked"] = wording.marked
    return environment


def style(look: Theme, *names: str, extra: str = "") -> Markup:
    """Join the theme and style sheets of this room, for the page; ``extra``: rules of ours."""
    rules = "".join(map(file, names))
    return Markup(theme.css(look) + rules + extra)  # noqa: S704 our own files and a checked theme


def policy(style: str) -> str:
    """Write the Content-Security-Policy: the style of the page, embedded pictures and fonts, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; font-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def layers_line(layers: Sequence[tables.Source], words: wording.Words) -> str:
    """List the layers that a page was made from, each with its vintage and licence."""
    unstated = words["unstated"]
    return " ; ".join(
        f"{layer.title or layer.layer} ({words['vintage']} {layer.vintage or unstated} ; "
        f"{words['licence']} {layer.licence or unstated})"
        for layer in layers
    )


def licences_line(layers: Sequence[tables.Source]) -> str:
    """List the licences of the layers that a page was made from, each once, their owners named."""
    return " ; ".join(
        dict.fromkeys(layer.licence for layer in layers if layer.licence not in {"", UNSAID_FEMININE})
    )


def issued(day: date | None, lang: str) -> str:
    """Write the date of an edition; an empty text without one."""
    return wording.phrase(lang, "printed", date=wording.told(day, lang)) if day else ""


def _finalised(value: Any) -> Any:
    """Replace control characters in the texts of a template before they are escaped."""
    return wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def file(name: str) -> str:
    """Read a style sheet or a template of this room."""
    return files("artois_geo.sheets").joinpath(name).read_text(encoding="utf-8")
