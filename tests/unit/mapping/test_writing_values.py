"""Values on their way back to the vendors: what is written is what reading gives again."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.loader import load_mappings
from connector.mapping.objects import FieldSource, ObjectMapping
from connector.mapping.property_types import annotation_of, type_name
from connector.mapping.writing import NEVER_WRITTEN, alike, canonical_value, vendor_value, writable_field
from connector.model.limits import FieldLimit, Unwritable, fitted, shortened
from connector.model.records import Kind, Record, Ref
from connector.sources.records import Row, Scope, Translation

MAPPINGS = load_mappings(None)
JST = ZoneInfo("Asia/Tokyo")
TEN_O_CLOCK = datetime(2026, 11, 18, 10, 0, tzinfo=JST)
NOT_BY_A_FIELD = {"ref", "modified_at", "created_at", "same_as"}
OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(str.strip),
    "date": st.dates(date(1900, 1, 1), date(2999, 12, 31)),
    "datetime": st.integers(-(2 * 10**9), 32 * 10**9).map(lambda second: datetime.fromtimestamp(second, JST)),
    "Decimal": st.decimals(-(10**9), 10**9, places=3),
    "int": st.integers(0, 10**6),
    "bool": st.booleans(),
}


def everything() -> list[tuple[str, str, str]]:
    """(system, object, property) of all that the preset could write, where every field may be filled."""
    return [
        (system, object_, name)
        for system, objects in MAPPINGS.systems.items()
        for object_, mapping in objects.objects.items()
        for name in mapping.fields
        if name not in NOT_BY_A_FIELD and writable_field(mapping, name, frozenset(mapping.vendor_fields))
    ]


def values(system: str, mapping: ObjectMapping, name: str, source: FieldSource) -> st.SearchStrategy[Any]:
    """Values that the property may hold and the field has a word for."""
    if source.values:
        readings = [canonical_value(source, annotation_of(mapping.kind, name), word, system) for word in source.values]
        return st.sampled_from(readings)
    kind = type_name(annotation_of(mapping.kind, name))
    if kind == "Ref":
        length = 15 if system == "salesforce" else 9
        ids = st.text("0123456789", min_size=length, max_size=length)
        return ids.map(lambda one: Ref(source.system or system, source.object or "", long_id(system, one)))
    return OF_TYPE[kind]


def long_id(system: str, digits: str) -> str:
    """The form of an id that reading keeps."""
    return digits + "AAA" if system == "salesforce" else digits


def read_back(system: str, object_: str, field: str, value: Any) -> Record:
    """The record that a row with this one value is read as."""
    mapping = MAPPINGS.system(system).objects[object_]
    sources = {name: [one for one in given if one.field == field] for name, given in mapping.fields.items()}
    translation = Translation(object_, mapping, sources, Scope(system, JST))
    row = Row(id="1", modified_at=TEN_O_CLOCK.isoformat(), values={field: value})
    record = translation.apply(row)
    assert isinstance(record, Record), record
    return record


OWN_MEANING = {Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY}


def what_means_something() -> list[tuple[str, str, str]]:
    """Of all that, what programs write: accounts, people and deals."""
    return [one for one in everything() if MAPPINGS.system(one[0]).objects[one[1]].kind in OWN_MEANING]


@pytest.mark.parametrize(("system", "object_", "name"), what_means_something())
@given(st.data())
def test_what_is_written_is_read_again(system: str, object_: str, name: str, data: st.DataObject) -> None:
    """Every property of accounts, people and deals that can be written comes back as it was, through real reading."""
    mapping = MAPPINGS.system(system).objects[object_]
    source = writable_field(mapping, name, frozenset(mapping.vendor_fields))
    assert source
    assert source.field
    annotation = annotation_of(mapping.kind, name)
    value = data.draw(values(system, mapping, name, source))
    written = vendor_value(source, annotation, value, system)
    record = read_back(system, object_, source.field, written)
    assert alike(getattr(record, name), value)
    assert alike(canonical_value(source, annotation, written, system), getattr(record, name))


@pytest.mark.parametrize(("system", "object_", "name"), what_means_something())
def test_what_is_cleared_is_blank_again(system: str, object_: str, name: str) -> None:
    """Salesforce clears with null, HubSpot with the empty text; both read as the property's blank."""
    mapping = MAPPINGS.system(system).objects[object_]
    source = writable_field(mapping, name, frozenset(mapping.vendor_fields))
    assert source
    assert source.field
    written = vendor_value(source, annotation_of(mapping.kind, name), None, system)
    assert written == {"salesforce": None, "hubspot": ""}[system]
    record = read_back(system, object_, source.field, written)
    blank = canonical_value(source, annotation_of(mapping.kind, name), written, system)
    assert getattr(record, name) in (blank, False)


