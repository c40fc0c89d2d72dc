"""The journal of the library on standard error: what slows a work down always, the rest with ``-v``."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click

from artois_geo.cli import french


@contextmanager
def told(*, everything: bool) -> Iterator[None]:
    """Say each line of the journal once while a command runs."""
    log = logging.getLogger("artois_geo")
    before, handler = log.level, _Once()
    log.setLevel(logging.INFO if everything else logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


class _Once(logging.Handler):
    """A line that was said is not said again: a command may count ten tables with one engine."""

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        line = french.visible(record.getMessage())
        if line not in self._said:
            self._said.add(line)
            click.echo(f"{line[:1].upper()}{line[1:]}.", err=True)
