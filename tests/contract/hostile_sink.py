"""The sinks' conformance suite in a hostile sandbox: what is in doubt is sent again, as later runs do.

A sink's hostile test is a subclass of one line: this class first, then its plain test.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

import pytest
from sink_specimens import rekeyed
from vendors import OneWorker, Sandbox

from connector.model.errors import RetryLater, StopSync
from connector.model.plan import Change
from connector.model.sync import Found, Outcome
from connector.sandbox.server import SandboxOptions, running

MANY = 120
MOST_RUNS = 25
FOR_NOW = ("UNABLE_TO_LOCK_ROW", "INTERNAL_ERROR", "LOCKED")
"""What a vendor says to a row that it takes at another time."""
KEY_PROPERTY = {
    "name": "okoshi_key",
    "label": "管理番号",
    "groupName": "task",
    "hasUniqueValue": True,
    "type": "string",
    "fieldType": "text",
}
T = TypeVar("T")


class Patient:
    """A sink whose calls are repeated by later runs until the vendor has said what became of every change."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink
        self.client = sink.client

    def writable(self, object_: str) -> frozenset[str]:
        return self._in_the_end(lambda: self._sink.writable(object_))

    def find(self, changes: Sequence[Change]) -> dict[str, Found]:
        return self._in_the_end(lambda: self._sink.find(changes))

    def write(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        known: dict[str, Outcome] = {}
        for _ in range(MOST_RUNS):
            waiting = [change for change in changes if change.key not in known]
            if not waiting:
                break
            outcomes = self._in_the_end(lambda waiting=waiting: self._sink.write(waiting))
            known |= {outcome.key: outcome for outcome in outcomes if not self._is_open(outcome)}
        return [known[change.key] for change in changes]

    def _is_open(self, outcome: Outcome) -> bool:
        """Whether a later run sends it again."""
        for_now = outcome.state == "refused" and any(word in str(outcome.reason) for word in FOR_NOW)
        return outcome.state == "unknown" or for_now

    def _in_the_end(self, attempt: Callable[[], T]) -> T:
        for _ in range(MOST_RUNS):
            try:
                return attempt()
            except (RetryLater, StopSync):
                continue
        raise AssertionError(f"not through in {MOST_RUNS} runs")


class Hostile(OneWorker):
    """Everything that can go wrong does. What counts calls, or breaks one on purpose, is for the plain test."""

    system: ClassVar[str]
    plant: ClassVar[frozenset[str]]

    test_many_changes_go_with_few_calls = None
    test_thousands_of_changes_cost_a_handful_of_calls = None
    test_a_lost_answer_is_unknown_and_the_next_try_doubles_nothing = None

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company; they turn hostile when the setup has made what it makes."""
        with running(SandboxOptions(scale=0.03, cases=frozenset(), plant=cls.plant)) as ready:
            sandbox = Sandbox(ready, hostile=True)
            if cls.system == "hubspot" and "nokey" not in cls.plant:
                sandbox.client("hubspot", read_only=False).create_property("tasks", KEY_PROPERTY)
            sandbox.mend()
            yield sandbox

    def sink(self, sandbox: Sandbox) -> Any:
        """A sink that later runs go on with."""
        return Patient(super().sink(sandbox))  # type: ignore[misc]

    def test_many_changes_are_each_written_once(self, sandbox: Sandbox) -> None:
        """Made, and made again by a run that knows nothing of the first."""
        models = [self.creation(sandbox, f"stalled:hostile:{number}", number) for number in range(3)]
        changes = [rekeyed(models[number % 3], f"stalled:hostile:{number:03}") for number in range(MANY)]
        before = len(self.written(sandbox))
        first, second = (self.sink(sandbox).write(changes) for _ in range(2))
        assert {outcome.state for outcome in (*first, *second)} == {"done"}
        assert [outcome.record for outcome in first] == [outcome.record for outcome in second]
        assert len(self.written(sandbox)) == before + len(changes)

    def creation(self, sandbox: Sandbox, key: str, number: int = 0, **changes: Any) -> Change:
        """As the plain suite makes it."""
        return super().creation(sandbox, key, number, **changes)  # type: ignore[misc]

    def written(self, sandbox: Sandbox, operation: str = "create") -> list[dict[str, Any]]:
        """As the plain suite counts it."""
        return super().written(sandbox, operation)  # type: ignore[misc]
