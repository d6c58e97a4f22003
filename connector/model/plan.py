"""Changes and plans: what must be written, why, and on which state of the world that was decided.

Frozen and serialisable; planning makes them, the store keeps them, sinks carry them out.
"""

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from connector.model.limits import Misfit
from connector.model.records import SetAside

WITHDRAWAL = ":withdraw"
"""What the key of a withdrawal has behind the key of its task."""

LOG = ":log"
"""What the key of an activity that Okoshi itself logged ends with."""

MEMBERSHIPS = "memberships"
"""The object of a change that puts a person on a list or takes him off; its id is `<list id>:<record id>`."""


class Frozen(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Because(Frozen):
    """One piece of evidence: the rule, the record and field it rests on, the value, when, and a sentence for people."""

    rule: str
    record: str | None = None
    field: str | None = None
    value: Any = None
    at: AwareDatetime | date | None = None
    text: str


class FieldChange(Frozen):
    """One field's value before and after, in the vendor's own format."""

    before: Any = None
    after: Any = None


class Operation(StrEnum):
    """What a change does to its record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Effect(StrEnum):
    """What a change is to the practice, whatever the vendor calls its object; in the order in which they are sent."""

    ALERT = "alert"
    WITHDRAWAL = "withdrawal"
    TASK = "task"
    RECORD = "record"
    LOG = "log"
    FIELDS = "fields"
    MEMBERSHIP = "membership"


class Change(Frozen):
    """One write to one record. `key` is the idempotency key; `basis` is the version of the case it was decided on."""

    key: str
    program: str
    operation: Operation
    effect: Effect = Effect.TASK
    system: str
    object: str
    id: str | None = None
    case: str
    basis: str
    fields: dict[str, FieldChange] = Field(default_factory=dict)
    because: tuple[Because, ...] = ()


class Unwritten(Frozen):
    """A value that a vendor's field does not take: where it was to stand, what is wrong, and what a person can do.

    `id` is `None` for a record that is to be made; it is made without the value. The value itself is never kept.
    """

    program: str
    case: str
    system: str
    object: str
    id: str | None = None
    field: str
    reason: Misfit
    text: str


class Verdict(Frozen):
    """Why one eligible deal gets no change now: it waits for capacity, is merged into another task, or is excluded."""

    program: str
    case: str
    name: str | None = None
    reason: str
    text: str
    until: AwareDatetime | None = None


class Counts(Frozen):
    """Where the eligible cases stand: 発行済, 他タスクに集約, 枠待ち or 対象外; whatever is in none of them is 漏れ."""

    eligible: int = 0
    issued: int = 0
    merged: int = 0
    waiting: int = 0
    excluded: int = 0

    @property
    def leaks(self) -> int:
        """Eligible cases that are in none of the four groups (漏れ); anything but 0 is a fault of ours."""
        return self.eligible - self.issued - self.merged - self.waiting - self.excluded


class Plan(Frozen):
    """All changes of one cycle, with what waits, what is merged, what is excluded, set aside or fits no field."""

    plan_id: str
    now: AwareDatetime
    settings_version: str
    counts: Counts = Counts()
    programs: dict[str, Counts] = Field(default_factory=dict)
    """The same by program."""
    changes: tuple[Change, ...] = ()
    merged: tuple[Verdict, ...] = ()
    waiting: tuple[Verdict, ...] = ()
    excluded: tuple[Verdict, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    unwritten: tuple[Unwritten, ...] = ()


class LedgerState(StrEnum):
    """How far a change got. `UNKNOWN`: sent without an answer, to be looked up by its key before anything else."""

    PLANNED = "planned"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
