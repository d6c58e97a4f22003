"""Fields that should hold something: what is written, what is left alone, and that writing comes to an end."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.loader import load_mappings
from connector.mapping.property_types import annotation_of
from connector.mapping.writing import alike, canonical_value, writable_field
from connector.model.case import Written
from connector.model.intents import Over, SetFields
from connector.model.limits import FieldLimit
from connector.model.plan import Change, Effect, FieldChange, Operation
from connector.model.records import Consent, Kind, Opportunity, Person, Record, Ref
from connector.planning.entries import Origin
from connector.planning.fields import Drawn, Target, field_change

MAPPINGS = load_mappings(None)
OPPORTUNITY = MAPPINGS.salesforce.objects["Opportunity"]
CONTACTS = MAPPINGS.hubspot.objects["contacts"]
DEAL = Ref("salesforce", "Opportunity", "006A")
CONTACT = Ref("hubspot", "contacts", "51")
READ = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
LATER = READ + timedelta(hours=1)
EARLIER = READ - timedelta(hours=1)
DAY = date(2027, 2, 1)
ORIGIN = Origin("lost", str(DEAL), "v1", ())


def deal(**values: Any) -> Opportunity:
    """A deal as it was read at `READ`."""
    return Opportunity(ref=DEAL, modified_at=READ, **values)


def drawn(
    record: Record,
    wanted: dict[str, Any],
    *,
    over: Over = Over.OWN,
    written: dict[str, Written] | None = None,
    limits: dict[str, FieldLimit] | None = None,
) -> Drawn:
    """What becomes of the intent in an org that lets everything be filled."""
    mapping = OPPORTUNITY if record.ref.system == "salesforce" else CONTACTS
    target = Target(mapping, frozenset(mapping.vendor_fields), limits or {})
    intent = SetFields(record=record.ref, values=wanted, over=over)
    return field_change(intent, record, written or {}, target, ORIGIN)


def fields(result: Drawn) -> dict[str, FieldChange]:
    """The fields that are written, none if there is no change."""
    return result.change.fields if result.change else {}


def test_a_blank_is_filled_with_before_and_after() -> None:
    """The change names the record, the vendor's field, what it must still hold, who wants it and for which case."""
    change = drawn(deal(), {"next_approach_date": DAY}).change
    assert change == Change(
        key="set:salesforce:Opportunity:006A:next_approach_date:1",
        program="lost",
        operation=Operation.UPDATE,
        effect=Effect.FIELDS,
        system="salesforce",
        object="Opportunity",
        id="006A",
        case=str(DEAL),
        basis="v1",
        fields={"Next_Approach_Date__c": FieldChange(before=None, after="2027-02-01")},
    )


def test_what_is_so_already_is_not_written() -> None:
    """Compared by meaning: a text that the vendor trimmed and a moment cut to the second are what was wanted."""
    assert drawn(deal(next_approach_date=DAY), {"next_approach_date": DAY}).change is None
    trimmed = deal(lost_reason_detail="予算\r\n凍結")
    assert drawn(trimmed, {"lost_reason_detail": "予算\n凍結 "}, over=Over.ANY).change is None
    exact = deal(signal_at=READ)
    assert drawn(exact, {"signal_at": READ.replace(microsecond=9)}, over=Over.ANY).change is None


@pytest.mark.parametrize(("over", "writes"), [(Over.BLANK, False), (Over.OWN, False), (Over.ANY, True)])
def test_what_a_person_wrote_stays_unless_the_rule_says_any(over: Over, writes: bool) -> None:
    """A date that a person set is never changed by a program that fills dates."""
    result = drawn(deal(next_approach_date=date(2026, 12, 24)), {"next_approach_date": DAY}, over=over)
    assert bool(result.change) is writes
    assert result.unwritable == {}


