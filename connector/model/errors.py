"""Errors by what has to happen next; every room raises these and the command turns them into exit codes.

| situation                                             | raise                | exit |
|-------------------------------------------------------|----------------------|------|
| a person must change a setting, mapping or permission | `ConfigurationError` | 2    |
| the command was asked for what cannot be done         | `WrongUse`           | 2    |
| the vendor is down or busy; the same call may succeed | `RetryLater`         | 4    |
| one record cannot be used; the rest goes on           | `SkipRecord`         | 0    |
| a budget, guard rail or another run forbids going on  | `StopSync`           | 3    |
| reality moved since the plan was made                 | `ConflictingPlan`    | 3    |

Messages are shown to people: they name the place and the remedy and never hold a secret or personal data. A `code` says
the same to the command's texts (`cli.failure.<code>`), which `details` fill in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta


class OkoshiError(Exception):
    """Something went wrong that Okoshi can explain."""

    exit_code = 1

    def __init__(
        self, message: str = "", *, code: str | None = None, details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.details = dict(details or {})


class ConfigurationError(OkoshiError):
    """A person must change something: which place, where it was looked for, and an example."""

    exit_code = 2


class WrongUse(ConfigurationError):
    """What the command was given cannot be done: an unknown record, one named twice, a question that nobody answers.

    `document` is what a program is told besides the error.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, object] | None = None,
        document: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.document = dict(document or {})


class RetryLater(OkoshiError):
    """The other side is down or busy; `delay` is how long to wait before the same thing is worth another try."""

    exit_code = 4

    def __init__(self, message: str, delay: timedelta | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.delay = delay


class SkipRecord(OkoshiError):
    """One record cannot be used for `reason`; it is set aside and shown, the rest goes on."""

    exit_code = 0

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StopSync(OkoshiError):
    """Going on is not allowed now (budget, guard rail, another run alive); `resume_at` says when, if known."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        resume_at: datetime | None = None,
        *,
        code: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.resume_at = resume_at


class ConflictingPlan(OkoshiError):
    """Reality moved since the plan was made; make a new plan."""

    exit_code = 3
