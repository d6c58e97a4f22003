"""What a run did, for people and machines. Made by the cycle, shown by the command, kept in the store."""

from datetime import datetime

from pydantic import Field

from connector.model.plan import Counts, Effect, Frozen, Unwritten
from connector.model.purpose import Purpose
from connector.model.records import SetAside


class Reconciled(Frozen):
    """What one stream's whole reading found: `missed` by the increments, `gone` from the system.

    `withheld` are missing, but too many for it to be believed (`guard.max_gone_percent`): nothing is concluded from it.
    """

    system: str
    stream: str
    read: int
    missed: int
    gone: int
    withheld: int


class Unified(Frozen):
    """名寄せ of one kind of record, as it stands.

    Records that are `linked`, in so many `groups`; `doubtful` pairs that a person is asked about; `new` records, which
    are nobody else's; `unmatched` records, which were compared with nobody yet.
    """

    linked: int = 0
    groups: int = 0
    doubtful: int = 0
    new: int = 0
    unmatched: int = 0


class Stop(Frozen):
    """What had to stop because no calls are left for it today; `used` of `limit` as the vendor told."""

    purpose: Purpose
    reason: str
    system: str | None = None
    used: int | None = None
    limit: int | None = None
    resume_at: datetime | None = None

    @property
    def ends_the_run(self) -> bool:
        """Whether tasks are missing for it. Fields and reconciliation come with a later run."""
        return self.purpose in (Purpose.ALERT, Purpose.TASK, Purpose.READING)


class VendorBudget(Frozen):
    """One vendor's day in calls, by all tools together: `left` is what the `reserve` leaves to us. None: not told."""

    told_at: datetime
    used: int | None = None
    limit: int | None = None
    reserve: int | None = None
    left: int | None = None
    refused: bool = False


class Refusal(Frozen):
    """A change that a vendor did not take, with its reason in its own words. `id` is `None` for a new record."""

    key: str
    program: str
    case: str
    effect: Effect
    system: str
    object: str
    id: str | None = None
    reason: str


class RunSummary(Frozen):
    """One run in figures. `planned` … `unknown` count changes; `waiting` … `leaks` count eligible deals."""

    run_id: str
    plan_id: str
    planned: int = 0
    done: int = 0
    refused: int = 0
    unknown: int = 0
    recovered: int = 0
    eligible: int = 0
    issued: int = 0
    merged: int = 0
    waiting: int = 0
    excluded: int = 0
    leaks: int = 0
    programs: dict[str, Counts] = Field(default_factory=dict)
    """Where the eligible cases of each program stand."""
    set_aside: int = 0
    set_aside_records: tuple[SetAside, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unwritten: int = 0
    """Fields of records, each once, that did not take the value that should stand there."""
    unwritten_fields: tuple[Unwritten, ...] = ()
    stale: tuple[str, ...] = ()
    already_done: int = 0
    created: int = 0
    withdrawn: int = 0
    effects: dict[str, int] = Field(default_factory=dict)
    """Planned changes by what they are to the practice: `task`, `alert`, `fields`, …"""
    records_read: int = 0
    records_changed: int = 0
    unified: dict[str, Unified] = Field(default_factory=dict)
    """名寄せ by kind: `account`, `person`."""
    reconciled: tuple[Reconciled, ...] = ()
    stopped: tuple[Stop, ...] = ()
    api_calls: dict[str, int] = Field(default_factory=dict)
    api_spending: dict[str, dict[str, dict[str, int]]] = Field(default_factory=dict)
    """The same by {system: {purpose: {operation: calls}}}."""
    api_budget: dict[str, VendorBudget] = Field(default_factory=dict)
    seconds: float = 0.0


def of_counts(counts: Counts) -> dict[str, int]:
    """The figures of the eligible deals under the summary's names."""
    return {**counts.model_dump(), "leaks": counts.leaks}
