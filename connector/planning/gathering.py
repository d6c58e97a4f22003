"""One person gets at most one open task for one matter: of several cases of one person, one leads. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from connector.model.intents import Standing


@dataclass(frozen=True, slots=True)
class Claim:
    """One eligible case of a person: where it stands with a program, and its worth among others (rank, then value)."""

    case: str
    program: str
    name: str
    standing: Standing
    value: Decimal
    rank: int = 0
    at_once: bool = False
    """Its task is issued whatever else is open (churn): it is merged into none, and leads by its rank."""
    abandoned: bool = False
    """Its task is open with somebody who has left: an open task of the person like any other."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The claim that leads, and those that are merged into it."""

    leader: Claim
    merged: tuple[Claim, ...]


def gather(claims: Iterable[Claim]) -> Gathered | None:
    """Of one person's claims, the one with an open task leads, else the most valuable; those still waiting are merged.

    Several open tasks (of people's own making) stay as they are: only what waits can be merged, and of that not what
    is issued at once.
    """
    counted = (Standing.ISSUED, Standing.WAITING, Standing.MERGED)
    eligible = [c for c in claims if c.standing in counted or c.abandoned]
    if not eligible:
        return None
    leader = min(eligible, key=lambda c: (not _stands(c), c.rank, -c.value, c.case, c.program))
    merged = (c for c in eligible if c is not leader and not _stands(c))
    return Gathered(leader, tuple(sorted(merged, key=lambda c: (c.rank, -c.value, c.case, c.program))))


def _stands(claim: Claim) -> bool:
    """Its task is there, or will be in any case."""
    return claim.standing is Standing.ISSUED or claim.at_once or claim.abandoned
