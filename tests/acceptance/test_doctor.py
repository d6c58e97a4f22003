"""`okoshi doctor`: what works, what is missing and what to do, each looked at whatever becomes of the others."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import requests
from company import Company
from forked import okoshi
from rich.cells import cell_len

from connector.sandbox.server import PLANTS

Start = Callable[..., Company]
ORDER = [
    *("settings", "salesforce", "hubspot", "scopes", "fields", "consent", "key_field", "people", "alerts", "database"),
    "budget",
]


def doctor(company: Company, *options: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """One examination in its own process."""
    files = ("--env-file", str(company.env_file), "--project-dir", str(company.project))
    return okoshi(*files, "--quiet", "doctor", *options, env=env)


def examined(company: Company, exit_code: int = 0, **env: str) -> dict[str, Any]:
    """The document of one examination."""
    ended = doctor(company, "--json", **env)
    assert ended.returncode == exit_code, ended.stdout + ended.stderr
    document: dict[str, Any] = json.loads(ended.stdout)
    assert document["exit_code"] == exit_code
    assert document["usable"] is (exit_code == 0)
    return document


def states(document: dict[str, Any]) -> dict[str, set[str]]:
    """The states by check."""
    found: dict[str, set[str]] = {}
    for check in document["checks"]:
        found.setdefault(check["check"], set()).add(check["state"])
    return found


def one(document: dict[str, Any], check: str, state: str) -> dict[str, Any]:
    """The only finding of a check in this state."""
    (found,) = [entry for entry in document["checks"] if (entry["check"], entry["state"]) == (check, state)]
    return dict(found)


def test_a_sound_deployment_is_usable_before_and_after_its_first_run(company: Start) -> None:
    """In the order of the checks; nothing is written to a vendor, and no database is made by looking."""
    here = company()
    kept = list(here.project.iterdir())
    before = examined(here)
    assert list(dict.fromkeys(entry["check"] for entry in before["checks"])) == ORDER
    assert all(found <= {"ok", "warning"} for found in states(before).values())
    assert list(here.project.iterdir()) == kept
    assert before["spent"] == {"today": {}, "last_7_days": {}}
    here.run()
    written = here.journal()
    after = examined(here)
    assert "スキーマ" in one(after, "database", "ok")["text"]
    assert after["spent"]["today"]["salesforce"]["task"]
    assert after["spent"]["today"] == after["spent"]["last_7_days"]
    assert here.journal() == written
    budget = after["api_budget"]["salesforce"]
    assert budget["left"] == budget["limit"] - budget["reserve"] - budget["used"]
    again = examined(here)["spent"]["today"]["hubspot"]["reading"]
    assert sum(again.values()) > sum(after["spent"]["today"]["hubspot"]["reading"].values()), "it counts itself too"


@pytest.mark.skipif("noconsent" not in PLANTS, reason="needs the sandbox's portal without consent fields")
def test_what_an_org_lacks_is_named_with_what_follows(company: Start) -> None:
    """No consent fields and no key field: usable, with what tasks will say and what a person may do."""
    here = company(plant=frozenset({"nokey", "noconsent"}))
    found = examined(here)
    assert "Task.Okoshi_Key__c がありません" in one(found, "key_field", "warning")["text"]
    assert "ユニーク" in one(found, "key_field", "warning")["next"][0]
    told = [entry["text"] for entry in found["checks"] if entry["check"] == "consent"]
    assert any("架電可否:未確認" in text for text in told)


def test_an_org_without_the_key_field_is_told(company: Start) -> None:
    """It is a warning: the key goes into the task's text."""
    found = examined(company(plant=frozenset({"nokey"})))
    assert "Task.Okoshi_Key__c がありません" in one(found, "key_field", "warning")["text"]
    assert "ユニーク" in one(found, "key_field", "warning")["next"][0]


def test_a_wrong_token_stops_no_other_check(company: Start) -> None:
    """HubSpot needs a person; Salesforce is examined all the same, and HubSpot is not asked again and again."""
    here = company()
    found = examined(here, 2, OKOSHI_HUBSPOT__ACCESS_TOKEN="pat-jp1-wrong")
    seen = states(found)
    assert seen["hubspot"] == {"failed"}
    assert "OKOSHI_HUBSPOT__ACCESS_TOKEN" in one(found, "hubspot", "failed")["text"]
    assert seen["scopes"] == {"warning"}
    assert seen["salesforce"] == seen["people"] == {"ok"}
    asked = requests.get(f"{here.control}/requests/summary", timeout=30).json()["hubspot"]["total"]
    assert asked == 1


