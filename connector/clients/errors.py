"""The ways in which a request can fail, by what can be done about it, and the errors that the rooms above see.

Used by the session and the clients. Must not know a vendor's codes; messages never hold bodies, queries or tokens.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync


class AnswerLost(OkoshiError):
    """A write went out and no usable answer came: whether it happened must be looked up before anything else.

    `late`: nobody ended it, we gave up waiting. The vendor may still be at work, so an early look-up proves little.
    """

    exit_code = 4

    def __init__(self, message: str, *, late: bool = False, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.late = late


class BulkJobGone(OkoshiError):
    """A bulk query that was to be read on is not there any more (the vendor keeps seven days): begin it anew."""

    exit_code = 4


class Refused(OkoshiError):
    """The vendor refused the whole call, and neither waiting nor a setting mends it; nothing of it was written."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code)


class Remedy(StrEnum):
    """What can be done about a failed attempt."""

    SIGN_IN = "sign_in"  # the token is not accepted: sign in anew, once
    UNREACHABLE = "unreachable"  # no connection was made, so nothing was sent
    TRANSPORT = "transport"  # the connection broke after it was made
    BUSY = "busy"  # 5xx, HTML from the edge, too many requests at a time
    RATE = "rate"  # a rate window is full; refused before anything was done
    LOCK = "lock"  # somebody else holds the record; refused and rolled back
    TOO_LARGE = "too_large"  # more than was asked for: not taken in, and not asked for again
    LATER = "later"  # not in this run, but without anybody's doing
    STOP = "stop"  # a daily limit
    GONE = "gone"  # a bulk job that the vendor does not have any more
    CONFIGURATION = "configuration"  # a person must change something
    REFUSED = "refused"  # none of these


NOTHING_WRITTEN = frozenset({Remedy.UNREACHABLE, Remedy.RATE, Remedy.LOCK})
"""Failures that prove that a write did not happen and may be sent again."""

RETRIED = NOTHING_WRITTEN | {Remedy.TRANSPORT, Remedy.BUSY}
"""Failures after which a read is sent again."""


UNCLEAR = frozenset({Remedy.TRANSPORT, Remedy.BUSY, Remedy.TOO_LARGE})
"""Failures that leave open whether a write happened."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/ -]{0,79}")


def code_in(*values: object, otherwise: str) -> str:
    """The first of a vendor's values that is a code, fit for a message; anything else is text and stays out."""
    return next((value for value in values if isinstance(value, str) and _CODE.fullmatch(value)), otherwise)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt: the vendor's code (or HTTP status), what can be done, and words for people.

    `topic` is what a person has to look at, where the remedy alone does not tell: credentials, permission, field, ….
    `late` says that the wait for the answer was given up, here or by something in front of the vendor.
    """

    remedy: Remedy
    code: str
    text: str
    retry_after: timedelta | None = None
    topic: str | None = None
    late: bool = False


class FailedAttempt(Exception):
    """Carries a failure through the retry policy; never leaves this room."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


BUSY_DELAY = timedelta(minutes=5)


def explained(failure: Failure, resume_at: datetime) -> OkoshiError:
    """The error that the rooms above handle, for a failure that is final."""
    match failure.remedy:
        case Remedy.CONFIGURATION | Remedy.SIGN_IN:
            return ConfigurationError(failure.text, code=failure.topic)
        case Remedy.STOP:
            return StopSync(failure.text, resume_at, code=failure.topic or "daily_limit")
        case Remedy.REFUSED:
            return Refused(failure.text, failure.code)
        case Remedy.GONE:
            return BulkJobGone(failure.text)
        case _:
            code = "vendor_unreachable" if failure.remedy is Remedy.UNREACHABLE else "vendor_busy"
            return RetryLater(failure.text, failure.retry_after or BUSY_DELAY, code=code)
