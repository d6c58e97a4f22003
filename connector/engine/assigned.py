"""Drawing a task for the person who gets it. Called when tasks are shared out, and for those of a certain person."""

from collections.abc import Iterator, Sequence

from connector.engine.deployment import Deployment
from connector.engine.effects import Decided
from connector.model.intents import EnsureTask, Standing
from connector.model.plan import Change
from connector.model.records import User
from connector.planning import changes as drawing
from connector.store import standings, team
from connector.store.store import Transaction


def tasks_of(one: Decided) -> list[EnsureTask]:
    """The tasks that a decision wants, the one that takes its turn first."""
    return [intent for intent in one.decision.intents if isinstance(intent, EnsureTask)]


def creation(deployment: Deployment, tx: Transaction, one: Decided, intent: EnsureTask, user: User) -> Change:
    """The change that gives this task to this person, its text made now."""
    writing = deployment.mappings.tasks
    merged = [row for row in standings.of_people(tx, [intent.person_key or ""]) if row.standing is Standing.MERGED]
    names = [f"{_subject(deployment, row.program)} {row.name or row.case}" for row in merged]
    body = drawing.task_body(intent.text, intent.key, names, deployment.texts)
    writable = deployment.sinks[writing.system].writable(writing.object)
    fields = drawing.task_creation(intent, user, body, writing, writable)
    return drawing.creation(intent, str(one.case.ref), fields, one.decision.because, one.case.version, writing)


def assigned_tasks(
    deployment: Deployment, tx: Transaction, one: Decided, intents: Sequence[EnsureTask] | None = None
) -> Iterator[Change]:
    """Those of a decision's tasks that are for a certain person, where that person is still there."""
    for intent in tasks_of(one) if intents is None else intents:
        if intent.assignee is None:
            continue
        user = team.users(tx, [intent.assignee]).get(intent.assignee)
        if user is not None and user.is_active:
            yield creation(deployment, tx, one, intent, user)


def _subject(deployment: Deployment, program: str) -> str:
    """What a program's tasks are called."""
    _, settings = deployment.programs[program]
    return str(getattr(settings, "subject", program))
