"""What a request to a vendor is for. Set by the engine around each stage, read by the budget when calls get scarce.

A context variable and no argument: the purpose belongs to the stage, and every layer between would only pass it on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Purpose(StrEnum):
    """In order of value: when the day's calls run out, the last of these stops first."""

    ALERT = "alert"
    TASK = "task"
    READING = "reading"
    FIELD = "field"
    RECONCILIATION = "reconciliation"


_current: ContextVar[Purpose] = ContextVar("purpose", default=Purpose.READING)


def purpose() -> Purpose:
    """What is being done now; reading where nobody said anything."""
    return _current.get()


@contextmanager
def spending_on(what: Purpose) -> Iterator[None]:
    """While open, this context's requests are made for `what`. A new thread starts with reading."""
    token = _current.set(what)
    try:
        yield
    finally:
        _current.reset(token)
