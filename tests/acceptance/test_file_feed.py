"""Companies with another MA or SFA, or with neither vendor: exported files feed the same model, and plans follow."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from company import Company

from connector.cli.assemble import deployed
from connector.engine import cycle
from connector.engine.deployment import Silent
from connector.engine.reconcile import reconcile
from connector.model.errors import ConfigurationError, StopSync
from connector.model.plan import Plan
from connector.model.records import Person, Ref
from connector.settings import Settings, load_settings
from connector.store import mirror
from connector.store.store import Store

Start = Callable[..., Company]

EXAMPLE = Path(__file__).parents[2] / "examples" / "03-files"
NOW = datetime.fromisoformat("2026-11-18T10:00:00+09:00")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example: an SFA and an MA that are read from files, which were exported the day before."""
    copy = Path(shutil.copytree(EXAMPLE, tmp_path / "files", ignore=shutil.ignore_patterns("okoshi.db*")))
    exported = (NOW - timedelta(days=1)).timestamp()
    for path in copy.glob("exports/*"):
        os.utime(path, (exported, exported))
    return copy


def plan_of(settings: Settings, now: datetime = NOW) -> Plan:
    """A dry run's plan."""
    with deployed(settings, Silent(), read_only=True) as assembled:
        return cycle.dry_run(assembled, now)


def without(company: Company, *sections: str) -> None:
    """Takes vendors' sections out of the settings, as a company has them that never had the vendor."""
    lines = company.env_file.read_text().splitlines()
    kept = [
        line for line in lines if not line.upper().startswith(tuple(f"OKOSHI_{name}__".upper() for name in sections))
    ]
    company.env_file.write_text("\n".join(kept) + "\n")


def map_files(folder: Path, system: str, objects: dict[str, Any]) -> None:
    """Says how the files of one system are read."""
    path = folder / "mappings" / "files" / f"{system}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"objects": objects}, ensure_ascii=False), encoding="utf-8")


