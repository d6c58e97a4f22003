"""Whatever people do between readings, and wherever a reading is broken off: in the end the mirror is the vendor's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from mirrored import Mirrored
from source_specimens import HubSpot, Salesforce, Specimen
from vendors import OneWorker, Sandbox

from connector.mapping.schema import Mappings
from connector.model.errors import RetryLater
from connector.model.sync import Batch
from connector.sandbox.server import SandboxOptions, running
from connector.sources import VendorSource, salesforce, salesforce_stream
from connector.store import Store

Act = Callable[[Sandbox, int], object]
SMALL_PART = 3
"""Rows of one query for changes here, so that a reading has several parts."""


class CutOff:
    """A source whose run is killed after so many batches, counted over all its streams."""

    def __init__(self, source: VendorSource, batches: int) -> None:
        self.name, self._source, self._left = source.name, source, batches

    def streams(self) -> Sequence[str]:
        return self._source.streams()

    def missing(self) -> list[str]:
        return self._source.missing()

    def complete(self, stream: str) -> bool:
        return self._source.complete(stream)

    def read(self, stream: str, cursor: str | None, now: datetime) -> Iterator[Batch]:
        for batch in self._source.read(stream, cursor, now):
            if not self._left:
                raise RetryLater("killed")
            self._left -= 1
            yield batch


class Cut:
    """A specimen of which only some streams are read, and whose sources can be cut off."""

    def __init__(self, whole: Specimen, system: str, streams: Sequence[str]) -> None:
        self._whole = whole
        known = whole.mappings.system(system)
        some = known.model_copy(update={"objects": {name: known.objects[name] for name in streams}})
        self.mappings = whole.mappings.model_copy(update={system: some})
        self.batches: int | None = None

    def source(self, sandbox: Sandbox, mappings: Mappings) -> Any:
        source = self._whole.source(sandbox, mappings)
        return source if self.batches is None else CutOff(source, self.batches)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def some_id(specimen: Specimen, sandbox: Sandbox, stream: str, number: int) -> str:
    """One of the living records."""
    ids = sorted(specimen.shown(sandbox, stream))
    return ids[number % len(ids)]


def merge(specimen: Specimen, system: str, object_: str) -> Act:
    """Two neighbours become one."""

    def act(sandbox: Sandbox, number: int) -> None:
        winner, loser = (some_id(specimen, sandbox, object_, number + more) for more in (0, 1))
        sandbox.act("merge", vendor=system, object=object_, winner=winner, losers=[loser])

    return act


def changing(specimen: Specimen, system: str, object_: str, field: str) -> Act:
    """Five records in a row get another text."""

    def act(sandbox: Sandbox, number: int) -> None:
        for more in range(5):
            id_ = some_id(specimen, sandbox, object_, number + more)
            sandbox.act("update", vendor=system, object=object_, id=id_, values={field: f"改 {number}"})

    return act


def deleting(specimen: Specimen, system: str, object_: str) -> Act:
    """One record is deleted."""
    return lambda sandbox, number: sandbox.act(
        "delete", vendor=system, object=object_, id=some_id(specimen, sandbox, object_, number)
    )


SALESFORCE, HUBSPOT = Salesforce(), HubSpot()
ACTS: Mapping[str, Sequence[Act]] = {
    "salesforce": (
        lambda sandbox, number: sandbox.act("log_call", contact=some_id(SALESFORCE, sandbox, "Contact", number)),
        changing(SALESFORCE, "salesforce", "Account", "Phone"),
        deleting(SALESFORCE, "salesforce", "Task"),
        merge(SALESFORCE, "salesforce", "Account"),
        merge(SALESFORCE, "salesforce", "Contact"),
    ),
    "hubspot": (
        lambda sandbox, number: sandbox.act(
            "log_call", vendor="hubspot", contact=some_id(HUBSPOT, sandbox, "contacts", number)
        ),
        lambda sandbox, number: sandbox.act(
            "join_list", vendor="hubspot", list="1", contact=some_id(HUBSPOT, sandbox, "contacts", number)
        ),
        changing(HUBSPOT, "hubspot", "companies", "phone"),
        deleting(HUBSPOT, "hubspot", "calls"),
        merge(HUBSPOT, "hubspot", "contacts"),
    ),
}
STREAMS = {
    "salesforce": ("Account", "Contact", "Task"),
    "hubspot": ("companies", "contacts", "calls", "memberships"),
}
WHOLE: Mapping[str, Specimen] = {"salesforce": SALESFORCE, "hubspot": HUBSPOT}

steps = st.lists(
    st.one_of(
        st.tuples(st.just("act"), st.integers(0, 4), st.integers(0, 1_000)),
        st.tuples(st.just("cut"), st.integers(0, 6), st.just(0)),
        st.tuples(st.just("time"), st.sampled_from([1, 20, 90]), st.just(0)),
    ),
    min_size=4,
    max_size=9,
)


class Interleaved(OneWorker):
    """Any interleaving of acts, interrupted readings and time."""

    system: str

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """One company for all examples: each begins with an empty mirror."""
        with running(SandboxOptions(scale=0.03)) as ready:
            yield Sandbox(ready)

    @pytest.fixture(autouse=True)
    def small_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that a reading of a few changes can be cut in its midst."""
        for module in (salesforce, salesforce_stream):
            monkeypatch.setattr(module, "PART", SMALL_PART)
        monkeypatch.setattr(salesforce, "PAGE", SMALL_PART)

    def follow(self, sandbox: Sandbox, walk: Sequence[tuple[str, int, int]]) -> None:
        """One walk, and what must hold at its end."""
        specimen = Cut(WHOLE[self.system], self.system, STREAMS[self.system])
        with TemporaryDirectory() as folder:
            store = Store.open(f"sqlite:///{folder}/okoshi.db")
            mirrored = Mirrored(store, sandbox, specimen, self.system, Path(folder))
            for kind, first, second in walk:
                if kind == "act":
                    ACTS[self.system][first](sandbox, second)
                elif kind == "time":
                    sandbox.advance(f"PT{first}M")
                else:
                    specimen.batches = first
                    mirrored.once()
            specimen.batches = None
            mirrored.keep_up()
            mirrored.compare(untold={"memberships"})
            sandbox.advance("P1D")
            mirrored.keep_up(whole=True)
            mirrored.compare()
            store.close()


