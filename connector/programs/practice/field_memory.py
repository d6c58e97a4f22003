"""What `field_sync` remembers of a field from one look to the next: what stood on each side, since when, and its tries.

Kept as the program's facts: no values, only their digests. Knows no rule.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from connector.mapping.writing import alike, blank
from connector.model.case import Written
from connector.model.records import Record

UNKNOWN = datetime.min.replace(tzinfo=UTC)
"""Since before we looked for the first time."""

_BLANK = "-"


def digest(value: Any) -> str:
    """Short, and the same for values that are alike."""
    if blank(value):
        return _BLANK
    match value:
        case datetime():
            text = value.astimezone(UTC).replace(microsecond=0).isoformat()
        case date():
            text = value.isoformat()
        case Decimal():
            text = format(value.normalize(), "f")
        case _:
            text = " ".join(str(value).split())
    return blake2b(text.encode(), digest_size=9).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """One property of one record as it was read last, and what Okoshi wrote there last."""

    record: Record
    name: str
    last: Written | None

    @property
    def value(self) -> Any:
        return getattr(self.record, self.name)

    @property
    def times(self) -> int:
        """How many times Okoshi wrote there."""
        return self.last.times if self.last else 0

    @property
    def is_ours(self) -> bool:
        """Whether what stands there is what Okoshi wrote there last."""
        return self.last is not None and not blank(self.value) and alike(self.value, self.last.value)

    @property
    def is_erased(self) -> bool:
        """Whether it is blank although Okoshi filled it: a person did not want it."""
        if self.last is None or blank(self.last.value) or not blank(self.value):
            return False
        return self.record.modified_at > self.last.at


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood in a place, since when a person had it so, and how often Okoshi had written there by then."""

    digest: str
    since: datetime
    times: int

    def __str__(self) -> str:
        since = "" if self.since == UNKNOWN else self.since.astimezone(UTC).isoformat()
        return f"{self.digest} {self.times} {since}"

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """The inverse of `str`."""
        seen, times, since = text.split(" ")
        return cls(seen, datetime.fromisoformat(since) if since else UNKNOWN, int(times))


def seen(place: Place, before: str | None) -> Seen:
    """What stands there now, told from what was remembered.

    A change is as old as the record's last one. Our own write that is read back is none: whatever it was copied from
    stays the newer.
    """
    now = digest(place.value)
    if before is None:
        return Seen(now, UNKNOWN, place.times)
    known = Seen.parse(before)
    if known.digest == now:
        return known
    is_echo = place.is_ours and place.times > known.times
    return Seen(now, known.since if is_echo else place.record.modified_at, place.times)


@dataclass(frozen=True, slots=True)
class Try:
    """A value that should replace what stands in a place, and how often Okoshi had written there before."""

    wanted: str
    instead_of: str
    times: int

    def __str__(self) -> str:
        return f"{self.wanted} {self.instead_of} {self.times}"


def another_try(place: Place, wanted: Any, before: str | None) -> Try | None:
    """The try to remember; `None` if the very same was written already and the same stands there again.

    Then the vendor keeps the value in a form of its own, or somebody insists: writing once more would never end.
    """
    now = Try(digest(wanted), digest(place.value), place.times)
    if before is None:
        return now
    tried, instead_of, times = before.split(" ")
    if (tried, instead_of) != (now.wanted, now.instead_of):
        return now
    return Try(tried, instead_of, int(times)) if place.times <= int(times) else None
