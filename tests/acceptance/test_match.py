"""名寄せ against both vendors: what is doubtful is answered once, and a merge in HubSpot happens only on demand."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from company import Company
from forked import okoshi

Start = Callable[..., Company]


def match(company: Company, *arguments: str, exit_code: int = 0) -> str:
    """Standard output of `okoshi match …` against a sandbox; standard error before it where it fails."""
    options = ["--env-file", str(company.env_file), "--project-dir", str(company.project), "--quiet"]
    ended = okoshi(*options, "match", *arguments, env={"COLUMNS": "80"})
    assert ended.returncode == exit_code, ended.stderr
    return ended.stdout if exit_code == 0 else ended.stderr + ended.stdout


def document(company: Company, *arguments: str) -> Any:
    """The same with --json."""
    return json.loads(match(company, *arguments, "--json"))


def merges(company: Company) -> list[dict[str, Any]]:
    """Merges that the vendors accepted."""
    return [entry for entry in company.entries() if entry["operation"] == "merge"]


def test_what_a_person_said_outlives_runs_and_days(company: Start) -> None:
    """Every doubtful pair of the first page is answered; none comes back, and no vendor saw a write because of it."""
    here = company(scale=0.05)
    here.run()
    written = len(here.journal())
    asked = document(here, "review")["pairs"][:4]
    assert asked, "the sandbox's company has doubtful pairs"
    answers = ("same", "different", "same", "different")
    for pair, answer in zip(asked, answers, strict=False):
        assert document(here, "say", pair["left"]["ref"], pair["right"]["ref"], answer, "--by", "花子")["in_effect"]
    assert len(here.journal()) == written
    here.advance("P1D")
    here.run(schedule={"reconcile_hour": 0})
    left = {
        (pair["left"]["ref"], pair["right"]["ref"]) for pair in document(here, "review", "--limit", "1000")["pairs"]
    }
    for pair, answer in zip(asked, answers, strict=False):
        key = pair["left"]["ref"], pair["right"]["ref"]
        assert key not in left
        members = {member["ref"] for member in document(here, "show", key[0])["members"]}
        assert (key[1] in members) == (answer == "same")
    assert merges(here) == []


def test_a_merge_in_hubspot_is_shown_asked_for_and_done_once(company: Start) -> None:
    """Nothing without a word typed or --yes with both references; then one merge, and the two stay one."""
    here = company()
    here.run()
    keep, drop = [row for row in here.records("hubspot", "companies") if not row["archived"]][:2]
    refs = [f"hubspot:companies:{row['id']}" for row in (keep, drop)]
    refused = match(here, "merge", *refs, exit_code=2)
    assert keep["name"] in refused.replace("\n", "")
    for part in ("元に戻せません", "--yes", "残る: HubSpot", "なくなる: HubSpot", "判定: 別", "警告: "):
        assert part in refused
    preview = json.loads(match(here, "merge", *refs, "--json", exit_code=2).partition("{")[2].join(("{", "")))
    assert (preview["merged"], preview["error"]["kind"], preview["error"]["exit_code"]) == (False, "usage", 2)
    assert preview["lost"]["name"] == {"kept": keep["name"], "lost": drop["name"]}
    assert preview["judgement"]["state"] == "apart"
    assert "--even-if-different" in match(here, "merge", *refs, "--yes", exit_code=2)
    assert merges(here) == []
    pages = [f"https://app.hubspot.com/contacts/1/company/{row['id']}" for row in (keep, drop)]
    assert "参照で指定してください" in match(here, "merge", *pages, "--yes", exit_code=2)
    assert merges(here) == []

    done = document(here, "merge", *refs, "--yes", "--even-if-different", "--by", "花子")
    assert done["merged"] is True
    assert done["lost"]["name"] == {"kept": keep["name"], "lost": drop["name"]}
    (entry,) = merges(here)
    assert (entry["vendor"], entry["object"], entry["id"]) == ("hubspot", "companies", keep["id"])
    assert entry["after"] == {"merged": [drop["id"]]}
    assert document(here, "explain", *refs)["answers"][0]["by"] == "花子"
    assert "okoshi match merge により HubSpot でマージ" in match(here, "explain", *refs)
    assert "マージ済みです。ここで切り離しても" in match(here, "split", refs[0], exit_code=2).replace("\n", "")

    here.advance("P1D")
    here.run(schedule={"reconcile_hour": 0})
    members = {member["ref"] for member in document(here, "show", refs[0])["members"]}
    assert refs[1] in members
    assert "すでに削除またはマージされています" in match(here, "merge", *refs, "--yes", exit_code=2)
    assert len(merges(here)) == 1


def test_what_cannot_or_must_not_be_merged_is_left_alone(company: Start) -> None:
    """Salesforce's interface has no merge, two systems have none between them, and “different” comes first."""
    here = company()
    here.run()
    accounts = [
        f"salesforce:Account:{row['Id']}" for row in here.records("salesforce", "Account") if not row["IsDeleted"]
    ]
    companies = [
        f"hubspot:companies:{row['id']}" for row in here.records("hubspot", "companies") if not row["archived"]
    ]
    told = match(here, "merge", *accounts[:2], "--yes", exit_code=2)
    assert "Salesforce のAPIにはマージがありません" in told.replace("\n", "")
    assert f"/lightning/r/Account/{accounts[0].rpartition(':')[2]}/view" in told
    assert "別のシステム" in match(here, "merge", accounts[0], companies[0], "--yes", exit_code=2)
    match(here, "say", *companies[:2], "different")
    assert "take-back" in match(here, "merge", *companies[:2], "--yes", exit_code=2)
    match(here, "say", companies[0], companies[2], "same")
    told = match(here, "merge", companies[2], companies[1], "--yes", exit_code=2)
    assert f"take-back {' '.join(sorted(companies[:2]))}" in told
    assert merges(here) == []


def test_who_says_that_the_two_are_different_meanwhile_is_heard(company: Start) -> None:
    """The merge is shown and asked for at a terminal; the answer of somebody else comes before the id is typed."""
    here = company(scale=0.05)
    here.run()
    keep, drop = [row["id"] for row in here.records("hubspot", "companies") if not row["archived"]][:2]
    refs = [f"hubspot:companies:{keep}", f"hubspot:companies:{drop}"]
    options = ["--env-file", str(here.env_file), "--project-dir", str(here.project), "--quiet"]
    command = [sys.executable, "-m", "connector.cli", *options, "match", "merge", *refs]
    terminal, keyboard = os.openpty()
    pipes: dict[str, Any] = {"stdin": keyboard, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True) as merging:
        os.close(keyboard)
        assert merging.stdout
        shown = ""
        while not shown.endswith(f"{drop} を入力してください: "):
            letter = merging.stdout.read(1)
            assert letter, shown
            shown += letter
        match(here, "say", *refs, "different")
        os.write(terminal, f"{drop}\n".encode())
        told = merging.communicate(timeout=60)[1]
    os.close(terminal)
    assert merging.returncode == 2
    assert "take-back" in told
    assert merges(here) == []
    assert document(here, "explain", *refs)["answers"][0]["answer"] == "different"
