"""Builders of records for the store's tests: only what a test is about is said there."""

from datetime import UTC, datetime
from typing import Any

from connector.identity.clusters import key_of
from connector.identity.compare import Evidence
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.model.plan import Change, Effect, FieldChange, Operation
from connector.model.records import (
    Account,
    Activity,
    ActivityKind,
    ContactRole,
    Engagement,
    EngagementKind,
    Kind,
    Membership,
    Opportunity,
    Person,
    Ref,
    User,
)
from connector.store import Transaction, clusters

NOW = datetime(2025, 6, 2, 0, 0, tzinfo=UTC)


def sf(object_: str, number: str | int) -> Ref:
    return Ref("salesforce", object_, str(number))


def hs(object_: str, number: str | int) -> Ref:
    return Ref("hubspot", object_, str(number))


def deal(ref: Ref | str | int, **values: Any) -> Opportunity:
    own = ref if isinstance(ref, Ref) else sf("Opportunity", ref)
    return Opportunity(**{"ref": own, "modified_at": NOW, "name": f"Deal {own.id}"} | values)


def account(ref: Ref | str | int, **values: Any) -> Account:
    own = ref if isinstance(ref, Ref) else sf("Account", ref)
    return Account(**{"ref": own, "modified_at": NOW, "name": f"Company {own.id}"} | values)


def person(ref: Ref | str | int, **values: Any) -> Person:
    own = ref if isinstance(ref, Ref) else sf("Contact", ref)
    return Person(**{"ref": own, "modified_at": NOW, "name": f"Person {own.id}"} | values)


def user(number: str | int, **values: Any) -> User:
    return User(**{"ref": sf("User", number), "modified_at": NOW, "name": f"User {number}"} | values)


def role(number: str | int, opportunity: Ref, who: Ref, **values: Any) -> ContactRole:
    ref = sf("OpportunityContactRole", number)
    return ContactRole(**{"ref": ref, "modified_at": NOW, "opportunity": opportunity, "person": who} | values)


def activity(ref: Ref | str | int, **values: Any) -> Activity:
    own = ref if isinstance(ref, Ref) else sf("Task", ref)
    return Activity(**{"ref": own, "modified_at": NOW, "form": ActivityKind.TASK} | values)


def engagement(number: str | int, **values: Any) -> Engagement:
    """A page that somebody opened."""
    ref = hs("page_views", number)
    return Engagement(**{"ref": ref, "modified_at": NOW, "form": EngagementKind.PAGE_VIEW, "at": NOW} | values)


def membership(number: str | int, who: Ref, **values: Any) -> Membership:
    ref = hs("memberships", f"{number}:{who.id}")
    return Membership(**{"ref": ref, "modified_at": NOW, "list": hs("lists", number), "person": who} | values)


def creation(key: str, case: Ref, **values: Any) -> Change:
    """A new task for user 005 on 2 June."""
    fields = {"Subject": "滞留商談掘り起こし", "OwnerId": "005", "ActivityDate": "2025-06-02"} | values.pop(
        "fields", {}
    )
    withdraws = values.get("operation", Operation.CREATE) is not Operation.CREATE
    return Change(
        **{
            "key": key,
            "effect": Effect.WITHDRAWAL if withdraws else Effect.TASK,
            "program": "stalled",
            "operation": Operation.CREATE,
            "system": "salesforce",
            "object": "Task",
            "case": str(case),
            "basis": "v1",
            "fields": {name: FieldChange(after=value) for name, value in fields.items()},
        }
        | values
    )


def compared(one: str, two: str, score: float = 20.0, **values: Any) -> Pair:
    """Two records that are one by their names."""
    left, right = key_of(one, two)
    evidence = (Evidence("name_exact", "name", "㈱'A'", '"A"株式会社', score),)
    return Pair(left, right, score, Outcome.AUTO, evidence=evidence)._replace(**values)


def together(tx: Transaction, kind: Kind, *refs: Ref) -> set[str]:
    """These are one, as unifying would have found."""
    return clusters.assign(tx, kind, [frozenset(map(str, refs))], NOW)
