"""How far a run got, on standard error while a person watches. Implements the engine's `Progress`."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from connector.cli.output import Labels
from connector.engine.deployment import Progress, Silent


class OnTerminal:
    """One moving line: the stage, how many records it has handled, and the time since it began."""

    def __init__(self, bars: Bars, labels: Labels) -> None:
        self._bars, self._labels = bars, labels
        self._line: TaskID = bars.add_task("", total=None)

    def stage(self, name: str) -> None:
        """A new stage takes the line over."""
        step, _, rest = name.partition(".")
        label = " ".join(filter(None, (self._labels.known(f"stage.{step}", step), rest.replace(".", " "))))
        self._bars.reset(self._line, description=label)

    def advance(self, count: int) -> None:
        """So many more are done."""
        self._bars.advance(self._line, count)


@contextmanager
def watched(labels: Labels, *, quiet: bool) -> Iterator[Progress]:
    """Progress for a person at a terminal; nothing for everybody else."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.completed:,}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars, _log_above_it():
        yield OnTerminal(bars, labels)


@contextmanager
def _log_above_it() -> Iterator[None]:
    """Log lines go where standard error goes now, which is above the moving line."""
    handlers = [one for one in logging.getLogger().handlers if isinstance(one, logging.StreamHandler)]
    before = [one.setStream(sys.stderr) for one in handlers]
    try:
        yield
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            if stream is not None:
                handler.setStream(stream)
