"""The rolling windows of one HubSpot account: waits until one more request fits.

Asked by the budget before each request. Where bookings are kept, and who shares them, is the slots' business.
"""

import time
from functools import cache

from connector.store.rates import MemorySlots, Rate, Slots

KEPT_UNDER = 0.9
"""We keep a tenth under what the vendor's contract allows."""

ARRIVAL_MS = 250
"""The vendor counts requests as they arrive, and some take so much longer to get there than others."""

HUBSPOT_TEN_SECONDS = Rate(100, 10_000)
"""Per app on Free and Starter; the answers' headers tell the portal's own figure."""

HUBSPOT_SEARCHES = Rate(1, 250)
"""The account has five a second over all objects, and search answers carry no rate headers. One by one and evenly,
a sixth comes within a second only if it travels a quarter of a second faster than the first."""


LATE_SECONDS = 0.1
"""Who wakes so much later than was booked, on a busy machine, would go together with those behind."""

MOST_BOOKINGS = 5
"""Then a call goes all the same: a refusal for the rate is repeated later anyway."""


class RateWindows:
    """Searches are exempt from the ten-second window and have their own."""

    def __init__(self, slots: Slots | None = None) -> None:
        self._slots = slots or MemorySlots()
        self._rate = _under(HUBSPOT_TEN_SECONDS)

    def enter(self, operation: str) -> None:
        """Returns when the request may go."""
        searching = operation == "search"
        window, rate = ("hubspot.searches", HUBSPOT_SEARCHES) if searching else ("hubspot.calls", self._rate)
        for _ in range(MOST_BOOKINGS):
            wait = self._slots.book(window, rate)
            if wait <= 0:
                return
            due = time.monotonic() + wait
            time.sleep(wait)
            if time.monotonic() - due < LATE_SECONDS:
                return

    def adapt(self, limit: int, interval: int) -> None:
        """Takes over the figures that the portal told: so many calls in so many milliseconds."""
        self._rate = _under(Rate(limit, interval))


@cache
def shared_windows(base_url: str, token: str) -> RateWindows:
    """The windows of one account within this process, for clients that are given none."""
    del base_url, token  # they only tell accounts apart
    return RateWindows()


def _under(contract: Rate) -> Rate:
    return Rate(max(1, int(contract.calls * KEPT_UNDER)), contract.milliseconds + ARRIVAL_MS)
