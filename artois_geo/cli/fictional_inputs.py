"""Which files given to a command are made up: every table made from them has to say so.

What a command was given is read off its arguments and options, so no command can forget it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import options

if TYPE_CHECKING:
    from artois_geo.layers import Layer


def sentence(inputs: Iterable[str]) -> str:
    """Say which inputs are made up: what stands under every table made from them."""
    from artois_geo.studies.data_warnings import fictional_sentence

    return fictional_sentence(inputs)


def names(sources: "Iterable[Layer | Path]" = ()) -> list[str]:
    """Name the made-up layers and tables among ``sources`` and what the command in hand was given."""
    from artois_geo.studies.data_warnings import says_fictional

    inputs = {_path(source): source for source in (*given(), *sources)}
    return list(dict.fromkeys(source.name for source in inputs.values() if says_fictional(source)))


def given() -> "Iterator[Layer | Path]":
    """Give the layers and files among the arguments and options of the command in hand."""
    from artois_geo.layers import Layer

    ctx = click.get_current_context(silent=True)
    for param in ctx.command.params if ctx else ():
        if isinstance(param.type, options.OutputFile):
            continue
        for value in _flat(ctx.params.get(str(param.name)) if ctx else None):
            if isinstance(value, Layer):
                yield value
            elif isinstance(value, (str, Path)) and Path(value).suffix and _is_file(Path(value)):
                yield Path(value)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from _flat(part)
    elif value is not None:
        yield value


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text that is no name of a file
        return False


def _path(source: "Layer | Path") -> Path:
    return source if isinstance(source, Path) else source.path
