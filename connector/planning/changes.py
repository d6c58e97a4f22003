"""Intents become changes: exactly the fields to write, before and after, in the vendor's names and formats. Pure."""

from collections.abc import Mapping, Sequence

from connector.mapping.schema import TaskWriting
from connector.model.intents import EnsureTask, TaskText, WithdrawTask
from connector.model.plan import Because, Change, Effect, FieldChange, Operation
from connector.model.records import User

LONGEST_BODY = 32_000
"""Characters that a Salesforce task's Description takes."""


def task_body(text: TaskText, key: str, also: Sequence[str], texts: Mapping[str, str]) -> str:
    """What to do and why now; facts; inferences apart; the frame for the result, facts and impressions apart."""
    facts = [*text.facts, *([f"{texts['fact.also']}: {'、'.join(also)}"] if also else [])]
    parts = [text.opening, texts["task.facts"] + "\n" + "\n".join(f"・{fact}" for fact in facts)]
    if text.inferences:
        parts.append(texts["task.inferences"] + "\n" + "\n".join(f"・{item}" for item in text.inferences))
    parts.append(f"{texts['task.result_facts']}\n\n{texts['task.result_impressions']}\n")
    reference = texts["task.reference"].format(key=key)
    body = "\n\n".join(parts)
    return f"{body[: LONGEST_BODY - len(reference) - 2]}\n{reference}"


def task_creation(
    intent: EnsureTask, assignee: User, body: str, writing: TaskWriting, writable: frozenset[str]
) -> dict[str, FieldChange]:
    """The fields of a new task; the key field only where the org has it."""
    names = writing.fields
    values: dict[str, object] = {
        names.key: intent.key,
        names.subject: intent.subject,
        names.owner: assignee.ref.id,
        names.what: intent.about.id if intent.about else None,
        names.who: intent.who.id if intent.who else None,
        names.due: intent.due.isoformat(),
        names.status: writing.open_status,
        names.priority: writing.priorities[intent.priority or writing.priority],
        names.body: body,
    }
    return {name: FieldChange(after=value) for name, value in values.items() if value is not None and name in writable}


def creation(
    intent: EnsureTask,
    case: str,
    fields: Mapping[str, FieldChange],
    because: tuple[Because, ...],
    basis: str,
    writing: TaskWriting,
) -> Change:
    """The change that makes the task exist."""
    return Change(
        key=intent.key,
        program=intent.key.split(":", 1)[0],
        operation=Operation.CREATE,
        effect=Effect.TASK,
        system=writing.system,
        object=writing.object,
        case=case,
        basis=basis,
        fields=dict(fields),
        because=because,
    )


def withdrawal(
    intent: WithdrawTask, case: str, because: tuple[Because, ...], basis: str, writing: TaskWriting
) -> Change:
    """Deleted if nobody touched it, else left as it is with a note on top of its text.

    The values before are what the record must still hold: if somebody begins meanwhile, the write is refused.
    """
    note = f"{intent.note}\n\n{intent.body or ''}".strip()
    if intent.touched:
        fields = {writing.fields.body: FieldChange(before=intent.body, after=note)}
    else:
        # What tells that somebody has begun; what else was written stands in the ledger.
        names = writing.fields
        telling = (names.subject, names.status, names.owner, names.due, names.body)
        fields = {name: FieldChange(before=intent.written[name]) for name in telling if name in intent.written}
    return Change(
        key=intent.key,
        program=intent.key.split(":", 1)[0],
        operation=Operation.UPDATE if intent.touched else Operation.DELETE,
        effect=Effect.WITHDRAWAL,
        system=intent.task.system,
        object=intent.task.object,
        id=intent.task.id,
        case=case,
        basis=basis,
        fields=fields,
        because=because or (Because(rule="withdraw", record=str(intent.task), text=intent.note),),
    )
