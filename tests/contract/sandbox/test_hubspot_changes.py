"""What the portal tells its observers: every change once, whoever made it, and nothing that was taken back."""

from datetime import UTC, datetime

import pytest

from connector.sandbox.acts import ActError, act
from connector.sandbox.clock import SandboxClock
from connector.sandbox.hubspot.changes import publish, subscribe
from connector.sandbox.hubspot.links import Link, link, unlink
from connector.sandbox.hubspot.merging import merge_records
from connector.sandbox.hubspot.records import archive_record, create_record, update_record
from connector.sandbox.hubspot.schema import TABLES
from connector.sandbox.salesforce.schema import TABLES as SALESFORCE
from connector.sandbox.world import World

APP = "hubspot-private-app"


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "world.sqlite", SandboxClock(datetime(2026, 11, 18, 1, tzinfo=UTC)), SALESFORCE, TABLES)
    yield made
    made.close()


@pytest.fixture
def heard(world):
    told = []
    subscribe(world, told.append)
    return told


def test_a_record_is_created_changed_and_deleted(world, heard):
    """One creation, one change a property with its value as webhooks have it, one deletion; numbers never repeat."""
    values = {"email": "a@b.example", "hs_email_optout": "true"}
    contact = create_record(world, "contacts", values, APP)
    update_record(world, "contacts", contact, {"lastname": "佐藤", "email": "a@b.example"}, APP)
    update_record(world, "contacts", contact, {"lastname": ""}, APP)
    archive_record(world, "contacts", contact, APP)
    publish(world)
    told = [(one.change, one.property, one.value) for one in heard]
    assert told == [
        ("created", None, None),
        ("property", "email", "a@b.example"),
        ("property", "hs_email_optout", "true"),
        ("property", "lastname", "佐藤"),
        ("property", "lastname", ""),
        ("deleted", None, None),
    ]
    assert {(one.object_type, one.object_id, one.source) for one in heard} == {("contacts", contact, "INTEGRATION")}
    assert [one.number for one in heard] == list(range(1, 7))
    publish(world)
    assert len(heard) == 6


def test_times_are_told_in_milliseconds(world, heard):
    """Webhooks carry times as epoch milliseconds."""
    create_record(world, "deals", {"closedate": "2026-11-20T00:00:00Z"}, APP)
    publish(world)
    assert [one.value for one in heard if one.property == "closedate"] == ["1795132800000"]


def test_a_link_is_told_from_both_ends(world, heard):
    """Made and taken away, with each end's own type ids."""
    contact = create_record(world, "contacts", {}, APP)
    company = create_record(world, "companies", {}, APP)
    publish(world)
    heard.clear()
    one = Link("contacts", contact, "companies", company)
    link(world, [one], APP)
    publish(world)
    seen = {(each.object_type, each.linked.type_id, each.linked.primary, each.linked.removed) for each in heard}
    both = {("contacts", 279, False), ("contacts", 1, True), ("companies", 280, False), ("companies", 2, True)}
    assert seen == {(*each, False) for each in both}
    heard.clear()
    unlink(world, one, APP)
    publish(world)
    assert {(each.object_type, each.linked.type_id, each.linked.removed) for each in heard} == {
        (name, type_id, True) for name, type_id, _ in both
    }


def test_a_merge_is_told_as_one(world, heard):
    """The survivor is named with whom it swallowed; there is no deletion beside it."""
    one, other = (create_record(world, "companies", {"name": name}, APP) for name in "ab")
    publish(world)
    heard.clear()
    merge_records(world, "companies", one, other, APP)
    publish(world)
    assert [(each.object_id, each.merged) for each in heard if each.change == "merged"] == [(one, (other,))]
    assert "deleted" not in {each.change for each in heard}


def test_an_act_that_is_taken_back_is_not_told(world, heard):
    """A refused act leaves nothing to hear; a colleague's act names a person as its source."""
    company = {"action": "create", "vendor": "hubspot", "actor": "someone", "object": "companies"}
    with pytest.raises(ActError):
        act(world, {**company, "values": {"name": "x"}, "misspelt": 1})
    assert heard == []
    world.load("hubspot", "owners", [{"id": "7", "email": "rep@x.example", "archived": 0}])
    act(world, {**company, "actor": "7", "values": {"name": "x"}})
    assert {one.source for one in heard} == {"CRM_UI"}
