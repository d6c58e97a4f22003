"""Writes changes to HubSpot, each at most once, and says what became of each.

Made by the registry and driven by the engine, which keeps the ledger around it. Knows nothing of programs.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from connector.clients.hubspot import HubSpotClient, RowResult
from connector.clients.hubspot_answers import chunks
from connector.clients.hubspot_writing import BATCH_ROWS
from connector.model.errors import SkipRecord
from connector.model.limits import FieldLimit
from connector.model.plan import MEMBERSHIPS, Change, Operation
from connector.model.sync import Found, Outcome
from connector.sinks import hubspot_memberships as memberships
from connector.sinks.field_limits import of_hubspot
from connector.sinks.hubspot_links import LinkTypes, linkable
from connector.sinks.hubspot_lookup import Portal, find, findable, key_property
from connector.sinks.hubspot_sending import done, refused, row_outcome, send_rows, unless_failed
from connector.sinks.hubspot_update import Updates, delete

BATCH_SIZE = 1_000
"""Changes that are handed over at once, and so are in doubt together after a kill: what one look-up of links takes."""


class HubSpotSink:
    """Batches of CRM objects with their links, and list memberships.

    A creation carries its key in a unique property, so that the vendor itself refuses a second one, or in its text.
    """

    name = "hubspot"
    batch_size = BATCH_SIZE

    def __init__(self, client: HubSpotClient) -> None:
        self.client = client
        self._portal = Portal(client)
        self._links = LinkTypes(client)

    def writable(self, object_: str) -> frozenset[str]:
        """Properties of this object that the portal lets us fill, and the fields that link it."""
        if object_ == MEMBERSHIPS:
            return memberships.FIELDS
        known = self._portal.properties(object_).values()
        return frozenset(one.name for one in known if not one.read_only) | linkable(object_)

    def limits(self, object_: str) -> Mapping[str, FieldLimit]:
        """What the properties of this object take; memberships hold ids only."""
        return {} if object_ == MEMBERSHIPS else of_hubspot(self._portal.properties(object_).values())

    def find(self, changes: Sequence[Change]) -> dict[str, Found]:
        """The records that exist for these changes, archived ones too: by id if the change names one, else by key.

        What has its key in a text only is found as long as it is not archived.
        """
        of_lists = [change for change in changes if change.object == MEMBERSHIPS]
        others = [change for change in changes if change.object != MEMBERSHIPS]
        return find(self._portal, others) | memberships.find(self.client, of_lists)

    def leaves_trace(self, change: Change) -> bool:  # noqa: ARG002 -- whatever it is
        """Always: what is written here are records."""
        return True

    def write(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome for each change, in order.

        Raises only when nothing of `changes` was written; if a later call fails, what it was to write is `unknown` and
        gets looked up.
        """
        outcomes: dict[int, Outcome] = {}
        for numbers in _calls(changes):
            part = [changes[number] for number in numbers]
            results = unless_failed(part, self._write, started=bool(outcomes))
            outcomes.update(zip(numbers, results, strict=True))
        return [outcomes[number] for number in range(len(changes))]

    def _write(self, changes: Sequence[Change]) -> list[Outcome]:
        if changes[0].object == MEMBERSHIPS:
            return memberships.write(self.client, changes)
        match changes[0].operation:
            case Operation.CREATE:
                return self._create(changes)
            case Operation.UPDATE:
                return Updates(self._portal, changes).write()
            case Operation.DELETE:
                return delete(self._portal, changes)

    def _create(self, changes: Sequence[Change]) -> list[Outcome]:
        """What has its key in a unique property is sent at once: the vendor refuses it if it is there already.

        For the rest look first: what is there was written by an earlier try, and people may have worked on it since.
        """
        outcomes: dict[str, Outcome] = {}
        inputs: dict[str, Mapping[str, Any]] = {}
        there = self.find([change for change in changes if key_property(self._portal, change) is None])
        for change in changes:
            if change.key in there:
                outcomes[change.key] = _there(change, there[change.key])
                continue
            try:
                inputs[change.key] = self._new(change)
            except SkipRecord as bad:
                outcomes[change.key] = refused(change, bad.reason)

        def send(part: Sequence[Change]) -> Sequence[RowResult]:
            return self.client.batch_create(part[0].object, [inputs[change.key] for change in part])

        started = False
        for part in chunks([change for change in changes if change.key in inputs], BATCH_ROWS):
            sent = unless_failed(part, lambda few: send_rows(few, send, self._created), started=started)
            started = started or any(outcome.state != "refused" for outcome in sent)
            outcomes |= {outcome.key: outcome for outcome in sent}
        return [outcomes[change.key] for change in changes]

    def _new(self, change: Change) -> Mapping[str, Any]:
        """The input for a new object. Raises SkipRecord for what the vendor would refuse, or could be made twice."""
        findable(self._portal, change)
        values = {name: value for name, value in self._portal.values(change).items() if value}
        key = key_property(self._portal, change)
        if key is not None:
            values.setdefault(key, change.key)
        return {"properties": values, "associations": self._links.creation(change)}

    def _created(self, change: Change, result: RowResult) -> Outcome:
        """A row that the vendor calls a duplicate may be ours, from a try that we know nothing of."""
        if result.taken or (result.success and result.id is None):
            twin = self.find([change]).get(change.key)
            if twin is not None:
                return _there(change, twin)
        if result.success and result.id is None:
            result = RowResult(answered=False)
        return row_outcome(change, result)


def _there(change: Change, found: Found) -> Outcome:
    reason = "it was written before and has been deleted since" if found.deleted else "it was written before"
    return done(change, found.record.id, reason)


def _calls(changes: Sequence[Change]) -> Iterator[Sequence[int]]:
    """Positions in `changes` of what goes together: one operation on one object, or on one list."""

    def call(number: int) -> tuple[str, str, str]:
        change = changes[number]
        list_id = memberships.list_of(change) if change.object == MEMBERSHIPS else ""
        return change.operation.value, change.object, list_id

    for (operation, object_, _), same in groupby(sorted(range(len(changes)), key=call), key=call):
        numbers = list(same)
        # Creations are looked for by what they link to, many at once; other objects as many as one call takes.
        whole = object_ == MEMBERSHIPS or operation == Operation.CREATE
        yield from chunks(numbers, len(numbers) if whole else BATCH_ROWS)
