"""Writes changes to Salesforce, each at most once, and says what became of each.

Made by the registry and driven by the engine, which keeps the ledger around it. Knows nothing of programs.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from connector.clients.salesforce import RowResult, SalesforceClient
from connector.model.errors import OkoshiError
from connector.model.limits import FieldLimit
from connector.model.plan import Change, Operation
from connector.model.sync import Found, Outcome
from connector.sinks import salesforce_alerts as alerts
from connector.sinks.field_limits import of_salesforce
from connector.sinks.salesforce_lookup import current, find, key_field, refuses_a_second
from connector.sinks.salesforce_outcomes import (
    DUPLICATE,
    gone,
    has,
    is_taken,
    moved,
    outcome,
    still_holds,
    unknown,
    written_before,
)
from connector.sinks.salesforce_sending import Load, send

BATCH_SIZE = 10_000
"""Changes that are handed over at once, and so are in doubt together after a kill: what one bulk job does as one."""

_PARENTS = ("WhatId", "WhoId", "CampaignId", "OpportunityId", "AccountId")


class SalesforceSink:
    """sObject Collections, and bulk jobs for many. A creation carries its key as a field, or else in its text."""

    name = "salesforce"
    batch_size = BATCH_SIZE

    def __init__(self, client: SalesforceClient) -> None:
        self.client = client

    def writable(self, object_: str) -> frozenset[str]:
        """Fields of this object that the integration user may fill."""
        if object_ in alerts.FIELDS:
            return alerts.FIELDS[object_]
        fields = self.client.describe(object_).fields.values()
        return frozenset(field.name for field in fields if field.createable or field.updateable)

    def limits(self, object_: str) -> Mapping[str, FieldLimit]:
        """What the fields of this object take; alerts have none that could be too short."""
        if object_ in alerts.FIELDS:
            return {}
        return of_salesforce(self.client.describe(object_).fields.values())

    def find(self, changes: Sequence[Change]) -> dict[str, Found]:
        """The records that exist for these changes, deleted ones too: by id if the change names one, else by key."""
        told = [change for change in changes if change.object in alerts.FIELDS]
        records = [change for change in changes if change.object not in alerts.FIELDS]
        return (find(self.client, records) if records else {}) | (alerts.find(self.client, told) if told else {})

    def leaves_trace(self, change: Change) -> bool:
        """Whether `find` can tell if this was written: of a custom notification nothing remains."""
        return change.object != alerts.NOTIFICATION

    def write(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome for each change, in order.

        Raises only when nothing of `changes` was written; if a later call fails, what it was to write is `unknown` and
        gets looked up.
        """
        outcomes: dict[int, Outcome] = {}
        for operation, object_, field, numbers in _groups(changes):
            part = [changes[number] for number in numbers]
            try:
                results = self._write(operation, object_, field, part)
            except OkoshiError as error:
                if not outcomes:
                    raise
                results = [unknown(change, str(error)) for change in part]
            outcomes.update(zip(numbers, results, strict=True))
        return [outcomes[number] for number in range(len(changes))]

    def _write(self, operation: Operation, object_: str, field: str | None, changes: Sequence[Change]) -> list[Outcome]:
        if object_ in alerts.FIELDS:
            return alerts.write(self.client, object_, changes)
        if operation is Operation.CREATE:
            only_one = refuses_a_second(self.client, object_, field)
            return self._create(Load(operation, object_, field, only_one), changes)
        return self._unless_moved(Load(operation, object_), changes)

    def _unless_moved(self, load: Load, changes: Sequence[Change]) -> list[Outcome]:
        """Look first: what people have changed or deleted since the plan was made is not overwritten."""
        there = current(self.client, load.object, changes)
        kept = [change for change in changes if change.key in there and still_holds(change, there[change.key])]
        sent = {
            change.key: outcome(change, result)
            for change, result in zip(kept, send(self.client, load, kept), strict=True)
        }
        return [sent.get(change.key) or (moved(change) if change.key in there else gone(change)) for change in changes]

    def _create(self, load: Load, changes: Sequence[Change]) -> list[Outcome]:
        """Look first where the org would take a record twice: what is there was written by an earlier try, and people
        may have worked on it since. Elsewhere the org's refusal tells the same and costs nothing.
        """
        there = {} if load.refuses_a_second else self.find(changes)
        absent = [change for change in changes if change.key not in there]
        sent = dict(zip((change.key for change in absent), send(self.client, load, absent), strict=True))
        twins = self._twins(load, [change for change in absent if has(sent[change.key], DUPLICATE)], sent)
        there = {**there, **twins}
        return [
            written_before(change, there[change.key]) if change.key in there else outcome(change, sent[change.key])
            for change in changes
        ]

    def _twins(self, load: Load, refused: Sequence[Change], sent: dict[str, RowResult]) -> dict[str, Found]:
        """The records of those that the org refused as a second one. Nothing is raised: others were written."""
        if not refused:
            return {}
        try:
            found = self.find(refused)
        except OkoshiError as error:
            sent.update((change.key, RowResult.unanswered(error)) for change in refused)
            return {}
        hidden = RowResult(id=None, success=False, lost="a record with this key is there, but is not shown to us yet")
        unseen = (key for change in refused if (key := change.key) not in found)
        sent.update((key, hidden) for key in unseen if is_taken(sent[key], load.key))
        return found


def _groups(changes: Sequence[Change]) -> Iterator[tuple[Operation, str, str | None, list[int]]]:
    """(operation, object, key field of creations, positions in `changes`) of what is looked at and sent together.

    Children of one parent are neighbours throughout, so that parallel writers lock parents in the same order. Several
    changes of one record go into as many groups: one call takes a record once.
    """
    seen: Counter[tuple[str, str]] = Counter()
    turns = []
    for change in changes:
        turns.append(seen[change.object, change.id or change.key])
        seen[change.object, change.id or change.key] += 1

    def group(number: int) -> tuple[str, str, str, int]:
        change = changes[number]
        field = (key_field(change) or "") if change.operation is Operation.CREATE else ""
        return change.operation.value, change.object, field, turns[number]

    ordered = sorted(range(len(changes)), key=lambda number: (group(number), _parent(changes[number])))
    for (operation, object_, field, _), same in groupby(ordered, key=group):
        yield Operation(operation), object_, field or None, list(same)


def _parent(change: Change) -> str:
    wanted = (change.fields.get(name) for name in _PARENTS)
    return next((str(field.after) for field in wanted if field and field.after), change.id or "")
