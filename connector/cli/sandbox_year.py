"""A year of the simulated company with one cycle of the connector a day, in this process; what `--simulate` runs.

Called by the sandbox command. What it reports is measured in the two systems, not in what the connector believes.
"""

import json
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.cli.assemble import deployed
from connector.engine import cycle
from connector.engine.deployment import Silent
from connector.engine.summary import RunSummary
from connector.model.errors import ConfigurationError, OkoshiError
from connector.settings import Settings, load_settings
from connector.store.rates import Rate

Row = dict[str, Any]
SHOWN_FAILURES = 5
NIGHTS = 7
"""Once a week everything is read once more: every night it would be half of the year's time."""


@dataclass(frozen=True)
class Year:
    """Which company, how its people work, for how many days. `figures` are habits that differ from the named ones."""

    seed: int = 1
    scale: float = 0.1
    days: int = 365
    habits: str = "forgetful"
    figures: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None
    project: Path | None = None
    """A folder whose mappings are in force; the database is never there."""


@dataclass
class Lived:
    """What became of the year: the figures of the sandbox, and what the cycles said of themselves."""

    figures: Row = field(default_factory=dict)
    cycles: int = 0
    seconds: float = 0.0
    longest_cycle: float = 0.0
    writes: int = 0
    leaks: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    told: bool = True
    """Whether anybody would be told of a customer about to leave: the program for that may be switched off."""

    @property
    def broken(self) -> list[str]:
        """Promises that were not kept, by name."""
        alerts = self.figures["alerts"]
        found = {
            "failures": bool(self.failures),
            "leaks": self.leaks > 0,
            "duplicates": self.figures["duplicates"]["count"] > 0,
            "over_capacity": self.figures["over_capacity"]["tasks"] > 0,
            "forbidden_calls": self.figures["forbidden_calls"]["count"] > 0,
            "alerts": self.told and alerts["late"] + alerts["missing"] > 0,
        }
        return [name for name, is_so in found.items() if is_so]


class Unhurried:
    """The sandbox of a simulated year counts no requests a second, so nobody need wait for one."""

    def book(self, window: str, rate: Rate) -> float:  # noqa: ARG002 -- as the slots' interface has it
        """Every call may go at once."""
        return 0.0

    def close(self) -> None:
        """Nothing is open."""


class Control:
    """The sandbox's control URL, as far as a year needs it."""

    def __init__(self, url: str) -> None:
        self._url = url
        # No proxy: the sandbox lives on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def now(self) -> datetime:
        """The vendors' time, which is also the business time."""
        return datetime.fromisoformat(self._ask("/clock")["now"])

    def begin(self, year: Year) -> None:
        """Say how people work. Raises ConfigurationError for habits that there are not."""
        try:
            self._ask("/simulation", {"seed": year.seed, "habits": year.habits, "figures": dict(year.figures)})
        except urllib.error.HTTPError as error:
            raise ConfigurationError(f"--habits: {json.load(error)['error']}") from None

    def play(self) -> None:
        """One day; the next morning begins."""
        self._ask("/day", {})

    def figures(self) -> Row:
        """What was measured."""
        return self._ask("/simulation/figures")

    def _ask(self, path: str, body: Row | None = None) -> Row:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"})  # noqa: S310
        with self._opener.open(request) as answer:
            found: Row = json.load(answer)
            return found


def live(year: Year, on_day: Callable[[datetime], None]) -> Lived:
    """The whole year: a cycle every morning, then the day; `on_day` is told each morning."""
    from connector.sandbox.server import SandboxOptions, running  # noqa: PLC0415 -- an extra that a deployment lacks

    lived, began = Lived(), time.monotonic()
    with _no_real_settings(), tempfile.TemporaryDirectory(prefix="okoshi-year-") as folder:
        place = Path(folder)
        options = SandboxOptions(
            seed=year.seed,
            scale=year.scale,
            plant=frozenset({"events"}),
            env_file=place / "sandbox.env",
            directory=place / "sandbox",
            hurried=True,
        )
        with running(options) as ready:
            settings = _settings(year, place)
            control = Control(ready.control_url)
            control.begin(year)
            control.figures()  # the first look is at the company before anybody helps it
            for _ in range(year.days):
                _morning(settings, control, lived, on_day)
                control.play()
            _morning(settings, control, lived, on_day)
            lived.figures = control.figures()
    lived.seconds = time.monotonic() - began
    return lived


def _settings(year: Year, place: Path) -> Settings:
    """As the command would read them, with a database that goes with the year."""
    given: Row = {
        "database": {"url": f"sqlite:///{place / 'okoshi.db'}"},
        "schedule": {"reconcile_nights": NIGHTS},
    }
    if year.language:
        given["locale"] = {"language": year.language}
    project = year.project or place / "project"
    project.mkdir(exist_ok=True)
    return load_settings(project, place / "sandbox.env", **given)


def _morning(settings: Settings, control: Control, lived: Lived, on_day: Callable[[datetime], None]) -> None:
    """One cycle. One that fails is counted: the next day comes all the same."""
    now = control.now()
    on_day(now)
    began = time.monotonic()
    try:
        with deployed(settings, Silent(), read_only=False, pace=Unhurried()) as deployment:
            lived.told = deployment.mappings.programs.get("churn_risk", {}).get("enabled", False)
            _note(lived, cycle.run(deployment, now))
    except OkoshiError as error:
        lived.failures.append(f"{now:%Y-%m-%d} {type(error).__name__}: {error}")
    lived.cycles += 1
    lived.longest_cycle = max(lived.longest_cycle, time.monotonic() - began)


def _note(lived: Lived, summary: RunSummary) -> None:
    lived.writes += summary.done
    lived.leaks += summary.leaks
    lived.calls.update(summary.api_calls)


@contextmanager
def _no_real_settings() -> Iterator[None]:
    """Without any setting of a real system in the environment: a simulated year must never reach one."""
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith("OKOSHI_")}
    for name in kept:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(kept)
