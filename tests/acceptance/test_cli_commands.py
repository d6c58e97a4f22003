"""The command as a user gives it: exit codes, one JSON document on standard output, and what reaches the vendors."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from company import Company
from forked import okoshi

Start = Callable[..., Company]


def at(company: Company, *arguments: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """The same against a sandbox, without log lines."""
    options = ["--env-file", str(company.env_file), "--project-dir", str(company.project), "--quiet"]
    return okoshi(*options, *arguments, env=env)


def document(ended: "subprocess.CompletedProcess[str]", exit_code: int = 0) -> dict[str, Any]:
    """Standard output, which must be one JSON document and nothing else."""
    assert ended.returncode == exit_code, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_plan_apply_and_run_write_once(company: Start, tmp_path: Path) -> None:
    """Plan writes nothing, apply writes the plan, and runs after it write nothing."""
    here = company()
    kept = tmp_path / "plan.json"
    plan = document(at(here, "plan", "--json", "--out", str(kept)))
    assert plan["changes"]
    assert here.journal() == []
    assert json.loads(kept.read_text()) == plan
    assert kept.stat().st_mode & 0o077 == 0
    assert set(plan) >= {"plan_id", "now", "changes", "waiting", "excluded", "set_aside"}

    applied = document(at(here, "apply", str(kept), "--json"))
    assert applied["done"] == len(plan["changes"]) == len(here.journal())
    again = document(at(here, "run", "--json"))
    assert (again["planned"], again["done"], again["leaks"]) == (0, 0, 0)
    assert len(here.journal()) == len(plan["changes"])
    assert set(again["api_calls"]) == {"salesforce", "hubspot"}


def test_a_plan_that_reality_has_left_behind_stops(company: Start, tmp_path: Path) -> None:
    """What moved since the plan is not written and the exit code is 3; changed mappings refuse the whole plan."""
    here = company()
    kept = tmp_path / "plan.json"
    plan = document(at(here, "plan", "--json", "--out", str(kept)))
    deal = plan["changes"][0]["fields"]["WhatId"]["after"]
    owner = next(row["OwnerId"] for row in here.records("salesforce", "Opportunity") if row["Id"] == deal)
    here.act(owner, "log_meeting", opportunity=deal)

    programs = here.project / "mappings" / "programs"
    programs.mkdir(parents=True, exist_ok=True)
    (programs / "stalled.yaml").write_text("owner_task_days: 15\n")
    assert document(at(here, "apply", str(kept), "--json"), 3)["error"]["kind"] == "stale_plan"
    assert not [line for line in here.journal() if "Okoshi_Key__c" in line]

    (programs / "stalled.yaml").unlink()
    applied = document(at(here, "apply", str(kept), "--json"), 3)
    assert applied["stale"] == [plan["changes"][0]["key"]]
    assert applied["done"] == len(plan["changes"]) - 1

    again = at(here, "apply", str(kept))
    assert again.returncode == 3
    assert here.name_of(deal) in again.stdout
    assert plan["changes"][0]["key"] not in again.stdout
    assert "okoshi plan --out plan.json" in " ".join(again.stdout.split())


def test_a_withdrawal_shows_who_has_the_task_and_its_day(company: Start) -> None:
    """Deleted or only given a note, a task that goes away is shown with its person and day."""
    here = company()
    here.run()
    deleted, begun = here.tasks()[-2:]
    here.act(begun["OwnerId"], "start_task", task=begun["Id"])
    owners = {row["Id"]: row["OwnerId"] for row in here.records("salesforce", "Opportunity")}
    for task in (deleted, begun):
        here.act(owners[task["WhatId"]], "log_meeting", opportunity=task["WhatId"])
    shown = at(here, "plan", "--language", "en")
    for task, operation in ((deleted, "withdraw"), (begun, "add note")):
        row = next(line for line in shown.stdout.splitlines() if operation in line)
        assert here.name_of(task["OwnerId"], "User") in row
        assert task["ActivityDate"].replace("-", "/") in row
    assert "None" not in at(here, "plan", "--details").stdout


def test_a_guard_rail_names_the_person(company: Start) -> None:
    """Whoever reads the message knows people, not ids; nothing was written, and no run has finished."""
    here = company()
    guard = {"OKOSHI_GUARD__MAX_TASKS_PER_PERSON_PER_DAY": "2"}
    stopped = at(here, "run", env=guard)
    assert stopped.returncode == 3
    names = [row["Name"] for row in here.records("salesforce", "User")]
    assert any(f"停止しました: {name} に一度に" in stopped.stderr for name in names), stopped.stderr
    english = at(here, "run", "--language", "en", "--json", env=guard)
    assert any(f"The plan would give {name} " in english.stderr for name in names), english.stderr
    assert document(english, 3)["error"]["code"] == "guard_person"
    assert not any(name in english.stdout for name in names)
    assert here.journal() == []
    assert "完了した実行はまだありません" in at(here, "health").stdout


def test_people_read_tables_in_their_language(company: Start) -> None:
    """A plan names deals, people and reasons; a customer's name can neither style the screen nor steer it."""
    here = company()
    japanese = at(here, "plan")
    assert japanese.returncode == 0, japanese.stderr
    assert "対象の内訳" in japanese.stdout
    assert "漏れ" in japanese.stdout
    assert not any(ord(character) < 32 and character != "\n" for character in japanese.stdout)
    english = at(here, "plan", "--details", "--language", "en")
    for part in ("Where the cases stand", "Okoshi_Key__c", "last contact was"):
        assert part in english.stdout
    assert here.journal() == []


