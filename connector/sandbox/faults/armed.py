"""The faults that are armed, in order: which requests they meet, how often, and what they did so far.

`traffic` asks for each request, the control URL adds, shows and clears. What a fault does is its deed's business.
"""

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.sandbox.faults.exchange import Exchange
from connector.sandbox.operations import operation_of

KEPT_SPENT = 500


class Deed(Protocol):
    """What a fault does to one request."""

    @property
    def label(self) -> str:
        """How the request log names it."""
        ...

    def suits(self, vendor: str, method: str, path: str) -> bool:
        """Whether it can happen to such a request at all."""
        ...

    async def do(self, exchange: Exchange, chance: random.Random) -> None: ...


@dataclass(frozen=True)
class Where:
    """Which requests a fault meets; None (or no method) is any."""

    vendor: str | None = None
    methods: tuple[str, ...] = ()
    path: re.Pattern[str] | None = None
    operation: str | None = None

    def fits(self, vendor: str, method: str, target: str) -> bool:
        path = target.partition("?")[0]
        return (
            self.vendor in (None, vendor)
            and (not self.methods or method in self.methods)
            and (self.path is None or self.path.search(target) is not None)
            and (self.operation is None or operation_of(vendor, method, path) == self.operation)
        )


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for a `rate` of the requests that fit.

    `skip` of them pass first, and it happens `times` times (None: until it is taken away). After it met a request,
    `apart` further ones of the same method and path pass unharmed by faults that keep apart. What is left to chance
    follows from `seed` and the number of the use, so the same requests in the same order meet the same.
    """

    where: Where
    deed: Deed
    rate: float = 1.0
    seed: int = 0
    skip: int = 0
    times: int | None = 1
    apart: int = 0
    delay_ms: int = 0
    given: Mapping[str, Any] = field(default_factory=dict)

    def chance(self, name: str) -> random.Random:
        where = self.where
        return random.Random(f"{self.seed} {self.deed.label} {where.vendor} {where.methods} {where.path} {name}")


@dataclass
class _Armed:
    fault: Fault
    skip: int
    left: int | None
    draws: random.Random
    used: int = 0

    def shown(self) -> dict[str, Any]:
        return {**self.fault.given, "used": self.used, "left": self.left, "armed": self.left != 0}


@dataclass(frozen=True)
class Hit:
    """A fault that meets a request, and the chance that this meeting has."""

    fault: Fault
    chance: random.Random


@dataclass(frozen=True)
class Lasting:
    """A condition that holds until the faults are cleared; `end` takes it back."""

    given: Mapping[str, Any]
    end: Callable[[], None]


class Faults:
    """All faults of one sandbox; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._spent: list[_Armed] = []
        self._lasting: list[Lasting] = []
        self._calm: dict[tuple[str, str, str], int] = {}

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault, fault.skip, fault.times, fault.chance("draws")))

    def add_lasting(self, one: Lasting) -> None:
        with self._lock:
            self._lasting.append(one)

    def shown(self) -> list[dict[str, Any]]:
        """Each fault as it was given, with how often it was used and how often it still can be; spent ones first."""
        with self._lock:
            lasting = [{**one.given, "lasting": True, "armed": True} for one in self._lasting]
            return [one.shown() for one in (*self._spent, *self._armed)] + lasting

    def clear(self) -> int:
        """Take all away, and undo what lasts; how many were still armed."""
        with self._lock:
            count = len(self._armed) + len(self._lasting)
            lasting = self._lasting[::-1]
            self._armed, self._spent, self._lasting = [], [], []
            self._calm.clear()
        for one in lasting:
            one.end()
        return count

    def next_for(self, vendor: str, method: str, target: str) -> Hit | None:
        """The first fault that meets this request; it is used up by one."""
        with self._lock:
            if not self._armed:
                return None
            place = (vendor, method, target.partition("?")[0])
            calm = self._calm.get(place, 0)
            if calm:
                self._calm[place] = calm - 1
            for one in self._armed:
                if (calm and one.fault.apart) or not self._meets(one, vendor, method, target):
                    continue
                return self._use(one, place)
            return None

    def _meets(self, one: _Armed, vendor: str, method: str, target: str) -> bool:
        path = target.partition("?")[0]
        if not one.fault.where.fits(vendor, method, target) or not one.fault.deed.suits(vendor, method, path):
            return False
        if one.skip > 0:
            one.skip -= 1
            return False
        return one.fault.rate >= 1 or one.draws.random() < one.fault.rate

    def _use(self, one: _Armed, place: tuple[str, str, str]) -> Hit:
        one.used += 1
        if one.fault.apart:
            self._calm[place] = one.fault.apart
        if one.left is not None:
            one.left -= 1
            if one.left <= 0:
                self._armed.remove(one)
                self._spent = [*self._spent, one][-KEPT_SPENT:]
        return Hit(one.fault, one.fault.chance(f"use {one.used}"))
