"""What a reader sees while a command works: nothing for two seconds, then a bar on standard error.

Nothing is shown where standard error is not a terminal. The bar goes before anything is written
(``over``), so that a table is never mixed with it.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_S = 2.0

Tell: TypeAlias = Callable[[int, int], None]  # done so far, out of how many
Step: TypeAlias = Callable[[str], Tell]

_BAR, _WRITTEN = "artois_geo.bar", "artois_geo.written"


def silent(label: str) -> Tell:
    """Announce a step that nobody watches."""
    return lambda done, total: None


@contextmanager
def shown(is_wanted: bool | None) -> Iterator[Step]:
    """Show the steps of a command once it has lasted: ``True`` at once, ``False`` never.

    A command that waits inside promises that an interruption leaves no file half written.
    """
    bar = _Bar()
    meta = click.get_current_context().meta
    meta[_BAR] = bar
    meta.setdefault(_WRITTEN, [])
    timer = threading.Timer(0.0 if is_wanted else PATIENCE_S, bar.show)
    timer.daemon = True
    if is_wanted is not False and sys.stderr.isatty():
        timer.start()
    try:
        yield bar.step
    finally:
        timer.cancel()
        bar.hide()


def over() -> None:
    """Take the bar away: what follows is the answer."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None and _BAR in ctx.meta:
        ctx.meta[_BAR].hide()


def note_written(path: Path) -> None:
    """Remember that a file is there, for what an interruption says."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None:
        ctx.meta.setdefault(_WRITTEN, []).append(path)


def interrupted(ctx: click.Context, reason: str) -> str:
    """Tell of an interruption what is on the disk all the same, if that is known."""
    from artois_geo.cli import french

    if reason:
        return f"Interrompu : {reason}"
    if _BAR not in ctx.meta:
        return "Interrompu."
    names = ", ".join(french.visible(str(path)) for path in ctx.meta[_WRITTEN])
    return f"Interrompu. Déjà écrit, en entier : {names}." if names else "Interrompu : rien n'a été écrit."


class _Bar:
    """The step in hand, and the bar that shows it; told from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._label, self._done, self._total = "Lecture", 0, 0
        self._progress: Progress | None = None
        self._gone = False

    def step(self, label: str) -> Tell:
        from artois_geo.cli import french

        with self._lock:
            self._label, self._done, self._total = french.visible(label), 0, 0
            self._draw(anew=True)

        def tell(done: int, total: int) -> None:
            with self._lock:
                self._done, self._total = done, total
                self._draw()

        return tell

    def show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._gone or self._progress is not None:
                return
            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[share]}", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
                redirect_stdout=False,
            )
            self._progress.add_task("", share="")
            self._draw(anew=True)
            self._progress.start()

    def hide(self) -> None:
        with self._lock:
            self._gone = True
            if self._progress is not None and self._progress.live.is_started:
                self._progress.stop()

    def _draw(self, *, anew: bool = False) -> None:
        if self._progress is None or self._gone:
            return
        task = self._progress.task_ids[0]
        share = f"{100 * self._done / self._total:.0f} %" if self._total else ""
        if anew:
            self._progress.reset(task, total=None, description=self._label, share=share)
        self._progress.update(
            task, completed=self._done, total=self._total or None, description=self._label, share=share
        )
