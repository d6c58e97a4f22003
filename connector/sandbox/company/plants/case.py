"""What a planted case is: a sentence of the practice, the scene that shows it, and what must come of it.

The themed modules beside this one make their tuple of cases with `task`, `no_task` and `set_aside`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from connector.sandbox.company.plants.scene import Scene

Arrange = Callable[[Scene], object]


@dataclass(frozen=True)
class Case:
    """`arrange` is given a scene with one silent deal, its account, primary contact and HubSpot twin."""

    name: str
    expect: str
    reason: str
    sentence: str
    arrange: Arrange
    record_type: str = "Standard"
    created: int = 300


def task(name: str, sentence: str, arrange: Arrange, *, created: int = 300, record_type: str = "Standard") -> Case:
    """The deal gets its task."""
    return Case(f"stalled.{name}", "task", "stalled", sentence, arrange, record_type, created)


def no_task(
    name: str, reason: str, sentence: str, arrange: Arrange, *, created: int = 300, record_type: str = "Standard"
) -> Case:
    """The deal gets no task, for that reason."""
    return Case(f"stalled.{name}", "no_task", reason, sentence, arrange, record_type, created)


def nothing(_scene: Scene) -> None:
    """The scene as it is."""
