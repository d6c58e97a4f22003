"""A plan as a person reads it: a table of changes with their reasons, and where every eligible deal stands.

Used by `plan`, `run --dry-run` and `demo`. Names of deals and people come from the mirror.
"""

from collections import Counter
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from connector.cli.names import Names
from connector.cli.output import Labels, amount, clean, clean_lines, day, one_line, plain, titled
from connector.model.plan import Change, Operation, Plan
from connector.model.records import SetAside

SET_ASIDE_SHOWN = 5
STYLES = {Operation.CREATE: "green", Operation.UPDATE: "yellow", Operation.DELETE: "red"}


def show_plan(console: Console, labels: Labels, plan: Plan, names: Names, *, details: bool) -> None:
    """The whole answer of a dry run."""
    if details:
        for change in plan.changes:
            _show_change(console, labels, change, names)
    elif plan.changes:
        console.print(changes_table(labels, names))
        if more := len(plan.changes) - len(names.changes):
            console.print(labels("plan.more", count=f"{more:,}"), style="dim", markup=False)
    else:
        console.print(labels("plan.nothing"), markup=False)
    console.print()
    console.print(standing_table(labels, plan))
    show_set_aside(console, labels, plan.set_aside)
    console.print(labels("plan.dry"), style="dim", markup=False)


def changes_table(labels: Labels, names: Names) -> Table:
    """One row a change: what is done to which deal, for whom, until when, and why."""
    table = titled(labels("plan.title"), SIMPLE_HEAD, expand=True)
    table.add_column(labels("column.operation"), no_wrap=True)
    table.add_column(labels("column.deal_why"), ratio=1)
    table.add_column(labels("column.amount"), justify="right", no_wrap=True)
    table.add_column(labels("column.assignee"), no_wrap=True)
    table.add_column(labels("column.due"), no_wrap=True)
    for change in names.changes:
        deal = names.deals.get(change.case)
        why = change.because[0].text if change.because else ""
        table.add_row(
            Text(labels(f"operation.{change.operation}"), STYLES[change.operation]),
            Group(one_line(names.deal(change)), plain(f"└ {why}", "dim")),
            amount(deal.amount if deal else None),
            one_line(names.assignee(change) or "–"),
            day(names.due(change)),
        )
    return table


def _show_change(console: Console, labels: Labels, change: Change, names: Names) -> None:
    heading = Text.assemble(
        (labels(f"operation.{change.operation}"), STYLES[change.operation]),
        " ",
        (clean(names.deal(change)), "bold"),
        (f"  {change.system} {change.object} {change.id or ''}  {clean(change.key)}", "dim"),
    )
    console.print(heading)
    table = Table(box=None, padding=(0, 1, 0, 2), show_header=True, header_style="dim")
    table.add_column(labels("column.field"), no_wrap=True)
    table.add_column(labels("column.before"))
    table.add_column(labels("column.after"))
    for name, value in change.fields.items():
        before, after = clean_lines(value.before), clean_lines(value.after)
        if name == names.writing.fields.owner:
            before, after = (f"{clean(names.person(one))} ({one})" if one else "" for one in (before, after))
        table.add_row(Text(name), Text(before or "–", "dim"), Text(after or "–"))
    console.print(table)
    for reason in change.because:
        source = " ".join(clean(part) for part in (reason.record, reason.field) if part)
        console.print(Text.assemble("  ← ", clean(reason.text), (f"  {source}", "dim")))
    console.print()


def standing_table(labels: Labels, plan: Plan) -> Table:
    """Where every eligible deal stands; what is in no group leaks."""
    table = titled(labels("standing.title"), padding=(0, 2, 0, 0))
    table.add_column(labels("standing.group"), no_wrap=True)
    table.add_column(labels("standing.deals"), justify="right")
    table.add_column(labels("standing.note"), overflow="fold")
    counts = plan.counts
    reasons = Counter(verdict.reason for verdict in plan.excluded)
    named_reasons = labels("comma").join(
        f"{labels.known(f'reason.{reason}', reason)} {count:,}" for reason, count in reasons.most_common()
    )
    rows = (
        ("eligible", counts.eligible, ""),
        ("issued", counts.issued, labels("standing.issued_note") if plan.changes else ""),
        ("merged", counts.merged, ""),
        ("waiting", counts.waiting, labels("standing.waiting_note") if counts.waiting else ""),
        ("excluded", counts.excluded, named_reasons),
        ("leaks", counts.leaks, ""),
    )
    for name, count, note in rows:
        style = "bold red" if name == "leaks" and count else "bold" if name == "eligible" else ""
        table.add_row(Text(labels(f"standing.{name}"), style), Text(f"{count:,}", style), Text(note, "dim"))
    return table


def show_set_aside(console: Console, labels: Labels, items: Sequence[SetAside]) -> None:
    """Records that could not be used, with the reason and never with their content."""
    if not items:
        return
    console.print()
    console.print(Text(labels("set_aside.title", count=f"{len(items):,}"), "bold yellow"))
    for item in items[:SET_ASIDE_SHOWN]:
        console.print(Text(f"  {clean(item.ref)}: {clean(item.reason)}"))
    if len(items) > SET_ASIDE_SHOWN:
        console.print(Text(labels("set_aside.more", count=f"{len(items) - SET_ASIDE_SHOWN:,}"), "dim"))