@pytest.mark.parametrize(("over", "writes"), [(Over.BLANK, False), (Over.OWN, True), (Over.ANY, True)])
def test_our_own_last_value_may_be_replaced(over: Over, writes: bool) -> None:
    """What we wrote and what still stands there is ours; the next write has another key."""
    last = {"next_approach_date": Written(date(2026, 12, 24), times=2, at=EARLIER)}
    result = drawn(deal(next_approach_date=date(2026, 12, 24)), {"next_approach_date": DAY}, over=over, written=last)
    assert bool(result.change) is writes
    if result.change:
        assert result.change.key.endswith(":next_approach_date:3")
        assert fields(result)["Next_Approach_Date__c"].before == "2026-12-24"


def test_a_person_who_corrected_our_value_is_heard() -> None:
    """Ours was 24 December, a person made it 25: it is a person's now."""
    last = {"next_approach_date": Written(date(2026, 12, 24), times=1, at=EARLIER)}
    changed = deal(next_approach_date=date(2026, 12, 25))
    assert drawn(changed, {"next_approach_date": DAY}, written=last).change is None


def test_a_write_that_was_not_read_back_yet_is_not_repeated() -> None:
    """The record still tells of the time before; once it was read anew, a blank is a blank again."""
    last = {"next_approach_date": Written(DAY, times=1, at=LATER)}
    assert drawn(deal(), {"next_approach_date": DAY}, written=last).change is None
    read_since = deal().model_copy(update={"modified_at": LATER + timedelta(seconds=1)})
    again = drawn(read_since, {"next_approach_date": DAY}, written=last)
    assert again.change
    assert again.change.key.endswith(":2")


def test_another_value_over_one_that_was_not_read_back_yet() -> None:
    """What must still be there is what we wrote, not what the record told before."""
    last = {"next_approach_date": Written(date(2026, 12, 24), times=1, at=LATER)}
    result = drawn(deal(), {"next_approach_date": DAY}, written=last)
    assert fields(result)["Next_Approach_Date__c"] == FieldChange(before="2026-12-24", after="2027-02-01")
    assert drawn(deal(), {"next_approach_date": DAY}, written=last, over=Over.BLANK).change is None


def test_each_property_for_itself_and_one_key_for_all() -> None:
    """A property that a person filled drops out, the others are written together; the key tells which."""
    last = {"approach_hook": Written("展示会", times=4, at=EARLIER)}
    wanted = {"next_approach_basis": "決算月", "approach_hook": "新製品", "lost_to": "他社"}
    result = drawn(deal(lost_to="競合", approach_hook="展示会"), wanted, written=last)
    assert result.change
    assert result.change.key == "set:salesforce:Opportunity:006A:approach_hook+next_approach_basis:5"
    assert set(fields(result)) == {"Approach_Hook__c", "Okoshi_Next_Approach_Basis__c"}


def test_clearing_is_written_as_the_vendor_clears() -> None:
    """Null in Salesforce, the empty text in HubSpot; what is blank already is left."""
    ours = {"next_approach_date": Written(DAY, times=1, at=EARLIER)}
    result = drawn(deal(next_approach_date=DAY), {"next_approach_date": None}, written=ours)
    assert fields(result)["Next_Approach_Date__c"] == FieldChange(before="2027-02-01", after=None)
    person = Person(ref=CONTACT, modified_at=READ, signal="強い")
    result = drawn(person, {"signal": None, "outcome": None}, over=Over.ANY)
    assert fields(result) == {"okoshi_signal": FieldChange(before="強い", after="")}


def test_an_unknown_consent_is_a_blank() -> None:
    """What reading makes of an empty field may be replaced, and the field must still be empty then."""
    person = Person(ref=CONTACT, modified_at=READ)
    result = drawn(person, {"mail_consent": Consent.NO}, over=Over.BLANK)
    assert fields(result) == {"hs_email_optout": FieldChange(before="", after=True)}


