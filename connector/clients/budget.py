"""How many calls may still be made: rate windows (waited for) and daily limits with a reserve (the run stops cleanly).

Asked by the session before each request and told of each answer's headers. Must not know what the calls are for.
Time is wall time: the vendors count on their own clocks.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from pyrate_limiter import InMemoryBucket, Limiter, Rate, SingleBucketFactory

from connector.model.errors import StopSync

KEPT_UNDER = 0.9
"""We keep a tenth under what the vendor's contract allows, as its clock and ours cut windows differently."""

HUBSPOT_TEN_SECONDS = 100  # per app on Free and Starter; the answers' headers tell the portal's own figure
HUBSPOT_SEARCHES_PER_SECOND = 5  # per account, over all objects; search answers carry no rate headers


@dataclass
class Usage:
    """What was spent: calls by operation, and the vendor's own count of the day where it tells one."""

    calls: Counter[str] = field(default_factory=Counter)
    used: int | None = None
    limit: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def total(self) -> int:
        """All requests that were sent, signing in and repetitions included."""
        return sum(self.calls.values())

    def count(self, operation: str) -> None:
        with self._lock:
            self.calls[operation] += 1

    def told(self, used: int, limit: int) -> None:
        with self._lock:
            self.used, self.limit = used, limit


class Budget(Protocol):
    """Lets requests pass, delays or stops them."""

    usage: Usage

    def before(self, operation: str) -> None:
        """Returns when the request may go. Raises StopSync when the day's share is used up."""
        ...

    def after(self, headers: Mapping[str, str]) -> None:
        """Learns from an answer's headers."""
        ...

    def resume_at(self) -> datetime:
        """When a used-up daily limit gives calls again, as well as we know."""
        ...


class DailyLimit:
    """Stops the run while `reserve_percent` of the day's calls are left, which belong to the company's other tools."""

    def __init__(self, vendor: str, reserve_percent: int, usage: Usage) -> None:
        self._vendor = vendor
        self._reserve_percent = reserve_percent
        self._usage = usage

    def check(self, resume_at: datetime) -> None:
        used, limit = self._usage.used, self._usage.limit
        if used is None or limit is None or limit <= 0:
            return
        if limit - used <= limit * self._reserve_percent / 100:
            raise StopSync(
                f"{self._vendor}: {used} of {limit} daily API calls are used and guard.daily_reserve_percent keeps "
                f"{self._reserve_percent} % for other tools. What is done is kept",
                resume_at,
                code="daily_limit",
            )


class SalesforceBudget:
    """The org's rolling 24 hours, as `Sforce-Limit-Info: api-usage=540/15000` tells it on each answer."""

    _USED = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")

    def __init__(self, reserve_percent: int = 0) -> None:
        self.usage = Usage()
        self._daily = DailyLimit("Salesforce", reserve_percent, self.usage)

    def before(self, operation: str) -> None:
        if operation != "sign_in":  # signing in is not counted by the vendor
            self._daily.check(self.resume_at())

    def after(self, headers: Mapping[str, str]) -> None:
        told = self._USED.search(headers.get("Sforce-Limit-Info", ""))
        if told:
            self.usage.told(int(told[1]), int(told[2]))

    def resume_at(self) -> datetime:
        """The window rolls, so calls come back little by little; an hour frees a useful number."""
        return datetime.now(UTC) + timedelta(hours=1)


class RateWindows:
    """The rolling windows of one HubSpot app and account: waits until one more request fits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rate = (HUBSPOT_TEN_SECONDS, 10_000)
        self._calls = InMemoryBucket([_rate(*self._rate)])
        self._searches = InMemoryBucket([_rate(HUBSPOT_SEARCHES_PER_SECOND, 1_000)])
        self._limiters = {bucket: _limiter(bucket) for bucket in (self._calls, self._searches)}

    def enter(self, operation: str) -> None:
        """Returns when the request may go; searches are exempt from the ten-second limit and have their own."""
        bucket = self._searches if operation == "search" else self._calls
        bucket.leak(time.monotonic_ns() // 1_000_000)
        self._limiters[bucket].try_acquire("request")

    def adapt(self, limit: int, interval: int) -> None:
        """Takes over the figures that the portal told."""
        with self._lock:
            if (limit, interval) != self._rate:
                self._rate = (limit, interval)
                self._calls.rates = [_rate(limit, interval)]


@cache
def shared_windows(base_url: str, token: str) -> RateWindows:
    """The windows of one account: the vendor counts all clients together, so those of this process share them."""
    del base_url, token  # they only tell accounts apart
    return RateWindows()


class HubSpotBudget:
    """The account's rate windows, and its day, which ends at midnight in the portal's time zone."""

    def __init__(self, windows: RateWindows, reserve_percent: int = 0, timezone: str = "Asia/Tokyo") -> None:
        self.usage = Usage()
        self._windows = windows
        self._daily = DailyLimit("HubSpot", reserve_percent, self.usage)
        self._zone = ZoneInfo(timezone)

    def before(self, operation: str) -> None:
        self._daily.check(self.resume_at())
        self._windows.enter(operation)

    def after(self, headers: Mapping[str, str]) -> None:
        limit = _number(headers.get("X-HubSpot-RateLimit-Max"))
        if limit:
            self._windows.adapt(limit, _number(headers.get("X-HubSpot-RateLimit-Interval-Milliseconds")) or 10_000)
        daily = _number(headers.get("X-HubSpot-RateLimit-Daily"))
        remaining = _number(headers.get("X-HubSpot-RateLimit-Daily-Remaining"))
        if daily is not None and remaining is not None:
            self.usage.told(daily - remaining, daily)

    def resume_at(self) -> datetime:
        """The next midnight in the portal's time zone."""
        now = datetime.now(self._zone)
        return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _rate(limit: int, milliseconds: int) -> Rate:
    return Rate(max(1, int(limit * KEPT_UNDER)), milliseconds)


def _limiter(bucket: InMemoryBucket) -> Limiter:
    # Old entries are dropped as requests come, so no background thread is needed.
    return Limiter(SingleBucketFactory(bucket, schedule_leak=False))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
