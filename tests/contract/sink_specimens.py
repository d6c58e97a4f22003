"""What the sinks' conformance suite writes in each system, and how a person there lays hands on it."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from vendors import Sandbox

from connector.mapping.loader import load_mappings
from connector.model.plan import Change, FieldChange, Operation


class Specimen(Protocol):
    """One kind of record of one system. A new sink brings its own, and one line in `SPECIMENS`."""

    object: str
    """Its name for the sink and in the sandbox."""
    body: str
    """A field that holds a long text, with the key at its end."""
    key_field: str
    """The field that holds the key, where the system has it."""
    read_only: frozenset[str]
    """Some fields that nobody may write."""
    shows_deleted: bool
    """Whether a look-up by key still finds what was deleted."""
    refused: tuple[Mapping[str, Any], str]
    """Values that the vendor does not take, and a part of what it says to them."""
    writes: tuple[tuple[str, str], ...]
    """Method and part of the path of all calls that write."""
    call_size: int
    """Records that one call takes."""

    def values(self, sandbox: Sandbox, key: str, number: int) -> dict[str, Any]:
        """What a new record holds, by field; it hangs on the deal of that number."""
        ...

    def fits(self, field: str, writable: Collection[str]) -> bool:
        """Whether this field can be sent: it may be written, or it is no field but a link."""
        ...

    def calls(self, plant: Collection[str]) -> int:
        """The most calls that two full calls' worth of creations may cost."""
        ...

    def state(self, sandbox: Sandbox, record_id: str) -> Mapping[str, Any]:
        """The record's values by field."""
        ...

    def is_deleted(self, sandbox: Sandbox, record_id: str) -> bool:
        """Whether the vendor counts the record as deleted."""
        ...

    def deleted_by_somebody(self, sandbox: Sandbox, record_id: str) -> None:
        """A person deletes it."""
        ...

    def edited_by_somebody(self, sandbox: Sandbox, record_id: str) -> Mapping[str, Any]:
        """A person works on it; answers the values that must stay."""
        ...


class SalesforceTask:
    """A task on a deal."""

    object = "Task"
    body = "Description"
    key_field = "Okoshi_Key__c"
    read_only = frozenset({"Id", "SystemModstamp"})
    shows_deleted = True
    refused: tuple[Mapping[str, Any], str] = ({"Subject": "x" * 300}, "STRING_TOO_LONG")
    writes = (("POST", "composite/sobjects"), ("PATCH", "composite/sobjects"))
    call_size = 200

    def values(self, sandbox: Sandbox, key: str, number: int) -> dict[str, Any]:
        """By the preset's names."""
        writing = load_mappings(None).tasks
        names = writing.fields
        deals = [
            row for row in sandbox.state("salesforce", "Opportunity") if not row["IsDeleted"] and not row["IsClosed"]
        ]
        return {
            names.key: key,
            names.subject: "滞留商談掘り起こし",
            names.body: f"「{key}」の件\n\n管理番号: {key}",
            names.what: deals[number]["Id"],
            names.owner: sandbox.actor(),
            names.status: writing.open_status,
            names.due: "2026-11-18",
        }

    def fits(self, field: str, writable: Collection[str]) -> bool:
        """Tasks have fields only."""
        return field in writable

    def calls(self, plant: Collection[str]) -> int:
        """The describe and two writes; without a key field also the look-ups, within the length of a query."""
        return 5 if "nokey" in plant else 3

    def state(self, sandbox: Sandbox, record_id: str) -> Mapping[str, Any]:
        """As the org holds it."""
        return next(row for row in sandbox.state("salesforce", "Task") if row["Id"] == record_id)

    def is_deleted(self, sandbox: Sandbox, record_id: str) -> bool:
        """In the recycle bin."""
        return bool(self.state(sandbox, record_id)["IsDeleted"])

    def deleted_by_somebody(self, sandbox: Sandbox, record_id: str) -> None:
        """As a rep does it."""
        sandbox.act("delete_task", vendor="salesforce", task=record_id)

    def edited_by_somebody(self, sandbox: Sandbox, record_id: str) -> Mapping[str, Any]:
        """A rep moves it to another day."""
        sandbox.act("edit_task", vendor="salesforce", task=record_id, due="2026-12-24")
        return {"ActivityDate": "2026-12-24"}


class HubSpotTask:
    """A task that hangs on a deal of the portal; where it has no unique property, its key is in its text only."""

    object = "tasks"
    body = "hs_task_body"
    key_field = "okoshi_key"
    read_only = frozenset({"hs_object_id", "hs_lastmodifieddate"})
    refused: tuple[Mapping[str, Any], str] = ({"hs_task_status": "NO_SUCH_STATUS"}, "hs_task_status")
    writes = (("POST", "batch/create"),)
    call_size = 100

    def __init__(self, *, shows_deleted: bool) -> None:
        # Links do not lead to archived records, and without the property nothing else does.
        self.shows_deleted = shows_deleted

    def values(self, sandbox: Sandbox, key: str, number: int) -> dict[str, Any]:
        """By the vendor's names."""
        deals = [row for row in sandbox.state("hubspot", "deals") if not row["archived"]]
        return {
            "okoshi_key": key,
            "hs_task_subject": "滞留商談掘り起こし",
            "hs_task_body": f"「{key}」の件\n\n管理番号: {key}",
            "hs_task_status": "NOT_STARTED",
            "hs_timestamp": "2026-11-18T09:00:00+09:00",
            "associations.deals": [deals[number]["id"]],
        }

    def fits(self, field: str, writable: Collection[str]) -> bool:
        """The sink counts links among what may be written."""
        return field in writable

    def calls(self, plant: Collection[str]) -> int:
        """The properties and two writes; without the unique property also the deals' tasks and their texts."""
        return 8 if "nokey" in plant else 3

    def state(self, sandbox: Sandbox, record_id: str) -> Mapping[str, Any]:
        """As the portal holds it."""
        return next(row for row in sandbox.state("hubspot", "tasks") if row["id"] == record_id)

    def is_deleted(self, sandbox: Sandbox, record_id: str) -> bool:
        """Archived."""
        return bool(self.state(sandbox, record_id)["archived"])

    def deleted_by_somebody(self, sandbox: Sandbox, record_id: str) -> None:
        """As a marketer does it."""
        sandbox.act("delete_task", vendor="hubspot", task=record_id)

    def edited_by_somebody(self, sandbox: Sandbox, record_id: str) -> Mapping[str, Any]:
        """Somebody begins."""
        sandbox.act("start_task", vendor="hubspot", task=record_id)
        return {"hs_task_status": "IN_PROGRESS"}


SPECIMENS: dict[str, Specimen] = {
    "salesforce": SalesforceTask(),
    "hubspot": HubSpotTask(shows_deleted=True),
}
"""By system."""


def change(
    system: str,
    object_: str,
    key: str,
    operation: Operation = Operation.CREATE,
    id_: str | None = None,
    fields: dict[str, FieldChange] | None = None,
) -> Change:
    """A change with everything that a sink does not look at filled in."""
    return Change(
        key=key,
        program="stalled",
        operation=operation,
        system=system,
        object=object_,
        id=id_,
        case="salesforce:Opportunity:006",
        basis="v",
        fields=fields or {},
    )


def rekeyed(model: Change, key: str) -> Change:
    """The same change under another key."""
    fields = {
        name: field.model_copy(update={"after": field.after.replace(model.key, key)})
        if isinstance(field.after, str)
        else field
        for name, field in model.fields.items()
    }
    return model.model_copy(update={"key": key, "fields": fields})
