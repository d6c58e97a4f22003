"""One request and one answer as the handlers see them, and how stored rows look on the wire.

Used by every handler of the portal; it must not know routes, sign-in or rate limits.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.properties import Property
from connector.sandbox.hubspot.schema import CLEARED, TYPE_IDS, default_properties, object_of
from connector.sandbox.world import World

VISIBLE = '("_visible_at" IS NULL OR "_visible_at" <= ?)'


@dataclass(frozen=True)
class Portal:
    """One simulated HubSpot account and the contract it has with its one app."""

    access_token: str
    client_secret: str
    portal_id: int = 48_210_777
    requests_per_ten_seconds: int = 190
    searches_per_second: int = 5
    daily_limit: int = 650_000
    out_of_order: bool = False
    base_url: str = "https://api.hubapi.com"


@dataclass(frozen=True)
class Call:
    """One authenticated request."""

    world: World
    portal: Portal
    path: str
    params: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: bytes
    used_today: int = 0

    def one(self, name: str) -> str | None:
        """The last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def many(self, name: str) -> list[str]:
        """A list parameter: repeated, comma-separated, or both."""
        return [item for key, value in self.query if key == name for item in value.split(",") if item]

    def flag(self, name: str) -> bool:
        return (self.one(name) or "").lower() == "true"

    def number(self, name: str, default: int, highest: int) -> int:
        text = self.one(name)
        if text is None:
            return default
        if not text.isdigit():
            raise errors.validation(f"Invalid query parameter {name}: expected a number")
        if int(text) > highest:
            raise errors.validation(f"{name} exceeds the highest value allowed: {highest}")
        return int(text)

    def any_json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as problem:
            raise errors.bad_json("Unable to parse the request body") from problem

    def json(self) -> dict[str, Any]:
        found = self.any_json()
        if not isinstance(found, dict):
            raise errors.bad_json("Cannot deserialize value: an object is expected")
        return found

    def object_type(self, name: str = "object") -> str:
        found = object_of(self.params[name])
        if found is None:
            raise errors.unknown_object(self.params[name])
        return found


@dataclass(frozen=True)
class Answer:
    """What a handler answers when it does not refuse."""

    body: Any
    status: int = 200


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Projection:
    """Which properties of an object a request wants to see."""

    object_: str
    properties: tuple[Property, ...]
    history: tuple[str, ...] = ()

    @property
    def columns(self) -> str:
        names = dict.fromkeys(("id", "createdAt", "updatedAt", "archived", CLEARED))
        names |= dict.fromkeys(one.name for one in self.properties)
        return ", ".join(f'"{name}"' for name in names)


def projection(world: World, object_: str, wanted: Iterable[str], history: Iterable[str] = ()) -> Projection:
    """Unknown names are ignored, as the vendor does on reads; the system properties always come along."""
    asked = [name.strip().lower() for name in wanted]
    told = [name.strip().lower() for name in history]
    known = definitions(world).of(object_)
    names = {*default_properties(object_)} if not asked else {*asked, *_always(known)}
    names |= set(told)
    chosen = tuple(sorted((one for one in known if one.name in names), key=lambda one: one.name))
    available = {one.name for one in known}
    return Projection(object_, chosen, tuple(name for name in told if name in available))


def _always(known: Sequence[Property]) -> tuple[str, ...]:
    return tuple(one.name for one in known if one.system and one.name.endswith(("date", "_id")))


def shown(type_: str, value: Any) -> str | None:
    """The vendor sends every property value as a string, and null where nothing ever was."""
    if value is None:
        return None
    if type_ == "bool":
        return "true" if value else "false"
    if type_ == "number" and isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def record(call: Call, wanted: Projection, row: Mapping[str, Any]) -> dict[str, Any]:
    """One CRM object as every endpoint answers it."""
    properties = {one.name: shown(one.type, row[one.name]) for one in wanted.properties}
    emptied = (name for name in (row[CLEARED] or "").split(";") if name in properties and properties[name] is None)
    properties |= dict.fromkeys(emptied, "")
    body: dict[str, Any] = {"id": row["id"], "properties": properties}
    if wanted.history:
        body["propertiesWithHistory"] = {name: _history(properties[name], row) for name in wanted.history}
    body |= {"createdAt": row["createdAt"], "updatedAt": row["updatedAt"], "archived": bool(row["archived"])}
    if row["archived"]:
        body["archivedAt"] = row["updatedAt"]
    place = f"{call.portal.portal_id}/record/{TYPE_IDS[wanted.object_]}/{row['id']}"
    body["url"] = f"https://app.hubspot.com/contacts/{place}"
    return body


def _history(value: str | None, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The portal keeps the present value only, so the history has one entry."""
    if value is None:
        return []
    return [{"value": value, "timestamp": row["updatedAt"], "sourceType": "CRM_UI", "sourceId": "userId:0"}]


@dataclass(frozen=True)
class Batch:
    """The frame that every batch endpoint puts around its results."""

    started_at: str
    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, world: World, status: int = 200) -> Answer:
        body: dict[str, Any] = {"status": "COMPLETE", "results": self.results}
        if self.errors:
            body |= {"numErrors": len(self.errors), "errors": self.errors}
        body |= {"startedAt": self.started_at, "completedAt": stored_datetime(world.clock.now())}
        return Answer(body, 207 if self.errors else status)


def inputs(body: Mapping[str, Any], highest: int) -> list[dict[str, Any]]:
    """The `inputs` of a batch, checked for shape and number."""
    found = body.get("inputs")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise errors.bad_json("Some required fields were not set: [inputs]")
    if len(found) > highest:
        raise errors.validation(f"The maximum number of inputs supported in a batch request is {highest}")
    return found


def identifiers(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of a batch's inputs, in order."""
    ids = []
    for one in found:
        if one.get("id") in (None, ""):
            raise errors.bad_json("Cannot build the input, some of required attributes are not set [id]")
        ids.append(str(one["id"]))
    return ids