def test_moments_are_written_as_each_vendor_writes_them() -> None:
    """In UTC with milliseconds; Salesforce ends with +0000, HubSpot with Z."""
    source, annotation = FieldSource(field="F"), annotation_of(Kind.PERSON, "signal_at")
    assert vendor_value(source, annotation, TEN_O_CLOCK, "salesforce") == "2026-11-18T01:00:00.000+0000"
    assert vendor_value(source, annotation, TEN_O_CLOCK, "hubspot") == "2026-11-18T01:00:00.000Z"
    with pytest.raises(Unwritable, match="time zone"):
        vendor_value(source, annotation, TEN_O_CLOCK.replace(tzinfo=None), "hubspot")


def test_a_day_is_a_day_and_no_moment() -> None:
    """A day is written as ISO 8601 has it; a moment where a day belongs could be another day elsewhere."""
    source, annotation = FieldSource(field="F"), annotation_of(Kind.OPPORTUNITY, "next_approach_date")
    assert vendor_value(source, annotation, date(2026, 11, 18), "salesforce") == "2026-11-18"
    with pytest.raises(Unwritable, match="holds a day"):
        vendor_value(source, annotation, TEN_O_CLOCK, "salesforce")


def test_numbers_are_json_numbers_or_nothing() -> None:
    """Whole ones stay whole; one that a binary fraction would round is refused."""
    source, annotation = FieldSource(field="F"), annotation_of(Kind.OPPORTUNITY, "amount")
    assert vendor_value(source, annotation, Decimal("12.50"), "salesforce") == 12.5
    written = vendor_value(source, annotation, Decimal("5E6"), "hubspot")
    assert (written, type(written)) == (5_000_000, int)
    with pytest.raises(Unwritable, match="would lose"):
        vendor_value(source, annotation, Decimal("0.1234567890123456789"), "salesforce")


def test_a_reference_leads_where_the_field_leads() -> None:
    """The id of a record of the other system would be accepted as text, and lead nowhere."""
    source, annotation = FieldSource(field="OwnerId", object="User"), annotation_of(Kind.PERSON, "owner")
    assert vendor_value(source, annotation, Ref("salesforce", "User", "005A"), "salesforce") == "005A"
    with pytest.raises(Unwritable, match="leads to salesforce User"):
        vendor_value(source, annotation, Ref("hubspot", "owners", "1"), "salesforce")


def test_a_value_map_is_read_backwards() -> None:
    """The first word that means the value is written; for one without a word there is a remedy, and no value in it."""
    source = FieldSource(field="F", values={"true": "no", "不可": "no", "可": "yes"}, default="unknown")
    annotation = annotation_of(Kind.PERSON, "call_consent")
    assert vendor_value(source, annotation, "no", "salesforce") is True
    assert vendor_value(source, annotation, "yes", "salesforce") == "可"
    with pytest.raises(Unwritable, match="no word for this value; add one"):
        vendor_value(source, annotation, "unknown", "salesforce")


@pytest.mark.parametrize("field", ["Amount", "CloseDate", "StageName", "amount", "closedate", "dealstage", "STAGENAME"])
def test_revenue_planning_is_never_written(field: str) -> None:
    """Whatever property is mapped to them, and however they are spelt: 予実管理 is people's."""
    mapping = ObjectMapping.model_validate({"kind": "opportunity", "fields": {"product": field, "lost_to": field}})
    assert field.lower() in NEVER_WRITTEN
    assert writable_field(mapping, "product", frozenset({field})) is None
    for system in ("salesforce", "hubspot"):
        deals = next(one for one in MAPPINGS.system(system).objects.values() if one.kind is Kind.OPPORTUNITY)
        for name in ("amount", "close_date", "stage"):
            assert writable_field(deals, name, frozenset(deals.vendor_fields)) is None


