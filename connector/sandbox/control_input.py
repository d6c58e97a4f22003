"""What is posted to the control URL, checked: durations, times, and objects read member by member.

Used by `control` and by the readers of faults, drift and webhooks; it must not know what is done with it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


class WrongRequest(Exception):
    """The control URL was asked for something that it cannot do; the text says what it expects."""


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds (months and years have no fixed length)."""
    found = _DURATION.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        raise WrongRequest(f"{text} is not a duration: use weeks to seconds, for example P1D or PT90M.")
    parts = {name: float(value) for name, value in found.groupdict().items() if value and name != "sign"}
    return timedelta(**parts) * (-1 if found["sign"] else 1)


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise WrongRequest(f"{text} is not a time: use for example 2026-11-19T09:00:00+09:00.") from problem
    if found.tzinfo is None:
        raise WrongRequest(f"{text} has no offset: use for example 2026-11-19T09:00:00+09:00.")
    return found


class Members:
    """One posted object; it remembers which members its reader knows, so that a misspelt one is told, not ignored."""

    def __init__(self, what: str, given: Any) -> None:
        if not isinstance(given, dict):
            raise WrongRequest(f"{what} is a JSON object.")
        self.what = what
        self.given: Mapping[str, Any] = given
        self._known: set[str] = set()

    def value(self, name: str, default: Any = None) -> Any:
        """One member as it was posted; null stays null."""
        self._known.add(name)
        return self.given.get(name, default)

    def has(self, name: str) -> bool:
        return self.given.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str | None:
        found = self.value(name)
        if found is None:
            return default
        if not isinstance(found, str) or not found:
            raise WrongRequest(f"{name} must be a text that is not empty, not {found}.")
        return found

    def needed(self, name: str, example: str) -> str:
        found = self.text(name)
        if found is None:
            raise WrongRequest(f"{self.what} needs {name}, for example {example}.")
        return found

    def choice(self, name: str, choices: Iterable[str], default: str | None = None) -> str | None:
        found, known = self.value(name), sorted(choices)
        if found is None:
            return default
        if found not in known:
            raise WrongRequest(f"{name} is one of {', '.join(known)}, not {found}.")
        return str(found)

    def whole(self, name: str, default: int | None, least: int = 0) -> int | None:
        """A whole number; null is told apart from absence (`times: null` is for ever)."""
        found = self.value(name, default)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int) or found < least:
            raise WrongRequest(f"{name} must be a whole number from {least} on, not {found}.")
        return found

    def number(self, name: str, default: float, least: float = 0.0, most: float = 1e9) -> float:
        found = self.value(name, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
            raise WrongRequest(f"{name} must be a number from {least:g} to {most:g}, not {found}.")
        return float(found)

    def words(self, name: str) -> tuple[str, ...]:
        """A text or a list of texts."""
        found = self.value(name)
        listed = found if isinstance(found, list) else [] if found is None else [found]
        if not all(isinstance(one, str) and one for one in listed):
            raise WrongRequest(f"{name} must be a text or a list of texts, not {found}.")
        return tuple(listed)

    def flag(self, name: str, *, default: bool) -> bool:
        found = self.value(name, default)
        if not isinstance(found, bool):
            raise WrongRequest(f"{name} must be true or false, not {found}.")
        return found

    def texts(self, name: str) -> dict[str, str]:
        """An object whose values are texts (or numbers, taken as texts)."""
        found = self.value(name)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise WrongRequest(f'{name} must be an object, for example {{"Retry-After": "1"}}.')
        return {str(key): str(value) for key, value in found.items()}

    def pattern(self, name: str) -> re.Pattern[str] | None:
        found = self.text(name)
        if found is None:
            return None
        try:
            return re.compile(found)
        except re.error as problem:
            raise WrongRequest(f"{name} is not a regular expression: {problem}.") from problem

    def refuse_unknown(self) -> None:
        """To be asked when all that is known has been read."""
        unknown = sorted(set(self.given) - self._known)
        if unknown:
            raise WrongRequest(f"{self.what} knows no {', '.join(unknown)}: it takes {', '.join(sorted(self._known))}.")
