"""What is neither a task nor a field of a record that is there: logged activities, memberships, new records. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.mapping.schema import TaskWriting
from connector.model.intents import CreateRecord, JoinList, LeaveList, LogActivity
from connector.model.plan import LOG, MEMBERSHIPS, Because, Change, Effect, FieldChange, Operation


@dataclass(frozen=True, slots=True)
class Origin:
    """What every change says of where it comes from: the program, the case and its version, and why."""

    program: str
    case: str
    basis: str
    because: tuple[Because, ...] = ()


def log_change(intent: LogActivity, origin: Origin, writing: TaskWriting, writable: frozenset[str]) -> Change:
    """A completed activity; the key field only where the org has it, else the key stands in the text."""
    names = writing.fields
    key = intent.key if intent.key.endswith(LOG) else f"{intent.key}{LOG}"
    values: dict[str, object] = {
        names.key: key,
        names.subject: intent.subject,
        names.owner: intent.owner.id if intent.owner else None,
        names.what: intent.about.id if intent.about else None,
        names.who: intent.who.id if intent.who else None,
        names.due: intent.day.isoformat(),
        names.status: writing.closed_status,
        names.body: intent.body if names.key in writable else f"{intent.body}\n\n{key}",
    }
    fields = {
        name: FieldChange(after=value) for name, value in values.items() if value is not None and name in writable
    }
    return _change(key, origin, Effect.LOG, Operation.CREATE, (writing.system, writing.object), fields=fields)


def membership_change(
    intent: JoinList | LeaveList, origin: Origin, *, is_member: bool, last: tuple[Operation, int] | None
) -> Change | None:
    """Joining or leaving a list; `last` is what we did last about this person and list, and how many times.

    Whoever a person took out of a list that we had put him on stays out, and whoever a person put on it stays on.
    """
    joins = isinstance(intent, JoinList)
    operation, times = last or (None, 0)
    if is_member is joins or operation is (Operation.CREATE if joins else Operation.DELETE):
        return None
    if not joins and operation is not Operation.CREATE:
        return None
    membership = f"{intent.list.id}:{intent.person.id}"
    return _change(
        f"member:{membership}:{times + 1}",
        origin,
        Effect.MEMBERSHIP,
        Operation.CREATE if joins else Operation.DELETE,
        (intent.list.system, MEMBERSHIPS),
        record_id=membership,
        fields={"listId": FieldChange(after=intent.list.id), "recordId": FieldChange(after=intent.person.id)},
    )


def record_change(intent: CreateRecord, origin: Origin, values: Mapping[str, Any], key_field: str | None) -> Change:
    """A new record with these values by the vendor's names; with `key_field` the org refuses a second one."""
    filled = {name: FieldChange(after=value) for name, value in values.items() if value is not None}
    if key_field:
        filled[key_field] = FieldChange(after=intent.key)
    return _change(intent.key, origin, Effect.RECORD, Operation.CREATE, (intent.system, intent.object), fields=filled)


def _change(  # noqa: PLR0913 - the parts of one change
    key: str,
    origin: Origin,
    effect: Effect,
    operation: Operation,
    place: Sequence[str],
    *,
    fields: Mapping[str, FieldChange],
    record_id: str | None = None,
) -> Change:
    system, object_ = place
    return Change(
        key=key,
        program=origin.program,
        operation=operation,
        effect=effect,
        system=system,
        object=object_,
        id=record_id,
        case=origin.case,
        basis=origin.basis,
        fields=dict(fields),
        because=origin.because,
    )
