"""What a source hands over and a sink is handed: the protocols between the vendors' rooms and the engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from connector.model.limits import FieldLimit
from connector.model.plan import Change
from connector.model.records import Record, Ref, SetAside


@dataclass(frozen=True)
class Batch:
    """Records that are saved in one transaction, and the cursor that moves with them (`None`: it stays)."""

    records: Sequence[Record] = ()
    set_aside: Sequence[SetAside] = ()
    cursor: str | None = None


class Source(Protocol):
    """Reads one system. Streams are read in the order given; a cursor is the source's own, opaque text."""

    @property
    def name(self) -> str: ...

    def streams(self) -> Sequence[str]:
        """Names of what is read, e.g. `Opportunity`, `contacts`."""
        ...

    def missing(self) -> list[str]:
        """Mapped fields that the system lacks or hides, each with what is read without it, for people."""
        ...

    def complete(self, stream: str) -> bool:
        """Whether reading without a cursor hands over every living record, so that one not met is gone."""
        ...

    def read(self, stream: str, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """Everything that changed since `cursor` (`None`: everything), as a stream of batches.

        Raises ConfigurationError, RetryLater or StopSync; a bad record becomes a `SetAside` instead.
        """
        ...


@dataclass(frozen=True)
class Outcome:
    """What became of one change at the vendor. `state` is a ledger state: done, refused or unknown.

    `late` goes with unknown: the wait for the answer was given up, and the vendor may still be at work on it.
    """

    key: str
    state: str
    record: Ref | None = None
    reason: str | None = None
    late: bool = False


@dataclass(frozen=True)
class Found:
    """What a look-up by idempotency key found: the record, and whether it has been deleted since."""

    record: Ref
    deleted: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


class Sink(Protocol):
    """Writes one system. Never retries a write by itself: an answer that did not come is `unknown`."""

    @property
    def name(self) -> str: ...

    @property
    def batch_size(self) -> int: ...

    def writable(self, object_: str) -> frozenset[str]:
        """Names of the fields that may be written on this object; a field that is absent cannot carry our key."""
        ...

    def limits(self, object_: str) -> Mapping[str, FieldLimit]:
        """What the fields of this object take, by name, as far as the vendor tells it."""
        ...

    def find(self, changes: Sequence[Change]) -> dict[str, Found]:
        """The records that already exist for the keys of `changes`, by key."""
        ...

    def leaves_trace(self, change: Change) -> bool:
        """Whether `find` can tell if this was written; where not, it counts as delivered and is never sent again."""
        ...

    def write(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome for each change, in order."""
        ...
