"""Tables of a report as people read them on a screen, and as one JSON document.

Used by `okoshi report` and `okoshi quality`. The words are in `mappings/texts`, under `cli.<command>` and `cli.report`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from connector.cli.output import Labels, amount, day, plain
from connector.reporting.scope import Scope
from connector.reporting.table import Column, Table, Unit, Value

SHOWN = 20
"""Rows of a table on the screen; JSON and CSV have them all."""

WHOLE = frozenset({"program", "rep", "owner", "system", "state", "month"})
"""Columns that are not broken into lines."""

NAME_WIDTH = 12
"""Cells of the screen that a name has at least: six characters of Japanese."""

FIGURES = frozenset({Unit.COUNT, Unit.PERCENT, Unit.DAYS, Unit.AMOUNT})


@dataclass(frozen=True)
class Words:
    """How the tables of one command are worded."""

    labels: Labels
    command: str

    def title(self, table: Table) -> str:
        """What a table is called."""
        return self.labels(f"{self.command}.table.{table.name}")

    def note(self, table: Table) -> str:
        """How a table is counted; empty where that goes without saying."""
        return self.labels.known(f"{self.command}.note.{table.name}", "")

    def head(self, column: Column, *, counted: bool = True) -> str:
        """A column's name with its unit; without `counted`, that of plain numbers goes without saying."""
        name = self.labels(f"report.column.{column.key}")
        if column.unit is Unit.COUNT and not counted:
            return name
        unit = self.labels.known(f"report.unit.{column.unit}", "")
        return f"{name} ({unit})" if unit else name

    def cells(self, table: Table, row: tuple[Value, ...]) -> list[str]:
        """A row as it is read; why a program leaves a case alone is that program's own word."""
        by_key = {column.key: value for column, value in zip(table.columns, row, strict=True)}
        program = by_key.get("program")
        return [
            self.labels.why(str(program), str(value))
            if column.key == "reason" and column.unit is Unit.CODE
            else self.cell(column, value)
            for column, value in zip(table.columns, row, strict=True)
        ]

    def cell(self, column: Column, value: Value) -> str:
        """A value as it is read; what is no code of ours stays as it is."""
        if value is None:
            return ""
        if column.unit is Unit.CODE:
            code = self.labels.known(f"report.value.{column.key}.{value}", str(value))
            return self.labels.program(str(value)) if column.key == "program" else code
        return value.isoformat() if isinstance(value, date) else str(value)


def show(console: Console, scope: Scope, command: str, tables: list[Table], words: Words) -> None:
    """The tables one below the other; of a store without records, what to do."""
    labels = words.labels
    if scope.is_empty:
        console.print(Text(labels("report.empty")))
        return
    console.print(Text(labels(f"{command}.title", month=scope.month, day=day(scope.today)), "bold"))
    if scope.last_run is None:
        console.print(Text(labels("report.never_run"), "yellow"))
    for table in tables:
        _show_table(console, table, words)


def _show_table(console: Console, table: Table, words: Words) -> None:
    console.print()
    title = Text(words.title(table), "bold")
    console.print(title if table.rows else Text.assemble(title, f"  {words.labels('report.none')}"))
    if not table.rows:
        return
    # A reference is for machines: a name stands beside it.
    shown = [place for place, column in enumerate(table.columns) if column.unit is not Unit.REF]
    drawn = Drawn(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place in shown:
        column = table.columns[place]
        right = column.unit in FIGURES
        whole = column.key in WHOLE or column.unit is Unit.DATE
        drawn.add_column(
            Text(words.head(column, counted=False)),
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=whole,
            min_width=NAME_WIDTH if column.key == "name" else None,
        )
    for row in table.rows[:SHOWN]:
        told = words.cells(table, row)
        drawn.add_row(*(_cell(table.columns[place], row[place], told[place]) for place in shown))
    console.print(drawn)
    if (more := len(table.rows) - SHOWN) > 0:
        console.print(Text(words.labels("report.more", count=f"{more:,}", table=table.name), "dim"))
    if note := words.note(table):
        console.print(Text(note, "dim"))


def _cell(column: Column, value: Value, told: str) -> Text:
    if value is None:
        return Text("–", "dim")
    if column.unit in (Unit.PERCENT, Unit.DAYS) and isinstance(value, float):
        return Text(f"{value:,.1f}")
    if column.unit in FIGURES:
        return Text(amount(value), "bold red" if column.key == "leaks" and value else "")
    return plain(day(value) if column.unit is Unit.DATE else told)


def document(scope: Scope, command: str, tables: list[Table], words: Words) -> dict[str, Any]:
    """Keys and codes never change; `title` and `label` are for people, in their language."""
    last = scope.last_run
    return {
        "report": command,
        "now": scope.now.isoformat(),
        "timezone": scope.calendar.timezone,
        "month": str(scope.month),
        "last_run": {"run_id": last.run_id, "started_at": last.started_at.isoformat()} if last else None,
        "go_live": scope.go_live and scope.go_live.isoformat(),
        "empty": scope.is_empty,
        "hint": words.labels("report.empty") if scope.is_empty else None,
        "tables": {
            table.name: {
                "title": words.title(table),
                "note": words.note(table) or None,
                "columns": [
                    {"key": column.key, "unit": column.unit.value, "label": words.labels(f"report.column.{column.key}")}
                    for column in table.columns
                ],
                "rows": table.documents(),
            }
            for table in tables
        },
    }
