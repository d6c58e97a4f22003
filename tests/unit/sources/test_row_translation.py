"""From a vendor's row to a record of the model, by the mapping alone."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.mapping.schema import ObjectMapping
from connector.model.records import Account, Activity, Consent, ContactRole, Opportunity, Person, Ref, SetAside
from connector.sources.records import Row, Scope, Translation

STAMP = "2026-11-18T01:00:00.000+0000"
OPPORTUNITY_ID, CONTACT_ID, LEAD_ID = "006000000000001AAA", "003000000000001AAA", "00Q000000000001EAA"
PREFIXES = {"Opportunity": "006", "Contact": "003", "Lead": "00Q", "Account": "001", "User": "005"}


def translation(object_: str, mapping: dict[str, Any], system: str = "salesforce") -> Translation:
    """The translation of one object whose every mapped field is there."""
    parsed = ObjectMapping.model_validate(mapping)
    scope = Scope(system, ZoneInfo("Asia/Tokyo"), PREFIXES if system == "salesforce" else {})
    return Translation(object_, parsed, parsed.fields, scope)


def row(id_: str = OPPORTUNITY_ID, **values: Any) -> Row:
    """A row that was modified at STAMP."""
    return Row(id=id_, modified_at=STAMP, created_at=STAMP, values=values)


def test_values_get_the_models_types() -> None:
    """Floats become decimals without noise, text becomes dates, empty text becomes nothing."""
    fields = {"name": "Name", "amount": "Amount", "close_date": "CloseDate", "is_closed": "IsClosed", "stage": "S"}
    record = translation("Opportunity", {"kind": "opportunity", "fields": fields}).apply(
        row(Name="更新", Amount=1234567.1, CloseDate="2026-12-01", IsClosed=False, S="  ")
    )
    assert isinstance(record, Opportunity)
    assert (record.amount, str(record.close_date), record.is_closed) == (Decimal("1234567.1"), "2026-12-01", False)
    assert record.stage is None


def test_a_polymorphic_id_counts_for_the_object_that_it_begins_like() -> None:
    """WhoId holds contacts and leads: each source of the property takes its own only."""
    mapping = {
        "kind": "activity",
        "fields": {
            "people": [{"field": "WhoId", "object": "Contact"}, {"field": "WhoId", "object": "Lead"}],
            "opportunities": {"field": "WhatId", "object": "Opportunity"},
        },
        "constants": {"form": "task"},
    }
    task = translation("Task", mapping)
    contact, lead = (
        task.apply(row("00T000000000001AAA", WhoId=who, WhatId=OPPORTUNITY_ID)) for who in (CONTACT_ID, LEAD_ID)
    )
    assert isinstance(contact, Activity)
    assert isinstance(lead, Activity)
    assert contact.people == (Ref("salesforce", "Contact", CONTACT_ID),)
    assert lead.people == (Ref("salesforce", "Lead", LEAD_ID),)
    account_task = task.apply(row("00T000000000001AAA", WhatId="001000000000001AAA"))
    assert isinstance(account_task, Activity)
    assert account_task.opportunities == ()


def test_ids_that_one_system_holds_of_the_other_are_sure_keys_in_18_characters() -> None:
    """HubSpot may hold the 15-character form of a Salesforce id; garbage is no key."""
    mapping = {
        "kind": "person",
        "fields": {
            "same_as": [
                {"field": "salesforcecontactid", "system": "salesforce", "object": "Contact"},
                {"field": "salesforceleadid", "system": "salesforce", "object": "Lead"},
            ]
        },
    }
    person = translation("contacts", mapping, "hubspot").apply(
        row("101", salesforcecontactid=CONTACT_ID[:15], salesforceleadid="n/a")
    )
    assert isinstance(person, Person)
    assert person.same_as == (Ref("salesforce", "Contact", CONTACT_ID),)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"DoNotCall": True, "Consent__c": "可"}, Consent.NO),
        ({"DoNotCall": False, "Consent__c": "不可"}, Consent.NO),
        ({"DoNotCall": None, "Consent__c": "可"}, Consent.YES),
        ({"DoNotCall": None, "Consent__c": None}, Consent.UNKNOWN),
        ({"Consent__c": "要確認"}, Consent.UNKNOWN),
    ],
)
def test_the_strictest_consent_wins_and_nothing_is_ever_read_as_consent(
    values: dict[str, Any], expected: Consent
) -> None:
    """No beats yes; blank and unmapped values are unknown."""
    source = {
        "fields": ["DoNotCall", "Consent__c"],
        "values": {"true": "no", "可": "yes", "不可": "no"},
        "combine": "strictest",
        "default": "unknown",
    }
    person = translation("Contact", {"kind": "person", "fields": {"call_consent": source}}).apply(
        row(CONTACT_ID, **values)
    )
    assert isinstance(person, Person)
    assert person.call_consent is expected


def test_associations_become_references_each_once() -> None:
    """HubSpot tells associations beside the object; ids may be numbers."""
    mapping = {
        "kind": "activity",
        "fields": {"people": {"association": "contacts", "object": "contacts"}},
        "constants": {"form": "call"},
    }
    call = translation("calls", mapping, "hubspot").apply(
        Row(id="7", modified_at=STAMP, associations={"contacts": ["1", "2", "1"]})
    )
    assert isinstance(call, Activity)
    assert call.people == (Ref("hubspot", "contacts", "1"), Ref("hubspot", "contacts", "2"))


def test_names_are_joined_from_what_is_there() -> None:
    """HubSpot keeps a name in two parts, either of which may be missing."""
    source = {"fields": ["lastname", "firstname"], "combine": "join"}
    contacts = translation("contacts", {"kind": "person", "fields": {"name": source}}, "hubspot")
    whole, half = contacts.apply(row("1", lastname="髙橋", firstname="一郎")), contacts.apply(row("2", lastname="髙橋"))
    assert isinstance(whole, Person)
    assert isinstance(half, Person)
    assert (whole.name, half.name) == ("髙橋 一郎", "髙橋")


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"CloseDate": "secret-text"}, "Opportunity.CloseDate (`close_date`)"),
        ({"Amount": "secret-text"}, "Opportunity.Amount (`amount`)"),
        ({"Amount": "NaN"}, "Opportunity.Amount (`amount`)"),
        ({"Name": "secret-\ud800"}, "Opportunity.Name (`name`)"),
    ],
)
def test_a_bad_value_sets_the_record_aside_with_place_and_remedy_but_without_the_value(
    values: dict[str, Any], place: str
) -> None:
    """The rest goes on; who reads the reason knows what to correct and learns nothing else."""
    fields = {"name": "Name", "amount": "Amount", "close_date": "CloseDate"}
    result = translation("Opportunity", {"kind": "opportunity", "fields": fields}).apply(row(**values))
    assert isinstance(result, SetAside)
    assert result.ref == Ref("salesforce", "Opportunity", OPPORTUNITY_ID)
    assert place in result.reason
    assert "mappings/salesforce.yaml" in result.reason
    assert "secret" not in result.reason


def test_a_record_without_a_needed_reference_is_set_aside() -> None:
    """A contact role that names nobody cannot be used."""
    fields = {
        "opportunity": {"field": "OpportunityId", "object": "Opportunity"},
        "person": {"field": "ContactId", "object": "Contact"},
    }
    roles = translation("OpportunityContactRole", {"kind": "contact_role", "fields": fields})
    assert isinstance(roles.apply(row("00K000000000001AAA", OpportunityId=OPPORTUNITY_ID)), SetAside)
    whole = roles.apply(row("00K000000000001AAA", OpportunityId=OPPORTUNITY_ID, ContactId=CONTACT_ID))
    assert isinstance(whole, ContactRole)


def test_a_record_that_lacks_something_essential_is_set_aside_unless_it_is_gone() -> None:
    """A call without a time can be neither contact nor attempt; a deletion is told all the same."""
    mapping = {
        "kind": "activity",
        "fields": {"starts_at": "hs_timestamp"},
        "constants": {"form": "call"},
        "essential": ["starts_at"],
    }
    calls = translation("calls", mapping, "hubspot")
    lacking = calls.apply(row("7", hs_timestamp=""))
    assert isinstance(lacking, SetAside)
    assert "calls.hs_timestamp (`starts_at`) is blank" in lacking.reason
    gone = calls.apply(Row(id="7", modified_at=STAMP, deleted=True))
    assert isinstance(gone, Activity)
    assert gone.deleted


def test_an_unreadable_time_of_modification_sets_the_record_aside() -> None:
    """Such a record could not be ordered among the others."""
    accounts = translation("Account", {"kind": "account", "fields": {"name": "Name"}})
    assert isinstance(accounts.apply(Row(id="001000000000001AAA", modified_at="yesterday")), SetAside)


def test_a_tombstone_keeps_where_the_record_hung_and_nothing_that_it_said() -> None:
    """Who deletes a person's data means it; what hung on it must still be looked at."""
    fields = {"name": "Name", "phone": "Phone", "owner": {"field": "OwnerId", "object": "User"}}
    accounts = translation("Account", {"kind": "account", "fields": fields})
    gone = accounts.apply(
        Row(
            id="001000000000001AAA",
            modified_at=STAMP,
            deleted=True,
            values={"Name": "アクメ", "Phone": "03", "OwnerId": "005000000000001AAA"},
        )
    )
    assert isinstance(gone, Account)
    assert gone.deleted
    assert gone.owner == Ref("salesforce", "User", "005000000000001AAA")
    assert (gone.name, gone.phone) == (None, None)