COMMON: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    "phases": [Phase.explicit, Phase.generate],
    "database": None,
}


FAR_APART = [("cut", 99, 0), ("act", 1, 0), ("time", 90, 0), ("act", 1, 60), ("cut", 1, 0)]
"""Two mass changes further apart than what is read again each time, and a kill after a part of the first."""


class TestSalesforceInterleaved(Interleaved):
    """Accounts, people and tasks."""

    system = "salesforce"

    @settings(max_examples=7, **COMMON)
    @example(walk=FAR_APART)
    @given(walk=steps)
    def test_in_the_end_the_mirror_is_what_the_vendor_shows(
        self, sandbox: Sandbox, walk: list[tuple[str, int, int]]
    ) -> None:
        """Living, deleted and merged ones; what was read before the cut is not lost, what was not is read later."""
        self.follow(sandbox, walk)


class TestHubSpotInterleaved(Interleaved):
    """Companies, people, calls and who is in which list."""

    system = "hubspot"

    @settings(max_examples=2, **COMMON)
    @example(walk=FAR_APART)
    @given(walk=steps)
    def test_in_the_end_the_mirror_is_what_the_vendor_shows(
        self, sandbox: Sandbox, walk: list[tuple[str, int, int]]
    ) -> None:
        """Living, archived and merged ones; what was read before the cut is not lost, what was not is read later."""
        self.follow(sandbox, walk)
