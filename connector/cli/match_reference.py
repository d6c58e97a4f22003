"""`okoshi match reference`: load a register of companies, see what is loaded, and what it could not decide.

Changes nothing but the store, and reaches no vendor.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from connector.cli.match_desk import Desk, opened
from connector.cli.match_reference_state import HOLDER, figures
from connector.cli.match_reference_state import doubtful as list_doubtful
from connector.cli.match_reference_state import status as show_status
from connector.cli.options import Common, Flag, Json
from connector.cli.output import clean, screen, write_json
from connector.engine import reference_load
from connector.engine.reference_load import Loaded, Told
from connector.engine.reference_reading import RegisterSource
from connector.identity.reference_rows import fields_given
from connector.model.errors import ConfigurationError
from connector.store.store import Lease

SHOWN_BAD_ROWS = 10
PARTS = 1_000
"""Steps of the bar."""


def load(  # noqa: PLR0913 -- its options
    file: Path | None = None,
    /,
    *,
    complete: bool | None = None,
    replace: Flag = False,
    column: Annotated[list[str] | None, Parameter(negative="")] = None,
    encoding: str | None = None,
    status: Flag = False,
    doubtful: Flag = False,
    rebuild: Flag = False,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Load a register of companies (法人番号, names, address) to recognise companies by; without FILE, its state.

    Parameters
    ----------
    file
        CSV (also in .gz or .zip), JSON Lines or Parquet: 国税庁's publication as it comes, or any list with a header.
    complete
        Whether every company there is stands in the file; only then a name that one of them bears proves anything.
        Default: what is loaded stays what it is, and the publication's file of the whole nation is complete.
        Without FILE: says it of what is loaded.
    replace
        What is not in the file goes; otherwise the file adds to what is known.
    column
        A column that is not recognised, as number=証券番号 (by name or by place); may be repeated.
    encoding
        How the file is written, if it is not recognised, e.g. cp932.
    status
        Show what is loaded.
    doubtful
        List the records that may be a company of the register, without proof.
    rebuild
        Make the keys of what is loaded anew, after an update of Okoshi that asks for it.
    """
    if sum((file is not None, status, doubtful, rebuild)) > 1:
        raise ConfigurationError("FILE, --status, --doubtful and --rebuild are four things to do; ask for one of them.")
    if file is None and (replace or column or encoding):
        raise ConfigurationError("--replace, --column and --encoding say how a FILE is loaded; name it.")
    if complete is not None and (status or doubtful or rebuild):
        raise ConfigurationError("--complete says what a FILE is, or what is loaded; leave the other option out.")
    with opened(common, create=True) as desk:
        if file is not None:
            source = RegisterSource(
                path=file, complete=complete, replace=replace, encoding=encoding, columns=fields_given(column or ())
            )
            return _load(desk, source, json=json, quiet=(common or Common()).quiet)
        if complete is not None:
            return _say_complete(desk, complete=complete, json=json)
        if rebuild:
            return _rebuild(desk, json=json, quiet=(common or Common()).quiet)
        return list_doubtful(desk, json=json) if doubtful else show_status(desk, json=json)


def _load(desk: Desk, source: RegisterSource, *, json: bool, quiet: bool) -> int:
    now, began = desk.now, perf_counter()
    with _writing(desk) as lease, _bar(desk, quiet=quiet or json) as told:
        loaded = reference_load.load(desk.store, lease, source, desk.mappings.identity.companies, now, told)
    seconds = round(perf_counter() - began, 1)
    if json:
        write_json(_loaded_document(desk, loaded, seconds))
    else:
        _show_loaded(screen(), desk, loaded, seconds)
    return 0


def _rebuild(desk: Desk, *, json: bool, quiet: bool) -> int:
    with _writing(desk) as lease, _bar(desk, quiet=quiet or json) as told:
        companies = reference_load.rebuild(desk.store, lease, desk.mappings.identity.companies, told)
    if json:
        write_json({"companies": companies})
    else:
        screen().print(desk.words("reference.rebuilt", count=companies), markup=False)
    return 0


def _say_complete(desk: Desk, *, complete: bool, json: bool) -> int:
    with _writing(desk) as lease:
        state, waiting = reference_load.say_complete(desk.store, lease, complete=complete)
    if json:
        write_json({"companies": state.companies, "complete": state.complete, "waiting": waiting})
        return 0
    console = screen()
    console.print(Text(desk.words(f"reference.{'complete' if complete else 'partial'}")))
    if waiting:
        console.print(Text(f"→ {desk.words('reference.waiting_now', count=waiting)}", "dim"))
    return 0


@contextmanager
def _writing(desk: Desk) -> Iterator[Lease]:
    """The right to write, under a name that tells others what is going on; who breaks it off is told what is left."""
    try:
        with desk.store.lease(f"{HOLDER}{os.getpid()}") as lease:
            yield lease
    except KeyboardInterrupt:
        Console(stderr=True, highlight=False).print(desk.words("reference.interrupted"), markup=False)
        raise


@contextmanager
def _bar(desk: Desk, *, quiet: bool) -> Iterator[Told]:
    """A moving bar for a person at a terminal; nothing for everybody else."""
    if quiet or not sys.stderr.isatty():
        yield lambda _stage, _count, _share: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]:,}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        line = bars.add_task(desk.words("reference.stage.read"), total=None, rows=0)
        rows = {"read": 0, "keys": 0}

        def told(stage: str, count: int, share: float | None) -> None:
            rows[stage] += count
            bars.update(
                line,
                description=desk.words(f"reference.stage.{stage}"),
                total=None if share is None else PARTS,
                completed=None if share is None else int(share * PARTS),
                rows=rows[stage],
            )

        yield told


def _loaded_document(desk: Desk, loaded: Loaded, seconds: float) -> dict[str, Any]:
    document = loaded.model_dump(mode="json")
    for row in document["bad_rows"]:
        row["text"] = desk.words(f"reference.problem.{row['problem']}")
    return document | {"seconds": seconds}


def _show_loaded(console: Console, desk: Desk, loaded: Loaded, seconds: float) -> None:
    labels = desk.words
    console.print(Text(labels("reference.loaded", file=clean(loaded.file), seconds=seconds), "bold"))
    table = figures()
    counts = ("rows", "added", "changed", "removed", "passed", "bad", "companies", "waiting")
    for name in counts:
        count = getattr(loaded, name)
        if count or name not in ("removed", "passed", "bad"):
            table.add_row(labels(f"reference.{name}"), f"{count:,}")
    console.print(table)
    for row in loaded.bad_rows[:SHOWN_BAD_ROWS]:
        console.print(Text(f"- {clean(row.file)}:{row.line}: {labels(f'reference.problem.{row.problem}')}", "yellow"))
    if loaded.bad > SHOWN_BAD_ROWS:
        console.print(Text(labels("reference.more_bad", count=loaded.bad - SHOWN_BAD_ROWS), "yellow"))
    console.print(Text(labels(f"reference.{'complete' if loaded.complete else 'partial'}"), "dim"))
