"""What is loaded of a register, what it recognised, what it could not decide: the pages of `okoshi match reference`.

Reads the store alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from connector.cli.match_desk import Desk
from connector.cli.output import clean, screen, titled, write_json
from connector.engine.reference import ReferenceMatch, keys_version, known
from connector.identity.companies import CompanyMatching
from connector.model.records import Account, Kind
from connector.store import mirror, reference, reference_matches, unmatched
from connector.store.reference import State

HOLDER = "register-"
"""How the id of a process begins that loads a register: by it others know what is under way."""

SHOWN_ROWS = 50


def status(desk: Desk, *, json: bool) -> int:
    """What is loaded, whether a load is under way or broke off, and how many records it recognised."""
    loading = desk.store.held_by(HOLDER)
    with desk.store.read() as tx:
        state = reference.state(tx)
        counts = reference_matches.count(tx)
        waiting = unmatched.count(tx, Kind.ACCOUNT)
        # While a load goes on, or where one broke off, what the state says is from before.
        companies = reference.count(tx) if loading or (state and state.loading) else state.companies if state else 0
    problem = "loading" if loading else _problem(desk, state)
    if json:
        write_json(
            {
                "loaded": state.model_dump() if state else None,
                "records": counts,
                "waiting": waiting,
                "problem": problem or None,
            }
        )
        return 0
    labels, console = desk.words, screen()
    if state is None and not loading:
        console.print(labels("reference.none"), markup=False)
        return 0
    state = state or State()
    console.print(_told(desk, state, companies), markup=False)
    if state.at:
        table = figures()
        for outcome in ("auto", "review", "new"):
            table.add_row(labels(f"reference.outcome.{outcome}"), f"{counts.get(outcome, 0):,}")
        console.print(table)
        console.print(Text(labels(f"reference.{'complete' if state.complete else 'partial'}"), "dim"))
    if waiting and not problem:
        console.print(Text(f"→ {labels('reference.waiting_now', count=waiting)}", "dim"))
    if problem:
        console.print(Text(f"→ {labels(f'reference.{problem}', file=clean(state.unfinished) or '…')}", "bold yellow"))
    return 0


def figures() -> Table:
    """A table of one figure a line."""
    table = titled("")
    table.show_header = False
    table.add_column()
    table.add_column(justify="right")
    return table


def _told(desk: Desk, state: State, companies: int) -> str:
    if not state.at:
        return desk.words("reference.state_first", count=companies)
    at = desk.words.moment(datetime.fromisoformat(state.at))
    return desk.words("reference.state", count=companies, file=clean(state.file), at=at)


def _problem(desk: Desk, state: State | None) -> str:
    """What keeps the register from being of full use."""
    if state is None:
        return ""
    if state.loading:
        return "broken_off"
    return "" if state.keys == keys_version(CompanyMatching(desk.mappings.identity.companies)) else "outdated"


def doubtful(desk: Desk, *, json: bool) -> int:
    """Records that may be a company of the register, without proof."""
    with desk.store.read() as tx:
        asked = reference_matches.doubtful(tx, SHOWN_ROWS)
        found = known(tx, [match.ref for match in asked])
        records = [one.record for one in mirror.load(tx, found).values()]
    names = {str(one.ref): one.name or "" for one in records if isinstance(one, Account) and not one.deleted}
    ordered = [found[match.ref] for match in asked if match.ref in names]
    if json:
        write_json([_document(one, names.get(one.match.ref, "")) for one in ordered])
    else:
        _show(screen(), desk, ordered, names)
    return 0


def _document(one: ReferenceMatch, name: str) -> dict[str, Any]:
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


def _show(console: Console, desk: Desk, found: Sequence[ReferenceMatch], names: dict[str, str]) -> None:
    """One below the other: in the columns of a table a reference would be broken, and could not be copied."""
    labels = desk.words
    if not found:
        console.print(labels("reference.nothing_doubtful"), markup=False)
        return
    console.print(Text(labels("reference.doubtful"), "bold"))
    for one in found:
        who = one.registered
        parts = (who.name, who.number, who.address) if who else (one.match.number,)
        told = "  ".join(clean(part) for part in parts if part)
        lines = [
            f"{labels('reference.column.registered')}: {told}",
            f"{labels('reference.column.why')}: {clean(labels.reason(one.match.reason))}",
        ]
        console.print(Text(f"- {clean(names.get(one.match.ref))}", "bold"))
        console.print(Text(f"  {clean(one.match.ref)}"), soft_wrap=True)
        console.print(Padding(Text("\n".join(lines)), (0, 0, 0, 2), style="dim"))
    console.print(Text(labels("reference.doubtful_next"), "dim"))
