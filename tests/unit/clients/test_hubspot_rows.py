"""Whatever a batch write answers, and in whatever order: each row gets its own outcome, or none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clients.hubspot_rows import RowResult, row_results

NAMINGS = ("trace", "id", "both")


def told(row: int, naming: str) -> dict[str, Any]:
    """How an answer may name a row."""
    named: dict[str, Any] = {"objectWriteTraceId": f"t{row}"} if naming != "id" else {}
    return named | ({"id": str(1000 + row)} if naming != "trace" else {})


@given(st.data(), st.lists(st.sampled_from(["done", "refused", "silent"]), max_size=12))
def test_outcomes_line_up_with_rows(data: st.DataObject, fates: list[str]) -> None:
    """Results and errors may name rows by trace id, by id or by both, and come in any order."""
    inputs = [
        {"id": str(1000 + row), "properties": {"firstname": "x"}, "objectWriteTraceId": f"t{row}"}
        for row in range(len(fates))
    ]
    naming = {row: data.draw(st.sampled_from(NAMINGS)) for row in range(len(fates))}
    results = [told(row, naming[row]) for row, fate in enumerate(fates) if fate == "done"]
    errors = []
    for row, fate in enumerate(fates):
        if fate == "refused":
            named = told(row, naming[row])
            context = {"ids" if name == "id" else name: [value] for name, value in named.items()}
            errors.append({"category": f"NO_{row}", "context": context})
    answer = {"results": data.draw(st.permutations(results)), "errors": data.draw(st.permutations(errors))}
    outcomes = row_results(inputs, answer)
    assert ["done" if one.success else "refused" if one.answered else "silent" for one in outcomes] == fates
    assert all(one.errors[0].code == f"NO_{row}" for row, one in enumerate(outcomes) if one.errors)


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_new_objects_are_recognised_by_what_was_sent(order: list[int], refused: set[int]) -> None:
    """A portal that repeats no trace ids repeats the values, in its own spelling of capitals."""
    inputs = [{"properties": {"okoshi_key": f"Key:{row}", "firstname": "太郎"}} for row in range(6)]
    results = [
        {"id": str(row), "properties": {"okoshi_key": f"key:{row}", "firstname": "太郎", "lifecyclestage": "lead"}}
        for row in order
        if row not in refused
    ]
    outcomes = row_results(inputs, {"results": results}, created=True)
    assert [one.id for one in outcomes] == [None if row in refused else str(row) for row in range(6)]
    assert [one.answered for one in outcomes] == [row not in refused for row in range(6)]


def test_rows_that_nothing_tells_apart_stay_unanswered() -> None:
    """Better looked up than mixed up."""
    inputs = [{"properties": {"firstname": "太郎"}}, {"properties": {"firstname": "太郎"}}]
    results = [{"id": "1", "properties": {"firstname": "太郎"}}, {"id": "2", "properties": {"firstname": "太郎"}}]
    assert [one.answered for one in row_results(inputs, {"results": results})] == [False, False]


def test_an_upsert_is_told_apart_by_its_property() -> None:
    """The ids of the answer are the records' own, not those that were sent; `new` says what happened."""
    inputs = [{"id": key, "idProperty": "email", "properties": {}} for key in ("a@x.example", "1")]
    results = [
        {"id": "9", "properties": {"email": "1"}, "new": False},
        {"id": "1", "properties": {"email": "A@x.example"}, "new": True},
    ]
    assert [(one.id, one.created) for one in row_results(inputs, {"results": results})] == [("1", True), ("9", False)]


def test_an_error_of_nobody_is_of_those_without_a_result() -> None:
    """Every field of an error is optional."""
    inputs = [{"id": "1", "properties": {}}, {"id": "2", "properties": {}}]
    kept, lost = row_results(inputs, {"results": [{"id": "1"}], "errors": [{"message": "no"}]})
    assert kept.success
    assert (lost.success, lost.answered, lost.errors[0].message) == (False, True, "no")


@pytest.mark.parametrize("answer", [{}, {"results": None, "errors": None}, {"results": ["x"], "errors": {"a": 1}}])
def test_an_answer_of_any_shape_is_survived(answer: dict[str, Any]) -> None:
    """What says nothing is nothing said."""
    assert row_results([{"id": "1"}, {"id": "2"}], answer) == [RowResult(answered=False)] * 2


def test_a_row_with_a_result_and_an_error_failed_and_keeps_its_id() -> None:
    """Created, but not linked, for example."""
    answer = {"results": [{"id": "7"}], "errors": [{"category": "INVALID", "context": {"objectWriteTraceId": ["0"]}}]}
    (row,) = row_results([{"properties": {}, "objectWriteTraceId": "0"}], answer)
    assert (row.success, row.id) == (False, "7")


@pytest.mark.parametrize(
    ("message", "existing"),
    [
        ("Contact already exists. Existing ID: 51", "51"),
        ('Cannot set value="k" on 12. 34567 already has that value.', "34567"),
        ("Property values were not valid", None),
    ],
)
def test_the_record_that_stands_in_the_way_is_named(message: str, existing: str | None) -> None:
    """HubSpot puts its id into the message."""
    (row,) = row_results([{"properties": {}}], {"errors": [{"category": "VALIDATION_ERROR", "message": message}]})
    assert row.errors[0].existing_id == existing
    assert row.taken == (existing is not None)


def test_properties_at_fault_are_named_once() -> None:
    """Live answers repeat themselves."""
    detail = {"message": "no", "code": "INVALID_EMAIL", "context": {"propertyName": ["email"]}}
    (row,) = row_results([{}], {"errors": [{"category": "VALIDATION_ERROR", "errors": [detail, detail]}]})
    assert [(one.code, one.properties) for one in row.errors] == [("INVALID_EMAIL", ("email",))]
