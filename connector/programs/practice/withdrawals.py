"""Taking back tasks of ours that are no longer needed: deleted if untouched, else left with a note.

Programs that issue tasks ask here. "A withdrawal is never contact."
"""

from collections.abc import Iterable

from connector.model.case import OwnTask
from connector.model.intents import Intent, WithdrawTask
from connector.model.plan import WITHDRAWAL
from connector.programs.practice.own_tasks import has_begun, is_open
from connector.programs.practice.view import View


def withdrawals(view: View, tasks: Iterable[OwnTask], why: str) -> tuple[Intent, ...]:
    """Each open one of these tasks that has not been withdrawn yet, with the reason as its note."""
    texts = view.practice.texts
    begins = texts["task.withdrawn"].partition("{")[0]
    note = texts["task.withdrawn"].format(day=view.today.isoformat(), reason=why)
    return tuple(
        WithdrawTask(
            key=f"{task.key}{WITHDRAWAL}",
            task=task.record,
            touched=has_begun(task, view.practice.tasks, view.touches),
            note=note,
            written=dict(task.written),
            body=task.current.body,
        )
        for task in tasks
        if is_open(task)
        and not task.withdrawn
        and task.current is not None
        # A note that arrived before an earlier run was killed is not written again.
        and not (task.current.body or "").startswith(begins)
    )
