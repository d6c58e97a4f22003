"""Where a reading stands and what it met on the way. Used by the sources; knows nothing of any vendor."""

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Self

from connector.sources.values import EPOCH, Unreadable, moment

LONG_WALK = timedelta(minutes=5)
"""What changed during a shorter reading lies well within the overlap of the next one."""


@dataclass(frozen=True)
class Position:
    """A cursor: the latest modification that was seen, and how many records lie in the window before it.

    `fields` is the fingerprint of what was read of each record. `settled`: the window was read when it was older than
    the overlap, so that whatever turns up late in it had turned up. Only then does a count tell that nothing is new: a
    record of the window that changes late may still lie in it, and not be the last.
    """

    fields: str
    watermark: int
    in_window: int = 0
    settled: bool = False

    @classmethod
    def parse(cls, cursor: str | None, fields: str) -> Self | None:
        """The position that `cursor` names, unless it covers other fields than are read now."""
        if cursor is None:
            return None
        read = json.loads(cursor)
        return cls(**read) if read.get("fields") == fields else None

    def text(self) -> str:
        """The cursor."""
        return json.dumps({name: value for name, value in vars(self).items() if value is not None})


class Seen:
    """When the rows of one reading were modified: the latest time, and how many lie in the window that ends with it.

    The window is read again each time, as rows turn up late in it. If the vendor counts as many rows in it as we have
    read and none after it, there is nothing new and the reading can be left out, however many rows share those minutes.
    """

    def __init__(self, latest: int, overlap: timedelta) -> None:
        self.latest = latest
        self._known = latest
        self._began = monotonic()
        self._overlap = overlap // timedelta(milliseconds=1)
        self._times = array("q")

    def add(self, stamps: Iterable[Any]) -> None:
        """Takes note of rows; one without a readable time is set aside elsewhere and moves nothing."""
        new = [at for at in map(milliseconds, stamps) if at is not None]
        latest, self.latest = self.latest, max([self.latest, *new])
        edge = self.latest - self._overlap
        if self.latest > latest:
            self._times = array("q", (at for at in self._times if at >= edge))
        self._times.extend(at for at in new if at >= edge)

    @property
    def watermark(self) -> int:
        """Up to when this reading tells all, whatever its order was.

        During a long one, rows may have changed whose places had been passed: it reaches no further than to its
        beginning, which lies at least as far before the latest time as it took.
        """
        took = timedelta(seconds=monotonic() - self._began)
        if took <= LONG_WALK:
            return self.latest
        return max(self._known, self.latest - took // timedelta(milliseconds=1))

    @property
    def in_window(self) -> int:
        """Rows that were modified at most the overlap before the latest."""
        return len(self._times)


def has_settled(watermark: int, now: datetime, overlap: timedelta) -> bool:
    """Whether nothing turns up late any more in the window that ends with `watermark`."""
    return now - at(watermark) > overlap


def counted(stamps: Iterable[Any], until: int, overlap: timedelta) -> int:
    """How many of these times lie in the window of `overlap` that ends with `until`."""
    since = until - overlap // timedelta(milliseconds=1)
    return sum(at is not None and since <= at <= until for at in map(milliseconds, stamps))


def milliseconds(stamp: Any) -> int | None:
    """A vendor's time in epoch milliseconds, or `None` if it is none."""
    try:
        return (moment(stamp, UTC) - EPOCH) // timedelta(milliseconds=1)
    except Unreadable:
        return None


def at(epoch_milliseconds: int) -> datetime:
    """The moment of an epoch time."""
    return EPOCH + timedelta(milliseconds=epoch_milliseconds)
