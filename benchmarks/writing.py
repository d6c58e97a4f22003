"""Writes for `api_cost.py`: changes as a plan holds them, handed to the sinks in the batches of a cycle."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from math import ceil
from typing import Any
from uuid import uuid4

from vendors import Control, Others

from connector.clients.hubspot import HubSpotClient
from connector.clients.salesforce import SalesforceClient
from connector.model.plan import Change, FieldChange, Operation
from connector.model.sync import Sink
from connector.settings import Settings
from connector.sinks import SINKS
from connector.sinks.salesforce_sending import BULK_ABOVE

COLLECTION, RETRIEVED, BATCH, LINKED, MEMBERS = 200, 2_000, 100, 1_000, 10_000
BULK_JOB = 4
"""Made, filled, closed, and its results; asking whether it has ended depends on how long the vendor takes."""

HUBSPOT_MOST = 1_000
"""Ten seconds have 190 calls; more records would only take longer and cost the same each."""

Measured = Callable[[str, Callable[[int], int], Callable[[], int]], None]


class Writing:
    """Both sinks over one sandbox."""

    def __init__(self, settings: Settings, control: Control, others: Others) -> None:
        salesforce = SalesforceClient(settings.salesforce, read_only=False)
        self._hubspot = HubSpotClient(settings.hubspot, read_only=False)
        self._sinks: dict[str, Sink] = {
            "salesforce": SINKS["salesforce"](salesforce),
            "hubspot": SINKS["hubspot"](self._hubspot),
        }
        self._control, self._others = control, others

    def measure(self, number: int, measured: Measured) -> None:
        """Creations, updates and deletions of that many records; in HubSpot of a thousand at most."""
        for name, bound, changes in chain(self._of_salesforce(number), self._of_hubspot(min(number, HUBSPOT_MOST))):
            sink = self._sinks[changes[0].system]
            sink.writable(changes[0].object)
            measured(f"{len(changes):,} {name}", bound, lambda sink=sink, changes=changes: write(sink, changes))

    def _of_salesforce(self, number: int) -> Iterator[tuple[str, Callable[[int], int], list[Change]]]:
        sent = BULK_JOB if number > BULK_ABOVE else ceil(number / COLLECTION)
        looked = ceil(number / RETRIEVED)
        deals = self._control.state("salesforce", "Opportunity")
        wanted = [
            change(
                "salesforce",
                "Task",
                {
                    "Subject": "見直し",
                    "WhatId": deals[one % len(deals)]["Id"],
                    "Status": "未着手",
                    "Okoshi_Key__c": KEY,
                },
            )
            for one in range(number)
        ]
        yield "task creations, Salesforce", lambda _: sent, wanted
        keys = {one.key for one in wanted}
        tasks = [row for row in self._control.state("salesforce", "Task") if row.get("Okoshi_Key__c") in keys]
        edits = [
            change("salesforce", "Task", {"Subject": (row["Subject"], "見直し済み")}, row["Id"], Operation.UPDATE)
            for row in tasks
        ]
        yield "field updates, Salesforce (looked at first)", lambda _: sent + looked, edits
        gone = [change("salesforce", "Task", {}, row["Id"], Operation.DELETE) for row in tasks]
        yield "deletions, Salesforce (looked at first)", lambda _: sent + looked, gone

    def _of_hubspot(self, number: int) -> Iterator[tuple[str, Callable[[int], int], list[Change]]]:
        batches = ceil(number / BATCH)
        contacts = self._control.state("hubspot", "contacts")[:number]
        edits = [
            change("hubspot", "contacts", {"jobtitle": (row.get("jobtitle"), "次長")}, row["id"], Operation.UPDATE)
            for row in contacts
        ]
        yield "updates, HubSpot (looked at first)", lambda _: 2 * batches, edits
        texted = [self._task(row["id"], {}) for row in contacts]
        looked = ceil(number / LINKED)
        yield "task creations, HubSpot, key in the text (looked at first)", lambda _: batches + looked, texted
        key = {"name": "okoshi_key", "label": "okoshi_key", "groupName": "task", "type": "string"}
        self._hubspot.create_property("tasks", {**key, "fieldType": "text", "hasUniqueValue": True})
        self._sinks["hubspot"] = SINKS["hubspot"](self._hubspot)
        keyed = [self._task(row["id"], {"okoshi_key": KEY}) for row in contacts]
        yield "task creations, HubSpot, key in a property", lambda _: batches, keyed
        list_id = self._others.make_list(f"benchmark {uuid4()}")
        members = [change("hubspot", "memberships", {"listId": list_id, "recordId": row["id"]}) for row in contacts]
        yield "list joins, HubSpot", lambda _: ceil(number / MEMBERS), members
        left = [change("hubspot", "memberships", {}, f"{list_id}:{row['id']}", Operation.DELETE) for row in contacts]
        yield "list leaves, HubSpot", lambda _: ceil(number / MEMBERS), left

    @staticmethod
    def _task(contact: str, more: dict[str, Any]) -> Change:
        values = {
            "hs_task_subject": "見直し",
            "hs_task_body": BODY,
            "hs_timestamp": "2026-11-18T09:00:00+09:00",
            "hs_task_status": "NOT_STARTED",
            "associations.contacts": [contact],
        }
        return change("hubspot", "tasks", values | more)


KEY, BODY = object(), object()
"""Stand for the change's own key, and for a text that ends with it."""


def change(
    system: str,
    object_: str,
    values: dict[str, Any],
    record_id: str | None = None,
    operation: Operation = Operation.CREATE,
) -> Change:
    """A change to these values; a pair is before and after."""
    key = uuid4().hex
    own = {KEY: key, BODY: f"見直してください\n\n管理番号: {key}"}
    fields = {}
    for name, value in values.items():
        before, after = value if isinstance(value, tuple) else (None, value)
        fields[name] = FieldChange(before=before, after=own[after] if type(after) is object else after)
    return Change(
        key=key,
        program="benchmark",
        operation=operation,
        system=system,
        object=object_,
        id=record_id,
        case="salesforce:Opportunity:006",
        basis="-",
        fields=fields,
    )


def write(sink: Sink, changes: Sequence[Change]) -> int:
    """Hands changes over as the engine does; answers how many were done. Refuses to count what was not."""
    done = 0
    for start in range(0, len(changes), sink.batch_size):
        outcomes = sink.write(changes[start : start + sink.batch_size])
        if bad := [outcome for outcome in outcomes if outcome.state != "done"]:
            raise SystemExit(f"{len(bad)} changes of {changes[0].object} were not done: {bad[0].reason}")
        done += len(outcomes)
    return done
