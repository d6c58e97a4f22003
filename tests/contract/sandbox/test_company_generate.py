"""The invented company: its size, its repeatability, its references and what the vendors would have derived."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.clock import SandboxClock
from connector.sandbox.company import CompanyOptions, generate
from connector.sandbox.company.names import corporate_number, invent
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.schema import FIELD_HISTORY, object_of_id
from connector.sandbox.salesforce.schema import TABLES as SALESFORCE
from connector.sandbox.world import World

START = datetime.fromisoformat("2026-11-18T10:00:00+09:00")
QUIET_UNTIL = "2026-11-16T23:00:00.000Z"  # 26 hours before the start
FIRST_PLANTED = 50_000_000_000
HOUSEHOLD_NAMES = (
    "トヨタ",
    "ソニー",
    "日立",
    "三菱",
    "三井",
    "住友",
    "パナソニック",
    "任天堂",
    "楽天",
    "キヤノン",
    "ホンダ",
    "ソフトバンク",
)


def _world(path: Path, **options: Any) -> World:
    world = World(path / "world.db", SandboxClock(START), SALESFORCE, HUBSPOT)
    generate(world, CompanyOptions(**options))
    return world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The company at scale 1."""
    found = _world(tmp_path_factory.mktemp("company"))
    yield found
    found.close()


def _count(world: World, table: str, condition: str = "1") -> int:
    return int(world.select(f"SELECT COUNT(*) AS n FROM {table} WHERE {condition}")[0]["n"])


def _dump(world: World) -> str:
    rows = [list(world.rows(vendor, object_)) for vendor, tables in world.tables.items() for object_ in tables]
    links = world.select("SELECT * FROM hubspot_associations ORDER BY rowid")
    truth = {**world.truth, **{part: list(world.truth[part]) for part in ("companies", "people")}}
    return json.dumps([rows, links, truth], ensure_ascii=False, sort_keys=True)


def test_a_company_of_scale_one_has_the_promised_size(world: World) -> None:
    """At least 300 accounts, 1,500 people and 800 opportunities, with activities in both systems."""
    assert _count(world, "salesforce_Account") >= 300
    assert _count(world, "salesforce_Contact") + _count(world, "salesforce_Lead") >= 1_500
    assert _count(world, "salesforce_Opportunity") >= 800
    assert 5_000 <= _count(world, "salesforce_Task") + _count(world, "salesforce_Event") <= 8_000
    engagements = ("calls", "emails", "meetings", "notes", "tasks", "communications")
    assert 2_000 <= sum(_count(world, f"hubspot_{name}") for name in engagements) <= 3_500
    assert _count(world, "hubspot_deals") >= 50


def test_opportunities_are_in_all_states(world: World) -> None:
    """About 35 % open, 25 % won, 40 % lost; enough won short-cycle deals for a mean lead time."""
    total = _count(world, "salesforce_Opportunity")
    assert 0.3 < _count(world, "salesforce_Opportunity", "IsClosed = 0") / total < 0.48
    assert 0.18 < _count(world, "salesforce_Opportunity", "IsWon = 1") / total < 0.32
    assert 0.28 < _count(world, "salesforce_Opportunity", "IsClosed = 1 AND IsWon = 0") / total < 0.45
    short = world.select("SELECT Id FROM salesforce_RecordType WHERE DeveloperName = 'ShortCycle'")[0]["Id"]
    assert _count(world, "salesforce_Opportunity", f"IsWon = 1 AND RecordTypeId = '{short}'") >= 20


def test_the_inside_sales_team_has_five_active_members_and_a_manager(world: World) -> None:
    """Role developer names are what the connector looks for."""
    sql = (
        "SELECT r.DeveloperName AS role, u.IsActive AS active, COUNT(*) AS n FROM salesforce_User u "
        "JOIN salesforce_UserRole r ON r.Id = u.UserRoleId GROUP BY 1, 2"
    )
    staff = {(row["role"], row["active"]): row["n"] for row in world.select(sql)}
    assert staff["InsideSales", 1] == 5
    assert staff["InsideSales", 0] == 1
    assert staff["InsideSalesManager", 1] == 1
    assert staff["FieldSales", 1] == 12
    owners = {row["email"] for row in world.rows("hubspot", "owners")}
    users = {row["Email"] for row in world.rows("salesforce", "User") if row["UserRoleId"]}
    assert owners == users


def test_the_same_seed_gives_the_same_company(tmp_path: Path) -> None:
    """Every stored value and the truth are equal; another seed differs."""
    for name in ("one", "two", "other"):
        (tmp_path / name).mkdir()
    one = _dump(_world(tmp_path / "one", scale=0.1, seed=7))
    assert one == _dump(_world(tmp_path / "two", scale=0.1, seed=7))
    assert one != _dump(_world(tmp_path / "other", scale=0.1, seed=8))


