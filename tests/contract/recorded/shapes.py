"""Whether two answers have the same shape: the same keys at every depth, the same JSON types, null and absent alike.

Used to hold the sandbox's answers against recorded ones. It must not know vendors; every exception that a caller makes
is a `Known` with its reason in words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TYPES: Mapping[type, str] = {
    str: "text",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
    dict: "object",
    list: "list",
}


FORMATS: Mapping[str, re.Pattern[str]] = {
    "a time with milliseconds and Z": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "a time with Z": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "a time with milliseconds and +0000": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000"),
    "a day": re.compile(r"\d{4}-\d\d-\d\d"),
    "digits": re.compile(r"-?\d+"),
    "an address of the API": re.compile(r"/services/data/.*"),
}


@dataclass(frozen=True)
class Known:
    """Differences at paths that fit `path` (a pattern) are no faults, for this reason."""

    path: str
    reason: str

    def covers(self, difference: "Difference") -> bool:
        return re.fullmatch(self.path, difference.path) is not None


@dataclass(frozen=True)
class Difference:
    """One place where the answers differ, and how."""

    path: str
    how: str

    def __str__(self) -> str:
        return f"{self.path}: {self.how}"


@dataclass
class Shape:
    """What stands at one path in all the places that it stands for: types, and members with how often each is there."""

    seen: int = 0
    types: set[str] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    members: "dict[str, Shape]" = field(default_factory=dict)
    objects: int = 0
    items: "Shape | None" = None

    def add(self, value: Any) -> "Shape":
        """This shape, with one more value taken in."""
        self.seen += 1
        self.types.add(TYPES[type(value)])
        if isinstance(value, str) and value:
            self.formats.add(next((name for name, form in FORMATS.items() if form.fullmatch(value)), "text"))
        if isinstance(value, dict):
            self.objects += 1
            for name, member in value.items():
                self.members.setdefault(name, Shape()).add(member)
        elif isinstance(value, list):
            for item in value:
                self.items = (self.items or Shape()).add(item)
        return self

    def always_has(self, name: str) -> bool:
        """Whether every object at this path has this member."""
        return name in self.members and self.members[name].seen == self.objects


def differences(recorded: Any, answered: Any, *, known: Sequence[Known] = ()) -> list[Difference]:
    """Where `answered` does not have the shape of `recorded`, save what is `known`.

    Members of a list's items are taken together: what all recorded items have all answered ones must have, what some
    have some may have. A list without items, or a value that is null in all the recording, tells nothing of its type.
    """
    found = _compare("$", Shape().add(recorded), Shape().add(answered))
    return [one for one in found if not any(each.covers(one) for each in known)]


def unused(recorded: Any, answered: Any, known: Iterable[Known]) -> list[Known]:
    """Exceptions that excuse nothing (any more)."""
    found = list(_compare("$", Shape().add(recorded), Shape().add(answered)))
    return [each for each in known if not any(each.covers(one) for one in found)]


def _compare(path: str, recorded: Shape, answered: Shape) -> Iterator[Difference]:
    strange = answered.types - recorded.types
    if strange and recorded.types != {"null"}:
        told, real = (" or ".join(sorted(types)) for types in (answered.types, recorded.types))
        yield Difference(path, f"is {told}, recorded was {real}")
    if len(recorded.formats) == 1 and "text" not in recorded.formats and answered.formats - recorded.formats:
        yield Difference(path, f"is {' or '.join(sorted(answered.formats))}, recorded was {min(recorded.formats)}")
    if recorded.objects and answered.objects:
        yield from _compare_members(path, recorded, answered)
    if recorded.items and answered.items:
        yield from _compare(f"{path}[]", recorded.items, answered.items)


def _compare_members(path: str, recorded: Shape, answered: Shape) -> Iterator[Difference]:
    for name, member in recorded.members.items():
        here = f"{path}.{name}"
        if recorded.always_has(name) and not answered.always_has(name):
            how = "is not always there" if name in answered.members else "is missing"
            yield Difference(here, f"{how}, recorded it was always there ({' or '.join(sorted(member.types))})")
        elif name in answered.members and answered.always_has(name) and answered.objects > 1:
            missing = not recorded.always_has(name) and recorded.objects > 1 and "null" in answered.members[name].types
            if missing and "null" not in member.types:
                yield Difference(here, "is null where it was recorded as absent")
        if name in answered.members:
            yield from _compare(here, member, answered.members[name])
    for name, member in answered.members.items():
        if name not in recorded.members:
            told = " or ".join(sorted(member.types))
            yield Difference(f"{path}.{name}", f"is there ({told}), recorded it never was")