def export(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes what a system exports, as JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_a_company_with_files_only_gets_a_plan(project: Path) -> None:
    """Both stalled deals have their task, with what the MA saw; the one with a talk last week has none."""
    made = plan_of(load_settings(project))
    tasks = {change.case: change for change in made.changes}
    assert set(tasks) == {"kintone:deals:D-001", "kintone:deals:D-002"}
    assert made.set_aside == ()
    first = {name: field.after for name, field in tasks["kintone:deals:D-001"].fields.items()}
    assert (first["案件番号"], first["先方担当者"], first["担当者"]) == ("D-001", "P-001", "0201")
    assert "https://www.example.co.jp/price" in first["内容"]
    assert plan_of(load_settings(project)).changes == made.changes


def test_what_is_not_in_the_snapshot_any_more_is_gone_after_the_night(project: Path) -> None:
    """Its newest file is the whole; a file that lost all its lines says nothing."""
    settings = load_settings(project)
    assert len(plan_of(settings).changes) == 2
    deals = project / "exports" / "deals.csv"
    whole = deals.read_text(encoding="utf-8")
    deals.write_text("".join(whole.splitlines(keepends=True)[:1]), encoding="utf-8")
    with pytest.raises(StopSync, match="4 lines of deals were read until now"):
        plan_of(settings)
    deals.write_text("".join(line for line in whole.splitlines(keepends=True) if "D-002" not in line), encoding="utf-8")
    with deployed(settings, Silent(), read_only=True) as assembled:
        cycle.dry_run(assembled, NOW)
        found = _reconciled(assembled)
    assert found == {("kintone", "deals"): 1, ("kintone", "deal_people"): 1}
    assert {change.case for change in plan_of(settings).changes} == {"kintone:deals:D-001"}


def _reconciled(assembled: Any) -> dict[tuple[str, str], int]:
    """How many records each stream's whole reading found gone."""
    with assembled.store.lease("night") as lease:
        streams = list(reconcile(assembled, lease, NOW, always=True))
    return {(one.system, one.stream): one.gone for one in streams if one.gone}


def test_nothing_can_be_written_where_there_is_no_interface(project: Path) -> None:
    """`run` and `apply` say so before anything is decided, and what to do instead."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OKOSHI_")}
    base = [sys.executable, "-m", "connector.cli", "--project-dir", str(project), "--now", NOW.isoformat(), "--quiet"]
    kept = project / "plan.json"
    planned = subprocess.run([*base, "plan", "--out", str(kept)], capture_output=True, text=True, env=env, check=False)
    assert planned.returncode == 0, planned.stderr
    assert "架空 三奈" in planned.stdout
    for command in (["run"], ["apply", str(kept)]):
        ended = subprocess.run([*base, *command], capture_output=True, text=True, env=env, check=False)
        assert ended.returncode == 2
        assert "Nothing can be written to kintone" in ended.stderr


def test_salesforce_with_another_ma_needs_no_hubspot(company: Start) -> None:
    """The MA's export stands in: its people are the SFA's by a sure key, and tasks are written as ever."""
    here = company()
    without(here, "hubspot")
    with pytest.raises(ConfigurationError, match=r"hubspot\.access_token"):
        here.dry_run()
    contacts = [row for row in here.records("salesforce", "Contact") if not row["IsDeleted"]]
    leads = [
        {"id": number, "email": row["Email"], "sfdc": row["Id"], "page": "https://example.com/price"}
        for number, row in enumerate(contacts)
    ]
    export(here.project / "exports" / "leads.jsonl", leads)
    same = {"field": "sfdc", "system": "salesforce", "object": "Contact"}
    fields = {"email": "email", "last_page_url": "page", "same_as": same}
    lead = {"kind": "person", "path": "exports/leads.jsonl", "id": "id", "snapshot": True, "fields": fields}
    map_files(here.project, "marketo", {"leads": lead})
    summary = here.run()
    assert summary.done == summary.planned > 0
    assert here.requests_made()["hubspot"]["total"] == 0
    store = Store.open(here.settings().database_url)
    with store.read() as tx:
        known = mirror.get(tx, Ref("marketo", "leads", "0"))
    store.close()
    assert isinstance(known, Person)
    assert known.same_as == (Ref("salesforce", "Contact", contacts[0]["Id"]),)


def test_hubspot_with_another_sfa_needs_no_salesforce(company: Start, project: Path) -> None:
    """The SFA's export holds the deals; what HubSpot saw of the same people goes into the plan."""
    here = company()
    without(here, "salesforce")
    shutil.copytree(project, here.project, dirs_exist_ok=True)
    (here.project / "mappings" / "files" / "marketo.yaml").unlink()
    seen = (row for row in here.records("hubspot", "contacts") if row.get("email") and not row.get("archived"))
    contact = max(seen, key=lambda row: row.get("hs_analytics_last_visit_timestamp") or "")
    people = here.project / "exports" / "people.csv"
    name = f"{contact.get('lastname') or ''} {contact.get('firstname') or ''}".strip()
    text = people.read_text(encoding="utf-8").replace("ichiro@example.com", contact["email"])
    people.write_text(text.replace("例示 一郎", name), encoding="utf-8")
    made = plan_of(here.settings())
    assert {change.case for change in made.changes} >= {"kintone:deals:D-002"}
    assert all(change.system == "kintone" for change in made.changes)
    assert here.requests_made()["salesforce"]["total"] == 0
    body = next(change.fields["内容"].after for change in made.changes if change.case == "kintone:deals:D-001")
    assert contact["hs_analytics_last_url"] in str(body)


def test_a_half_filled_section_is_still_an_error(project: Path) -> None:
    """One key of it says that the company has the vendor."""
    with pytest.raises(ConfigurationError, match=r"Missing setting: hubspot\.access_token"):
        plan_of(load_settings(project, hubspot={"api_version": "v3"}))


def test_a_vendor_that_was_read_does_not_vanish_with_its_settings(company: Start, project: Path) -> None:
    """A token that is lost in a move must not turn into "there is no HubSpot"; said outright it may."""
    here = company()
    shutil.copytree(project, here.project, dirs_exist_ok=True)
    (here.project / "mappings" / "tasks.yaml").unlink()
    (here.project / "mappings" / "team.yaml").unlink()
    here.dry_run()
    without(here, "hubspot")
    with pytest.raises(ConfigurationError, match=r"hubspot was read until now.*`objects: null` into mappings/hubspot"):
        here.dry_run()
    (here.project / "mappings" / "hubspot.yaml").write_text("objects: null\n")
    assert here.dry_run().changes


def test_the_deals_system_must_be_one_that_is_read(project: Path) -> None:
    """Without it there would be no case, and a plan that is empty for no visible reason."""
    (project / "mappings" / "tasks.yaml").unlink()
    with pytest.raises(ConfigurationError, match=r"tasks\.yaml: `system: salesforce`.*Read are: kintone, marketo"):
        plan_of(load_settings(project))
