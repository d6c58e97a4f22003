"""How many requests the app may send: the rolling ten seconds and the day, and searches a second.

Asked by `app` before each request. Short windows run on the wall clock, the day on the account's business time.
"""

import threading
import time
from collections import deque
from datetime import date, datetime, timedelta, timezone

from connector.sandbox.hubspot.errors import VendorError, rate_limited, search_rate_limited
from connector.sandbox.hubspot.wire import Portal

TEN_SECONDS = 10.0
ACCOUNT_ZONE = timezone(timedelta(hours=9))


class RateLimits:
    """Counts what one app sent; safe to call from any thread."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._lock = threading.Lock()
        self._requests: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._day: date | None = None
        self._today = 0

    def request(self, now: datetime) -> dict[str, str]:
        """Count one request that is not a search; the headers that its answer carries."""
        with self._lock:
            self._count_day(now)
            _forget(self._requests, TEN_SECONDS)
            if len(self._requests) >= self._portal.requests_per_ten_seconds:
                raise VendorError(429, rate_limited("TEN_SECONDLY_ROLLING").body, self._headers())
            self._requests.append(time.monotonic())
            self._today += 1
            return self._headers()

    def search(self, now: datetime) -> dict[str, str]:
        """Count one search: it shares the day with the rest but not the ten seconds, and tells no figures."""
        with self._lock:
            self._count_day(now)
            _forget(self._searches, 1.0)
            if len(self._searches) >= self._portal.searches_per_second:
                raise search_rate_limited()
            self._searches.append(time.monotonic())
            self._today += 1
            return {}

    def use_up(self, now: datetime, left: int = 0) -> int:
        """Others have spent the day's calls save `left`; returns how many that were."""
        with self._lock:
            self._begin_day(now)
            spent = max(0, self._portal.daily_limit - left - self._today)
            self._today += spent
            return spent

    def give_back(self, spent: int) -> None:
        with self._lock:
            self._today = max(0, self._today - spent)

    def _begin_day(self, now: datetime) -> None:
        day = now.astimezone(ACCOUNT_ZONE).date()
        if day != self._day:
            self._day, self._today = day, 0

    def _count_day(self, now: datetime) -> None:
        self._begin_day(now)
        if self._today >= self._portal.daily_limit:
            raise VendorError(429, rate_limited("DAILY").body, self._headers())

    def _headers(self) -> dict[str, str]:
        portal = self._portal
        return {
            "X-HubSpot-RateLimit-Max": str(portal.requests_per_ten_seconds),
            "X-HubSpot-RateLimit-Remaining": str(portal.requests_per_ten_seconds - len(self._requests)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(TEN_SECONDS * 1000)),
            "X-HubSpot-RateLimit-Daily": str(portal.daily_limit),
            "X-HubSpot-RateLimit-Daily-Remaining": str(portal.daily_limit - self._today),
        }

    @property
    def used_today(self) -> int:
        return self._today


def _forget(sent: deque[float], window: float) -> None:
    horizon = time.monotonic() - window
    while sent and sent[0] <= horizon:
        sent.popleft()
