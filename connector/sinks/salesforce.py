"""Writes changes to Salesforce, each at most once, and says what became of each.

Made by the registry and driven by the engine, which keeps the ledger around it. Knows nothing of programs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from connector.clients.errors import AnswerLost, Refused
from connector.clients.salesforce import RowResult, SalesforceClient
from connector.model.errors import RetryLater, StopSync
from connector.model.plan import Change, Operation
from connector.model.records import Ref
from connector.model.sync import Found, Outcome
from connector.sinks.salesforce_lookup import find, key_field

BATCH_SIZE = 200
"""Records that one sObject Collections call takes."""

Send = Callable[[Sequence[Change]], Sequence[RowResult]]


class SalesforceSink:
    """sObject Collections. A creation carries its key as external id, or in its text where the org lacks the field."""

    name = "salesforce"
    batch_size = BATCH_SIZE

    def __init__(self, client: SalesforceClient) -> None:
        self.client = client

    def writable(self, object_: str) -> frozenset[str]:
        """Fields of this object that the integration user may fill."""
        fields = self.client.describe(object_).fields.values()
        return frozenset(field.name for field in fields if field.createable or field.updateable)

    def find(self, changes: Sequence[Change]) -> dict[str, Found]:
        """The records that exist for these changes, deleted ones too: by id if the change names one, else by key."""
        return find(self.client, changes)

    def write(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome for each change, in order.

        Raises only when nothing of `changes` was written; if a later call fails, what it was to write is `unknown` and
        gets looked up.
        """
        outcomes: dict[int, Outcome] = {}
        for operation, object_, field, numbers in _calls(changes):
            part = [changes[number] for number in numbers]
            try:
                results = self._write(operation, object_, field, part)
            except (RetryLater, StopSync) as error:
                if not outcomes:
                    raise
                results = [Outcome(key=change.key, state="unknown", reason=str(error)) for change in part]
            outcomes.update(zip(numbers, results, strict=True))
        return [outcomes[number] for number in range(len(changes))]

    def _write(self, operation: Operation, object_: str, field: str | None, changes: Sequence[Change]) -> list[Outcome]:
        if operation is Operation.CREATE:
            return self._create(object_, field, changes)

        def send(part: Sequence[Change]) -> Sequence[RowResult]:
            if operation is Operation.UPDATE:
                return self.client.update(object_, [{"Id": change.id, **_values(change)} for change in part])
            return self.client.delete([str(change.id) for change in part])

        return self._unless_moved(changes, send)

    def _unless_moved(self, changes: Sequence[Change], send: Send) -> list[Outcome]:
        """Look first: what people have changed or deleted since the plan was made is not overwritten."""
        there = self.find(changes)
        kept = [change for change in changes if _still_holds(change, there.get(change.key))]
        sent = dict(zip((change.key for change in kept), self._send(kept, send) if kept else (), strict=True))
        return [sent.get(change.key) or _moved(change, there.get(change.key)) for change in changes]

    def _create(self, object_: str, field: str | None, changes: Sequence[Change]) -> list[Outcome]:
        """Look first: what is there already was written by an earlier try, and people may have worked on it since."""
        there = self.find(changes)
        absent = [change for change in changes if change.key not in there]

        def send(part: Sequence[Change]) -> Sequence[RowResult]:
            records = [_values(change) for change in part]
            return self.client.upsert(object_, field, records) if field else self.client.create(object_, records)

        sent = dict(zip((change.key for change in absent), self._send(absent, send) if absent else (), strict=True))
        return [
            Outcome(key=change.key, state="done", record=there[change.key].record, reason=_already(there[change.key]))
            if change.key in there
            else sent[change.key]
            for change in changes
        ]

    def _send(self, changes: Sequence[Change], send: Send) -> list[Outcome]:
        try:
            results = send(changes)
        except AnswerLost as error:
            return [Outcome(key=change.key, state="unknown", reason=str(error), late=error.late) for change in changes]
        except Refused as error:
            return [Outcome(key=change.key, state="refused", reason=str(error)) for change in changes]
        return [self._outcome(change, result) for change, result in zip(changes, results, strict=True)]

    def _outcome(self, change: Change, result: RowResult) -> Outcome:
        if result.success:
            record_id = result.id or change.id
            return Outcome(key=change.key, state="done", record=_ref(change, record_id) if record_id else None)
        codes = {error.code for error in result.errors}
        if change.operation is Operation.DELETE and "ENTITY_IS_DELETED" in codes:
            return Outcome(
                key=change.key, state="done", record=_ref(change, str(change.id)), reason="it was deleted already"
            )
        if change.operation is Operation.CREATE and "DUPLICATE_VALUE" in codes:
            twin = self.find([change]).get(change.key)
            if twin:
                return Outcome(key=change.key, state="done", record=twin.record, reason=_already(twin))
        return Outcome(
            key=change.key,
            state="refused",
            record=_ref(change, change.id) if change.id else None,
            reason=_reason(result),
        )


def _calls(changes: Sequence[Change]) -> Iterator[tuple[Operation, str, str | None, list[int]]]:
    """(operation, object, key field, positions in `changes`) of each call.

    Within one, children of one parent are neighbours, so that parallel writers lock parents in the same order.
    """

    def call(number: int) -> tuple[str, str, str]:
        change = changes[number]
        return (
            change.operation.value,
            change.object,
            (key_field(change) or "") if change.operation is Operation.CREATE else "",
        )

    ordered = sorted(range(len(changes)), key=lambda number: (call(number), _parent(changes[number])))
    for (operation, object_, field), same in groupby(ordered, key=call):
        numbers = list(same)
        for start in range(0, len(numbers), BATCH_SIZE):
            yield Operation(operation), object_, field or None, numbers[start : start + BATCH_SIZE]


def _still_holds(change: Change, found: Found | None) -> bool:
    """Whether the record is there and holds the values that the change was planned on."""
    if found is None or found.deleted:
        return False
    compared = ((found.fields[name], field.before) for name, field in change.fields.items() if name in found.fields)
    return all(_plain(now) == _plain(before) for now, before in compared)


def _plain(value: object) -> str:
    """A value without the differences that the vendor's own storage makes: blanks, line ends, null for empty."""
    return " ".join(str(value).split()) if value is not None else ""


def _moved(change: Change, found: Found | None) -> Outcome:
    record = _ref(change, str(change.id))
    if change.operation is Operation.DELETE and (found is None or found.deleted):
        return Outcome(key=change.key, state="done", record=record, reason="it was deleted already")
    return Outcome(
        key=change.key, state="refused", record=record, reason="somebody has changed the record since this was planned"
    )


def _parent(change: Change) -> str:
    wanted = (change.fields.get(name) for name in ("WhatId", "WhoId"))
    return next((str(field.after) for field in wanted if field and field.after), change.id or "")


def _values(change: Change) -> Mapping[str, object]:
    return {name: field.after for name, field in change.fields.items()}


def _ref(change: Change, record_id: str) -> Ref:
    return Ref(change.system, change.object, record_id)


def _already(found: Found) -> str:
    return "it was written before and has been deleted since" if found.deleted else "it was written before"


def _reason(result: RowResult) -> str:
    return "; ".join(
        f"{error.code}: {error.message}" + (f" ({', '.join(error.fields)})" if error.fields else "")
        for error in result.errors
    )
