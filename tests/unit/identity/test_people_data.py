"""The goals on the shared sets of people, by the benchmark that reports them."""

from pathlib import Path

import pytest

from benchmarks.identity_people import DATA, Row, crm, febrl, person_forms

SETS = (Path(__file__).parents[3] / DATA).resolve()

pytestmark = pytest.mark.skipif(not SETS.is_dir(), reason="the sets of ../shared/data/identity are not here")


def okoshi(rows: list[Row]) -> Row:
    """The row of our own."""
    return next(row for row in rows if row.method.startswith("Okoshi"))


def test_contacts_of_two_systems_are_linked_precisely() -> None:
    """F1 of 0.97 at a precision of 0.999, better than the mail address and plain rules."""
    rows = list(crm(SETS / "t7_crm_sim_synthetic", sample=1_500))
    row = okoshi(rows)
    assert row.precision is not None
    assert row.precision >= 0.999
    assert row.f1 is not None
    assert row.f1 >= 0.97
    assert all(other.f1 < row.f1 for other in rows if other is not row and other.f1 is not None)


@pytest.mark.parametrize(
    ("files", "task"), [(("dataset4a.csv", "dataset4b.csv"), "FEBRL4"), (("dataset3.csv",), "FEBRL3")]
)
def test_latin_records_are_linked_with_estimated_weights(files: tuple[str, ...], task: str) -> None:
    """F1 of 0.99 on the published sets, of which no pair was known."""
    row = okoshi(list(febrl(SETS / "febrl", files, task, sample=600)))
    assert row.f1 is not None
    assert row.f1 >= 0.99


def test_spellings_of_one_person_are_candidates() -> None:
    """Kana, swapped fields and schools of romaji lead to the Latin form; 漢字 alone do not tell their reading."""
    for row in person_forms(SETS / "t5_person_forms" / "persons.csv", sample=1_500):
        assert row.recall >= 0.98 or row.method.startswith("漢字 alone"), row.method
