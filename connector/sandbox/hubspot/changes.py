"""What changed in the portal, told to whoever subscribed – the webhooks do.

Read from the journal once a write is complete, so that nothing is told that was taken back, whether an app's request
or a person's act made it. It must not know who listens or what is sent of it.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal
from weakref import WeakKeyDictionary

from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.schema import OBJECTS, PRIMARY
from connector.sandbox.world import World

Kind = Literal["created", "property", "deleted", "merged", "association"]
API, PERSON, CUSTOMER = "INTEGRATION", "CRM_UI", "ANALYTICS"
API_ACTOR = "hubspot-private-app"  # the actor that the journal names for a write of the API


@dataclass(frozen=True)
class Linked:
    """The other side of an association that came (or, `removed`, went), as the type id of this direction has it."""

    object_type: str
    object_id: str
    type_id: int
    primary: bool
    removed: bool


@dataclass(frozen=True)
class PortalChange:
    """One thing that happened to one record.

    `object_type` is the plural name (`contacts`), `value` a property's new value as webhooks send it: text, times as
    epoch milliseconds, empty when cleared. `at` is the vendor's stored time, `source` the vendor's `changeSource`.
    `number` counts up and is never used twice. A merge names the survivor in `object_id` and the others in `merged`.
    """

    object_type: str
    object_id: str
    change: Kind
    property: str | None
    value: str | None
    at: str
    source: str
    number: int = 0
    actor: str = ""
    merged: tuple[str, ...] = ()
    linked: Linked | None = None


Observer = Callable[[PortalChange], None]


@dataclass
class _Watch:
    """Who listens to one world, and up to which entry of its journal they heard."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    observers: list[Observer] = field(default_factory=list)
    heard: int = 0
    told: int = 0


_WATCHES: "WeakKeyDictionary[World, _Watch]" = WeakKeyDictionary()


def subscribe(world: World, observer: Observer) -> None:
    """From now on, tell this callable of every change; it is called in the writer's thread and must be quick."""
    watch = _WATCHES.setdefault(world, _Watch())
    with watch.lock:
        if not watch.observers:
            watch.heard = _last(world)
        watch.observers.append(observer)


def publish(world: World) -> None:
    """Tell what the journal gained; called after a request or an act that may have written, outside of transactions."""
    watch = _WATCHES.get(world)
    if watch is None:
        return
    with watch.lock:
        for entry in world.select("SELECT * FROM journal WHERE seq > ? ORDER BY seq", (watch.heard,)):
            watch.heard = int(entry["seq"])
            if entry["vendor"] != "hubspot":
                continue
            for change in _changes(world, {**entry, **{name: json.loads(entry[name]) for name in ("before", "after")}}):
                watch.told += 1
                for observer in watch.observers:
                    observer(replace(change, number=watch.told))


def _last(world: World) -> int:
    return int(world.tuples("SELECT COALESCE(MAX(seq), 0) FROM journal")[0][0])


# -- one entry of the journal ------------------------------------------------------------------------------------------


def _changes(world: World, entry: Mapping[str, Any]) -> Iterator[PortalChange]:
    if entry["object"] == "associations":
        yield from _links(world, entry)
    elif entry["object"] in OBJECTS:
        yield from _record(world, entry)


def _record(world: World, entry: Mapping[str, Any]) -> Iterator[PortalChange]:
    place, operation = (entry["object"], entry["id"]), entry["operation"]
    if operation == "create":
        yield _change(entry, place, "created")
    if operation in ("create", "update"):
        types = {one.name: one.type for one in definitions(world).of(entry["object"])}
        for name, value in entry["after"].items():
            if name in types:
                yield _change(entry, place, "property", property=name, value=_told(types[name], value))
    elif operation == "delete":
        yield _change(entry, place, "deleted")
    elif operation == "merge":
        yield _change(entry, place, "merged", merged=tuple(entry["after"]["merged"]))


def _links(world: World, entry: Mapping[str, Any]) -> Iterator[PortalChange]:
    """Both directions of each link; the two lists of types of a pair run in step."""
    from_type, from_id, to_type, to_id = entry["id"].split("/")
    here, there, removed = (from_type, from_id), (to_type, to_id), entry["operation"] == "dissociate"
    known = definitions(world).association_types((from_type, to_type))
    back = definitions(world).association_types((to_type, from_type))
    wanted = (entry["before"] if removed else entry["after"])["types"]
    for one, other in zip(known, back, strict=True):
        if one.type_id not in wanted:
            continue
        primary = one.label == PRIMARY
        yield _change(entry, here, "association", linked=Linked(*there, one.type_id, primary, removed))
        if here != there:
            yield _change(entry, there, "association", linked=Linked(*here, other.type_id, primary, removed))


def _change(entry: Mapping[str, Any], place: tuple[str, str], kind: Kind, **more: Any) -> PortalChange:
    actor = str(entry["actor"])
    told = {"property": None, "value": None, "at": entry["time"], "source": _source(actor), "actor": actor}
    return PortalChange(object_type=place[0], object_id=place[1], change=kind, **{**told, **more})


def _source(actor: str) -> str:
    """Whom the vendor names: the app, a colleague (an owner's number), or its own tracking of a customer."""
    if actor == API_ACTOR:
        return API
    return PERSON if actor.isdigit() else CUSTOMER


def _told(type_: str, value: Any) -> str:
    """A value as webhooks have it: text, times and days in epoch milliseconds, nothing as the empty text."""
    if value is None:
        return ""
    if type_ == "bool":
        return "true" if value else "false"
    if type_ in ("date", "datetime"):
        moment = datetime.fromisoformat(str(value))
        return str(round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
