"""`okoshi explain` on a small base: what it tells of a deal, company or person, without any vendor."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from connector.cli.app import command
from connector.model.intents import Standing
from connector.model.plan import Unwritten
from connector.model.records import (
    Account,
    Activity,
    ActivityKind,
    ContactRole,
    Opportunity,
    Person,
    Record,
    Ref,
    User,
)  # fmt: skip
from connector.settings import load_settings
from connector.store import mirror, standings
from connector.store.standings import StandingRow
from connector.store.store import Store

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)

DEAL, FRESH = Ref("salesforce", "Opportunity", "0065g00000SILENAA5"), Ref("salesforce", "Opportunity", "006FRESH")
ACCOUNT, PERSON = Ref("salesforce", "Account", "001ACME"), Ref("salesforce", "Contact", "003TARO")
OWNER, REP = Ref("salesforce", "User", "005A"), Ref("salesforce", "User", "005IS")
HOSTILE = "[bold]ひかり\x1b[31m製鉄\n株式会社"


def days_ago(days: int) -> datetime:
    """So many days before now."""
    return NOW - timedelta(days=days)


def deal(ref: Ref, name: str) -> Opportunity:
    """An open deal of the company."""
    return Opportunity(
        ref=ref,
        modified_at=days_ago(300),
        created_at=days_ago(300),
        name=name,
        account=ACCOUNT,
        owner=OWNER,
        stage="提案",
        amount=Decimal(3_000_000),
    )


def event(ref: str, days: int, about: Ref, subject: str) -> Activity:
    """A meeting so many days ago (negative: to come), with the deal's person."""
    return Activity(
        ref=Ref("salesforce", "Event", ref),
        modified_at=days_ago(max(days, 0)),
        form=ActivityKind.MEETING,
        subject=subject,
        starts_at=days_ago(days),
        owner=OWNER,
        opportunities=(about,),
        people=(PERSON,),
    )


def role(ref: str, about: Ref) -> ContactRole:
    """The person is the deal's primary contact."""
    return ContactRole(
        ref=Ref("salesforce", "OpportunityContactRole", ref),
        modified_at=days_ago(300),
        opportunity=about,
        person=PERSON,
        is_primary=True,
    )


RECORDS: tuple[Record, ...] = (
    User(ref=OWNER, modified_at=NOW, name="営業 花子", email="hanako@own.example.jp"),
    User(ref=REP, modified_at=NOW, name="電話 一郎", email="ichiro@own.example.jp", role="InsideSales"),
    Account(ref=ACCOUNT, modified_at=days_ago(400), created_at=days_ago(400), name="株式会社アクメ", owner=OWNER),
    Person(ref=PERSON, modified_at=days_ago(400), created_at=days_ago(400), name="山田 太郎", account=ACCOUNT),
    deal(DEAL, HOSTILE),
    role("00KA", DEAL),
    event("00UA", 90, DEAL, "初回訪問\x1b]0;title\x07"),
)


