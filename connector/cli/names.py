"""What the references in changes and messages are called: deals, people and tasks, as the store's mirror knows them.

Used by the commands that show a plan, a summary or a failure. Asks no vendor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from connector.engine.deployment import Deployment
from connector.mapping import TaskWriting
from connector.model.errors import StopSync
from connector.model.plan import Change
from connector.model.records import Account, Activity, Opportunity, Person, Ref, User
from connector.store import mirror
from connector.store.store import Transaction


@dataclass(frozen=True)
class Names:
    """Some changes, what their references are called, and which fields of a task hold what."""

    writing: TaskWriting
    changes: tuple[Change, ...] = ()
    cases: Mapping[str, Opportunity | Account | Person] = field(default_factory=dict)
    tasks: Mapping[str, Activity] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def case(self, change: Change) -> str:
        """What the deal, company or person is called; its reference where the mirror does not know it."""
        case = self.cases.get(change.case)
        return (case.name if case else None) or change.case

    def amount(self, change: Change) -> Decimal | None:
        """The amount, where the change is about a deal."""
        case = self.cases.get(change.case)
        return case.amount if isinstance(case, Opportunity) else None

    def person(self, user_id: object) -> str:
        """What a user is called."""
        return self.people.get(str(user_id), str(user_id))

    def assignee(self, change: Change) -> str:
        """Who gets the task, or has it."""
        owner = _assignee_id(self.writing, change, self.tasks)
        return self.person(owner) if owner else ""

    def due(self, change: Change) -> object:
        """The day on which the task is, or was, due."""
        task = self.tasks.get(change.id or "")
        return _value(change, self.writing.fields.due) or (task.due_date if task else None)


def named(deployment: Deployment, changes: Sequence[Change]) -> Names:
    """Looks up the deals, tasks and assignees of these changes."""
    writing = deployment.mappings.tasks
    with deployment.store.read() as tx:
        deals = {change.case: mirror.get(tx, Ref.parse(change.case)) for change in changes}
        found = {
            change.id: mirror.get(tx, Ref(change.system, change.object, change.id)) for change in changes if change.id
        }
        tasks = {task_id: record for task_id, record in found.items() if isinstance(record, Activity)}
        owners = {str(_assignee_id(writing, change, tasks)) for change in changes}
        people = _people(tx, deployment, owners)
    known = {case: record for case, record in deals.items() if isinstance(record, Opportunity | Account | Person)}
    return Names(writing, tuple(changes), known, tasks, people)


@contextmanager
def named_in_errors(deployment: Deployment) -> Iterator[None]:
    """An error that names a user by id gets that user's name for the screen; its own text stays without it."""
    try:
        yield
    except StopSync as error:
        user = str(error.details.get("user", ""))
        if user:
            with deployment.store.read() as tx:
                error.details["user"] = _people(tx, deployment, [user]).get(user, user)
        raise


def _people(tx: Transaction, deployment: Deployment, user_ids: Iterable[str]) -> dict[str, str]:
    users = {user_id: mirror.get(tx, Ref(deployment.sfa, deployment.users, user_id)) for user_id in user_ids}
    return {user_id: record.name for user_id, record in users.items() if isinstance(record, User)}


def _assignee_id(writing: TaskWriting, change: Change, tasks: Mapping[str, Activity]) -> str | None:
    """The change says it; a note on a task that somebody has begun touches no owner, then the task itself does."""
    told = _value(change, writing.fields.owner)
    task = tasks.get(change.id or "")
    return str(told) if told else task.owner.id if task and task.owner else None


def _value(change: Change, name: str) -> object:
    """What a field will hold or, where it goes away, held."""
    value = change.fields.get(name)
    return None if value is None else value.before if value.after is None else value.after
