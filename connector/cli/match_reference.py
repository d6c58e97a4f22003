"""`okoshi match reference`: load a register of companies, see what is loaded, and what it could not decide.

Changes nothing but the store, and reaches no vendor.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from connector.cli.match_desk import Desk, opened
from connector.cli.options import Common, Flag, Json
from connector.cli.output import clean, plain, screen, titled, write_json
from connector.engine import reference_load
from connector.engine.cycle import new_run_id
from connector.engine.reference import ReferenceMatch, keys_version, known
from connector.engine.reference_load import Loaded, Told
from connector.engine.reference_reading import RegisterSource
from connector.identity.companies import CompanyMatching
from connector.identity.reference_rows import fields_given
from connector.model.errors import ConfigurationError
from connector.model.records import Account
from connector.store import mirror, reference, reference_matches
from connector.store.reference import State

SHOWN_ROWS = 50
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
    if file is None and (complete is not None or replace or column or encoding):
        raise ConfigurationError("--complete, --replace, --column and --encoding say how a FILE is loaded; name it.")
    with opened(common) as desk:
        if file is not None:
            source = RegisterSource(
                path=file, complete=complete, replace=replace, encoding=encoding, columns=fields_given(column or ())
            )
            return _load(desk, source, json=json, quiet=(common or Common()).quiet)
        if rebuild:
            return _rebuild(desk, json=json, quiet=(common or Common()).quiet)
        return _doubtful(desk, json=json) if doubtful else _status(desk, json=json)


def _load(desk: Desk, source: RegisterSource, *, json: bool, quiet: bool) -> int:
    now, began = desk.now, perf_counter()
    with desk.store.lease(new_run_id(now)) as lease, _bar(desk, quiet=quiet or json) as told:
        loaded = reference_load.load(desk.store, lease, source, desk.mappings.identity.companies, now, told)
    seconds = round(perf_counter() - began, 1)
    if json:
        write_json(_loaded_document(desk, loaded, seconds))
    else:
        _show_loaded(screen(), desk, loaded, seconds)
    return 0


def _rebuild(desk: Desk, *, json: bool, quiet: bool) -> int:
    now = desk.now
    with desk.store.lease(new_run_id(now)) as lease, _bar(desk, quiet=quiet or json) as told:
        companies = reference_load.rebuild(desk.store, lease, desk.mappings.identity.companies, told)
    if json:
        write_json({"companies": companies})
    else:
        screen().print(desk.words("reference.rebuilt", count=companies), markup=False)
    return 0


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
    table = titled("")
    table.show_header = False
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


def _status(desk: Desk, *, json: bool) -> int:
    with desk.store.read() as tx:
        state = reference.state(tx)
        counts = reference_matches.count(tx)
    problem = _problem(desk, state)
    if json:
        write_json({"loaded": state.model_dump() if state else None, "records": counts, "problem": problem or None})
        return 0
    labels, console = desk.words, screen()
    if state is None:
        console.print(labels("reference.none"), markup=False)
        return 0
    console.print(
        labels(
            "reference.state",
            count=state.companies,
            file=clean(state.file),
            at=desk.words.moment(datetime.fromisoformat(state.at)),
        ),
        markup=False,
    )
    for outcome in ("auto", "review", "new"):
        console.print(Text(f"  {labels(f'reference.outcome.{outcome}')}: {counts.get(outcome, 0):,}"))
    console.print(Text(labels(f"reference.{'complete' if state.complete else 'partial'}"), "dim"))
    if problem:
        console.print(Text(f"→ {labels(f'reference.{problem}')}", "bold yellow"))
    return 0


def _problem(desk: Desk, state: State | None) -> str:
    """What keeps the register from being of full use."""
    if state is None:
        return ""
    if state.loading:
        return "broken_off"
    return "" if state.keys == keys_version(CompanyMatching(desk.mappings.identity.companies)) else "outdated"


def _doubtful(desk: Desk, *, json: bool) -> int:
    with desk.store.read() as tx:
        asked = reference_matches.doubtful(tx, SHOWN_ROWS)
        found = known(tx, [match.ref for match in asked])
        records = [one.record for one in mirror.load(tx, found).values()]
    names = {str(one.ref): one.name or "" for one in records if isinstance(one, Account) and not one.deleted}
    ordered = [found[match.ref] for match in asked if match.ref in names]
    if json:
        write_json([_match_document(one, names.get(one.match.ref, "")) for one in ordered])
    else:
        _show_doubtful(screen(), desk, ordered, names)
    return 0


def _match_document(one: ReferenceMatch, name: str) -> dict[str, Any]:
    registered = one.registered
    return {
        "ref": one.match.ref,
        "name": name,
        "number": one.match.number,
        "registered_name": registered.name if registered else None,
        "registered_address": registered.address if registered else None,
        "score": round(one.match.score, 1),
        "reason": one.match.reason,
    }


def _show_doubtful(console: Console, desk: Desk, found: Sequence[ReferenceMatch], names: dict[str, str]) -> None:
    labels = desk.words
    if not found:
        console.print(labels("reference.nothing_doubtful"), markup=False)
        return
    table = titled(labels("reference.doubtful"))
    for column in ("record", "registered", "why"):
        table.add_column(labels(f"reference.column.{column}"), overflow="fold")
    for one in found:
        who = one.registered
        told = f"{who.name}\n{who.number} {who.address}" if who else one.match.number
        reason = desk.words.reason(one.match.reason)
        table.add_row(Text(f"{clean(names.get(one.match.ref))}\n{one.match.ref}"), Text(told), plain(reason))
    console.print(table)
    console.print(Text(labels("reference.doubtful_next"), "dim"))