@dataclass
class Base:
    """One project with a store that holds the records above."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def learn(self, *records: Record) -> None:
        """A run reads these records."""
        store = Store.open(load_settings(self.folder, None, now=NOW.isoformat()).database_url)
        with store.begin() as tx:
            mirror.save(tx, records)
        store.close()

    def kept(self) -> list[str]:
        """All that is in the store."""
        with closing(sqlite3.connect(self.folder / "okoshi.db")) as database:
            return list(database.iterdump())

    def explain(self, *arguments: str, exit_code: int = 0) -> str:
        """Standard output of `okoshi explain …`; standard error where it fails."""
        options = ("--project-dir", str(self.folder), "--quiet", "--now", NOW.isoformat())
        self.capsys.readouterr()
        assert command([*options, "explain", *arguments]) == exit_code
        told = self.capsys.readouterr()
        return told.out if exit_code == 0 else told.err

    def document(self, *arguments: str) -> Any:
        """The same with --json."""
        return json.loads(self.explain(*arguments, "--json"))


@pytest.fixture
def base(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Base:
    """A base that was read and has not been judged yet."""
    for name in [name for name in os.environ if name.startswith("OKOSHI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")
    made = Base(tmp_path, capsys)
    made.learn(*RECORDS)
    return made


def test_a_deal_is_told_program_by_program_in_both_languages(base: Base) -> None:
    """How its contacts are read, what each program says, the evidence, the task with its text, and who is not asked."""
    japanese = base.explain(DEAL.id)
    for part in (
        "接触の記録(1件)",
        "接触",
        "この商談",
        "滞留商談",
        "枠待ち",
        "滞留商談掘り起こし (",
        "最終接触は2026-08-20",
    ):
        assert part in japanese
    unconcerned = next(line for line in japanese.splitlines() if "対象でないプログラム" in line)
    assert "失注商談" in unconcerned
    english = base.explain(DEAL.id, "--language", "en")
    for part in ("How contacts are read (1)", "contact", "Event:00UA", "Programs that it does not concern: lost"):
        assert part in english


def test_the_document_for_machines_has_the_decision_and_what_it_rests_on(base: Base) -> None:
    """One JSON document: the case, its touches, and of each program the decision with evidence, task and wake-up."""
    found = base.document(DEAL.id)
    assert (found["record"], found["kind"], found["last_contact"]) == (str(DEAL), "opportunity", "2026-08-20")
    assert found["touches"] == [
        {
            "record": "salesforce:Event:00UA",
            "day": "2026-08-20",
            "form": "meeting",
            "kind": "contact",
            "place": "this_deal",
        }
    ]
    assert found["records"] == [str(PERSON)]
    stalled = found["programs"]["stalled"]
    assert stalled["kept"] is None
    assert (stalled["decision"]["standing"], stalled["decision"]["reason"]) == ("waiting", "wanted")
    [task] = stalled["decision"]["tasks"]
    assert (task["subject"], task["due"], task["about"][-1]) == ("滞留商談掘り起こし", "2026-11-18", DEAL.id)
    assert {"record": "salesforce:Event:00UA", "field": "last_contact"}.items() <= stalled["decision"]["because"][
        1
    ].items()
    assert "lost" in found["not_concerned"]


def test_a_deal_with_contact_says_when_it_is_looked_at_again(base: Base) -> None:
    """No task, and the day on which the mere passing of time makes one."""
    base.learn(deal(FRESH, "新規"), role("00KB", FRESH), event("00UB", 10, FRESH, "訪問"))
    found = base.document(FRESH.id)["programs"]["stalled"]["decision"]
    assert (found["standing"], found["reason"], found["tasks"]) == ("not_eligible", "fresh", [])
    assert datetime.fromisoformat(found["wake_at"]) == datetime(2027, 1, 6, 15, 0, tzinfo=UTC)
    assert "2027/01/07 00:00" in base.explain(FRESH.id)


def test_an_appointment_is_shown_and_is_the_reason(base: Base) -> None:
    """What lies ahead stands above what was, and keeps the task back."""
    base.learn(event("00UC", -3, DEAL, "再訪"))
    shown = base.explain(DEAL.id)
    assert shown.index("再訪") < shown.index("初回訪問")
    assert "予定" in shown
    found = base.document(DEAL.id)
    assert [one["record"] for one in found["meetings_ahead"]] == ["salesforce:Event:00UC"]
    assert found["programs"]["stalled"]["decision"]["reason"] == "future_meeting"


@pytest.mark.parametrize(
    "given",
    [
        str(DEAL),
        DEAL.id,
        DEAL.id[:15],
        f"https://acme.lightning.force.com/lightning/r/Opportunity/{DEAL.id}/view",
    ],
)
def test_a_record_may_be_named_in_any_way_that_is_at_hand(base: Base, given: str) -> None:
    """Its reference, its id long or short, the address in the browser."""
    assert base.document(given)["record"] == str(DEAL)


@pytest.mark.parametrize(
    ("record", "kind", "program"),
    [(ACCOUNT, "account", "account_status"), (PERSON, "person", "freshness")],
)
def test_companies_and_people_are_cases_too(base: Base, record: Ref, kind: str, program: str) -> None:
    """With the programs that are about such records, and no other."""
    found = base.document(record.id)
    assert (found["record"], found["kind"]) == (str(record), kind)
    assert program in found["programs"]
    assert "stalled" not in {*found["programs"], *found["not_concerned"]}
    assert found["name"] in base.explain(record.id)


def test_fields_that_a_program_wants_to_write_are_among_the_changes(base: Base) -> None:
    """Each with the value after; nothing is written by asking."""
    [change] = base.document(ACCOUNT.id)["programs"]["account_status"]["decision"]["changes"]
    assert change["fields"]["Account_Status__c"]["after"] == "アクティブ案件"
    assert "Account_Status__c = アクティブ案件" in base.explain(ACCOUNT.id)


@pytest.mark.parametrize("columns", ["80", "120"])
def test_no_name_steers_the_screen(base: Base, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """Escape sequences, markup and line breaks of a CRM value are text, and tables keep to the width."""
    monkeypatch.setenv("COLUMNS", columns)
    for record in (DEAL, ACCOUNT, PERSON):
        shown = base.explain(record.id)
        assert not any(ord(character) < 32 and character != "\n" for character in shown)
        assert max(map(cell_len, shown.splitlines())) <= int(columns)
    assert "[bold]ひかり" in base.explain(DEAL.id).replace("\n", "")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("006NOBODY", "「006NOBODY」に当たる商談、会社または人のレコードは、まだ読み込まれていません"),
        ("salesforce:User:005A", "まだ読み込まれていません"),
        ("https://acme.lightning.force.com/lightning/page/home", "まだ読み込まれていません"),
        ("", "まだ読み込まれていません"),
    ],
)
def test_what_was_never_read_is_wrong_use(base: Base, given: str, told: str) -> None:
    """Exit code 2, with what to write instead."""
    message = " ".join(base.explain(given, exit_code=2).split())
    assert told in message
    assert "salesforce:Account:001" in message


def test_what_is_deleted_is_decided_no_more(base: Base) -> None:
    """Exit code 2, and the record is named."""
    gone = deal(DEAL, "終わり").model_copy(update={"deleted": True, "modified_at": NOW})
    base.learn(gone)
    assert "is deleted in its system" in " ".join(base.explain(DEAL.id, exit_code=2).split())


def test_asking_keeps_nothing(base: Base) -> None:
    """What is in the store is the same afterwards: the next run decides as if nobody had asked."""
    before = base.kept()
    first = base.document(DEAL.id)
    assert base.document(DEAL.id) == first
    assert base.kept() == before


def test_a_value_that_no_field_took_is_shown_with_the_remedy(base: Base) -> None:
    """As the last run left it; whether the field would take it now only the vendor can say."""
    left = Unwritten(
        program="stalled",
        case=str(DEAL),
        system="hubspot",
        object="contacts",
        id="51",
        field="hs_lead_status",
        reason="list",
        text="選択リストにない値です",
    )
    store = Store.open(load_settings(base.folder, None, now=NOW.isoformat()).database_url)
    with store.begin() as tx:
        row = StandingRow("stalled", str(DEAL), Standing.WAITING, "v", NOW, unwritten=(left,))
        standings.save(tx, [row])
    store.close()
    assert "hubspot contacts.hs_lead_status: 選択リストにない値です" in base.explain(DEAL.id)
    (told,) = base.document(DEAL.id)["programs"]["stalled"]["kept"]["unwritten"]
    assert (told["id"], told["reason"]) == ("51", "list")
