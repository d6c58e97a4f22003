"""Finds what earlier tries wrote to HubSpot: by id, by a unique property, or by the key in a text of what is linked.

Called by the HubSpot sink before it writes and after a crash. Search is no help: it lags, so it proves no absence.
Writes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from connector.clients.hubspot import HubSpotClient
from connector.model.errors import SkipRecord
from connector.model.plan import Change, Operation
from connector.model.records import Ref
from connector.model.sync import Found
from connector.sinks.hubspot_links import PREFIX, ids, linked
from connector.sinks.hubspot_values import Property, same, wire
from connector.sinks.keyed_text import holds_key

KEY_PROPERTY = "okoshi_key"
MERGED = "hs_merged_object_ids"
_NATURAL_KEYS = {"contacts": "email"}
"""Properties that the vendor itself keeps unique, for objects that may lack a key of ours."""

BY_ID, BY_TEXT = "id", ""


@dataclass(eq=False)
class Portal:
    """The client, and what the portal tells of its properties, asked once for each object."""

    client: HubSpotClient
    _known: dict[str, Mapping[str, Property]] = field(default_factory=dict)

    def properties(self, object_: str) -> Mapping[str, Property]:
        """The properties of an object by name."""
        if object_ not in self._known:
            told = self.client.properties(object_)
            self._known[object_] = {name: Property.of(definition) for name, definition in told.items()}
        return self._known[object_]

    def read(self, change: Change) -> list[str]:
        """Names of the properties that this change is about."""
        return sorted(self.properties(change.object).keys() & change.fields.keys())

    def values(self, change: Change) -> Mapping[str, str]:
        """A change's properties as the vendor takes them. Raises SkipRecord for what it would refuse."""
        known = self.properties(change.object)
        given = {name: field.after for name, field in change.fields.items() if not name.startswith(PREFIX)}
        for name in given:
            if name not in known:
                raise SkipRecord(f"HubSpot has no property {name} on {change.object}")
            if known[name].read_only:
                raise SkipRecord(f"HubSpot lets nobody write the property {name} of {change.object}")
        return {name: wire(known[name], value) for name, value in given.items()}


def find(portal: Portal, changes: Sequence[Change]) -> dict[str, Found]:
    """The records that exist for `changes`, by key; of several the living one. What cannot be found again is absent."""
    found = _each_way(portal, changes, _way)
    # The property may be younger than the record, which then has its key in its text.
    absent = [change for change in changes if change.key not in found and _way(portal, change) == KEY_PROPERTY]
    return found | _each_way(portal, absent, lambda _, change: BY_TEXT if _has_text_way(change) else None)


def _each_way(
    portal: Portal, changes: Sequence[Change], choose: Callable[[Portal, Change], str | None]
) -> dict[str, Found]:
    found: dict[str, Found] = {}
    chosen = [
        (change.object, way, number)
        for number, change in enumerate(changes)
        if (way := choose(portal, change)) is not None
    ]
    for (object_, way), group in groupby(sorted(chosen), key=lambda one: one[:2]):
        alike = [changes[number] for _, _, number in group]
        look = _by_text(portal, object_, alike) if way == BY_TEXT else _by_key(portal, object_, way, alike)
        found |= look
    return found


def _by_key(portal: Portal, object_: str, way: str, changes: Sequence[Change]) -> dict[str, Found]:
    living = by_value(portal, object_, way, changes)
    if way == _NATURAL_KEYS.get(object_):
        # The key is not ours: only a record just as we would have made it is taken for the one that we made.
        return {key: living[key] for key in living if _as_wanted(portal, changes, key, living[key])}
    gone = [change for change in changes if change.key not in living]
    return living | by_value(portal, object_, way, gone, archived=True)


def _as_wanted(portal: Portal, changes: Sequence[Change], key: str, found: Found) -> bool:
    known = portal.properties(found.record.object)
    change = next(one for one in changes if one.key == key)
    return all(same(known[name], found.fields[name], change.fields[name].after) for name in found.fields)


