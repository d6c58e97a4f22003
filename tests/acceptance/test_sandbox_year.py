"""`okoshi sandbox --simulate`: some days of a year as a user would have them lived, and what the command answers."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from connector.cli.app import command
from connector.cli.output import Labels
from connector.cli.sandbox import sandbox
from connector.cli.sandbox_figures import show_year
from connector.cli.sandbox_year import Lived, Unhurried, Year, live
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError
from connector.store.rates import Rate

SMALL = ["--scale", "0.02", "--quiet"]
KEPT: dict[str, Any] = {
    "duplicates": {"count": 0}, "over_capacity": {"tasks": 0}, "forbidden_calls": {"count": 0},
    "alerts": {"expected": 3, "in_time": 3, "late": 0, "missing": 0},
}  # fmt: skip


def test_some_days_are_lived_and_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """A cycle every morning and one at the end, all tasks by the rules; one JSON document on standard output."""
    code = command(["sandbox", "--simulate", "--days", "3", "--json", *SMALL])
    told = json.loads(capsys.readouterr().out)
    assert (code, told["broken"], told["failures"]) == (0, [], [])
    assert told["cycles"] == 4
    figures = told["figures"]
    assert (figures["days"], figures["habits"]) == (3, "forgetful")
    assert figures["tasks"]["滞留商談掘り起こし"]["created"] > 30
    assert figures["stalled"]["last"]["unworked"] < figures["stalled"]["last"]["deals"]


def test_settings_of_a_real_system_are_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the environment is out of the way while the year lasts, and back afterwards."""
    monkeypatch.setenv("OKOSHI_SALESFORCE__INSTANCE_URL", "https://production.example")
    lived = live(Year(days=1, scale=0.02), lambda _now: None)
    assert lived.failures == []
    assert lived.writes > 0
    assert os.environ["OKOSHI_SALESFORCE__INSTANCE_URL"] == "https://production.example"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--days", "0"], "--days"),
        (["--habits", "lazy"], "tidy"),
        (["--habits", "nowhere.yaml"], "cannot be read"),
        (["--scale", "0"], "--scale"),
    ],
)
def test_wrong_wishes_are_refused(capsys: pytest.CaptureFixture[str], options: list[str], told: str) -> None:
    """Exit code 2, and what is possible."""
    assert command(["sandbox", "--simulate", *SMALL, *options]) == 2
    assert told in capsys.readouterr().err


def test_habits_may_come_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`like` names the habits from which the figures differ; a figure that there is not is refused."""
    file = tmp_path / "habits.yaml"
    file.write_text("like: tidy\nforgotten: 0.5\n", encoding="utf-8")
    command(["sandbox", "--simulate", "--days", "1", "--json", "--habits", str(file), *SMALL])
    assert json.loads(capsys.readouterr().out)["figures"]["habits"] == "tidy"
    file.write_text("forgetfulness: 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no habit"):
        sandbox(simulate=True, days=1, scale=0.02, habits=str(file), quiet=True)


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        ({}, []),
        ({"duplicates": {"count": 1}}, ["duplicates"]),
        ({"over_capacity": {"tasks": 1}}, ["over_capacity"]),
        ({"forbidden_calls": {"count": 1}}, ["forbidden_calls"]),
        ({"alerts": {"expected": 1, "in_time": 0, "late": 1, "missing": 0}}, ["alerts"]),
    ],
)
def test_every_promise_can_break(changed: dict[str, Any], broken: list[str]) -> None:
    """One figure above zero is enough; alerts only where somebody would be told."""
    assert Lived(figures=KEPT | changed).broken == broken
    assert Lived(figures=KEPT, leaks=1, failures=["2026-11-18 StopSync: read-only"]).broken == ["failures", "leaks"]
    assert "alerts" not in Lived(figures=KEPT | changed, told=False).broken


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_table_tells_everything_in_both_languages(language: str) -> None:
    """Shares, promises, tasks and failures; no text is missing."""
    look = {"deals": 40, "unworked": 10, "share": 0.25}
    course = {"first": look, "last": look, "mean_share": 0.5}
    figures = KEPT | {
        "days": 365, "habits": "tidy", "seed": 1, "acts": 20_000, "stalled": course, "lost": course,
        "tasks": {"フォローコール": {"created": 7, "closed": 6, "late": 1}},
    }  # fmt: skip
    console = Console(file=StringIO(), width=100)
    lived = Lived(figures=figures, cycles=366, failures=["2026-11-18 StopSync: read-only"])
    show_year(console, Labels(load_mappings(None).texts[language]), lived)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("25% (10/40)", "50%", "フォローコール", "366", "StopSync"):
        assert part in shown
    assert "year." not in shown


def test_nobody_waits_in_a_simulated_year() -> None:
    """However many calls are booked."""
    pace = Unhurried()
    assert {pace.book("hubspot.searches", Rate(1, 250)) for _ in range(1_000)} == {0.0}