def test_wrong_credentials_and_an_absent_vendor_are_told_apart(company: Start) -> None:
    """Credentials that a person must correct: exit 2. A vendor that does not answer: exit 4. Never a traceback."""
    here = company()
    wrong = at(here, "run", "--json", env={"OKOSHI_SALESFORCE__CLIENT_SECRET": "not-the-secret"})
    assert document(wrong, 2)["error"]["kind"] == "configuration"
    token = at(here, "plan", env={"OKOSHI_HUBSPOT__ACCESS_TOKEN": "pat-jp1-00000000-wrong"})
    assert token.returncode == 2
    assert "認証情報が受け付けられませんでした" in token.stderr
    assert "hubspot.access_token" in token.stderr
    gone = {"OKOSHI_SALESFORCE__INSTANCE_URL": "https://127.0.0.1:9", "OKOSHI_SALESFORCE__TOKEN_URL": ""}
    # The env file names a token address as well, which has to be gone too.
    gone["OKOSHI_SALESFORCE__TOKEN_URL"] = "https://127.0.0.1:9/services/oauth2/token"
    absent = at(here, "run", "--json", env=gone)
    error = document(absent, 4)["error"]
    assert (error["kind"], error["code"], error["retry_after_seconds"]) == ("retry_later", "vendor_unreachable", 300)
    assert "→" not in error["message"]
    assert "接続先に到達できません" in absent.stderr
    assert "→ 約5分後に再実行してください" in absent.stderr
    for ended in (wrong, token, absent):
        assert "Traceback" not in ended.stderr
        assert "not-the-secret" not in ended.stderr + ended.stdout
        assert "00000000-wrong" not in ended.stderr + ended.stdout
    assert here.journal() == []


