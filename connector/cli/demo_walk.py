"""The demo's walk: a sandbox in its own process, and the very commands of the README against it.

What it reports is counted at the vendors (their state and their journal of writes), not in what the connector believes.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector.model.errors import OkoshiError

START_TIMEOUT_SECONDS = 600.0
TRUTH_LANGUAGE = "ja"
"""What the sandbox's truth says of texts holds for this language."""
Row = dict[str, Any]


class DemoFailed(OkoshiError):
    """A command or the sandbox ended otherwise than the demo needs."""


@dataclass(frozen=True)
class World:
    """What the sandbox is asked for."""

    seed: int = 1
    scale: float = 1.0
    companies: Path | None = None

    def arguments(self) -> list[str]:
        """The same as options of the sandbox."""
        given = ["--seed", str(self.seed), "--scale", str(self.scale)]
        return [*given, "--companies", str(self.companies.absolute())] if self.companies else given


class Vendors:
    """The sandbox's control URL: what the two vendors hold and have been sent."""

    def __init__(self, control_url: str) -> None:
        self._url = control_url
        # No proxy: the sandbox lives on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def writes(self) -> int:
        """How many writes the vendors have accepted."""
        return sum(1 for _ in self._lines("/journal"))

    def rows(self, vendor: str, object_: str) -> Iterator[Row]:
        """All records of one object, one after the other."""
        return (json.loads(line) for line in self._lines(f"/state/{vendor}/{object_}?format=jsonl"))

    def cases(self, program: str = "stalled") -> list[Row]:
        """What was planted for a program, and what must come of it."""
        with self._opener.open(f"{self._url}/truth") as answer:
            cases: list[Row] = json.load(answer)["cases"]
            return [case for case in cases if case["program"] == program]

    def _lines(self, path: str) -> Iterator[bytes]:
        with self._opener.open(f"{self._url}{path}") as answer:
            yield from (line for line in answer if line.strip())


@dataclass(frozen=True)
class Seen:
    """The org at one moment: how many of what, and the open tasks with the program's subject."""

    accounts: int
    people: int
    deals: int
    open_deals: int
    with_task: int
    doubled: int
    tasks: tuple[Row, ...] = ()


@dataclass
class Walked:
    """Everything that the demo did and saw."""

    before: Seen
    plan: Row = field(default_factory=dict)
    run: Row = field(default_factory=dict)
    again: Row = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    after: Seen | None = None
    differing: list[str] = field(default_factory=list)
    checked: int = 0

    @property
    def failures(self) -> list[str]:
        """What must not happen and did, by name."""
        found = {
            "dry": self.writes["plan"] > 0,
            "nothing": self.writes["run"] == 0,
            "second": self.writes["again"] > 0 or self.again["planned"] > 0,
            "doubled": bool(self.after and self.after.doubled),
            "leaks": self.run["leaks"] > 0 or self.again["leaks"] > 0,
            "cases": bool(self.differing),
        }
        return [name for name, is_so in found.items() if is_so]


Step = Callable[[str], Any]
"""Opens a context that shows a step while it lasts."""


def walk(folder: Path, world: World, subject: str, language: str, step: Step) -> Walked:
    """The whole demo: sandbox, dry run, run, and once more."""
    project = folder / "project"
    project.mkdir(exist_ok=True)
    with _sandbox(folder, world, step) as vendors:
        walked = Walked(before=look(vendors, subject))
        options = ["--env-file", str(folder / "sandbox.env"), "--project-dir", str(project), "--language", language]
        written = 0
        for name, command in (
            ("plan", ["plan", "--out", str(folder / "plan.json")]),
            ("run", ["run"]),
            ("again", ["run"]),
        ):
            with step(name):
                document = _okoshi([*command, "--json", "--quiet", *options])
            setattr(walked, name, document)
            total = vendors.writes()
            walked.writes[name], written = total - written, total
        walked.after = look(vendors, subject)
        cases = vendors.cases()
        walked.checked = len(cases)
        walked.differing = differing(cases, walked.after.tasks, walked.run, texts=language == TRUTH_LANGUAGE)
    return walked


