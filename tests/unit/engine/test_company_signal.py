"""From a page that a colleague opened to the deal that is told of it: mirror, marks, case and program together."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.engine.decide import decide
from connector.engine.deployment import Deployment
from connector.engine.explaining import explain
from connector.engine.share import share
from connector.mapping import load_mappings
from connector.model.plan import Effect
from connector.model.records import (
    Account,
    Consent,
    ContactRole,
    Engagement,
    EngagementKind,
    Kind,
    Opportunity,
    Person,
    Record,
    Ref,
    User,
)
from connector.settings import Settings
from connector.sinks.nowhere import NowhereSink
from connector.store import Store, clusters, ledger, marks, mirror, standings

NOW = datetime(2026, 11, 18, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)
ACCOUNT, COMPANY = Ref("salesforce", "Account", "001A"), Ref("hubspot", "companies", "9")
DEAL, OWNER = Ref("salesforce", "Opportunity", "006A"), Ref("salesforce", "User", "005A")
PEOPLE = [(Ref("salesforce", "Contact", f"003{n}"), Ref("hubspot", "contacts", str(n))) for n in range(3)]


def company() -> list[Record]:
    """An open deal, silent for 100 days, of a company with three contacts."""
    stamp = {"modified_at": LONG_AGO, "created_at": LONG_AGO}
    return [
        User(ref=OWNER, name="営業 一郎", email="ichiro@own.example", **stamp),
        Account(ref=ACCOUNT, name="株式会社アクメ", owner=OWNER, **stamp),
        Account(ref=COMPANY, name="アクメ", **stamp),
        Opportunity(ref=DEAL, name="基幹刷新", account=ACCOUNT, owner=OWNER, stage="提案", **stamp),
        *(Person(ref=mine, name=f"社員{mine.id}", account=ACCOUNT, **stamp) for mine, _ in PEOPLE[:2]),
        Person(ref=PEOPLE[2][0], name="社員0032", account=ACCOUNT, **stamp),
        *(Person(ref=theirs, account=COMPANY, **stamp) for _, theirs in PEOPLE),
    ]


def page(person: Ref, minutes: int) -> Engagement:
    """The price list, opened so many minutes ago."""
    at, ref = NOW - timedelta(minutes=minutes), Ref("hubspot", "page_views", f"{person.id}-{minutes}")
    url = "https://www.example.co.jp/price"
    return Engagement(ref=ref, modified_at=at, at=at, form=EngagementKind.PAGE_VIEW, person=person, url=url)


@pytest.fixture
def deployment(store: Store) -> Deployment:
    """The company above with the preset, looked at once."""
    mappings = load_mappings(None)
    fields = {
        name: [field for one in system.objects.values() for field in one.vendor_fields]
        for name, system in mappings.systems.items()
    }
    sinks = {name: NowhereSink(name, known) for name, known in fields.items()}
    found = Deployment(Settings(project_dir=Path.cwd()), mappings, store, (), sinks)
    with store.begin() as tx:
        mirror.save(tx, company())
        clusters.assign(tx, Kind.ACCOUNT, [frozenset({str(ACCOUNT), str(COMPANY)})], NOW)
        clusters.assign(tx, Kind.PERSON, [frozenset(map(str, pair)) for pair in PEOPLE], NOW)
        decide(found, tx, "p0", NOW - timedelta(hours=2))
    return found


def mirrored(deployment: Deployment, ref: Ref) -> Record:
    """The record as it is in the mirror."""
    with deployment.store.read() as tx:
        record = mirror.get(tx, ref)
    assert record is not None
    return record


def seen(deployment: Deployment, *records: Record) -> tuple[str, str] | None:
    """Where the deal stands for signals once these records have come, and the points that were told of."""
    with deployment.store.begin() as tx:
        mirror.save(tx, records)
        decide(deployment, tx, "p1", NOW)
        assert marks.count(tx) == 0
        row = standings.get(tx, "hot_signal", [str(DEAL)]).get(str(DEAL))
        return (row.reason, row.facts["total"]) if row else None


def test_three_contacts_of_whom_one_has_a_part_are_told_of_with_the_factor_of_three(deployment: Deployment) -> None:
    """A price list each is thirty points, and as much again for three people."""
    part = ContactRole(
        ref=Ref("salesforce", "OpportunityContactRole", "00K"), modified_at=NOW, opportunity=DEAL, person=PEOPLE[0][0]
    )
    pages = [page(theirs, 10 + n) for n, (_, theirs) in enumerate(PEOPLE)]
    assert seen(deployment, part, *pages) == ("owner_first", "60.0")


def test_a_deal_without_any_part_is_told_of_somebody_of_its_account(deployment: Deployment) -> None:
    """The colleague's page alone leads to it; `explain` reads the same."""
    assert seen(deployment, page(PEOPLE[1][1], 50)) is None
    assert seen(deployment, page(PEOPLE[1][1], 100), page(PEOPLE[2][1], 20)) == ("owner_first", "45.0")
    with deployment.store.scratch() as tx:
        told = explain(deployment, tx, DEAL, NOW)
        row = standings.get(tx, "hot_signal", [str(DEAL)])[str(DEAL)]
    assert told is not None
    assert [one.person.ref for one in told.case.company_people] == [PEOPLE[1][0], PEOPLE[2][0]]
    assert told.case.version == row.basis


def test_its_task_is_given_out_on_what_it_was_decided_on(deployment: Deployment) -> None:
    """A lost deal without any part, two colleagues on the web: IS gets the task, and giving out comes to its end."""
    rep = Ref("salesforce", "User", "005I")
    lost = mirrored(deployment, DEAL).model_copy(
        update={"is_closed": True, "is_won": False, "close_date": LONG_AGO.date(), "lost_reason": "postponed"}
    )
    calling = User(ref=rep, name="内勤 花子", role="InsideSales", modified_at=NOW)
    people = [mirrored(deployment, mine).model_copy(update={"call_consent": Consent.YES}) for mine, _ in PEOPLE]
    assert seen(deployment, lost, calling, *people, page(PEOPLE[1][1], 100), page(PEOPLE[2][1], 20)) is not None
    with deployment.store.begin() as tx:
        share(deployment, tx, "p1", NOW)
        (task,) = [change for change in ledger.pending(tx) if change.effect is Effect.TASK]
    assert task.case == str(DEAL)


def test_where_no_program_measures_signals_nothing_of_it_is_read(deployment: Deployment) -> None:
    """Which costs nothing then."""
    off = deployment.mappings.programs | {"hot_signal": {"enabled": False}}
    quiet = Deployment(
        deployment.settings, deployment.mappings.model_copy(update={"programs": off}), deployment.store, (), {}
    )
    with deployment.store.scratch() as tx:
        mirror.save(tx, [page(PEOPLE[1][1], 20)])
        told = explain(quiet, tx, DEAL, NOW)
    assert told is not None
    assert told.case.company_people == ()
