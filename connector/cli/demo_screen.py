"""What the demo leaves on the screen: before and after, the tasks, one of them whole, and that nothing came twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from connector.cli.demo_walk import Walked
from connector.cli.output import Labels, amount, clean, clean_lines, day, one_line, titled

ROWS = 8
WIDEST = 110


def show(console: Console, labels: Labels, walked: Walked) -> None:
    """The whole answer, in the order in which one asks."""
    console.width = min(console.width, WIDEST)
    before, after = walked.before, walked.after
    if after is None:
        return
    console.print()
    figures = {"accounts": before.accounts, "people": before.people, "deals": before.deals}
    console.print(Text(labels("demo.intro", **{name: f"{count:,}" for name, count in figures.items()}), "dim"))
    planned = len(walked.plan["changes"])
    console.print(Text(labels("demo.dry", count=planned, writes=walked.writes["plan"]), "dim"))
    for kind, found in walked.run["unified"].items():
        console.print(Text(f"{labels(f'run.unified.{kind}')}: {labels('run.unified', **found)}", "dim"))
    console.print()
    console.print(_counts(labels, walked))
    tasks = sorted((row for row in after.tasks if row.get("Okoshi_Key__c")), key=_by_amount)
    console.print(_tasks(labels, tasks[:ROWS]))
    if len(tasks) > ROWS:
        console.print(Text("  " + labels("demo.more", count=f"{len(tasks) - ROWS:,}"), "dim"))
    if tasks:
        console.print()
        console.print(_task(labels, max(tasks, key=_telling)))
    _closing(console, labels, walked)


def _by_amount(row: Mapping[str, Any]) -> float:
    return -float(row["amount"] or 0)


def _telling(row: Mapping[str, Any]) -> tuple[bool, int]:
    """A task that shows much on few words: an ordinary name, and many lines of evidence."""
    return (str(row["deal"]).replace(" ", "").isalpha(), str(row["Description"]).count("\n"))


def _counts(labels: Labels, walked: Walked) -> Table:
    table = titled(labels("demo.counts"), SIMPLE_HEAD)
    table.add_column("")
    table.add_column(labels("demo.before"), justify="right")
    table.add_column(labels("demo.after"), justify="right", style="bold")
    before, after = walked.before, walked.after or walked.before
    rows = (
        ("open", before.open_deals, after.open_deals),
        ("stalled", _stalled(walked.plan), _stalled(walked.run)),
        ("with_task", before.with_task, after.with_task),
    )
    for name, then, now in rows:
        table.add_row(labels(f"demo.{name}"), f"{then:,}", Text(f"{now:,}", "green" if now > then else ""))
    return table


def _stalled(document: Mapping[str, Any]) -> int:
    stalled: int = document["programs"]["stalled"]["eligible"]
    return stalled


def _tasks(labels: Labels, tasks: Sequence[Mapping[str, Any]]) -> Table:
    table = titled(labels("demo.tasks"), SIMPLE_HEAD, expand=True)
    table.add_column(labels("column.deal"), ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(labels("column.amount"), justify="right", no_wrap=True)
    table.add_column(labels("demo.task.who"), no_wrap=True)
    table.add_column(labels("column.assignee"), no_wrap=True)
    table.add_column(labels("column.due"), no_wrap=True)
    for row in tasks:
        table.add_row(
            one_line(row["deal"]),
            amount(row["amount"]),
            one_line(row["who"] or "–"),
            one_line(row["owner"]),
            day(row["ActivityDate"]),
        )
    return table


def _task(labels: Labels, row: Mapping[str, Any]) -> Panel:
    head = Text()
    for name, value in (
        ("subject", row["Subject"]),
        ("owner", row["owner"]),
        ("due", day(row["ActivityDate"])),
        ("who", row["who"] or "–"),
        ("what", row["deal"]),
    ):
        head.append(f"{labels(f'demo.task.{name}')}: ", "dim")
        head.append(clean(value) + "\n")
    head.append("\n" + clean_lines(row["Description"]))
    return Panel(
        head, title=labels("demo.example"), title_align="left", box=ROUNDED, border_style="cyan", padding=(1, 2)
    )


def _closing(console: Console, labels: Labels, walked: Walked) -> None:
    again = walked.again
    console.print()
    calls = sum(again["api_calls"].values())
    second = labels("demo.second", writes=walked.writes["again"], calls=calls, seconds=f"{again['seconds']:.1f}")
    names = ("leaks", "eligible", "issued", "merged", "waiting", "excluded")
    _line(console, good="second" not in walked.failures, told=second)
    if "second" not in walked.failures and "doubled" not in walked.failures:
        _line(console, good=True, told=labels("demo.nothing_twice"))
    _line(console, good="leaks" not in walked.failures, told=labels("demo.no_leak", **{n: again[n] for n in names}))
    good = walked.checked - len(walked.differing)
    _line(console, good=not walked.differing, told=labels("demo.truth", good=good, all=walked.checked))
    console.print()
    console.print(Text(f"→ {labels('demo.next')}", "bold"))


def _line(console: Console, *, good: bool, told: str) -> None:
    console.print(Text.assemble(("✔ ", "green") if good else ("✘ ", "bold red"), told))