def test_planted_cases_are_the_same_at_every_scale(tmp_path: Path) -> None:
    """Scale multiplies the invented rows alone."""
    for name in ("small", "large"):
        (tmp_path / name).mkdir()
    small, large = _world(tmp_path / "small", scale=0.1), _world(tmp_path / "large", scale=0.3)
    assert small.truth["cases"] == large.truth["cases"]
    assert _count(large, "salesforce_Account") > _count(small, "salesforce_Account")


def test_invented_rows_are_quiet_at_the_start(world: World) -> None:
    """No unplanted row was modified within the last 26 hours, so that the first increments are empty."""
    for name, table in SALESFORCE.items():
        for row in world.rows("salesforce", name):
            stamp = row["CreatedDate"] if name == FIELD_HISTORY else row["SystemModstamp"]
            assert stamp <= QUIET_UNTIL or row["Id"] > table.new_id(FIRST_PLANTED)
            assert stamp >= (row.get("CreatedDate") or "")
    for name in HUBSPOT:
        for row in world.rows("hubspot", name):
            assert (row.get("updatedAt") or "") <= QUIET_UNTIL


def test_every_salesforce_reference_points_to_a_row(world: World) -> None:
    """Polymorphic ones too: the key prefix names the object."""
    ids = {row["Id"] for name in SALESFORCE for row in world.rows("salesforce", name)}
    for name, table in SALESFORCE.items():
        references = [column for column in table.fields if column.type == "reference"]
        for row in world.rows("salesforce", name):
            for column in references:
                target = row[column.name]
                assert target is None or target in ids, (name, row["Id"], column.name)
                assert target is None or object_of_id(target) in column.reference_to, (name, column.name)


def test_every_association_points_to_rows_and_has_its_reverse(world: World) -> None:
    """With the vendor's type ids in both directions, each once."""
    ids = {(name, row["id"]) for name in HUBSPOT for row in world.rows("hubspot", name)}
    links = {tuple(row.values()) for row in world.select("SELECT * FROM hubspot_associations")}
    assert len(links) == _count(world, "hubspot_associations")
    pairs = {(from_type, from_id, to_type, to_id) for from_type, from_id, to_type, to_id, *_ in links}
    for from_type, from_id, to_type, to_id, type_id, *_ in links:
        assert {(from_type, from_id), (to_type, to_id)} <= ids
        assert (to_type, to_id, from_type, from_id) in pairs
        assert type_id in {kind.type_id for kind in ASSOCIATION_TYPES[from_type, to_type]}


def test_hubspot_names_salesforce_records_and_owners_that_exist(world: World) -> None:
    """Ids of the other system, owner ids and the primary company."""
    known = {
        row["Id"] for name in ("Account", "Contact", "Lead", "Opportunity") for row in world.rows("salesforce", name)
    }
    owners = {row["id"] for row in world.rows("hubspot", "owners")}
    companies = {row["id"] for row in world.rows("hubspot", "companies")}
    for name in HUBSPOT:
        for row in world.rows("hubspot", name):
            for key in ("salesforcecontactid", "salesforceleadid", "salesforceaccountid", "salesforceopportunityid"):
                assert (row.get(key) or next(iter(known))) in known
            assert (row.get("hubspot_owner_id") or next(iter(owners))) in owners
            company = row.get("associatedcompanyid")
            assert company is None or str(company) in companies


def test_hubspot_mail_addresses_are_unique(world: World) -> None:
    """As the vendor insists."""
    emails = [row["email"] for row in world.rows("hubspot", "contacts") if row["email"]]
    assert len(emails) == len(set(emails))
    assert all(email == email.lower() and re.search(r"\.(example|test)$", email) for email in emails)


def test_stage_and_status_facts_agree(world: World) -> None:
    """IsClosed, IsWon and Probability follow the stage; a closed task has its completion, an open one has none."""
    stages = {row["ApiName"]: row for row in world.rows("salesforce", "OpportunityStage")}
    for row in world.rows("salesforce", "Opportunity"):
        stage = stages[row["StageName"]]
        assert (row["IsClosed"], row["IsWon"]) == (stage["IsClosed"], stage["IsWon"])
        assert row["Probability"] == stage["DefaultProbability"]
        assert (
            row["CreatedDate"] <= row["LastStageChangeDate"]
            or row["CreatedDate"][:10] == row["LastStageChangeDate"][:10]
        )
    for row in world.rows("salesforce", "Task"):
        assert row["IsClosed"] == int(row["Status"] in ("完了", "対応不要"))
        assert bool(row["CompletedDateTime"]) == bool(row["IsClosed"])


