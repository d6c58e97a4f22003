"""What the vendors' calls were spent on and how their day stands, as a person reads it.

Used by the summary of a run and by the doctor.
"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.cli.output import Labels
from connector.engine.summary import Stop, VendorBudget

Spending = Mapping[str, Mapping[str, Mapping[str, int]]]
"""{system: {purpose: {operation: calls}}}."""


def show_spending(console: Console, labels: Labels, spending: Spending, title: str = "spending.title") -> None:
    """One line for each system and purpose, with the operations; nothing where nothing was spent."""
    rows = [
        (labels(f"vendor.{system}"), labels(f"purpose.{purpose}"), operations)
        for system, purposes in spending.items()
        for purpose, operations in purposes.items()
    ]
    if not rows:
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title=labels(title), title_justify="left")
    table.title_style = "dim"
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for system, purpose, operations in rows:
        detail = ", ".join(f"{name} {calls:,}" for name, calls in operations.items())
        table.add_row(system, purpose, f"{sum(operations.values()):,}", detail)
    console.print(table)


def show_budgets(console: Console, labels: Labels, budgets: Mapping[str, VendorBudget], timezone: str) -> None:
    """Each vendor's day on a line."""
    for system, budget in budgets.items():
        console.print(Text(f"{labels(f'vendor.{system}')}: {budget_text(labels, budget, timezone)}", "dim"))


def budget_text(labels: Labels, budget: VendorBudget, timezone: str) -> str:
    """Used, limit, reserve and what is left to us, and when the vendor told it."""
    at = f"{budget.told_at.astimezone(ZoneInfo(timezone)):%H:%M}"
    if budget.used is None or budget.limit is None:
        return labels("budget.refused", at=at)
    figures = {"used": budget.used, "limit": budget.limit, "reserve": budget.reserve, "left": budget.left}
    return labels("budget.day", at=at, **{name: f"{value:,}" for name, value in figures.items()})


def stopped(labels: Labels, stop: Stop, timezone: str) -> str:
    """What had to stop, on which figures, and when it goes on."""
    system = stop.system or ""
    known = stop.used is not None and stop.limit is not None
    text = labels(
        "run.stopped" if known else "run.stopped_by_vendor",
        system=system,
        purpose=labels(f"purpose.{stop.purpose}"),
        used=f"{stop.used or 0:,}",
        limit=f"{stop.limit or 0:,}",
    )
    return f"{text} {labels('run.resumes', when=_local(labels, stop.resume_at, timezone))}" if stop.resume_at else text


def _local(labels: Labels, moment: datetime, timezone: str) -> str:
    return labels("moment", when=moment.astimezone(ZoneInfo(timezone)))
