"""What stands under a table: where its figures come from and how they were measured."""

from dataclasses import dataclass

from artois_geo.constants import Constant
from artois_geo.tables.french import quantity


@dataclass(frozen=True)
class Source:
    """A layer that a table was made from, and what must be said of it."""

    layer: str
    title: str = ""
    vintage: str = ""
    licence: str = ""
    source: str = ""


@dataclass(frozen=True)
class Footer:
    """The layers, constants, convention and warnings that go with a table.

    ``surface`` is the sentence of the convention, empty when the table holds no area.
    """

    sources: tuple[Source, ...] = ()
    constants: tuple[Constant, ...] = ()
    surface: str = ""
    notes: tuple[str, ...] = ()


def source_lines(footer: Footer) -> list[str]:
    """The footer as French sentences, one a line.

    Examples
    --------
    >>> source_lines(Footer(sources=(Source("communes", vintage="2026", licence="LO 2.0"),)))
    ['Couche communes : millésime 2026, licence LO 2.0']
    """
    lines = []
    for source in footer.sources:
        said = [
            f"millésime {source.vintage}" if source.vintage else "millésime non indiqué",
            f"licence {source.licence}" if source.licence else "",
            source.source,
        ]
        lines.append(f"Couche {source.layer} : {', '.join(part for part in said if part)}")
    for constant in footer.constants:
        lines.append(f"{constant.title} : {quantity(constant.value, constant.unit)} ({constant.source})")
    if footer.surface:
        lines.append(f"{footer.surface[:1].upper()}{footer.surface[1:]}")
    return [*lines, *footer.notes]
