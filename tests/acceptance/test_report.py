"""`okoshi report` and `okoshi quality` after a run: the sums add up, every way out works, and no vendor is asked."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from company import SUBJECT, Company
from forked import okoshi
from test_cli_commands import at, document

Start = Callable[..., Company]


def _rows(found: dict[str, Any], table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found["tables"][table]["rows"]
    return rows


def test_a_report_before_any_run_says_what_to_do(tmp_path: Path) -> None:
    """No data, no vendor, no failure: `okoshi run` is what is missing."""
    for command in ("report", "quality"):
        told = okoshi(command, "--project-dir", str(tmp_path), "--quiet", "--language", "en")
        assert told.returncode == 0, told.stderr
        assert "okoshi run" in told.stdout
        found = document(okoshi(command, "--project-dir", str(tmp_path), "--quiet", "--json"))
        assert found["empty"]
        assert "okoshi run" in found["hint"]


def test_the_report_of_a_run_adds_up(company: Start, tmp_path: Path) -> None:
    """Every eligible case is in one group, tasks are as the vendor has them, and reading asks no vendor anything."""
    here = company(whole=True, scale=0.05)
    summary = here.run()
    asked = here.requests_made()
    now = here.now().isoformat()
    found = document(at(here, "report", "--json", "--now", now))
    standings = _rows(found, "standings")
    for row in standings:
        groups = ("issued", "merged", "waiting", "excluded", "leaks")
        assert sum(row[name] for name in groups) == row["eligible"], row
        assert row["leaks"] == 0
    assert sum(row["eligible"] for row in standings) == summary.eligible > 0
    assert _rows(found, "leaks") == []
    assert _rows(found, "not_judged_yet") == [{"cases": 0}]
    excluded: Counter[str] = Counter()
    for row in _rows(found, "excluded"):
        excluded[row["program"]] += row["cases"]
    assert excluded == Counter({row["program"]: row["excluded"] for row in standings if row["excluded"]})
    issued = sum(row["issued"] for row in _rows(found, "tasks") if row["subject"] == SUBJECT)
    assert issued == len([entry for entry in here.entries() if _is_task(entry)]) > 0
    assert {(row["when"], row["kind"]) for row in _rows(found, "neglected")} >= {("now", "stalled"), ("now", "lost")}

    folder = tmp_path / "csv"
    assert at(here, "report", "--csv", str(folder), "--now", now).returncode == 0
    assert {file.stem for file in folder.iterdir()} == set(found["tables"])
    with (folder / "standings.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.reader(stream))) == len(standings) + 1
    alone = at(here, "report", "--table", "standings", "--now", now)
    assert len(alone.stdout.splitlines()) == len(standings) + 1
    other = document(at(here, "report", "--month", "2020-01", "--json", "--now", now))
    assert _rows(other, "tasks") == _rows(other, "approach_dates") == []
    assert here.requests_made() == asked


def _is_task(entry: dict[str, Any]) -> bool:
    return entry["operation"] == "create" and entry["object"] == "Task" and entry["after"].get("Subject") == SUBJECT


def test_quality_of_a_run_and_wrong_use(company: Start) -> None:
    """Fields of both systems, each deal with what it is listed for; unknown tables and months are exit 2."""
    here = company(whole=True, scale=0.02)
    here.run()
    now = here.now().isoformat()
    found = document(at(here, "quality", "--json", "--now", now))
    assert {row["system"] for row in _rows(found, "fields")} == {"salesforce", "hubspot"}
    for row in _rows(found, "fields"):
        assert 0 <= row["filled"] <= row["records"]
    listed = _rows(found, "open_deals")
    assert all("yes" in (row["past"], row["moved"], row["untracked"]) for row in listed)
    by_rep = _rows(found, "open_deals_by_rep")
    still_open = [row for row in here.records("salesforce", "Opportunity") if not row["IsClosed"]]
    assert sum(row["open_deals"] for row in by_rep) == len([row for row in still_open if not row["IsDeleted"]])
    assert sum(row["past"] for row in by_rep) == len([row for row in listed if row["past"] == "yes"])
    assert "データ品質レポート" in at(here, "quality", "--now", now).stdout
    assert "Data quality" in at(here, "quality", "--now", now, "--language", "en").stdout
    for wrong in (["--table", "nothing"], ["--month", "soon"]):
        ended = at(here, "report", *wrong, "--json")
        assert ended.returncode == 2
        assert json.loads(ended.stdout)["error"]["kind"] == "configuration"