def test_last_activity_date_is_what_the_vendor_computes(world: World) -> None:
    """The latest date of closed tasks and of events, future ones included."""
    latest: dict[str, str] = {}
    for name in ("Task", "Event"):
        for row in world.rows("salesforce", name):
            if row["ActivityDate"] and (name == "Event" or row["IsClosed"]):
                for key in {row["WhatId"], row["WhoId"], row["AccountId"]} - {None}:
                    latest[key] = max(latest.get(key, ""), row["ActivityDate"])
    for name in ("Account", "Contact", "Lead", "Opportunity"):
        for row in world.rows("salesforce", name):
            assert row["LastActivityDate"] == latest.get(row["Id"]), (name, row["Id"])
    assert max(latest.values()) > "2026-11-18"


def test_both_systems_link_people_in_every_way(world: World) -> None:
    """By Salesforce id (about 60 %), by mail address alone in any case, and not at all."""
    people = [one for one in world.truth["people"] if one["salesforce"] and one["hubspot"]]
    twins = {row["id"]: row for row in world.rows("hubspot", "contacts")}
    contacts = {row["Id"]: row for name in ("Contact", "Lead") for row in world.rows("salesforce", name)}
    by_id = by_mail = by_nothing = 0
    for one in people:
        twin, contact = twins[one["hubspot"][0]], contacts[one["salesforce"][0]]
        if twin["salesforcecontactid"] or twin["salesforceleadid"]:
            by_id += 1
        elif (twin["email"] or "").lower() == (contact["Email"] or "-").lower():
            by_mail += 1
        else:
            by_nothing += 1
    assert 0.5 < by_id / len(people) < 0.75
    assert by_mail / len(people) > 0.15
    assert by_nothing > 20
    mails = [row["Email"] for row in contacts.values() if row["Email"]]
    assert any(mail != mail.lower() for mail in mails)
    assert any(not one["hubspot"] for one in world.truth["people"])
    assert any(not one["salesforce"] for one in world.truth["people"])


def test_truth_names_every_company_and_person_once(world: World) -> None:
    """Each living account, contact, lead and HubSpot record is in one truth entry, which its hidden column names."""
    for part, salesforce, hubspot in (
        ("companies", ("Account",), "companies"),
        ("people", ("Contact", "Lead"), "contacts"),
    ):
        named = {record: one["truth_id"] for one in world.truth[part] for record in one["salesforce"] + one["hubspot"]}
        stored = [row for name in salesforce for row in world.rows("salesforce", name)]
        rows = [(row["Id"], row) for row in stored if not row["IsDeleted"]]
        rows += [(row["id"], row) for row in world.rows("hubspot", hubspot)]
        assert {record: row["_truth_id"] for record, row in rows} == named
        assert sum(len(one["salesforce"]) + len(one["hubspot"]) for one in world.truth[part]) == len(rows)


def test_customers_are_invented_but_spelt_as_untidily_as_real_ones(world: World) -> None:
    """Short legal forms, widths, branches and homonyms occur; no household name does."""
    names = [row["Name"] for row in world.rows("salesforce", "Account")]
    names += [row["name"] for row in world.rows("hubspot", "companies") if row["name"]]
    text = "\n".join(names)
    for part in ("㈱", "(株)", "（株）", "有限会社", "支店", "営業所", "株式会社", "　", "ｼｽﾃﾑ"):
        assert part in text
    assert any(name != name.strip() for name in names)
    assert not [name for name in names for household in HOUSEHOLD_NAMES if household in name]
    assert invent(1, 23).core == invent(1, 22).core
    assert invent(1, 23).corporate_number != invent(1, 22).corporate_number


def test_corporate_numbers_have_the_right_check_digit() -> None:
    """Thirteen digits; the published example 700110005901 gives 8."""
    base = corporate_number(1, 42)
    assert re.fullmatch(r"\d99\d{10}", base)
    digits = [int(digit) for digit in reversed(base[1:])]
    assert int(base[0]) == 9 - sum(digit * (1 + place % 2) for place, digit in enumerate(digits)) % 9


@pytest.mark.parametrize(("options", "told"), [({"scale": 0}, "scale"), ({"plant": frozenset({"tie"})}, "ties")])
def test_wrong_options_are_refused_with_what_is_possible(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    """A mistyped plant names the known ones."""
    with pytest.raises(ValueError, match=told):
        _world(tmp_path, **options)
