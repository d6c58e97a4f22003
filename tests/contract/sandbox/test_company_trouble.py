"""The trouble that 名寄せ is for: it is there at every scale, it is what it claims to be, and the truth knows it."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connector.mapping import load_mappings
from connector.sandbox.clock import SandboxClock
from connector.sandbox.company import CompanyOptions, generate
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.schema import TABLES as SALESFORCE
from connector.sandbox.world import World

START = datetime.fromisoformat("2026-11-18T10:00:00+09:00")
NOT_IN_THIS_ORG = {"DoNotCall", "Call_Consent__c", "NameLocal", "LastNameLocal", "FirstNameLocal"}
PARTS = {"companies": ("Account", "companies"), "people": ("Contact", "Lead", "contacts")}
FORMS = re.compile(r"株式会社|有限会社|合同会社|\([株有同]\)|\s")

Row = dict[str, Any]
Pair = tuple[Row, Row]


@pytest.fixture(scope="module", params=[0.1, 1])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small company, and one of the usual size."""
    found = _world(tmp_path_factory.mktemp("trouble"), scale=request.param)
    yield found
    found.close()


def _world(path: Path, **options: Any) -> World:
    world = World(path / "world.db", SandboxClock(START), SALESFORCE, HUBSPOT)
    generate(world, CompanyOptions(**options))
    return world


def _clusters(world: World) -> dict[str, str]:
    """Ref of each record -> whose it is."""
    return {ref: one["truth_id"] for part in PARTS for one in world.truth[part] for ref in one["refs"]}


def _row(world: World, ref: str) -> Row:
    row = world.get(*ref.split(":", 2))
    assert row is not None, ref
    return row


def _pairs(world: World, kind: str, expect: str | None = None) -> list[Pair]:
    """The records of each pair of a kind, HubSpot's first."""
    found = [
        (_row(world, one["refs"][0]), _row(world, one["refs"][1]))
        for one in world.truth["trouble"]
        if one["kind"] == kind and expect in (None, one["expect"])
    ]
    assert found, kind
    return found


def _name(row: Row) -> str:
    return str(row["Name"] if "Name" in row else row["name"])


def _core(row: Row) -> str:
    """The name without legal form and spaces, widths made one."""
    return FORMS.sub("", unicodedata.normalize("NFKC", _name(row)))


def _person(row: Row) -> tuple[str, str]:
    """Family and given name."""
    return (row["LastName"], row["FirstName"]) if "LastName" in row else (row["lastname"], row["firstname"])


def _mail(row: Row) -> str | None:
    return row["Email"] if "Email" in row else row["email"]


def _mobile(row: Row) -> str | None:
    return row["MobilePhone"] if "MobilePhone" in row else row["mobilephone"]


def _place(row: Row) -> tuple[str | None, ...]:
    """State, city and street."""
    names = ("BillingState", "BillingCity", "BillingStreet") if "Name" in row else ("state", "city", "address")
    return tuple(row[name] for name in names)


def _number(row: Row) -> str | None:
    return row["Corporate_Number__c"] if "Name" in row else row["corporate_number"]


# -- all of it ---------------------------------------------------------------------------------------------------------


def test_every_kind_is_there_at_every_scale(tmp_path: Path) -> None:
    """At least once in a small company, in proportion in a larger one; another seed has other firms."""
    for name in ("small", "large", "other"):
        (tmp_path / name).mkdir()
    small, large = _world(tmp_path / "small", scale=0.05), _world(tmp_path / "large", scale=1)
    kinds = [Counter(one["kind"] for one in world.truth["trouble"]) for world in (small, large)]
    assert kinds[0].keys() == kinds[1].keys()
    assert len(kinds[0]) >= 35
    assert all(kinds[1][kind] == 3 * count for kind, count in kinds[0].items())
    assert {one["of"] for one in small.truth["trouble"]} == {"companies", "people"}
    other = _world(tmp_path / "other", scale=0.05, seed=2)
    names = [{_name(pair[0]) for pair in _pairs(world, "legal_form")} for world in (small, other)]
    assert names[0].isdisjoint(names[1])


def test_every_record_is_one_companys_or_one_persons(world: World) -> None:
    """Each living record is in exactly one cluster, under the name that a connector gives it."""
    for part, objects in PARTS.items():
        refs = Counter(ref for one in world.truth[part] for ref in one["refs"])
        living = {
            f"{vendor}:{name}:{row.get('Id') or row['id']}"
            for vendor, tables in world.tables.items()
            for name in objects
            if name in tables
            for row in world.rows(vendor, name)
            if not row.get("IsDeleted") and not row.get("archived")
        }
        assert set(refs.values()) == {1}
        assert refs.keys() == living