def test_a_run_that_is_alive_is_not_joined_by_another(company: Start) -> None:
    """Two runs started together: one writes, the other stops with exit 3."""
    here = company()
    command = [sys.executable, "-m", "connector.cli", "run", "--json", "--quiet", "--env-file", str(here.env_file)]
    command += ["--project-dir", str(here.project)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    ended = [(process.communicate()[0], process.returncode) for process in both]
    codes = sorted(code for _, code in ended)
    assert codes in ([0, 3], [0, 0])
    done = sum(json.loads(text)["done"] for text, code in ended if code == 0)
    assert done == len(here.journal()) > 0


def test_a_repeated_run_ends_on_request(company: Start) -> None:
    """`run --every` does a cycle, waits, and ends with 0 on SIGTERM; health is good meanwhile."""
    here = company()
    command = [sys.executable, "-m", "connector.cli", "run", "--every", "1h", "--log-format", "json"]
    command += ["--env-file", str(here.env_file), "--project-dir", str(here.project)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if json.loads(line)["event"] == "cycle ended":
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert document(at(here, "health", "--json"))["healthy"]
    later = at(here, "health", "--json", "--now", "2027-01-01T00:00:00+09:00")
    assert document(later, 1)["healthy"] is False


def test_the_sandbox_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """`okoshi sandbox` writes its files once it serves and removes them when it ends."""
    ready, env = tmp_path / "ready.json", tmp_path / "env"
    command = [sys.executable, "-m", "connector.cli", "sandbox", "--scale", "0.02", "--cases", "lost"]
    files = ["--ready-file", str(ready), "--env-file", str(env)]
    process = subprocess.Popen([*command, *files], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not ready.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    assert set(json.loads(ready.read_text())) == {"salesforce", "hubspot", "ca_bundle", "control_url", "now"}
    control = json.loads(ready.read_text())["control_url"]
    assert {case["program"] for case in requests.get(f"{control}/truth", timeout=30).json()["cases"]} == {"lost"}
    assert okoshi("config", "show", "--json", "--env-file", str(env)).returncode == 0
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not ready.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        "no-such-command",
        "plan --no-such-option",
        "apply",
        "run --every soon",
        "apply absent.json",
        "sandbox --cases quota",
    ],
)
def test_wrong_use_is_exit_2_with_a_message(arguments: str) -> None:
    """A command line that cannot be carried out says so on standard error."""
    ended = okoshi(*arguments.split())
    assert ended.returncode == 2
    assert ended.stderr.startswith("okoshi: ")
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_mistakes_in_settings_and_mappings_name_their_place(tmp_path: Path) -> None:
    """Malformed YAML, an unknown key and a missing setting: exit 2, with file and line, and no vendor is needed."""
    (tmp_path / "okoshi.yaml").write_text("salesforce:\n  instance_url: [\n")
    broken = okoshi("config", "check", "--project-dir", str(tmp_path))
    assert broken.returncode == 2
    assert f"{tmp_path / 'okoshi.yaml'}:" in broken.stderr

    (tmp_path / "okoshi.yaml").write_text("hubspot:\n  acess_token: x\n")
    unknown = okoshi("plan", "--project-dir", str(tmp_path), "--language", "en", "--json")
    assert "access_token" in document(unknown, 2)["error"]["message"]
    assert "wrong configuration" in unknown.stderr

    (tmp_path / "okoshi.yaml").unlink()
    (tmp_path / "mappings" / "programs").mkdir(parents=True)
    (tmp_path / "mappings" / "programs" / "stalled.yaml").write_text("enabled: true\ninterest:\n  days: soon\n")
    mapping = okoshi("config", "check", "--project-dir", str(tmp_path))
    assert mapping.returncode == 2
    assert "mappings/programs/stalled.yaml:3:" in mapping.stderr

    missing = okoshi("run", "--project-dir", str(tmp_path / "mappings"))
    assert missing.returncode == 2
    assert "OKOSHI_SALESFORCE__INSTANCE_URL" in missing.stderr


def test_config_tells_settings_without_secrets_and_the_schema() -> None:
    """`config show` hides secrets; `config schema` is one JSON Schema with the program's settings in it."""
    shown = okoshi("config", "show", "--json", env={"OKOSHI_HUBSPOT__ACCESS_TOKEN": "pat-jp1-secret-token"})
    assert "secret-token" not in shown.stdout
    assert document(shown)["locale"]["timezone"] == "Asia/Tokyo"
    schema = document(okoshi("config", "schema"))
    assert "stalled" in schema["properties"]["programs"]["properties"]


def test_help_answers_at_once() -> None:
    """Help imports neither vendors' libraries nor the database."""
    code = "import sys; from connector.cli.app import command; command(['--help']); print(sorted(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("sqlalchemy", "requests", "hubspot", "simple_salesforce", "pydantic", "holidays"):
        assert f"'{heavy}'" not in ended.stdout