def test_only_a_field_of_its_own_is_written() -> None:
    """A path leads into another record, and several fields cannot be told apart again; the next source may do."""
    mapping = ObjectMapping.model_validate(
        {
            "kind": "account",
            "fields": {
                "industry": "Owner.Name",
                "address": {"fields": ["City", "Street"], "combine": "join"},
                "name_kana": ["Formula__c", "Kana__c"],
            },
        }
    )
    writable = frozenset({"Owner.Name", "City", "Street", "Kana__c"})
    assert writable_field(mapping, "industry", writable) is None
    assert writable_field(mapping, "address", writable) is None
    assert writable_field(mapping, "notes", writable) is None
    assert writable_field(mapping, "name_kana", writable) == FieldSource(field="Kana__c")


def test_what_was_written_under_another_mapping_is_not_compared() -> None:
    """A field that held text and now feeds a day: nobody can say what the old value would mean."""
    with pytest.raises(Unwritable, match="feeds now"):
        canonical_value(FieldSource(field="F"), annotation_of(Kind.PERSON, "lost_on"), "来月", "hubspot")


def test_alike_forgives_what_storage_does_and_nothing_else() -> None:
    """Trimmed texts, other line ends, seconds and blanks are alike; other words are not."""
    assert alike("一行目\n二行目 ", "一行目\r\n二行目")
    assert alike(None, " ")
    assert alike(TEN_O_CLOCK.replace(microsecond=123_000), TEN_O_CLOCK.astimezone(UTC))
    assert not alike("03-1234-5678", "03-1234-5679")
    assert not alike(None, False)


@given(st.text(st.sampled_from("あaパ\u3099𠮷葛\U000e0100👨\u200d👩"), max_size=40), st.integers(1, 20))
def test_a_cut_text_fits_and_begins_as_the_whole(text: str, length: int) -> None:
    """At most `length` UTF-16 units, the cut marked, and no mark or variant torn from its character."""
    cut = shortened(text, length)
    assert len(cut.encode("utf-16-le")) // 2 <= length
    if cut != text:
        assert cut.endswith("…")
        kept = cut[:-1]
        assert text.startswith(kept)
        rest = text[len(kept) :].lstrip()
        assert not kept or rest[0] not in "\u3099\U000e0100\u200d"


@pytest.mark.parametrize(
    ("limit", "value", "fits"),
    [
        (FieldLimit(holds="number"), "12", True),
        (FieldLimit(holds="number"), "十二", False),
        (FieldLimit(holds="number"), True, False),
        (FieldLimit(holds="truth"), "true", True),
        (FieldLimit(holds="truth"), "はい", False),
        (FieldLimit(holds="day"), "2026-11-18", True),
        (FieldLimit(holds="day"), "2026-11-18T01:00:00.000Z", False),
        (FieldLimit(holds="moment"), "2026-11-18T01:00:00.000+0000", True),
        (FieldLimit(holds="moment"), "2026-11-18", False),
        (FieldLimit(values=frozenset({"高", "中"})), "中", True),
        (FieldLimit(values=frozenset({"高", "中"})), "低", False),
        (FieldLimit(values=frozenset({"高", "中"})), "高;中", False),
        (FieldLimit(values=frozenset({"高", "中"}), several=True), "高;中", True),
        (FieldLimit(values=frozenset({"高"}), holds="number"), None, True),
    ],
)
def test_a_field_takes_what_it_holds(limit: FieldLimit, value: Any, fits: bool) -> None:
    """Kind and list are checked before the call; clearing always goes."""
    if fits:
        assert fitted(limit, value) == value
    else:
        with pytest.raises(Unwritable) as refused:
            fitted(limit, value)
        assert str(value) not in refused.value.reason or value is True