def test_what_is_expected_agrees_with_the_truth(world: World) -> None:
    """The same are one, the different and the related are not; a person is asked about either."""
    whose = _clusters(world)
    asked = set()
    for one in world.truth["trouble"]:
        left, right = one["refs"]
        assert left < right
        is_one = whose[left] == whose[right]
        if one["expect"] == "review":
            asked.add(is_one)
        else:
            assert is_one is (one["expect"] == "same"), one["trouble"]
    assert asked == {True, False}


def test_nothing_is_expected_twice(world: World) -> None:
    """A pair stands once, and says what it shows."""
    pairs = [tuple(one["refs"]) for one in world.truth["trouble"]]
    assert len(pairs) == len(set(pairs))
    assert all(len(one["sentence"]) > 10 for one in world.truth["trouble"])


def test_no_pair_is_linked_by_id(world: World) -> None:
    """Else there were no trouble."""
    keys = ("salesforceaccountid", "salesforcecontactid", "salesforceleadid", "MasterRecordId", "ConvertedContactId")
    for one in world.truth["trouble"]:
        left, right = one["refs"]
        known = {_row(world, ref).get(key) for ref in one["refs"] for key in keys}
        assert known.isdisjoint({left.rpartition(":")[2], right.rpartition(":")[2]})


def test_troubled_firms_have_no_deals(world: World) -> None:
    """No task depends on them."""
    accounts = {row["Id"] for row in world.rows("salesforce", "Account") if row["_truth_id"].startswith("CT")}
    assert accounts
    assert accounts.isdisjoint({row["AccountId"] for row in world.rows("salesforce", "Opportunity")})


# -- companies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["legal_form", "half_width", "full_width", "duplicate_account", "duplicate_company"])
def test_widths_and_forms_hide_one_name(world: World, kind: str) -> None:
    """Other characters, the same name once widths and forms are taken away."""
    for one, other in _pairs(world, kind):
        assert _name(one) != _name(other)
        assert _core(one) == _core(other)


def test_other_writings_hide_one_firm(world: World) -> None:
    """Old characters, a site, a slip, English, a former name: the name differs, domain and place agree."""
    for kind in ("old_characters", "head_office", "typing_error", "english_name", "former_name"):
        for company, account in _pairs(world, kind):
            assert _core(company) != _core(account), kind
            assert company["domain"] in account["Website"]
            assert _place(company) == _place(account)
    for company, account in _pairs(world, "typing_error"):
        assert sorted(_core(company)) == sorted(_core(account))
    for company, account in _pairs(world, "old_characters"):
        assert _core(company).translate(str.maketrans("髙﨑濱澤櫻國嶋齋", "高崎浜沢桜国島斎")) == _core(account)
    for company, account in _pairs(world, "former_name"):
        assert account["Former_Name__c"] == company["name"]
    assert all(company["name"].isascii() for company, _ in _pairs(world, "english_name"))


def test_little_is_known_where_a_person_decides(world: World) -> None:
    """A domain without a name; a name without anything else, or borne by two."""
    for company, account in _pairs(world, "domain_alone"):
        assert company["name"] is None
        assert company["domain"] in account["Website"]
    for kind in ("name_alone", "homonyms_undecided"):
        for company, account in _pairs(world, kind, "review"):
            assert _core(company) == _core(account)
            assert not any((company["domain"], company["phone"], company["zip"], company["corporate_number"]))


def test_homonyms_share_a_name_and_nothing_else(world: World) -> None:
    """Another 法人番号 and another prefecture."""
    for kind in ("homonyms", "homonyms_undecided"):
        for one, other in _pairs(world, kind, "different"):
            assert _name(one) == _name(other)
            assert _place(one)[0] != _place(other)[0]
            assert _number(one) != _number(other) or None in (_number(one), _number(other))
    for one, other in _pairs(world, "other_form"):
        assert _core(one) == _core(other)
        assert None not in (_number(one), _number(other))
        assert _number(one) != _number(other)


def test_a_group_stands_at_one_address(world: World) -> None:
    """販売 and ホールディングス behind the name are other firms."""
    for one, other in _pairs(world, "group"):
        assert _place(one) == _place(other)
        assert {word for word in ("販売", "ホールディングス") if (word in _name(one)) != (word in _name(other))}


