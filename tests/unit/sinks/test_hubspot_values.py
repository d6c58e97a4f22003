"""Values as HubSpot takes them: what it would refuse, or read as another day, is refused or mended here."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.errors import SkipRecord
from connector.sinks.hubspot_values import Property, moves_back, same, wire
from connector.sinks.keyed_text import holds_key

JST = timezone(timedelta(hours=9))
STAGES = Property("lifecyclestage", "enumeration", options=("lead", "opportunity", "customer"))

WIRE: list[tuple[str, Any, str]] = [
    ("string", None, ""),
    ("string", "", ""),
    ("string", 12, "12"),
    ("number", 1_000_000, "1000000"),
    ("number", Decimal("1E+6"), "1000000"),
    ("number", 3.0, "3"),
    ("number", "0.50", "0.50"),
    ("bool", True, "true"),
    ("enumeration", ["a", "b"], "a;b"),
    ("date", "2026-11-18", "2026-11-18"),
    ("date", date(2026, 11, 18), "2026-11-18"),
    ("date", "2026-11-18T00:00:00+09:00", "2026-11-18"),
    ("date", datetime(2026, 11, 18, tzinfo=JST), "2026-11-18"),
    ("date", 1_794_960_000_000, "2026-11-18"),
    ("datetime", "2026-11-18T09:00:00+09:00", "2026-11-18T00:00:00.000Z"),
    ("datetime", datetime(2026, 11, 18, 9, tzinfo=JST), "2026-11-18T00:00:00.000Z"),
    ("datetime", "1794960000000", "2026-11-18T00:00:00.000Z"),
]
REFUSED: list[tuple[str, Any]] = [
    ("date", 1_794_927_600_000),  # midnight in Japan
    ("date", "2026-11-17T15:00:00Z"),
    ("date", "18.11.2026"),
    ("date", True),
    ("datetime", "2026-11-18"),
    ("datetime", "2026-11-18T09:00:00"),
    ("datetime", datetime(2026, 11, 18, 9)),  # noqa: DTZ001
    ("number", "約100"),
    ("number", "NaN"),
]


@pytest.mark.parametrize(("kind", "value", "text"), WIRE)
def test_values_become_the_vendors_text(kind: str, value: Any, text: str) -> None:
    """Numbers as text, days without a time, moments in UTC; nothing clears."""
    assert wire(Property("p", kind), value) == text


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_has_no_sure_meaning_is_refused_by_name(kind: str, value: Any) -> None:
    """Before anything is sent; the reason names the property and not the value of a person."""
    with pytest.raises(SkipRecord, match="closing"):
        wire(Property("closing", kind), value)


@given(st.datetimes(timezones=st.sampled_from([UTC, JST])))
def test_a_moment_keeps_its_moment(moment: datetime) -> None:
    """To the millisecond, whatever its zone."""
    sent = datetime.fromisoformat(wire(Property("p", "datetime"), moment))
    assert abs(sent - moment) < timedelta(milliseconds=1)


@given(st.dates())
def test_a_day_keeps_its_day(day: date) -> None:
    """As a day, and as midnight of that day in any zone."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=JST)
    assert wire(Property("p", "date"), day) == wire(Property("p", "date"), midnight) == day.isoformat()


@pytest.mark.parametrize(
    ("kind", "one", "other", "alike"),
    [
        ("number", "1000.0", 1000, True),
        ("number", "1000", "", False),
        ("datetime", "2026-11-18T00:00:00Z", "2026-11-18T09:00:00+09:00", True),
        ("string", "本文\r\n二行目", "本文 二行目", True),
        ("string", None, "", True),
        ("string", "a", "b", False),
        ("date", "unreadable", "unreadable", True),
    ],
)
def test_values_are_compared_by_meaning(kind: str, one: Any, other: Any, alike: bool) -> None:
    """The vendor stores blanks, zeros and zones in its own way."""
    assert same(Property("p", kind), one, other) is alike


def test_html_is_compared_as_people_see_it() -> None:
    """The portal wraps what was sent as plain text."""
    note = Property("hs_note_body", html=True)
    assert same(note, "<div><p>本文 &amp; 資料</p><br>二行目</div>", "本文 & 資料\n二行目")
    assert not same(note, "<p>本文 架電済み</p>", "本文")


def test_stages_move_back_in_the_portals_order() -> None:
    """An empty or unknown stage is no stage to move back from."""
    assert moves_back(STAGES, "customer", "lead")
    assert not any(
        moves_back(STAGES, *move) for move in [("lead", "customer"), ("", "lead"), (None, "lead"), ("x", "y")]
    )


def test_a_definition_is_read_from_the_wire() -> None:
    """Stages come in display order; calculated values are nobody's to write."""
    told = {
        "name": "lifecyclestage",
        "type": "enumeration",
        "calculated": True,
        "options": [{"value": "customer", "displayOrder": 2}, {"value": "lead", "displayOrder": 0}],
    }
    assert Property.of(told) == Property("lifecyclestage", "enumeration", read_only=True, options=("lead", "customer"))
    assert Property.of({"name": "x", "modificationMetadata": {"readOnlyValue": True}}).read_only


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("本文\n管理番号: stalled:1", True),
        ("<p>本文</p><p>管理番号: stalled:1</p><p>不在</p>", True),
        ("本文<br>管理番号：stalled:1<br/>不在", True),
        ("<div>管理番号:&nbsp;stalled:1</div>", True),
        ("管理番号: own-stalled:1", False),
        ("管理番号: stalled:11", False),
        ("「stalled:1」の件", False),
    ],
)
def test_a_key_in_a_text_counts_as_a_word_at_the_end_of_a_line(text: str, held: bool) -> None:
    """In plain text and in HTML; a person may have written below it."""
    assert holds_key(text, "stalled:1") is held
