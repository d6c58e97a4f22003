"""How long a failed attempt is repeated: one waiting rule per class of failure, and one bound on the whole.

Called by the session around each request, and by a client for locked rows. Must not know vendors; time is wall time.
"""

import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random, wait_random_exponential
from tenacity.wait import wait_base

from connector.clients.errors import FailedAttempt, Remedy

T = TypeVar("T")

READ_BOUND = timedelta(seconds=60)
UNREACHABLE_BOUND = timedelta(seconds=20)
"""A vendor that cannot even be connected to is given up sooner: a wrong address should not cost a minute."""

WAITS: dict[Remedy, wait_base] = {
    Remedy.UNREACHABLE: wait_random_exponential(multiplier=1, min=0.2, max=5),
    Remedy.TRANSPORT: wait_random_exponential(multiplier=1, min=0.2, max=10),
    Remedy.BUSY: wait_random_exponential(multiplier=2, min=0.5, max=15),
    Remedy.RATE: wait_random_exponential(multiplier=2, min=1, max=10),
    Remedy.LOCK: wait_random(2, 4),  # HubSpot asks for two seconds at least; the spread parts those who collided
}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`bound` is the longest that one request may take over all its attempts, waits included."""

    bound: timedelta = READ_BOUND
    unreachable_bound: timedelta = UNREACHABLE_BOUND
    sleep: Callable[[float], None] = time.sleep

    def run(self, attempt: Callable[[], T], repeated: Container[Remedy]) -> T:
        """What `attempt` returns, tried again after the failures in `repeated`. Raises the last FailedAttempt."""

        def again(error: BaseException) -> bool:
            return isinstance(error, FailedAttempt) and error.failure.remedy in repeated

        retrying = Retrying(
            retry=retry_if_exception(again), wait=_wait, stop=self._over, sleep=self.sleep, reraise=True
        )
        return retrying(attempt)

    def _over(self, state: RetryCallState) -> bool:
        """True when the next wait would end after the bound. Waits count even where a test does not really sleep."""
        unreachable = _failure_of(state).failure.remedy is Remedy.UNREACHABLE
        bound = min(self.bound, self.unreachable_bound) if unreachable else self.bound
        spent = max(state.seconds_since_start or 0.0, state.idle_for)
        return spent + state.upcoming_sleep > bound.total_seconds()


def _wait(state: RetryCallState) -> float:
    failure = _failure_of(state).failure
    asked = failure.retry_after.total_seconds() if failure.retry_after else 0.0
    return max(asked, WAITS[failure.remedy](state))


def _failure_of(state: RetryCallState) -> FailedAttempt:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, FailedAttempt):
        raise TypeError("only failed attempts are repeated")
    return error
