"""How many calls may still be made: rate windows (waited for), and daily limits spent in order of value.

Asked by the session before each request and told of each answer's headers. Must not know what the calls hold.
Time is wall time: the vendors count on their own clocks.
"""

import re
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from connector.clients.windows import RateWindows, shared_windows
from connector.model.calls import Spent, VendorCount
from connector.model.errors import StopSync
from connector.model.purpose import Purpose, purpose

__all__ = ["Budget", "HubSpotBudget", "RateWindows", "SalesforceBudget", "Usage", "shared_windows"]

ROLLING_RECHECK = timedelta(hours=1)
"""Salesforce's 24 hours roll, so calls come back little by little; an hour frees a useful number."""

LONGEST_WINDOW_MS = 60_000
"""HubSpot's windows have a second or ten; a header that tells of more would have us wait on somebody's mistake."""

_WHOLE = re.compile(r"[0-9]{1,12}")

Floors = Mapping[Purpose, float]
"""By purpose the percentage of the day's calls that it leaves untouched."""


@dataclass
class Usage:
    """What was spent: calls by operation, and by purpose and operation; and the vendor's own count of the day."""

    calls: Counter[str] = field(default_factory=Counter)
    spent: Counter[tuple[Purpose, str]] = field(default_factory=Counter)
    heard: VendorCount | None = None
    _noted: Counter[tuple[Purpose, str]] = field(default_factory=Counter, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def total(self) -> int:
        """All requests that were sent, signing in and repetitions included."""
        return sum(self.calls.values())

    @property
    def used(self) -> int | None:
        """How many of the day's calls all tools together have used, as the vendor last told."""
        return self.heard.used if self.heard else None

    @property
    def limit(self) -> int | None:
        """How many calls the day has, as the vendor last told."""
        return self.heard.limit if self.heard else None

    def count(self, operation: str) -> None:
        """One more request goes out, for what is being done now."""
        with self._lock:
            self.calls[operation] += 1
            self.spent[purpose(), operation] += 1

    def hear(self, told: VendorCount) -> None:
        """The vendor's count, or one that was remembered from an earlier process."""
        with self._lock:
            self.heard = told

    def unnoted(self) -> Spent:
        """What was spent since this was last asked, to be written down."""
        with self._lock:
            new = self.spent - self._noted
            self._noted = self.spent.copy()
            return new


class Budget(Protocol):
    """Lets requests pass, delays or stops them."""

    usage: Usage

    def before(self, operation: str) -> None:
        """Returns when the request may go. Raises StopSync when the purpose's share of the day is used up."""
        ...

    def after(self, headers: Mapping[str, str]) -> None:
        """Learns from an answer's headers."""
        ...

    def refused(self, reason: str) -> StopSync:
        """The vendor turned a call away because the day's are used up: remembers it; answers the error to raise."""
        ...

    def resume_at(self) -> datetime:
        """When a used-up daily limit gives calls again, as well as we know."""
        ...


class _DailyLimit(ABC):
    """What both vendors' days have in common; `vendor` and when a count is out of date differ."""

    vendor: str

    def __init__(self, reserve_percent: int, floors: Floors | None) -> None:
        self.usage = Usage()
        self._floors = floors or dict.fromkeys(Purpose, reserve_percent)

    @abstractmethod
    def resume_at(self) -> datetime:
        """When a used-up daily limit gives calls again, as well as we know."""

    @abstractmethod
    def _outdated(self, told: VendorCount) -> bool:
        """Whether calls have come back since the vendor told this."""

    def refused(self, reason: str) -> StopSync:
        known = self.usage.heard
        limit = known.limit if known else None
        self.usage.hear(VendorCount(datetime.now(UTC), limit, limit, refused=True))
        return self._stop(reason)

    def _check(self) -> None:
        """Raises StopSync where what is left of the day belongs to others."""
        told = self.usage.heard
        if told is None or self._outdated(told):
            return
        if told.refused:
            raise self._stop(f"{self.vendor}: the day's API calls are used up. What is done is kept")
        if told.used is None or not told.limit or told.limit <= 0:
            return
        kept = self._floors[purpose()]
        if told.limit - told.used <= told.limit * kept / 100:
            raise self._stop(
                f"{self.vendor}: {told.used} of {told.limit} daily API calls are used. Spending on {purpose()} stops "
                f"when {kept:g} % are left, which guard.daily_reserve_percent keeps for the company's other tools and "
                "guard.kept_for_…_percent for what is worth more. What is done is kept"
            )

    def _stop(self, reason: str) -> StopSync:
        figures = {"used": self.usage.used, "limit": self.usage.limit}
        details = {"system": self.vendor, "purpose": purpose().value, **figures}
        return StopSync(reason, self.resume_at(), code="daily_limit", details=details)


class SalesforceBudget(_DailyLimit):
    """The org's rolling 24 hours, as `Sforce-Limit-Info: api-usage=540/15000` tells it on each answer."""

    vendor = "Salesforce"
    _USED = re.compile(r"(?:^|[;,\s])api-usage=([0-9]{1,12})/([0-9]{1,12})(?![0-9])")

    def __init__(self, reserve_percent: int = 0, *, floors: Floors | None = None) -> None:
        super().__init__(reserve_percent, floors)

    def before(self, operation: str) -> None:
        if operation != "sign_in":  # signing in is not counted by the vendor
            self._check()

    def after(self, headers: Mapping[str, str]) -> None:
        told = self._USED.search(headers.get("Sforce-Limit-Info", ""))
        if told:
            self.usage.hear(VendorCount(datetime.now(UTC), int(told[1]), int(told[2])))

    def resume_at(self) -> datetime:
        told = self.usage.heard
        known = told is not None and not self._outdated(told)
        return (told.at if told and known else datetime.now(UTC)) + ROLLING_RECHECK

    def _outdated(self, told: VendorCount) -> bool:
        return told.at + ROLLING_RECHECK <= datetime.now(UTC)


class HubSpotBudget(_DailyLimit):
    """The account's rate windows, and its day, which ends at midnight in the portal's time zone."""

    vendor = "HubSpot"

    def __init__(
        self,
        windows: RateWindows,
        reserve_percent: int = 0,
        timezone: str = "Asia/Tokyo",
        *,
        floors: Floors | None = None,
    ) -> None:
        super().__init__(reserve_percent, floors)
        self._windows = windows
        self._zone = ZoneInfo(timezone)

    def before(self, operation: str) -> None:
        self._check()
        self._windows.enter(operation)

    def after(self, headers: Mapping[str, str]) -> None:
        limit = _number(headers.get("X-HubSpot-RateLimit-Max"))
        interval = _number(headers.get("X-HubSpot-RateLimit-Interval-Milliseconds")) or 10_000
        if limit and interval <= LONGEST_WINDOW_MS:
            self._windows.adapt(limit, interval)
        daily = _number(headers.get("X-HubSpot-RateLimit-Daily"))
        remaining = _number(headers.get("X-HubSpot-RateLimit-Daily-Remaining"))
        if daily is not None and remaining is not None:
            self.usage.hear(VendorCount(datetime.now(UTC), daily - remaining, daily))

    def resume_at(self) -> datetime:
        now = datetime.now(self._zone)
        return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)

    def _outdated(self, told: VendorCount) -> bool:
        return told.at.astimezone(self._zone).date() < datetime.now(self._zone).date()


def _number(text: str | None) -> int | None:
    return int(text) if text and _WHOLE.fullmatch(text) else None
