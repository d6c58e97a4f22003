"""What a simulated year leaves on the screen: each promise with what was measured, the tasks, and how long it took."""

from collections import Counter
from dataclasses import asdict, replace
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.cli.output import Labels, titled
from connector.cli.sandbox_year import SHOWN_FAILURES, Lived, Row


def show_year(console: Console, labels: Labels, lived: Lived) -> None:
    """The whole answer."""
    figures = lived.figures
    console.print()
    days = f"{figures['days']:,}"
    intro = labels("year.intro", days=days, habits=figures["habits"], seed=figures["seed"], acts=f"{figures['acts']:,}")
    console.print(Text(intro, "dim"))
    console.print()
    console.print(_neglect(labels, figures))
    console.print(_promises(labels, lived))
    if figures["tasks"]:
        console.print(_tasks(labels, figures))
    spent = labels(
        "year.spent", cycles=f"{lived.cycles:,}", seconds=f"{lived.seconds:,.0f}", calls=f"{lived.calls.total():,}"
    )
    console.print(Text(spent, "dim"))
    for failure in lived.failures[:SHOWN_FAILURES]:
        console.print(Text(f"✘ {failure}", "red"))


def year_document(lived: Lived) -> Row:
    """The same for machines."""
    told: dict[str, Any] = asdict(replace(lived, calls=Counter()))
    del told["told"]
    return {"ok": not lived.broken, "broken": lived.broken, **told, "calls": dict(lived.calls)}


def _neglect(labels: Labels, figures: Row) -> Table:
    """Shares of deals that nobody works: at the start, on average, at the end."""
    table = titled(labels("year.neglect"), SIMPLE_HEAD)
    for name in ("", "year.first", "year.mean", "year.last"):
        table.add_column(labels(name) if name else "", justify="right" if name else "left")
    for kind in ("stalled", "lost"):
        course = figures[kind]
        table.add_row(
            labels(f"year.{kind}"),
            _share(course["first"]),
            f"{course['mean_share']:.0%}",
            Text(_share(course["last"]), "bold"),
        )
    return table


def _share(look: Row) -> str:
    return f"{look['share']:.0%} ({look['unworked']:,}/{look['deals']:,})"


def _promises(labels: Labels, lived: Lived) -> Table:
    table = titled(labels("year.promises"), SIMPLE_HEAD)
    table.add_column("")
    table.add_column("", justify="right")
    figures, alerts = lived.figures, lived.figures["alerts"]
    late = f"{alerts['late'] + alerts['missing']:,}/{alerts['expected']:,}" if lived.told else labels("year.off")
    for name, value in (
        ("leaks", f"{lived.leaks:,}"),
        ("duplicates", f"{figures['duplicates']['count']:,}"),
        ("over_capacity", f"{figures['over_capacity']['tasks']:,}"),
        ("alerts", late),
        ("forbidden_calls", f"{figures['forbidden_calls']['count']:,}"),
        ("failures", f"{len(lived.failures):,}"),
    ):
        table.add_row(labels(f"year.{name}"), Text(value, "bold red" if name in lived.broken else "green"))
    return table


def _tasks(labels: Labels, figures: Row) -> Table:
    table = titled(labels("year.tasks"), SIMPLE_HEAD)
    table.add_column("")
    for name in ("created", "closed", "late"):
        table.add_column(labels(f"year.tasks.{name}"), justify="right")
    for subject, counts in figures["tasks"].items():
        table.add_row(subject, *(f"{counts[name]:,}" for name in ("created", "closed", "late")))
    return table
