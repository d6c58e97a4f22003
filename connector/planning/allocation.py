"""Sharing tasks out among the people of the IS role, within each one's capacity for the day.

Pure and stable: the same candidates, team and loads always give the same answer. The engine calls it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.mapping.schema import InsideSales
from connector.model.errors import ConfigurationError
from connector.model.records import User


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that wants a task of a program, and the mail address of its account's owner.

    `assignee` (the vendor's id) is who has to get it, `beyond_capacity` even without room.
    """

    case: str
    program: str = ""
    account_owner: str | None = None
    assignee: str | None = None
    beyond_capacity: bool = False


@dataclass
class Team:
    """The people who can be given a task that is due on `day`, and how many each has been given already."""

    members: Sequence[User]
    rules: InsideSales
    day: date
    taken: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, members: Sequence[User], rules: InsideSales, day: date, taken: Mapping[str, int]) -> "Team":
        """The team in an order that begins with another person every day, so that ties fall on each in turn."""
        ordered = sorted(members, key=lambda user: user.ref)
        turn = day.toordinal() % len(ordered) if ordered else 0
        return cls([*ordered[turn:], *ordered[:turn]], rules, day, dict(taken))

    @property
    def free(self) -> int:
        """How many more tasks those whom the rule can choose can take for the day."""
        fixed = self.rules.assignment.rule == "fixed"
        chosen = [self._member(self.rules.assignment.fixed or "")] if fixed else self.members
        return sum(self._free(user) for user in chosen)

    def _free(self, user: User) -> int:
        return max(0, self.rules.capacity_per_day - self.taken.get(user.ref.id, 0))

    def choose(self, candidate: Candidate) -> User | None:
        """Who gets this task by the rule in force; `None`: it has to wait."""
        user: User | None
        match self.rules.assignment.rule:
            case "fixed":
                user = self._member(self.rules.assignment.fixed or "")
            case "account_owner_partner":
                partner = self.rules.assignment.partners.get((candidate.account_owner or "").lower())
                user = self._member(partner) if partner else self._least_loaded()
            case "load":
                user = self._least_loaded()
        return user if user is not None and self.give(user) else None

    def give(self, user: User, *, beyond_capacity: bool = False) -> bool:
        """Counts one more task for this person; answers whether there was room. What is beyond it takes none."""
        if beyond_capacity:
            return True
        if not self._free(user):
            return False
        self.taken[user.ref.id] = self.taken.get(user.ref.id, 0) + 1
        return True

    def _least_loaded(self) -> User | None:
        return min(self.members, key=lambda user: self.taken.get(user.ref.id, 0), default=None)

    def _member(self, email: str) -> User:
        for user in self.members:
            if (user.email or "").lower() == email.lower():
                return user
        raise ConfigurationError(
            f"The assignment rule names {email}, who is not an active user of the role {self.rules.role}.\n"
            "Change team.inside_sales.assignment in mappings/team.yaml, or give the user that role in Salesforce.",
            code="nobody",
        )


def allocate_assigned(
    candidates: Iterable[Candidate], users: Mapping[str, User], team: Team
) -> Iterator[tuple[Candidate, User]]:
    """The candidates, best first, whose own person has room for the task today or must get it without."""
    for candidate in candidates:
        user = users.get(candidate.assignee or "")
        if user is not None and team.give(user, beyond_capacity=candidate.beyond_capacity):
            yield candidate, user


def allocate(candidates: Iterable[Candidate], team: Team) -> Iterator[tuple[Candidate, User]]:
    """The candidates, best first, that get a task today, each with its person; asks for none when nobody is free."""
    if team.members and not team.free:
        return
    for candidate in candidates:
        if not team.members:
            raise ConfigurationError(
                f"No active Salesforce user has the role {team.rules.role}, so nobody can be given a task.\n"
                "Give at least one active user that role (DeveloperName), or name another role as "
                "team.inside_sales.role in mappings/team.yaml."
            )
        user = team.choose(candidate)
        if user is not None:
            yield candidate, user
        if not team.free:
            return
