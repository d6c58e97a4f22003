"""What the sandbox says of an object and its fields is what real orgs say: two recorded orgs, field by field.

A field or object that only one side has proves nothing: orgs differ in what they have. What both have must be equal.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from recordings import DESCRIBES, needs_recordings, salesforce
from salesforce_story import Org

from connector.sandbox.salesforce.schema import TABLES
from connector.sandbox.server import SandboxOptions, running

pytestmark = [needs_recordings, pytest.mark.xdist_group("recorded describes")]

ORGS_OWN_WORDS = {"label", "inlineHelpText", "picklistValues", "labelPlural"}
WITHOUT_A_RULE = {"permissionable"}
"""Which standard fields field-level security leaves alone is a list that the vendor keeps for itself."""

FIELD_REASONS: Mapping[tuple[str, str, str], str] = {
    ("Event", "OwnerId", "namePointing"): "may be a calendar in a real org; the sandbox has none",
    ("Event", "OwnerId", "polymorphicForeignKey"): "may be a calendar in a real org; the sandbox has none",
    ("Opportunity", "Fiscal", "byteLength"): "six ASCII characters; all other text counts three bytes a character",
    ("Lead", "Status", "defaultValue"): "the org's own value set",
    ("Campaign", "Type", "defaultValue"): "the org's own value set",
    ("Campaign", "Status", "defaultValue"): "the org's own value set",
    ("Task", "Status", "defaultValue"): "the org's own value set",
    ("Task", "Priority", "defaultValue"): "the org's own value set",
}
OBJECT_REASONS: Mapping[tuple[str, str], str] = {
    ("Event", "*"): "in the recorded list a hand-made copy of Account's entry; its own describe is real",
    ("Lead", "*"): "in the recorded list a hand-made copy of Account's entry; its own describe is real",
    ("Organization", "updateable"): "nobody changes the company itself in the sandbox",
    ("UserRole", "deletable"): "nobody deletes a role in the sandbox",
}

Facts = Mapping[str, Any]


def recorded_describes() -> Iterator[tuple[str, Facts]]:
    """Describes of the recorded orgs, by where they are from, of those objects that the sandbox has too."""
    for exchange in salesforce():
        if exchange.resource.endswith("/describe") and exchange.answer["name"] in TABLES:
            yield exchange.name, exchange.answer
    for path in sorted(DESCRIBES.glob("*.json")):
        if path.stem in TABLES:
            yield f"org of 2024, {path.stem}", json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    """A simulated org with a small company."""
    with running(SandboxOptions(scale=0.05)) as ready:
        yield Org.signed_in(ready)


@pytest.fixture(scope="module")
def summaries(org: Org) -> dict[str, Facts]:
    """What the sandbox's global describe lists, by name."""
    return {one["name"]: one for one in org.call("GET", "/sobjects").json()["sobjects"]}


def unequal(recorded: Facts, own: Facts, objects: set[str]) -> Iterator[tuple[str, str]]:
    """Facts of one field that both tell, and differently."""
    for fact in recorded.keys() & own.keys() - ORGS_OWN_WORDS - WITHOUT_A_RULE:
        real, told = recorded[fact], own[fact]
        # Of what a reference may lead to all that the sandbox has, and nothing that a real org does not name.
        if fact == "referenceTo" and {*real} & objects <= {*told} <= {*real}:
            continue
        if told != real:
            yield fact, f"is {told!r}, in a real org {real!r}"


def strange(org: Org, objects: set[str], recorded: Facts) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Every fact of the object's fields that is not as recorded: where, and how."""
    name = recorded["name"]
    own = {field["name"]: field for field in org.call("GET", f"/sobjects/{name}/describe").json()["fields"]}
    common = [field for field in recorded["fields"] if field["name"] in own]
    assert len(common) > len(own) / 2
    for field in common:
        for fact, how in unequal(field, own[field["name"]], objects):
            yield (name, field["name"], fact), how


@pytest.mark.parametrize(("source", "recorded"), [pytest.param(*one, id=one[0]) for one in recorded_describes()])
def test_fields_are_described_as_in_a_real_org(
    org: Org, summaries: dict[str, Facts], source: str, recorded: Facts
) -> None:
    """Type, length, nillable, filterable, sortable, createable, updateable, referenceTo and all other facts."""
    found = strange(org, set(summaries), recorded)
    assert not [f"{'.'.join(where)} {how}" for where, how in found if where not in FIELD_REASONS]


def test_no_excuse_outlives_its_reason(org: Org, summaries: dict[str, Facts]) -> None:
    """Each field that is excused differs still."""
    found = {where for _, recorded in recorded_describes() for where, _ in strange(org, set(summaries), recorded)}
    assert found == set(FIELD_REASONS)


def test_objects_are_listed_as_in_a_real_org(summaries: dict[str, Facts]) -> None:
    """What can be done with an object, its key prefix and its addresses."""
    (listed,) = [one.answer["sobjects"] for one in salesforce() if one.resource == "/sobjects"]
    common = {one["name"]: one for one in listed if one["name"] in summaries}
    assert len(common) > 8
    for name, real in common.items():
        own = summaries[name]
        assert own["urls"].keys() == real["urls"].keys() or (name, "*") in OBJECT_REASONS, name
        for fact in real.keys() - ORGS_OWN_WORDS - {"urls"}:
            if not {(name, "*"), (name, fact)} & OBJECT_REASONS.keys():
                assert own[fact] == real[fact], f"{name}.{fact}"


def test_no_value_is_null_where_the_describe_forbids_it(org: Org, summaries: dict[str, Facts]) -> None:
    """A field that is not nillable holds something in every record, whoever made it."""
    for name in summaries:
        fields = org.call("GET", f"/sobjects/{name}/describe").json()["fields"]
        required = [field["name"] for field in fields if not field["nillable"]]
        for row in org.rows(f"SELECT {', '.join(required)} FROM {name}"):
            assert not [field for field in required if row[field] is None], f"{name} {row['Id']}"
