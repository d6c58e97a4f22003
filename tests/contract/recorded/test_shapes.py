"""The comparer itself: each kind of difference is found and told by its path, and nothing else is."""

import pytest
from shapes import Known, differences, unused

PAGE = {
    "total": 2,
    "results": [
        {"id": "1", "at": "2026-11-18T01:00:00.000Z", "properties": {"name": "a", "phone": None}},
        {"id": "2", "at": "2026-11-18T01:00:01.000Z", "properties": {"name": "b", "phone": None}, "url": "https://x"},
    ],
}


def told(answered: object, recorded: object = PAGE) -> list[str]:
    return [str(one) for one in differences(recorded, answered)]


def row(**changes: object) -> dict[str, object]:
    return {"total": 1, "results": [{**PAGE["results"][0], **changes}]}


@pytest.mark.parametrize(
    "answered",
    [
        PAGE,
        {"total": 0, "results": []},
        row(id="77"),
        row(url="https://y"),
        row(properties={"name": "c", "phone": "03"}),
    ],
)
def test_the_same_shape_is_no_difference(answered: object) -> None:
    """Other values, fewer rows, a member that only some rows had, and a value where only null was recorded."""
    assert told(answered) == []


@pytest.mark.parametrize(
    ("answered", "difference"),
    [
        ({"total": "1", "results": []}, "$.total: is text, recorded was number"),
        (row(id=7), "$.results[].id: is number, recorded was text"),
        (row(id=None), "$.results[].id: is null, recorded was text"),
        (
            row(at="2026-11-18T01:00:00Z"),
            "$.results[].at: is a time with Z, recorded was a time with milliseconds and Z",
        ),
        (row(more=1), "$.results[].more: is there (number), recorded it never was"),
        (
            row(properties={"name": "a"}),
            "$.results[].properties.phone: is missing, recorded it was always there (null)",
        ),
        ([PAGE], "$: is list, recorded was object"),
    ],
)
def test_a_difference_is_told_with_its_path(answered: object, difference: str) -> None:
    """Type, null, format of a time, a member too many, one too few."""
    assert told(answered) == [difference]


def test_a_member_that_some_rows_lack_must_not_be_missing_from_some() -> None:
    """What every recorded row had every answered row must have."""
    rows = [{"id": "1"}, {"name": "b", "id": "2"}]
    recorded = [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]
    assert told(rows, recorded) == ["$[].name: is not always there, recorded it was always there (text)"]


def test_absent_and_null_are_not_the_same() -> None:
    """A member that is left out where it is not set must not be sent as null."""
    recorded = [{"id": "1"}, {"id": "2", "note": "b"}]
    found = told([{"id": "1", "note": None}, {"id": "2", "note": "b"}], recorded)
    assert "$[].note: is null where it was recorded as absent" in found


def test_an_excuse_covers_its_path_alone() -> None:
    """A known difference is left out, another at another path is not, and an idle excuse is named."""
    known = Known(r"\$\.results\[\]\.more", "new since")
    idle = Known(r"\$\.gone", "was so once")
    answered = row(more=1, id=7)
    assert [str(one) for one in differences(PAGE, answered, known=[known])] == [
        "$.results[].id: is number, recorded was text"
    ]
    assert unused(PAGE, answered, [known, idle]) == [idle]