def test_missing_settings_are_named_without_a_call(company: Start) -> None:
    """Every missing key with an example; what rests on it is not checked."""
    here = company()
    lines = here.env_file.read_text().splitlines()
    here.env_file.write_text("\n".join(line for line in lines if "ACCESS_TOKEN" not in line))
    found = examined(here, 2)
    failed = one(found, "settings", "failed")
    assert failed["code"] == "setting_missing"
    assert "hubspot.access_token" in failed["text"]
    assert states(found)["hubspot"] == {"warning"}


def test_broken_mappings_are_named_and_the_connections_checked(company: Start) -> None:
    """With file and line; the texts are the preset's then."""
    here = company()
    (here.project / "mappings").mkdir(exist_ok=True)
    (here.project / "mappings" / "team.yaml").write_text("inside_sales: {roll: InsideSales}\n")
    found = examined(here, 2)
    assert "team.yaml" in one(found, "settings", "failed")["text"]
    assert states(found)["salesforce"] == {"ok"}
    assert states(found)["people"] == {"warning"}


def test_a_role_without_people_needs_a_person(company: Start) -> None:
    """Nobody could be given a task."""
    here = company()
    (here.project / "mappings").mkdir(exist_ok=True)
    (here.project / "mappings" / "team.yaml").write_text("inside_sales: {role: Nobody}\n")
    found = examined(here, 2)
    assert "Nobody" in one(found, "people", "failed")["text"]


def test_where_alerts_go_is_looked_at_without_telling_anybody(company: Start) -> None:
    """A channel without an address, or with one that nothing understands, needs a person; the address is not shown."""
    here = company()
    assert any("Okoshi_Alert" in entry["text"] for entry in examined(here)["checks"] if entry["check"] == "alerts")
    (here.project / "mappings").mkdir(exist_ok=True)
    rules = here.project / "mappings" / "alerts.yaml"
    rules.write_text("default: [chatter, bell, slack]\nnotification_type: Other\n")
    assert "OKOSHI_ALERTS__CHANNELS__SLACK" in one(examined(here, 2), "alerts", "failed")["text"]
    told = examined(here, 2, OKOSHI_ALERTS__CHANNELS__SLACK="https://hooks.example/T/geheim")
    assert "geheim" not in json.dumps(told)
    usable = examined(here, OKOSHI_ALERTS__CHANNELS__SLACK="json://127.0.0.1:1/geheim")
    assert "Other" in one(usable, "alerts", "warning")["text"]
    assert "slack" in one(usable, "alerts", "ok")["text"]
    assert "geheim" not in json.dumps(usable)


def test_a_vendor_that_is_down_is_for_later(company: Start) -> None:
    """Exit code 4: there is nothing that a person could change here."""
    here = company()
    details = {"vendor": "hubspot", "path": "/", "status": 503, "body": None, "times": None}
    requests.post(f"{here.control}/faults", json=details, timeout=10).raise_for_status()
    found = examined(here, 4)
    assert states(found)["hubspot"] == {"down"}
    assert states(found)["salesforce"] == {"ok"}


def test_an_unreachable_database_is_said(company: Start) -> None:
    """The vendors are examined all the same, and nothing tells the password."""
    here = company()
    url = "postgresql://okoshi:geheim@127.0.0.1:1/okoshi"
    found = examined(here, 2, OKOSHI_DATABASE__URL=url)
    assert one(found, "database", "failed")["code"] == "database_unreachable"
    assert states(found)["hubspot"] == {"ok"}
    assert "geheim" not in json.dumps(found)


def test_a_used_up_day_is_a_warning_and_is_asked_anew(company: Start) -> None:
    """A run that was stopped by what is remembered goes on after the doctor has heard otherwise."""
    here = company()
    body = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}
    details = {"vendor": "hubspot", "path": "/", "status": 429, "body": body}
    requests.post(f"{here.control}/faults", json=details, timeout=10).raise_for_status()
    assert here.run().stopped
    assert here.run().stopped
    found = examined(here)
    assert found["api_budget"]["hubspot"]["refused"] is False
    assert here.run().stopped == ()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_fits_eighty_columns(company: Start, language: str) -> None:
    """In both languages, with a mark for each check and what to do next."""
    here = company(plant=frozenset({"nokey"}))
    here.run()
    shown = doctor(here, "--language", language, COLUMNS="80")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    assert sum(line.startswith("✓") for line in lines) >= 7
    assert any(line.startswith("!") for line in lines)
    assert any("→" in line for line in lines)
    assert "okoshi plan" in lines[-1]
    assert "doctor." not in shown.stdout
