"""What a run or an approved plan did, as a person reads it, and the exit code that says the same to a machine."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from connector.cli.left_out import show_refused, show_set_aside, show_unwritten
from connector.cli.output import BETWEEN, Labels, Parts, clean
from connector.cli.spending_table import show_budgets, show_spending, stopped
from connector.engine.summary import Reconciled, RunSummary, Unified
from connector.model.plan import Counts

DONE, FAILED, STOPPED = 0, 1, 3
ALWAYS_TOLD = ("task", "withdrawal")
STANDINGS = ("eligible", "issued", "merged", "waiting", "excluded", "leaks")


def exit_code(summary: RunSummary) -> int:
    """Stale changes stop, and so do calls that ran out before the tasks were written.

    A lost answer fails, and so does a run of which the vendor refused everything.
    """
    if summary.stale or any(stop.ends_the_run for stop in summary.stopped):
        return STOPPED
    return FAILED if summary.unknown or (summary.refused and not summary.done) else DONE


def show_summary(
    console: Console, labels: Labels, summary: RunSummary, timezone: str, stale: Sequence[str] = ()
) -> None:
    """What was written, where every eligible deal stands, what was set aside or fitted no field, and what it cost.

    `stale` are the names of the deals whose changes were not written.
    """
    console.print(Text(labels("run.title", run_id=summary.run_id), "bold"))
    console.print(figures(labels, summary))
    show_spending(console, labels, summary.api_spending)
    show_budgets(console, labels, summary.api_budget, timezone)
    for stop in summary.stopped:
        console.print(Text(stopped(labels, stop, timezone), "bold yellow"))
    if summary.stale:
        console.print(Text(labels("run.stale", count=len(summary.stale)), "bold yellow"))
        for name in stale or summary.stale:
            console.print(Text(f"  {clean(name)}"))
    if summary.unknown:
        console.print(Text(labels("run.unknown", count=summary.unknown), "bold yellow"))
    show_refused(console, labels, summary.refused, summary.refusals)
    show_set_aside(console, labels, summary.set_aside_records)
    show_unwritten(console, labels, summary.unwritten_fields)


def figures(labels: Labels, summary: RunSummary) -> Table:
    """The run in three lines: written, standings, cost."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    written = f"{labels('run.done')} {summary.done:,} / {labels('run.planned')} {summary.planned:,}"
    detail = [
        f"{labels(f'run.effect.{name}')} {count:,}"
        for name, count in summary.effects.items()
        if count or name in ALWAYS_TOLD
    ]
    extra = [
        f"{labels(f'run.{name}_count')} {count:,}"
        for name, count in (
            ("refused", summary.refused),
            ("unknown", summary.unknown),
            ("recovered", summary.recovered),
            ("already_done", summary.already_done),
        )
        if count
    ]
    table.add_row(labels("run.written"), Parts([written, *detail, *extra]))
    table.add_row(labels("run.standing"), _standings(labels, summary, "bold red" if summary.leaks else ""))
    for name, counts in summary.programs.items():
        if counts.eligible:
            style = "bold red" if counts.leaks else "dim"
            table.add_row(f"  {labels.program(name)}", _standings(labels, counts, style))
    calls = [f"{labels(f'vendor.{system}')} {count:,}" for system, count in summary.api_calls.items()]
    table.add_row(
        labels("run.read"), Text(f"{summary.records_read:,} ({labels('run.changed')} {summary.records_changed:,})")
    )
    for kind, found in summary.unified.items():
        table.add_row(labels(f"run.unified.{kind}"), unified(labels, found))
    if summary.reconciled:
        table.add_row(labels("run.reconciled"), Text(reconciled(labels, summary.reconciled)))
    table.add_row(labels("run.calls"), Parts(calls))
    table.add_row(labels("run.seconds"), Text(f"{summary.seconds:,.1f}"))
    return table


def _standings(labels: Labels, counts: RunSummary | Counts, style: str) -> Parts:
    return Parts([f"{labels(f'standing.{group}')} {getattr(counts, group):,}" for group in STANDINGS], style=style)


def unified(labels: Labels, found: Unified) -> Group:
    """How many records were linked, how many pairs a person is asked about, and how many records are alone."""
    told = labels("run.unified", linked=found.linked, groups=found.groups, doubtful=found.doubtful, new=found.new)
    next_step = [Text("→ okoshi match review")] if found.doubtful else []
    return Group(Parts(told.split(BETWEEN)), *next_step)


def reconciled(labels: Labels, found: Sequence[Reconciled]) -> str:
    """How much was read once more, and each stream in which something was missed or is gone."""
    lines = [labels("run.reconciled_read", count=sum(one.read for one in found), streams=len(found))]
    for one in found:
        told = [
            labels(f"run.reconciled_{name}", count=count)
            for name, count in (("missed", one.missed), ("gone", one.gone), ("withheld", one.withheld))
            if count
        ]
        if told:
            lines.append(f"{labels.known(f'vendor.{one.system}', one.system)} {one.stream}: {', '.join(told)}")
    return "\n".join(lines)
