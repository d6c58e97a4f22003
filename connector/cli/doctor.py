"""`okoshi doctor`: what of this deployment works, what is missing, and what to do about it. Writes to no vendor."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.cli.failing import KINDS, until
from connector.cli.options import Common, Json
from connector.cli.output import Labels, clean, clean_lines, screen, write_json
from connector.cli.spending_table import budget_text, show_spending
from connector.engine.summary import VendorBudget
from connector.mapping import load_mappings
from connector.model.errors import OkoshiError
from connector.setup.bench import Bench
from connector.setup.doctor import Examination, examine
from connector.setup.findings import NEEDS_A_PERSON, Finding, State, exit_code

MARKS = {State.OK: ("✓", "green"), State.WARNING: ("!", "yellow"), State.FAILED: ("✗", "red"), State.DOWN: ("✗", "red")}


def doctor(*, json: Json = False, common: Common | None = None) -> int:
    """Examine settings, both systems, the database and the API budget; say what to do next (exit 0, 2 or 4).

    0: usable, warnings allowed. 2: a person must change something. 4: a system does not answer.
    """
    settings = (common or Common()).settings()
    bench = Bench(settings)
    try:
        found = examine(bench)
    finally:
        bench.close()
    # A project's own texts may be what is broken.
    mappings = bench.mappings if bench.mapped else load_mappings(None)
    teller = _Teller(Labels(mappings.texts[settings.locale.language]), settings.locale.timezone)
    code = exit_code(found.findings)
    if json:
        write_json(teller.document(found, code))
    else:
        teller.show(screen(), found, code)
    return code


class _Teller:
    """Puts findings into the reader's words."""

    def __init__(self, labels: Labels, timezone: str) -> None:
        self._labels, self._timezone = labels, timezone

    def text(self, finding: Finding) -> str:
        """What was found, in one or more lines."""
        if finding.error is not None:
            return self._explained(finding.error)
        return self._labels(f"doctor.{finding.text}", **self._filled(finding.values))

    def next(self, finding: Finding) -> list[str]:
        """What to do about it. An error's explanation says it itself."""
        return [self._labels(f"doctor.{finding.advice}", **self._filled(finding.values))] if finding.advice else []

    def show(self, console: Console, found: Examination, code: int) -> None:
        """All findings, what was spent, and how to go on."""
        console.print(Text(self._labels("doctor.title"), "bold"))
        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        named = ""
        for finding in found.findings:
            mark, style = MARKS[finding.state]
            name = "" if finding.check == named else self._labels(f"doctor.{finding.check}")
            table.add_row(Text(mark, f"bold {style}"), name, self._lines(finding))
            named = finding.check
        console.print(table)
        show_spending(console, self._labels, found.today, "spending.today")
        show_spending(console, self._labels, found.week, "spending.week")
        verdict = "usable" if code == 0 else "unusable" if code == NEEDS_A_PERSON else "down"
        console.print(Text(self._labels(f"doctor.{verdict}"), "bold"))

    def document(self, found: Examination, code: int) -> dict[str, Any]:
        """The same for machines; `spent` is {system: {purpose: {operation: calls}}}."""
        return {
            "usable": code == 0,
            "exit_code": code,
            "checks": [self._entry(finding) for finding in found.findings],
            "api_budget": {system: budget.model_dump(mode="json") for system, budget in found.budgets.items()},
            "spent": {"today": found.today, "last_7_days": found.week},
        }

    def _entry(self, finding: Finding) -> dict[str, Any]:
        error = finding.error
        code = {"code": error.code, **until(error)} if error else {}
        return {
            "check": finding.check,
            "state": finding.state.value,
            "text": self.text(finding),
            "details": list(finding.details),
            "next": self.next(finding),
            **code,
        }

    def _lines(self, finding: Finding) -> Text:
        lines = Text(clean_lines(self.text(finding)))
        for detail in finding.details:
            lines.append(f"\n- {clean(detail)}", "dim")
        for advice in self.next(finding):
            lines.append(f"\n→ {clean(advice)}", "bold")
        return lines

    def _explained(self, error: OkoshiError) -> str:
        kind = next(name for known, name in KINDS if isinstance(error, known))
        text = self._labels.known(f"failure.{error.code}", self._labels.known(f"failure.{kind}", "{message}"))
        return text.format(message=error, **error.details)

    def _filled(self, values: Mapping[str, object]) -> dict[str, object]:
        budget = values.get("budget")
        told = budget_text(self._labels, budget, self._timezone) if isinstance(budget, VendorBudget) else ""
        return {**values, "text": told}
