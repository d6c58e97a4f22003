"""What faults do to a request: delay it, answer instead of the vendor, or spoil the answer on its way.

Each class is one deed, made by `kinds` from what was posted. What is left to chance comes from the given generator.
"""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connector.sandbox.faults import answers
from connector.sandbox.faults.exchange import JSON, Exchange, Whole, page

DISTRIBUTIONS: Final = ("fixed", "uniform", "exponential", "lognormal")
LOGNORMAL_SIGMA: Final = 0.6
DRIP_PIECES_A_SECOND: Final = 20


@dataclass(frozen=True)
class Plain:
    """What has no kind: an answer as given, a connection that is closed before or after the work, or only a delay."""

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: str | None = None

    @property
    def label(self) -> str:
        return f"drop {self.drop}" if self.drop else str(self.status) if self.status else "delay"

    def suits(self, _vendor: str, _method: str, _path: str) -> bool:
        return True

    async def do(self, exchange: Exchange, _chance: random.Random) -> None:
        if self.drop:
            if self.drop == "after":
                await exchange.ask()
            await exchange.vanish()
        elif self.status:
            whole = page(self.status, "" if self.body is None else self.body, JSON, self.headers)
            await exchange.answer(whole)
        else:
            await exchange.pass_on()


@dataclass(frozen=True)
class Latency:
    """A wait before the vendor begins: `ms` is the value, lower bound, mean or median, `most` the longest."""

    distribution: str
    ms: float
    most: float
    label: str = "latency"

    def suits(self, _vendor: str, _method: str, _path: str) -> bool:
        return True

    def drawn(self, chance: random.Random) -> float:
        match self.distribution:
            case "uniform":
                found = chance.uniform(self.ms, self.most)
            case "exponential":
                found = chance.expovariate(1 / self.ms) if self.ms else 0.0
            case "lognormal":
                found = self.ms * chance.lognormvariate(0, LOGNORMAL_SIGMA)
            case _:
                found = self.ms
        return min(found, self.most)

    async def do(self, exchange: Exchange, chance: random.Random) -> None:
        await exchange.received()
        await asyncio.sleep(self.drawn(chance) / 1000)
        await exchange.pass_on()


@dataclass(frozen=True)
class Instead:
    """The vendor does nothing; this is answered. `fits` tells which requests can meet such an answer."""

    label: str
    make: Callable[[str], Whole]
    fits: Callable[[str, str, str], bool] = lambda _vendor, _method, _path: True

    def suits(self, vendor: str, method: str, path: str) -> bool:
        return self.fits(vendor, method, path)

    async def do(self, exchange: Exchange, _chance: random.Random) -> None:
        await exchange.answer(self.make(exchange.vendor))


@dataclass(frozen=True)
class Expired:
    """401; in Salesforce the session that the request carried is really over."""

    body: str
    end_session: Callable[[str], bool]
    label: str = "expired_session"

    def suits(self, vendor: str, _method: str, path: str) -> bool:
        return vendor == "hubspot" or path.startswith("/services/data/")

    async def do(self, exchange: Exchange, _chance: random.Random) -> None:
        if exchange.vendor == "salesforce":
            self.end_session(exchange.header("authorization").partition(" ")[2].strip())
        await exchange.answer(answers.expired_session(exchange.vendor, self.body))


@dataclass(frozen=True)
class Reset:
    """The vendor does its work; the connection breaks (RST) after some bytes of the answer, headers included."""

    after_bytes: int | None
    label: str = "reset"

    def suits(self, _vendor: str, _method: str, _path: str) -> bool:
        return True

    async def do(self, exchange: Exchange, chance: random.Random) -> None:
        whole = await exchange.ask()
        after = chance.randrange(len(whole.wire())) if self.after_bytes is None else self.after_bytes
        await exchange.reset(whole, after)


@dataclass(frozen=True)
class SlowDrip:
    """The answer's body comes at so many bytes a second; after `most` milliseconds the rest comes at once."""

    bytes_per_second: float
    most: float | None
    label: str = "slow_drip"

    def suits(self, _vendor: str, _method: str, _path: str) -> bool:
        return True

    async def do(self, exchange: Exchange, _chance: random.Random) -> None:
        whole = await exchange.ask()
        piece = max(1, round(self.bytes_per_second / DRIP_PIECES_A_SECOND))
        pause, waited, sent = piece / self.bytes_per_second, 0.0, 0
        await exchange.begin(whole)
        while sent + piece < len(whole.body) and (self.most is None or waited * 1000 < self.most):
            await exchange.go_on(whole.body[sent : sent + piece], last=False)
            sent += piece
            await asyncio.sleep(pause)
            waited += pause
        await exchange.go_on(whole.body[sent:], last=True)


@dataclass(frozen=True)
class Truncate:
    """The body ends too soon: as a well-formed shorter message, or short of the Content-Length that it tells."""

    at: int | None
    fraction: float
    wrong_length: bool
    label: str = "truncate"

    def suits(self, _vendor: str, _method: str, _path: str) -> bool:
        return True

    async def do(self, exchange: Exchange, _chance: random.Random) -> None:
        whole = await exchange.ask()
        length = int(len(whole.body) * self.fraction) if self.at is None else self.at
        length = min(length, max(0, len(whole.body) - 1))
        if not whole.body:
            await exchange.answer(whole)
        elif self.wrong_length:
            await exchange.cut(whole, length)
        else:
            await exchange.answer(Whole(whole.status, whole.headers, whole.body[:length]))


@dataclass(frozen=True)
class GatewayTimeout:
    """The vendor does the work, and the edge gives up waiting for its answer."""

    after_ms: float
    label: str = "gateway_timeout"

    def suits(self, _vendor: str, _method: str, _path: str) -> bool:
        return True

    async def do(self, exchange: Exchange, _chance: random.Random) -> None:
        await exchange.ask()
        await asyncio.sleep(self.after_ms / 1000)
        await exchange.answer(answers.edge_page(exchange.vendor, 504))


def parsed(body: bytes) -> Any:
    """JSON, or None for what is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None
