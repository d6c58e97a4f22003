"""Which properties and property groups a portal has at the moment: the vendor's own, and those that an app made.

Asked by everything that reads or writes records; one set for each world. It must not know the wire.
"""

import threading
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from connector.sandbox.hubspot.properties import PROPERTIES, Property
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES, AssociationType
from connector.sandbox.world import World

_OWN = "USER_DEFINED"
_FIRST_LABEL = 1_001  # above the vendor's own numbers
_AFFINITY = {"number": "NUMERIC", "bool": "INTEGER"}


@dataclass(frozen=True)
class Group:
    """One heading under which properties are shown."""

    name: str
    label: str
    display_order: int = -1


@dataclass(frozen=True)
class Archived:
    """A property that no longer answers, and since when."""

    property: Property
    at: str


class Definitions:
    """The properties of one portal; safe to ask from any thread."""

    event_types: tuple[str, ...] = ()  # none: the account's tier has no event occurrences

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live = {object_: {one.name: one for one in known} for object_, known in PROPERTIES.items()}
        self._lists = dict(PROPERTIES)
        self._labels: dict[tuple[str, str], list[AssociationType]] = {}
        self._gone: dict[tuple[str, str], Archived] = {}
        self._groups = {
            object_: {one.group: Group(one.group, one.group) for one in known} for object_, known in PROPERTIES.items()
        }

    def of(self, object_: str) -> tuple[Property, ...]:
        return self._lists[object_]

    def find(self, object_: str, name: str) -> Property | None:
        return self._live[object_].get(name)

    def is_key(self, object_: str, name: str) -> bool:
        """Whether a record may be named by its value of this property."""
        found = self.find(object_, name)
        return found is not None and found.unique

    def archived(self, object_: str) -> list[Archived]:
        with self._lock:
            return [one for (owner, _), one in self._gone.items() if owner == object_]

    def put(self, object_: str, one: Property) -> None:
        """A new property, or another definition of a known one."""
        with self._lock:
            self._live[object_][one.name] = one
            self._gone.pop((object_, one.name), None)
            self._lists[object_] = tuple(self._live[object_].values())

    def archive(self, object_: str, name: str, at: str) -> None:
        """From now on the property does not exist for readers and writers."""
        with self._lock:
            self._gone[object_, name] = Archived(self._live[object_].pop(name), at)
            self._lists[object_] = tuple(self._live[object_].values())

    def forget(self, object_: str, name: str) -> None:
        """This portal never had the property."""
        with self._lock:
            self._live[object_].pop(name, None)
            self._lists[object_] = tuple(self._live[object_].values())

    def association_types(self, pair: tuple[str, str]) -> tuple[AssociationType, ...]:
        """The types of links from one object to another, the unlabelled one first; both directions run in step."""
        return (*ASSOCIATION_TYPES.get(pair, ()), *self._labels.get(pair, ()))

    def add_label(self, pair: tuple[str, str], label: str, inverse: str) -> tuple[AssociationType, AssociationType]:
        """A label of the company's own, for both directions."""
        with self._lock:
            number = _FIRST_LABEL + 2 * sum(map(len, self._labels.values()))
            here = AssociationType(number, label, _OWN)
            there = AssociationType(number + 1, inverse, _OWN)
            self._labels.setdefault(pair, []).append(here)
            self._labels.setdefault((pair[1], pair[0]), []).append(there)
        return here, there

    def groups(self, object_: str) -> list[Group]:
        with self._lock:
            return list(self._groups[object_].values())

    def group(self, object_: str, name: str) -> Group | None:
        return self._groups[object_].get(name)

    def put_group(self, object_: str, one: Group) -> None:
        with self._lock:
            self._groups[object_][one.name] = one

    def drop_group(self, object_: str, name: str) -> None:
        with self._lock:
            self._groups[object_].pop(name, None)


_OF_WORLD: "WeakKeyDictionary[World, Definitions]" = WeakKeyDictionary()
_MAKING = threading.Lock()


def definitions(world: World) -> Definitions:
    """The definitions of this world's portal."""
    with _MAKING:
        found = _OF_WORLD.get(world)
        if found is None:
            found = _OF_WORLD[world] = Definitions()
        return found


def add_property(world: World, object_: str, one: Property, at: str) -> Property:
    """Make a column for a new property, empty for every record, and define it."""
    made = replace(one, custom=True, defined_at=at, changed_at=at)
    there = {str(row[1]) for row in world.tuples(f'PRAGMA table_info("hubspot_{object_}")')}
    with world.transaction():
        if one.name in there:
            world.execute(f'UPDATE "hubspot_{object_}" SET "{one.name}" = NULL')
        else:
            affinity = _AFFINITY.get(one.type, "TEXT")
            world.execute(f'ALTER TABLE "hubspot_{object_}" ADD COLUMN "{one.name}" {affinity}')
        if one.unique:
            index = f'CREATE INDEX IF NOT EXISTS "hubspot_{object_}_{one.name}" ON "hubspot_{object_}"'
            world.execute(f'{index} ("{one.name}" COLLATE NOCASE)')
    definitions(world).put(object_, made)
    return made