@contextmanager
def _sandbox(folder: Path, world: World, step: Step) -> Iterator[Vendors]:
    ready, log = folder / "sandbox.json", folder / "sandbox.log"
    files = [
        "--ready-file",
        str(ready),
        "--env-file",
        str(folder / "sandbox.env"),
        "--directory",
        str(folder / "sandbox"),
    ]
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            [sys.executable, "-m", "connector.sandbox", *files, *world.arguments()],
            stdout=stream,
            stderr=stream,
            env=_environment(),
        )
    try:
        with step("sandbox"):
            _wait(process, ready, log)
        yield Vendors(json.loads(ready.read_text())["control_url"])
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: "subprocess.Popen[bytes]", ready: Path, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise DemoFailed("The sandbox did not start:\n" + "\n".join(tail))
        time.sleep(0.05)


def _okoshi(arguments: list[str]) -> Row:
    """One command as a user would give it; its JSON document."""
    ended = subprocess.run(  # noqa: S603 -- our own interpreter and module
        [sys.executable, "-m", "connector.cli", *arguments], capture_output=True, env=_environment(), check=False
    )
    if ended.returncode:
        told = ended.stderr.decode(errors="replace").strip()
        raise DemoFailed(f"okoshi {arguments[0]} ended with exit code {ended.returncode}:\n{told}")
    document: Row = json.loads(ended.stdout)
    return document


def _environment() -> dict[str, str]:
    """Without any setting of a real system: the demo must never reach one."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("OKOSHI_")}


def look(vendors: Vendors, subject: str) -> Seen:
    """Counts the org, and reads the open tasks with that subject together with the names they refer to."""
    deals = {row["Id"]: row for row in vendors.rows("salesforce", "Opportunity") if not row.get("IsDeleted")}
    open_deals = {record_id for record_id, row in deals.items() if not row["IsClosed"]}
    tasks = [
        row
        for row in vendors.rows("salesforce", "Task")
        if row["Subject"] == subject and not row.get("IsClosed") and not row.get("IsDeleted")
    ]
    on = [row["WhatId"] for row in tasks if row["WhatId"] in open_deals]
    users = {row["Id"]: row["Name"] for row in vendors.rows("salesforce", "User")}
    wanted = {row["WhoId"] for row in tasks}
    contacts, people = {}, 0
    for row in vendors.rows("salesforce", "Contact"):
        people += 1
        if row["Id"] in wanted:
            contacts[row["Id"]] = row["Name"]
    return Seen(
        accounts=sum(1 for _ in vendors.rows("salesforce", "Account")),
        people=people + sum(1 for _ in vendors.rows("salesforce", "Lead")),
        deals=len(deals),
        open_deals=len(open_deals),
        with_task=len(set(on)),
        doubled=len(on) - len(set(on)),
        tasks=tuple(
            {
                **row,
                "deal": deals.get(row["WhatId"], {}).get("Name"),
                "amount": deals.get(row["WhatId"], {}).get("Amount"),
                "owner": users.get(row["OwnerId"]),
                "who": contacts.get(row["WhoId"]),
            }
            for row in tasks
        ),
    )


def differing(
    cases: list[Row],
    tasks: tuple[Row, ...],
    run: Mapping[str, Any],
    *,
    texts: bool,
) -> list[str]:
    """Names of planted cases that came out otherwise than the practice says."""
    ours = {row["WhatId"]: row for row in tasks if row.get("Okoshi_Key__c")}
    aside = {tuple(item["ref"].split(":", 2)) for item in run["set_aside_records"]}
    return [
        case["case"] for case in cases if not (_as_expected(case, ours, aside) and (not texts or _says(case, ours)))
    ]


def _as_expected(case: Row, ours: Mapping[str, Row], aside: set[tuple[str, str, str]]) -> bool:
    check = case.get("check", {})
    task = ours.get(case["salesforce"]["Opportunity"])
    if case["expect"] == "set_aside":
        record = check["set_aside"]
        return (record["system"], record["object"], record["id"]) in aside
    if case["expect"] == "no_task":
        return task is None
    if task is None:
        return bool(check.get("may_wait"))
    return bool(task["WhoId"] == check.get("WhoId", task["WhoId"]))


def _says(case: Row, ours: Mapping[str, Row]) -> bool:
    """Whether the task's text holds what it must and lacks what it must not hold."""
    task, check = ours.get(case["salesforce"]["Opportunity"]), case.get("check", {})
    text = str(task["Description"]) if task else ""
    return task is None or (
        all(part in text for part in check.get("text_contains", ()))
        and not any(part in text for part in check.get("text_lacks", ()))
    )
