"""What a run did, for people and machines. Made by the cycle, shown by the command, kept in the store."""

from pydantic import Field

from connector.model.plan import Counts, Frozen
from connector.model.records import SetAside


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
    set_aside: int = 0
    set_aside_records: tuple[SetAside, ...] = ()
    stale: tuple[str, ...] = ()
    already_done: int = 0
    created: int = 0
    withdrawn: int = 0
    records_read: int = 0
    records_changed: int = 0
    api_calls: dict[str, int] = Field(default_factory=dict)
    seconds: float = 0.0


def of_counts(counts: Counts) -> dict[str, int]:
    """The figures of the eligible deals under the summary's names."""
    return {**counts.model_dump(), "leaks": counts.leaks}
