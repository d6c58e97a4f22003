"""What a check found, as values: a state, the text that says it and what fills the text in, and what to do next.

Made by the doctor's checks, put into words by the command.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.model.errors import OkoshiError, RetryLater, StopSync

NEEDS_A_PERSON, VENDOR_DOWN = 2, 4


class State(StrEnum):
    """`warning`: usable all the same. `failed`: a person must change something. `down`: the other side, not we."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    DOWN = "down"


@dataclass(frozen=True)
class Finding:
    """One line of the examination. `text` and `advice` are keys of the command's texts, which `values` fill in.

    `details` are lines that are shown as they are; with `error` its own explanation is the text.
    """

    check: str
    state: State
    text: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    advice: str | None = None
    details: tuple[str, ...] = ()
    error: OkoshiError | None = None


def ok(check: str, **values: object) -> Finding:
    """All is well."""
    return Finding(check, State.OK, f"{check}.ok", values)


def warning(check: str, text: str, values: Mapping[str, object], details: Iterable[str] = ()) -> Finding:
    """Something is missing that Okoshi gets along without."""
    return Finding(check, State.WARNING, text, values, f"{check}.advice", tuple(details))


def failed(check: str, text: str, **values: object) -> Finding:
    """Nothing works without it."""
    return Finding(check, State.FAILED, text, values, f"{check}.advice")


def of_error(check: str, error: OkoshiError) -> Finding:
    """What an error means here: it explains itself. A day whose calls are used up passes by itself."""
    if isinstance(error, RetryLater):
        state = State.DOWN
    elif isinstance(error, StopSync) and error.code == "daily_limit":
        state = State.WARNING
    else:
        state = State.FAILED
    return Finding(check, state, error=error)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 when Okoshi can work, 2 when a person must change something, 4 when only a vendor is in the way."""
    states = {finding.state for finding in findings}
    if State.FAILED in states:
        return NEEDS_A_PERSON
    return VENDOR_DOWN if State.DOWN in states else 0
