"""Guard rails look at the whole plan before anything is sent: too much at once stops the run. Pure."""

from collections import Counter
from collections.abc import Sequence

from connector.model.errors import StopSync
from connector.model.plan import Change, Effect


def check(
    changes: Sequence[Change],
    *,
    owner_field: str,
    most_per_person: int,
    most_touched_percent: float | None,
    eligible: int,
) -> None:
    """Raises StopSync when one person would get too many tasks, or too large a share of the cases is touched.

    What is touched are tasks: a field or an alert is no work that would have to be taken back by hand.
    """
    created = Counter(
        change.fields[owner_field].after
        for change in changes
        if change.effect is Effect.TASK and owner_field in change.fields
    )
    for owner, count in created.items():
        if count > most_per_person:
            raise StopSync(
                f"The plan would give user {owner} {count} new tasks at once; guard.max_tasks_per_person_per_day is "
                f"{most_per_person}. Nothing was written. Lower the capacity in mappings/team.yaml or raise the guard.",
                code="guard_person",
                details={"user": owner, "count": count, "most": most_per_person},
            )
    touched = sum(change.effect in (Effect.TASK, Effect.WITHDRAWAL) for change in changes)
    if most_touched_percent is not None and eligible and touched * 100 > most_touched_percent * eligible:
        raise StopSync(
            f"The plan would write {touched} changes of tasks for {eligible} eligible cases, more than the "
            f"{most_touched_percent} % of guard.max_touched_percent. Nothing was written. Look at `okoshi plan` first.",
            code="guard_share",
            details={"count": touched, "eligible": eligible, "most": most_touched_percent},
        )