def test_revenue_and_what_has_no_field_is_dropped_with_the_reason() -> None:
    """The other properties are written all the same, and nobody has to guess why one was not."""
    result = drawn(
        deal(), {"amount": 5, "stage": "受注", "address_of_the_buyer": "x", "lost_to": "他社"}, over=Over.ANY
    )
    assert set(fields(result)) == {"Lost_To__c"}
    assert set(result.unwritable) == {"amount", "stage", "address_of_the_buyer"}
    assert "`amount`" in result.unwritable["amount"]


def test_texts_are_cut_to_the_field_and_that_is_the_end_of_it() -> None:
    """Cut with …; the cut text is what is wanted from then on."""
    limits = {"Approach_Hook__c": FieldLimit(holds="text", length=10)}
    wanted = {"approach_hook": "新製品のご案内と価格改定の件"}
    result = drawn(deal(), wanted, limits=limits)
    after = fields(result)["Approach_Hook__c"].after
    assert after == "新製品のご案内と価…"
    assert drawn(deal(approach_hook=after), wanted, limits=limits, over=Over.ANY).change is None


def test_a_value_that_the_picklist_lacks_is_dropped_and_reported() -> None:
    """The vendor's field is named, and what is wrong; the value is not."""
    limits = {"Lost_Reason__c": FieldLimit(values=frozenset({"他社導入"}))}
    result = drawn(deal(), {"lost_reason": "秘密の理由"}, limits=limits)
    assert result.change is None
    assert result.misfits == {"Lost_Reason__c": "list"}
    assert result.unwritable == {}


def test_a_misfit_where_a_persons_value_stands_anyway_is_no_complaint() -> None:
    """Nothing would have been written there, so there is nothing to mend."""
    limits = {"Lost_Reason__c": FieldLimit(values=frozenset({"他社導入"}))}
    assert drawn(deal(lost_reason="予算"), {"lost_reason": "秘密の理由"}, limits=limits).misfits == {}


texts = st.sampled_from(["", "a", "b", "c "])


@given(st.lists(st.tuples(st.sampled_from(["want", "person"]), texts), max_size=12), st.sampled_from(Over))
def test_a_wanted_value_is_written_once_and_never_over_a_persons(steps: list[tuple[str, str]], over: Over) -> None:
    """Whatever programs want and people type: two drawings in a row write once, keys never repeat, and only `any`
    replaces what a person typed (typing what Okoshi wrote is agreeing with it)."""
    record, last, now, keys = deal(), None, READ, list[str]()
    is_persons = False
    for what, text in steps:
        now += timedelta(minutes=1)
        if what == "person":
            is_persons = bool(text.strip()) and not (last and alike(last.value, text))
            record = _read_again(record, text.strip() or None, now)
            continue
        result = drawn(
            record, {"approach_hook": text or None}, over=over, written={"approach_hook": last} if last else {}
        )
        if result.change is None:
            continue
        assert not is_persons or over is Over.ANY
        keys.append(result.change.key)
        after = fields(result)["Approach_Hook__c"].after
        last = Written(_canonical(after), (last.times if last else 0) + 1, now)
        assert drawn(record, {"approach_hook": text or None}, over=over, written={"approach_hook": last}).change is None
        now += timedelta(minutes=1)
        record, is_persons = _read_again(record, (after or "").strip() or None, now), False
        assert drawn(record, {"approach_hook": text or None}, over=over, written={"approach_hook": last}).change is None
    assert len(keys) == len(set(keys))


def _read_again(record: Opportunity, hook: str | None, now: datetime) -> Opportunity:
    return record.model_copy(update={"approach_hook": hook, "modified_at": now})


def _canonical(written: Any) -> Any:
    source = writable_field(OPPORTUNITY, "approach_hook", frozenset(OPPORTUNITY.vendor_fields))
    assert source
    return canonical_value(source, annotation_of(Kind.OPPORTUNITY, "approach_hook"), written, "salesforce")
