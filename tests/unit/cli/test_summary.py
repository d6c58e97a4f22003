"""What a run's summary says to a machine by its exit code, and to a person about calls."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from connector.cli.output import Labels
from connector.cli.summary import exit_code, show_summary
from connector.engine.summary import RunSummary, Stop, VendorBudget
from connector.mapping import load_mappings
from connector.model.purpose import Purpose

AT = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


def summary(*stopped: Purpose, **more: object) -> RunSummary:
    """A run that had to stop for these purposes."""
    stops = [Stop(purpose=what, reason="used up", system="HubSpot", used=8, limit=10, resume_at=AT) for what in stopped]
    return RunSummary.model_validate({"run_id": "r", "plan_id": "p", "stopped": stops, **more})


@pytest.mark.parametrize(
    ("of_run", "code"),
    [
        (summary(), 0),
        (summary(Purpose.READING), 3),
        (summary(Purpose.TASK, unknown=1), 3),
        (summary(Purpose.ALERT), 3),
        (summary(Purpose.FIELD, Purpose.RECONCILIATION, done=1), 0),
        (summary(Purpose.FIELD, unknown=1), 1),
        (summary(stale=("k",)), 3),
        (summary(refused=1), 1),
    ],
)
def test_only_what_keeps_tasks_from_being_written_stops_a_run(of_run: RunSummary, code: int) -> None:
    """Fields and reconciliation come with a later run, and are said all the same."""
    assert exit_code(of_run) == code


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", ["ToDo 3 upsert 3", "読み込み 40 query 30, describe 10", "2026/11/19 00:00", "2,000回を残し"]),
        ("en", ["tasks 3 upsert 3", "reading 40 query 30, describe 10", "2026/11/19 00:00", "2,000 are kept"]),
    ],
)
def test_it_says_what_calls_were_spent_on_and_how_the_day_stands(language: str, said: list[str]) -> None:
    """By purpose and operation; the vendor's own count with the reserve; and what stopped, until when."""
    shown = io.StringIO()
    of_run = summary(
        Purpose.FIELD,
        api_calls={"salesforce": 43},
        api_spending={"salesforce": {"task": {"upsert": 3}, "reading": {"query": 30, "describe": 10}}},
        api_budget={"salesforce": VendorBudget(told_at=AT, used=540, limit=10_000, reserve=2_000, left=7_460)},
    )
    labels = Labels(load_mappings(None).texts[language])
    show_summary(Console(file=shown, width=200), labels, of_run, "Asia/Tokyo")
    text = " ".join(shown.getvalue().split())
    assert [part for part in said if part not in text] == []