def test_branches_and_subsidiaries_are_records_of_their_own(world: World) -> None:
    """Under their parent where the system says so; a branch is in another city."""
    for kind in ("branch", "subsidiary"):
        for one, other in _pairs(world, kind):
            assert one["Id"] == other["ParentId"] or other["Id"] == one["ParentId"]
    for one, other in _pairs(world, "branch_in_hubspot"):
        assert {one["id"], other["id"]} & {str(one["hs_parent_company_id"]), str(other["hs_parent_company_id"])}
    for kind in ("branch", "branch_in_hubspot", "branch_unsaid"):
        for one, other in _pairs(world, kind):
            assert _place(one)[1] != _place(other)[1]
            assert _core(one).startswith(_core(other)) or _core(other).startswith(_core(one))


def test_a_successor_has_the_same_name_and_place(world: World) -> None:
    """Only the 法人番号 tells that it is another firm."""
    for one, other in _pairs(world, "succession"):
        assert (_name(one), _place(one)) == (_name(other), _place(other))
        assert None not in (_number(one), _number(other))
        assert _number(one) != _number(other)


def test_one_number_and_one_mail_provider(world: World) -> None:
    """法人番号 proves a firm, a mail provider's domain none."""
    assert all(_number(one) == _number(other) is not None for one, other in _pairs(world, "same_number"))
    for one, other in _pairs(world, "free_mail"):
        assert one["domain"] == other["domain"] == "gmail.com"
        assert _core(one) != _core(other)


# -- people ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("kana", lambda row: row["lastname"] + row["firstname"] > "ア" and not re.search("[一-龠]", row["lastname"])),
        ("romaji", lambda row: (row["lastname"] + row["firstname"]).isascii()),
        ("swapped", lambda row: True),
        ("variant_characters", lambda row: bool(set(row["lastname"]) & set("髙濱﨑邊廣櫻"))),
    ],
)
def test_other_scripts_hide_one_person(world: World, kind: str, told: Callable[[Row], bool]) -> None:
    """The mobile number is the same; no mail address tells."""
    for twin, contact in _pairs(world, kind):
        assert _person(twin) != _person(contact)
        assert told(twin)
        assert _mobile(twin) == _mobile(contact) is not None
        assert twin["email"] is None
        if kind == "swapped":
            assert _person(twin) == _person(contact)[::-1]


def test_one_mailbox_in_two_spellings(world: World) -> None:
    """Capitals, and a tag behind a plus sign."""
    for twin, contact in _pairs(world, "mail_case"):
        assert twin["email"] != contact["Email"]
        assert twin["email"] == contact["Email"].lower()
    for twin, contact in _pairs(world, "plus_address"):
        assert re.sub(r"\+\w+", "", twin["email"]) == contact["Email"].lower() != twin["email"]


def test_other_records_of_one_person(world: World) -> None:
    """A lead beside the contact, a private mail address, another firm."""
    for one, other in _pairs(world, "contact_and_lead"):
        assert _mail(one) == _mail(other) is not None
    for kind in ("no_sync_id", "lead_and_twin", "changed_firms"):
        for one, other in _pairs(world, kind):
            assert _person(one) == _person(other)
            assert _mobile(one) == _mobile(other) is not None
            assert _mail(one) != _mail(other)


def test_people_who_are_two(world: World) -> None:
    """Behind one mailbox, or of one name in one firm."""
    for one, other in _pairs(world, "shared_mailbox", "different"):
        assert _mail(one) == _mail(other) is not None
        assert str(_mail(one)).startswith("info@")
        assert not set(_person(one)) & set(_person(other))
    for one, other in _pairs(world, "namesakes"):
        assert (_person(one), one["AccountId"]) == (_person(other), other["AccountId"])
        assert one["Email"] != other["Email"]
        assert one["MobilePhone"] != other["MobilePhone"]
    for one, other in _pairs(world, "namesakes_of_two_firms"):
        assert _person(one) == _person(other)
        assert _mobile(one) != _mobile(other)
    for one, other in _pairs(world, "inherited_mailbox"):
        assert str(_mail(one)).lower() == str(_mail(other)).lower()
        assert _person(one) != _person(other)


# -- all customers -----------------------------------------------------------------------------------------------------


def _share(rows: list[Row], name: str) -> float:
    return sum(bool(row[name]) for row in rows) / len(rows)


