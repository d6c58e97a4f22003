"""Finds what is there: what earlier tries wrote (by id, key field, or the key in the text), and what a change meets.

Called by the Salesforce sink before a write and after a crash. Writes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from connector.clients.salesforce import SalesforceClient
from connector.clients.soql import format_soql
from connector.model.plan import Change, Operation
from connector.model.records import Ref
from connector.model.sync import Found
from connector.sinks.keyed_text import holds_key

LONGEST_SOQL = 12_000
"""Encoded characters of one query: URI and headers together may have 16,384 bytes."""

ONE_OF_A_KIND = {"CampaignMember": ("CampaignId", ("ContactId", "LeadId"))}
"""Objects of which the vendor itself keeps one record a pair: the first field and one of the others."""


def key_field(change: Change) -> str | None:
    """The field of the record that carries the idempotency key, if one does."""
    return next((name for name, field in change.fields.items() if field.after == change.key), None)


def refuses_a_second(client: SalesforceClient, object_: str, field: str | None) -> bool:
    """Whether the org itself refuses to create a record of one key twice, so that nobody has to look first."""
    if object_ in ONE_OF_A_KIND:
        return True
    described = client.describe(object_).fields.get(field) if field else None
    return described is not None and described.unique


def current(client: SalesforceClient, object_: str, changes: Sequence[Change]) -> dict[str, Found]:
    """The records that `changes` are about as they are now, by key; one that is not there is left out."""
    read = _read(client, object_, changes)
    rows = client.retrieve(object_, [str(change.id) for change in changes], ["Id", *read])
    return {
        change.key: Found(Ref(change.system, object_, str(change.id)), fields={name: row.get(name) for name in read})
        for change, row in zip(changes, rows, strict=True)
        if row is not None
    }


def _read(client: SalesforceClient, object_: str, changes: Sequence[Change]) -> list[str]:
    names = {name for change in changes for name in change.fields}
    return sorted(names & set(client.describe(object_).fields) - {"Id"})


def find(client: SalesforceClient, changes: Sequence[Change]) -> dict[str, Found]:
    """The records that exist for `changes`, by key; of several the living one."""
    found: dict[str, Found] = {}
    for (object_, way), group in groupby(sorted(changes, key=_way), key=_way):
        same = list(group)
        for condition, part in _conditions(way, same):
            read = _read(client, object_, part)
            names = dict.fromkeys(("Id", "IsDeleted", *read))
            soql = f"SELECT {', '.join(names)} FROM {object_} WHERE {condition}"  # noqa: S608 – values are escaped by format_soql
            for page in client.query(soql, include_deleted=True):
                _note(found, _matches(way, part, page), read)
    return found


def _way(change: Change) -> tuple[str, str]:
    """(object, how to find the record): `Id`, the key field's name, or nothing for its text or its pair."""
    if change.operation is not Operation.CREATE and change.id:
        return change.object, "Id"
    return change.object, key_field(change) or ""


def _conditions(way: str, changes: Sequence[Change]) -> Iterator[tuple[str, Sequence[Change]]]:
    """WHERE conditions with the changes that each is for, none of them longer than a query may be."""
    if way:
        yield from _by_value(way, "", changes, lambda change: change.id if way == "Id" else change.key)
        return
    if changes[0].object in ONE_OF_A_KIND:
        yield from _by_pair(changes)
        return
    for parent in ("WhatId", "WhoId"):
        hung = sorted((change for change in changes if _hangs_by(change) == parent), key=_subject)
        for subject, group in groupby(hung, key=_subject):
            extra = format_soql(" AND Subject = {}", subject) if subject else ""
            yield from _by_value(parent, extra, list(group), lambda change, name=parent: change.fields[name].after)


def _by_pair(changes: Sequence[Change]) -> Iterator[tuple[str, Sequence[Change]]]:
    first = ONE_OF_A_KIND[changes[0].object][0]

    def group(change: Change) -> tuple[str, str]:
        return _after(change, first), _second(change)

    for (value, second), same in groupby(sorted(changes, key=group), key=group):
        extra = format_soql(" AND {:literal} = {}", first, value)
        yield from _by_value(second, extra, list(same), lambda change, name=second: _after(change, name))


def _second(change: Change) -> str:
    names = ONE_OF_A_KIND[change.object][1]
    return next((name for name in names if _after(change, name)), names[0])


def _after(change: Change, name: str) -> str:
    return str(change.fields[name].after or "") if name in change.fields else ""


def _by_value(field: str, extra: str, changes: Sequence[Change], value: Any) -> Iterator[tuple[str, Sequence[Change]]]:
    room = LONGEST_SOQL - len(quote(extra)) - sum(len(name) + 4 for change in changes[:1] for name in change.fields)
    for part in _chunks(changes, room, value):
        yield (
            format_soql("{:literal} IN {}", field, list(dict.fromkeys(value(change) for change in part))) + extra,
            part,
        )


def _chunks(changes: Sequence[Change], room: int, value: Any) -> Iterator[list[Change]]:
    part: list[Change] = []
    used = 0
    for change in changes:
        size = len(quote(format_soql("{},", value(change))))
        if part and used + size > room:
            yield part
            part, used = [], 0
        part.append(change)
        used += size
    if part:
        yield part


def _hangs_by(change: Change) -> str | None:
    return next((name for name in ("WhatId", "WhoId") if name in change.fields and change.fields[name].after), None)


def _subject(change: Change) -> str:
    subject = change.fields.get("Subject")
    return str(subject.after) if subject and subject.after else ""


def _matches(
    way: str, changes: Sequence[Change], page: Iterable[dict[str, Any]]
) -> Iterator[tuple[Change, dict[str, Any]]]:
    if not way and changes[0].object in ONE_OF_A_KIND:
        first = ONE_OF_A_KIND[changes[0].object][0]
        pairs = {(_after(change, first), _after(change, _second(change))): change for change in changes}
        for row in page:
            if row.get("IsDeleted"):  # who has left may join again
                continue
            if change := pairs.get((str(row.get(first)), str(row.get(_second(changes[0]))))):
                yield change, row
        return
    if not way:
        for row in page:
            text = str(row.get("Description") or "")
            yield from ((change, row) for change in changes if holds_key(text, change.key))
        return
    by_value = {str(change.id if way == "Id" else change.key): change for change in changes}
    for row in page:
        if change := by_value.get(str(row.get(way))):
            yield change, row


def _note(found: dict[str, Found], matches: Iterable[tuple[Change, dict[str, Any]]], read: Sequence[str]) -> None:
    for change, row in matches:
        deleted = bool(row.get("IsDeleted"))
        known = found.get(change.key)
        if known is None or (known.deleted and not deleted):
            record = Ref(change.system, change.object, str(row["Id"]))
            found[change.key] = Found(record, deleted, {name: row.get(name) for name in read})
