"""A plan as a person reads it: a table of changes with their reasons, and where every eligible case stands.

Used by `plan`, `run --dry-run` and `demo`. Names come from the mirror.
"""

from collections import Counter

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from connector.cli.left_out import show_set_aside, show_unwritten
from connector.cli.names import Names
from connector.cli.output import Labels, amount, clean, clean_lines, day, one_line, plain, titled
from connector.model.plan import Change, Counts, Effect, Operation, Plan

GROUPS = ("eligible", "issued", "merged", "waiting", "excluded", "leaks")
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
    show_unwritten(console, labels, plan.unwritten)
    console.print(labels("plan.dry"), style="dim", markup=False)


def changes_table(labels: Labels, names: Names) -> Table:
    """One row a change: what is done to which deal, company or person, for whom, until when, and why."""
    table = titled(labels("plan.title"), SIMPLE_HEAD, expand=True)
    table.add_column(labels("column.operation"), no_wrap=True)
    table.add_column(labels("column.deal_why"), ratio=1, overflow="fold")
    table.add_column(labels("column.amount"), justify="right", no_wrap=True)
    table.add_column(labels("column.assignee"), no_wrap=True)
    table.add_column(labels("column.due"), no_wrap=True)
    for change in names.changes:
        why = change.because[0].text if change.because else ""
        table.add_row(
            operation(labels, change),
            Group(one_line(names.case(change)), plain(f"└ {why}", "dim")),
            amount(names.amount(change)),
            one_line(names.assignee(change) or "–"),
            day(names.due(change)),
        )
    return table


def operation(labels: Labels, change: Change) -> Text:
    """What the change does, in the practice's words."""
    name = change.effect.value
    if change.effect in (Effect.WITHDRAWAL, Effect.MEMBERSHIP):
        name = f"{name}.{change.operation}"
    return Text(labels(f"effect.{name}"), STYLES[change.operation])


def _show_change(console: Console, labels: Labels, change: Change, names: Names) -> None:
    heading = Text.assemble(
        operation(labels, change),
        " ",
        (clean(names.case(change)), "bold"),
        (f"  {change.system} {change.object} {change.id or ''}  {clean(change.key)}", "dim"),
    )
    console.print(heading)
    table = Table(box=None, padding=(0, 1, 0, 2), show_header=True, header_style="dim")
    table.add_column(labels("column.field"), no_wrap=True)
    table.add_column(labels("column.before"), overflow="fold")
    table.add_column(labels("column.after"), overflow="fold")
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
    """Where every eligible case of each program stands; what is in no group leaks."""
    table = titled(labels("standing.title"), padding=(0, 2, 0, 0))
    table.add_column(labels("standing.program"), no_wrap=True)
    for group in GROUPS:
        table.add_column(labels(f"standing.{group}"), justify="right", no_wrap=True)
    table.add_column(labels("standing.note"), overflow="fold")
    reasons = Counter((verdict.program, verdict.reason) for verdict in plan.excluded)
    for name, counts in plan.programs.items():
        if counts.eligible:
            told = labels.program(name)
            table.add_row(told, *_figures(counts), Text(_reasons(labels, name, reasons), "dim"))
    note = labels("standing.waiting_note") if plan.counts.waiting else ""
    table.add_row(Text(labels("standing.all"), "bold"), *_figures(plan.counts), Text(note, "dim"))
    return table


def _figures(counts: Counts) -> list[Text]:
    values = [(name, getattr(counts, name)) for name in GROUPS]
    return [Text(f"{value:,}", "bold red" if name == "leaks" and value else "") for name, value in values]


def _reasons(labels: Labels, program: str, reasons: Counter[tuple[str, str]]) -> str:
    """Why cases of this program get no task, the most frequent reason first."""
    own = [(reason, count) for (name, reason), count in reasons.most_common() if name == program]
    return labels("comma").join(f"{labels.why(program, reason)} {count:,}" for reason, count in own)