def test_fields_are_filled_as_in_real_systems(tmp_path: Path) -> None:
    """Hardly any field is known of all."""
    world = _world(tmp_path)
    rows: dict[str, list[Row]] = defaultdict(list)
    for vendor, tables in world.tables.items():
        for name in {"Account", "Contact", "companies", "contacts"} & tables.keys():
            rows[name] = [row for row in world.rows(vendor, name) if re.match(r"[CP]\d", row["_truth_id"])]
    assert 0.3 < _share(rows["Account"], "Corporate_Number__c") < 0.5
    assert 0.5 < _share(rows["Contact"], "Last_Name_Kana__c") < 0.7
    assert 0.06 < _share(rows["contacts"], "lastname_kana") < 0.14
    for table, names in {"Account": ("BillingCity", "Phone", "Website"), "companies": ("city", "phone")}.items():
        for name, share in zip(names, (0.8, 0.7, 0.6), strict=False):
            assert abs(_share(rows[table], name) - share) < 0.1, (table, name)


def test_a_customer_has_one_main_number(world: World) -> None:
    """In whatever way it was typed, in both systems."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for vendor, name, key in (("salesforce", "Account", "Phone"), ("hubspot", "companies", "phone")):
        for row in world.rows(vendor, name):
            if row[key] and row["_truth_id"].startswith("C0"):
                typed = unicodedata.normalize("NFKC", row[key]).replace("+81-", "0")
                numbers[row["_truth_id"]].add(re.sub(r"\D", "", re.sub("内線.*", "", typed)))
    assert len(numbers) > 15
    assert all(len(found) == 1 for found in numbers.values())


def test_both_systems_serve_what_the_preset_reads() -> None:
    """Save what this org does not have, so that there is something to report."""
    preset = load_mappings(None)
    for name, table in {**SALESFORCE, **HUBSPOT}.items():
        system = preset.salesforce if name in SALESFORCE else preset.hubspot
        if name in PARTS["companies"] + PARTS["people"]:
            known = {column.name for column in table.columns}
            assert set(system.objects[name].vendor_fields) - known <= NOT_IN_THIS_ORG


# -- while it runs -----------------------------------------------------------------------------------------------------


def _truth(control: Any, part: str) -> dict[str, str]:
    return {ref: one["truth_id"] for one in control.get("/truth").json()[part] for ref in one["refs"]}


def _did(control: Any, **body: Any) -> dict[str, str]:
    answer = control.post("/act", body)
    assert answer.status_code == 200, answer.text
    ids: dict[str, str] = answer.json()["ids"]
    return ids


def test_the_truth_follows_what_people_do(start_sandbox, connect_control) -> None:
    """A merged record is gone, its survivor stays; a new record is somebody new unless the act says whose it is."""
    with start_sandbox() as ready:
        control = connect_control(ready)
        trouble = control.get("/truth").json()["trouble"]
        actor = {"actor": control.get("/state/hubspot/owners").json()[0]["email"]}
        for kind, vendor, object_ in (
            ("duplicate_account", "salesforce", "Account"),
            ("duplicate_company", "hubspot", "companies"),
        ):
            left, right = next(one["refs"] for one in trouble if one["kind"] == kind)
            before = _truth(control, "companies")
            ids = {"winner": left.split(":")[2], "losers": [right.split(":")[2]]}
            _did(control, action="merge", vendor=vendor, object=object_, **actor, **ids)
            after = _truth(control, "companies")
            assert right in before
            assert after == {ref: whose for ref, whose in before.items() if ref != right}
        known = next(one["refs"][1] for one in trouble if one["kind"] == "kana")
        create = {"action": "create", "object": "Contact", "values": {"LastName": "山田"}, **actor}
        stranger = f"salesforce:Contact:{_did(control, **create)['Contact']}"
        same = f"salesforce:Contact:{_did(control, **create, same_as=known)['Contact']}"
        people = _truth(control, "people")
        assert people[same] == people[known]
        assert list(people.values()).count(people[stranger]) == 1
        refused = control.post("/act", {**create, "same_as": "salesforce:Account:001"})
        assert refused.status_code == 400
        assert "same_as" in refused.json()["error"]


def test_a_converted_lead_stays_the_same_person(start_sandbox, connect_control) -> None:
    """So does its company, whose account may be new."""
    with start_sandbox() as ready:
        control = connect_control(ready)
        actor = control.get("/state/hubspot/owners").json()[0]["email"]
        lead = next(
            one for one in control.get("/state/salesforce/Lead").json() if not (one["IsConverted"] or one["IsDeleted"])
        )
        made = _did(control, action="convert", actor=actor, lead=lead["Id"], opportunity=False)
        people, companies = _truth(control, "people"), _truth(control, "companies")
        assert people[f"salesforce:Contact:{made['Contact']}"] == people[f"salesforce:Lead:{lead['Id']}"]
        firm = companies[f"salesforce:Account:{made['Account']}"]
        assert list(companies.values()).count(firm) > 1