def by_value(
    portal: Portal, object_: str, way: str, changes: Sequence[Change], *, archived: bool = False
) -> dict[str, Found]:
    """The living (or archived) records of `changes`, by key. A merged id leads to the record that swallowed it."""
    if not changes:
        return {}
    read = sorted({name for change in changes for name in portal.read(change)})
    wanted = {change.key: _value(way, change) for change in changes}
    rows = portal.client.batch_read(
        object_,
        list(dict.fromkeys(wanted.values())),
        [*read, MERGED] if way == BY_ID else sorted({*read, way}),
        id_property=None if way == BY_ID else way,
        archived=archived,
    )
    by_name = {name: row for row in rows for name in _names(way, row)}
    return {
        change.key: _found(change, by_name[name], portal.read(change), deleted=archived)
        for change in changes
        if (name := wanted[change.key].lower()) in by_name
    }


def key_property(portal: Portal, change: Change) -> str | None:
    """The unique property by which a creation is found again: the one with our key, or else the vendor's own."""
    known = portal.properties(change.object)
    for name, written in change.fields.items():
        if written.after == change.key and name in known and known[name].unique:
            return name
    if KEY_PROPERTY in known and known[KEY_PROPERTY].unique:
        return KEY_PROPERTY
    natural = _NATURAL_KEYS.get(change.object)
    return natural if natural in change.fields and change.fields[natural].after else None


def findable(portal: Portal, change: Change) -> None:
    """Raises SkipRecord for a creation that could not be found again and might so be made twice."""
    if _way(portal, change) is None:
        raise SkipRecord(
            f"HubSpot has no unique property {KEY_PROPERTY} on {change.object}, and no text of the new record ends a "
            "line with its key and links it to something: it might be created twice"
        )


def _way(portal: Portal, change: Change) -> str | None:
    """How to find the record: its id, a unique property, or its text."""
    if change.operation is not Operation.CREATE:
        return BY_ID if change.id else None
    return key_property(portal, change) or (BY_TEXT if _has_text_way(change) else None)


def _has_text_way(change: Change) -> bool:
    return any(ids(one.after) for _, one in linked(change)) and bool(_texts(change))


def _texts(change: Change) -> list[str]:
    """The properties whose new text holds the key."""
    given = ((name, one.after) for name, one in change.fields.items() if not name.startswith(PREFIX))
    return [name for name, text in given if isinstance(text, str) and holds_key(text, change.key)]


def _value(way: str, change: Change) -> str:
    if way == BY_ID:
        return str(change.id)
    given = change.fields.get(way)
    return str(given.after) if given is not None and given.after else change.key


def _names(way: str, row: Mapping[str, Any]) -> Iterator[str]:
    """What a look-up may have called this record, in lower case as the vendor compares."""
    properties = row.get("properties") or {}
    if way == BY_ID:
        yield str(row["id"])
        yield from (one for one in str(properties.get(MERGED) or "").split(";") if one)
    elif properties.get(way) is not None:
        yield str(properties[way]).lower()


def _by_text(portal: Portal, object_: str, changes: Sequence[Change]) -> dict[str, Found]:
    """Reads everything of this object that hangs on what the changes link to, and looks for the keys in its texts."""
    near: dict[str, set[str]] = {}
    for to in sorted({to for change in changes for to, _ in linked(change)}):
        parents = sorted(
            {one for change in changes for name, field in linked(change) if name == to for one in ids(field.after)}
        )
        for parent, records in portal.client.associations(to, object_, parents).items():
            near.setdefault(f"{to}:{parent}", set()).update(records)
    names = sorted({name for change in changes for name in portal.read(change)})
    candidates = sorted({record for records in near.values() for record in records})
    rows = {str(row["id"]): row for row in portal.client.batch_read(object_, candidates, names)} if candidates else {}
    return {change.key: found for change in changes if (found := _held(portal, change, near, rows)) is not None}


def _held(
    portal: Portal, change: Change, near: Mapping[str, Iterable[str]], rows: Mapping[str, Mapping[str, Any]]
) -> Found | None:
    """The oldest record near this change's links that holds its key."""
    texts = _texts(change)
    hung = {
        one for to, field in linked(change) for parent in ids(field.after) for one in near.get(f"{to}:{parent}", ())
    }
    for record in sorted(hung & rows.keys(), key=lambda one: (len(one), one)):
        properties = rows[record].get("properties") or {}
        if any(holds_key(str(properties.get(name) or ""), change.key) for name in texts):
            return _found(change, rows[record], portal.read(change), deleted=False)
    return None


def _found(change: Change, row: Mapping[str, Any], read: Sequence[str], *, deleted: bool) -> Found:
    properties = row.get("properties") or {}
    record = Ref(change.system, change.object, str(row["id"]))
    return Found(record, deleted, {name: properties.get(name) for name in read})
