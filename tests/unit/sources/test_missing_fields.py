"""Orgs lack fields: what is left out, what is reported, and what stops everything."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.mapping.schema import FieldSource, ObjectMapping
from connector.model.errors import ConfigurationError
from connector.sources.availability import Place, available

PLACE = Place("salesforce", "Contact", "grant read access")


def without(*absent: str) -> Callable[[str, FieldSource], bool]:
    """An org that has every field but these."""
    return lambda name, _: name not in absent


def mapping(**changes: Any) -> ObjectMapping:
    """A person with a consent of two fields."""
    fields = {"name": "Name", "call_consent": {"fields": ["DoNotCall", "Consent__c"], "default": "unknown"}}
    return ObjectMapping.model_validate({"kind": "person", "fields": fields, **changes})


def test_an_absent_field_is_left_out_and_reported_with_what_it_feeds() -> None:
    """The query names what exists only, and a person learns what is read without."""
    found = available(PLACE, mapping(), without("DoNotCall"))
    assert found.names == ("Name", "Consent__c")
    assert len(found.missing) == 1
    assert "Contact.DoNotCall" in found.missing[0]
    assert "call_consent" in found.missing[0]


def test_a_default_stands_in_where_all_fields_are_absent() -> None:
    """A consent that the org does not keep is unknown, never consent."""
    found = available(PLACE, mapping(), without("DoNotCall", "Consent__c"))
    assert [source.default for source in found.sources["call_consent"]] == ["unknown"]
    assert found.names == ("Name",)


def test_an_absent_required_field_is_a_configuration_error_that_names_the_remedy() -> None:
    """Nothing works without it, so a person must act."""
    with pytest.raises(ConfigurationError, match=r"Contact\.Name.*grant read access.*mappings/salesforce\.yaml"):
        available(PLACE, mapping(required=("Name",)), without("Name"))


def test_a_property_that_every_record_needs_must_have_a_field() -> None:
    """Else each single record would be set aside."""
    user = ObjectMapping.model_validate({"kind": "user", "fields": {"name": "Name"}})
    with pytest.raises(ConfigurationError, match=r"Contact\.Name"):
        available(PLACE, user, without("Name"))


def test_the_fingerprint_changes_with_what_is_read() -> None:
    """A field that appears, or is mapped anew, makes every record worth reading again."""
    prints = {
        available(PLACE, mapping(), without()).fingerprint,
        available(PLACE, mapping(), without("DoNotCall")).fingerprint,
        available(PLACE, mapping(constants={"left_company": False}), without()).fingerprint,
    }
    assert len(prints) == 3
    assert available(PLACE, mapping(), without()).fingerprint in prints


def test_a_required_polymorphic_field_may_lack_one_of_its_objects() -> None:
    """An org without leads still says which contact a task is about; only the leads are read without."""
    people = [{"field": "WhoId", "object": "Contact"}, {"field": "WhoId", "object": "Lead"}]
    task = ObjectMapping.model_validate(
        {"kind": "activity", "fields": {"people": people}, "constants": {"form": "task"}, "required": ["WhoId"]}
    )
    found = available(Place("salesforce", "Task", "grant"), task, lambda _, source: source.object != "Lead")
    assert [source.object for source in found.sources["people"]] == ["Contact"]
    assert found.missing == ("salesforce shows no object Lead; Task `people` is read without it.",)
