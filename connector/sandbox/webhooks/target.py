"""What every receiver of messages has in common: address, chance, and what happened to each delivery.

The dispatcher sends what a target makes and tells it the outcome. It must not know what the messages say.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

from connector.sandbox.clock import stored_datetime
from connector.sandbox.control_input import Members

T = TypeVar("T")
State = Literal["waiting", "sending", "delivered", "given_up"]
MOST_IN_ONE = 100


@dataclass(frozen=True)
class Message:
    """One HTTP POST, made anew for each attempt."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What came back; no status means that nothing did."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    error: str | None = None


@dataclass(frozen=True)
class Verdict:
    """Delivered, to be sent again after a while, or given up."""

    state: Literal["delivered", "again", "given_up"]
    wait: timedelta = timedelta(0)


@dataclass
class Delivery:
    """Some items on their way to one target; `due` is the sandbox's time."""

    number: int
    target: "Target"
    items: list[Any]
    due: datetime
    began: datetime
    state: State = "waiting"
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        return {
            "delivery": self.number,
            "target": self.target.number,
            "items": len(self.items),
            "state": self.state,
            "due": stored_datetime(self.due) if self.state == "waiting" else None,
            "attempts": list(self.attempts),
        }


@dataclass(frozen=True)
class Common:
    """What is told of every target. `public_url` is the address that receivers are known by, and that is signed.

    `speed` shortens waits between attempts: 3600 makes an hour of the sandbox's clock a second of it.
    """

    url: str
    public_url: str
    batching: int = MOST_IN_ONE
    window: timedelta = timedelta(milliseconds=100)
    duplicate_rate: float = 0.0
    disorder: float = 0.0
    seed: int = 0
    speed: float = 1.0
    ca_bundle: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)


def common(members: Members) -> Common:
    """Read and check the members that every target takes."""
    url = members.needed("url", "http://127.0.0.1:8080/webhooks/hubspot")
    return Common(
        url=url,
        public_url=members.text("public_url", url) or url,
        batching=min(MOST_IN_ONE, members.whole("batching", MOST_IN_ONE, 1) or MOST_IN_ONE),
        window=timedelta(milliseconds=members.number("window_ms", 100.0)),
        duplicate_rate=members.number("duplicate_rate", 0.0, 0.0, 1.0),
        disorder=members.number("disorder", 0.0, 0.0, 1.0),
        seed=members.whole("seed", 0) or 0,
        speed=members.number("speed", 1.0, 0.001, 1e9),
        ca_bundle=members.text("ca_bundle"),
        given=members.given,
    )


class Target(Protocol):
    """A receiver: what it is sent, and what its replies mean."""

    number: int
    common: Common
    timeout: float

    def message(self, delivery: Delivery) -> Message | None:
        """The next attempt's message; None when there is nothing left to tell."""
        ...

    def judge(self, delivery: Delivery, reply: Reply) -> Verdict: ...


def arranged(items: Sequence[T], common_: Common, chance: random.Random) -> list[list[T]]:
    """Items as they are sent: some twice, some out of their places, in parts of the batch size."""
    places = [(float(index), item) for index, item in enumerate(items)]
    again = [
        (chance.uniform(index, len(items)), item) for index, item in places if chance.random() < common_.duplicate_rate
    ]
    mixed = [
        (chance.uniform(0, len(items)) if chance.random() < common_.disorder else index, item)
        for index, item in [*places, *again]
    ]
    ordered = [item for _, item in sorted(mixed, key=lambda one: one[0])]
    parts = [ordered[start : start + common_.batching] for start in range(0, len(ordered), common_.batching)]
    if common_.disorder:
        chance.shuffle(parts)
    return parts
