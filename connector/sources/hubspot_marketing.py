"""Reads HubSpot's lists and who is in them, and holds what all streams share that are no CRM objects.

Each of these streams has its own way of telling what is new. Made by the HubSpot source; knows nothing of programs.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from connector.clients.errors import Refused
from connector.clients.hubspot import HubSpotClient
from connector.model.sync import Batch
from connector.sources.hubspot_stream import HubSpotStream
from connector.sources.records import Row

CONTACTS = "0-1"
"""The object type id of contacts: lists of other objects hold no people."""

FILLED_BY_HAND = frozenset({"MANUAL", "SNAPSHOT"})
ROWS = 1_000
GONE = "OBJECT_NOT_FOUND"


class MarketingStream(Protocol):
    """One of these streams; `complete` as in `Source`."""

    complete: bool

    def probe(self) -> None:
        """Raises ConfigurationError or Refused where the portal or the token does not have it."""
        ...

    def read(self, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """As `Source.read`."""
        ...


class Reading:
    """What the streams share: the client, the mapping's translation, and a cursor that is JSON."""

    complete = True

    def __init__(self, client: HubSpotClient, stream: HubSpotStream) -> None:
        self.client = client
        self.stream = stream

    def kept(self, cursor: str | None) -> dict[str, Any] | None:
        """What the cursor holds, unless it covers other fields than are read now."""
        read: dict[str, Any] = json.loads(cursor) if cursor else {}
        return read if read.get("fields") == self.stream.available.fingerprint else None

    def cursor(self, **kept: Any) -> str:
        """The cursor that keeps these."""
        return json.dumps({"fields": self.stream.available.fingerprint, **kept})


class _OfLists(Reading):
    def probe(self) -> None:
        """Lists need a scope of their own."""
        next(self.client.lists(), None)

    def lists(self) -> Iterator[dict[str, Any]]:
        """All lists of contacts."""
        return (found for found in self.client.lists() if found.get("objectTypeId", CONTACTS) == CONTACTS)


class Lists(_OfLists):
    """All lists of contacts, read whole each time: one call tells 500 of them."""

    def read(self, cursor: str | None, now: datetime) -> Iterator[Batch]:  # noqa: ARG002 -- the protocol's signature
        """All of them, whatever was read before. The cursor says only that they were: what is gone is told nightly."""
        lists = self.lists()
        while some := list(islice(lists, ROWS)):
            rows = [
                Row(
                    id=str(found["listId"]),
                    modified_at=found.get("updatedAt") or found.get("createdAt"),
                    created_at=found.get("createdAt"),
                    values=found,
                )
                for found in some
            ]
            yield self.stream.batch(rows, None)
        yield Batch(cursor=self.cursor())


class Memberships(_OfLists):
    """Who is in which list.

    The vendor tells no changes of memberships: a list that is filled by hand is read anew when its size or its last
    entry has moved, the others, which fill themselves, with the whole readings only. Who has left is seen there too.
    """

    def read(self, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """List by list; the cursor names those that are there and read."""
        kept = self.kept(cursor) or {"loading": True, "lists": {}}
        read: dict[str, str] = dict(kept["lists"])
        there: list[str] = []
        for found in self.lists():
            list_id, mark = str(found["listId"]), _mark(found)
            there.append(list_id)
            by_hand = found.get("processingType") in FILLED_BY_HAND
            if read.get(list_id) == mark or not (by_hand or kept["loading"]):
                continue
            yield from self._members(list_id, now)
            read[list_id] = mark
            yield Batch(cursor=self.cursor(loading=kept["loading"], lists=read))
        read = {list_id: read[list_id] for list_id in there if list_id in read}
        yield Batch(cursor=self.cursor(loading=False, lists=read))

    def _members(self, list_id: str, now: datetime) -> Iterator[Batch]:
        members = self.client.memberships(list_id)
        try:
            while some := list(islice(members, ROWS)):
                yield self.stream.batch([_membership(list_id, member, now) for member in some], None)
        except Refused as error:
            if error.code != GONE:  # somebody deleted the list since we heard of it
                raise


def _membership(list_id: str, member: Mapping[str, Any], now: datetime) -> Row:
    return Row(
        id=f"{list_id}:{member['recordId']}",
        modified_at=member.get("membershipTimestamp") or now,
        created_at=member.get("membershipTimestamp"),
        values={"listId": list_id, **member},
    )


def _mark(found: Mapping[str, Any]) -> str:
    """Whatever the vendor tells of a list that moves with its members."""
    told = {**found, **(found.get("additionalProperties") or {})}
    names = ("size", "hs_list_size", "hs_last_record_added_at", "hs_last_record_removed_at")
    return "/".join(str(told.get(name) or "") for name in names)


LISTS: Mapping[str, Callable[[HubSpotClient, HubSpotStream], MarketingStream]] = {
    "lists": Lists,
    "memberships": Memberships,
}
"""By the name that the mapping gives to each of them."""
