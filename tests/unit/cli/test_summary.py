"""What a run's summary says to a machine by its exit code, and to a person about calls."""

import io
from datetime import UTC, datetime
from typing import get_args

import pytest
from rich.cells import cell_len
from rich.console import Console

from connector.cli.output import Labels
from connector.cli.summary import exit_code, show_summary
from connector.engine.summary import RunSummary, Stop, VendorBudget
from connector.mapping import load_mappings
from connector.model.limits import Misfit
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


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", ["書き込めなかった項目: 5 件", "salesforce:Lead:00Q0 · salesforce:Lead:00Q1", "· 他 1 件", "から作成"]),
        ("en", ["could not be written: 5", "salesforce:Lead:00Q0", "· 1 more", "new, made from hubspot:contacts:51"]),
    ],
)
def test_it_names_the_fields_that_took_no_value_with_the_remedy(language: str, said: list[str]) -> None:
    """By field and remedy, the first records of each; a new record is told by what it is made from."""
    texts = load_mappings(None).texts[language]
    common = {"program": "field_sync", "case": "hubspot:contacts:51", "system": "salesforce", "object": "Lead"}
    told = {name: texts[f"unwritten.{name}"] for name in ("list", "number")}
    left = [common | {"id": f"00Q{n}", "field": "Rating", "reason": "list", "text": told["list"]} for n in range(4)]
    left.append(common | {"field": "Employees__c", "reason": "number", "text": told["number"]})
    shown = io.StringIO()
    of_run = summary(unwritten=5, unwritten_fields=left)
    show_summary(Console(file=shown, width=300), Labels(texts), of_run, "Asia/Tokyo")
    text = " ".join(shown.getvalue().split())
    assert [part for part in (*said, f"Lead.Rating: {told['list']}", told["number"]) if part not in text] == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_misfit_has_its_sentence(language: str) -> None:
    """What planning can find wrong with a value can be told to people."""
    texts = load_mappings(None).texts[language]
    assert [one for one in get_args(Misfit) if f"unwritten.{one}" not in texts] == []


@pytest.mark.parametrize(("language", "said"), [("ja", "受け付けなかった変更: 3 件"), ("en", "vendors refused: 3")])
def test_it_names_what_was_refused_by_the_vendors_reason(language: str, said: str) -> None:
    """Fields, alerts and new records have no case that could be excluded with the reason: it stands here."""
    common = {"key": "k", "program": "lost", "case": "salesforce:Opportunity:006A", "system": "salesforce"}
    rule = common | {"effect": "fields", "object": "Opportunity", "reason": "入力規則[/bold]"}
    left = [rule | {"id": "006A"}, rule | {"id": "006B"}]
    left.append(common | {"effect": "record", "object": "Lead", "reason": "REQUIRED_FIELD_MISSING"})
    texts, shown = load_mappings(None).texts[language], io.StringIO()
    of_run = summary(refused=3, refusals=left)
    show_summary(Console(file=shown, width=300), Labels(texts), of_run, "Asia/Tokyo")
    text = " ".join(shown.getvalue().split())
    effect = texts["cli.run.effect.fields"]
    assert said in text
    assert f"{effect} Salesforce Opportunity: 入力規則[/bold] salesforce:Opportunity:006A" in text
    assert "Lead: REQUIRED_FIELD_MISSING salesforce:Opportunity:006A" in text


def test_a_program_of_ones_own_goes_by_the_name_that_its_file_gives() -> None:
    """As in every other table; one without a name by that of its file."""
    shown = io.StringIO()
    programs = {"quote_follow": {"eligible": 2, "waiting": 2}, "nameless": {"eligible": 1, "waiting": 1}}
    texts = load_mappings(None).texts["ja"] | {"quote_follow.name": "見積フォロー"}
    show_summary(Console(file=shown, width=200), Labels(texts), summary(programs=programs), "Asia/Tokyo")
    said = shown.getvalue()
    assert "見積フォロー" in said
    assert "quote_follow" not in said
    assert "nameless" in said


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", range(50, 101))
def test_a_narrow_terminal_loses_no_figure(language: str, width: int) -> None:
    """Lines end between two figures; none is cut, nor parted from its word, nor a reference from itself."""
    counts = {"eligible": 19, "issued": 1, "merged": 2, "waiting": 13, "excluded": 4}
    of_run = summary(
        **counts,  # type: ignore[arg-type]
        programs={"quarterly_check": counts, "lost": {name: 100 * count for name, count in counts.items()}},
        unified={"person": {"linked": 3021, "groups": 1499, "doubtful": 100, "new": 916}},
        api_calls={"salesforce": 123, "hubspot": 4567},
        refused=2,
        refusals=[
            {"key": "k", "program": "lost", "case": "c", "system": "salesforce", "effect": "fields", "reason": "規則"}
            | {"object": "Opportunity", "id": f"0065h0000000000AA{number}"}
            for number in range(2)
        ],
    )
    labels, shown = Labels(load_mappings(None).texts[language]), io.StringIO()
    show_summary(Console(file=shown, width=width), labels, of_run, "Asia/Tokyo")
    told = shown.getvalue()
    assert "…" not in told
    figures = [f"{labels(f'standing.{name}')} {count}" for name, count in counts.items()]
    assert [part for part in figures if told.count(part) < 2] == []
    assert [part for part in ("916", "HubSpot 4,567", "→ okoshi match review") if part not in told] == []
    assert all(f"salesforce:Opportunity:0065h0000000000AA{number}" in told for number in range(2))
    assert max(map(cell_len, told.splitlines())) <= width
