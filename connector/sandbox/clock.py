"""Business time of the simulated world: it runs with the wall clock and can be set or moved.

Read by both vendors' APIs for every stamp; moved through the control URL. Never used for TLS or token expiry.
"""

import threading
import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """`now()` is the time last set plus the wall time that has passed since."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._base = _aware(start)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        with self._lock:
            moment = self._base + timedelta(seconds=time.monotonic() - self._origin)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, delta: timedelta) -> None:
        with self._lock:
            self._base += delta

    def set(self, now: datetime) -> None:
        with self._lock:
            self._base = _aware(now)
            self._origin = time.monotonic()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("The sandbox clock needs a time with an offset, e.g. 2026-11-18T10:00:00+09:00.")
    return moment.astimezone(UTC)


def stored_datetime(moment: datetime) -> str:
    """The one text form in which datetimes are stored, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
