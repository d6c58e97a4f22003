"""What a planted case of a program is: a sentence of the practice, the scene that shows it, and what must come of it.

The themed modules beside this one make their tuple of cases with `case`; `planting.py` writes them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from connector.sandbox.company.plants.practice.scene import PracticeScene

Arrange = Callable[[PracticeScene], object]

EXPECTATIONS = ("task", "no_task", "alert", "no_alert", "fields", "on_list", "not_on_list")
"""What can be expected: a task with the subject of `check`, somebody told, values written, a list joined – or not."""


@dataclass(frozen=True)
class PracticeCase:
    """`arrange` is given a scene with one open deal, its account, primary contact and HubSpot twin."""

    program: str
    name: str
    expect: str
    reason: str
    sentence: str
    arrange: Arrange
    created: int = 300


def cases_of(program: str) -> Callable[..., PracticeCase]:
    """A maker of this program's cases."""

    def case(
        name: str, expect: str, reason: str, sentence: str, arrange: Arrange, *, created: int = 300
    ) -> PracticeCase:
        return PracticeCase(program, f"{program}.{name}", expect, reason, sentence, arrange, created)

    return case
