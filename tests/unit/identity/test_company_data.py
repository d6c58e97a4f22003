"""The goals on the shared sets of companies, by the benchmark that reports them."""

from pathlib import Path

import pytest

from benchmarks.identity_companies import rows
from benchmarks.identity_people import DATA, Row

SETS = (Path(__file__).parents[3] / DATA).resolve()

pytestmark = [
    pytest.mark.skipif(not SETS.is_dir(), reason="the sets of ../shared/data/identity are not here"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("sets of companies"),  # the rows are made once
]

TASKS = ("t1", "t2", "t3 former")


@pytest.fixture(scope="module")
def by_task() -> dict[tuple[str, str], Row]:
    """The rows of a sample of each set, baselines aside."""
    return {(row.task, row.method): row for row in rows(SETS, sample=400, baselines=False, tasks=TASKS)}


@pytest.mark.parametrize(
    ("task", "method", "precision", "recall", "with_review"),
    [
        ("t1", "Okoshi", 0.995, 0.70, 0.97),
        ("t1", "Okoshi, hard pairs", 0.95, 0.35, 0.73),
        ("t2", "Okoshi", 0.985, 0.93, 0.96),
        ("t3 former", "Okoshi", 0.985, 0.85, 0.98),
    ],
)
def test_companies_are_linked_precisely(
    by_task: dict[tuple[str, str], Row], task: str, method: str, precision: float, recall: float, with_review: float
) -> None:
    """Goals on the whole sets, less what chance takes from a sample."""
    row = by_task[task, method]
    assert row.precision is not None
    assert row.precision >= precision
    assert row.recall >= recall
    assert row.with_review is not None
    assert row.with_review >= with_review
