"""One sandbox and one Okoshi that works on it, as end-to-end tests use them: real HTTPS, nothing mocked."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from connector.cli.assemble import deployed
from connector.engine import cycle
from connector.engine.deployment import Silent
from connector.engine.summary import RunSummary
from connector.model.plan import Plan
from connector.settings import Settings, load_settings
from connector.store.rates import Slots

SUBJECT = "滞留商談掘り起こし"


@dataclass
class Company:
    """One sandbox and one Okoshi project directory that works on it."""

    control: str
    env_file: Path
    project: Path
    pace: Slots | None = None
    """How its client waits between calls; `None`: as it does with the real vendors."""
    overrides: dict[str, Any] = field(default_factory=dict)

    def settings(self, **overrides: Any) -> Settings:
        """Settings as the command would read them."""
        return load_settings(self.project, self.env_file, **(self.overrides | overrides))

    def now(self) -> datetime:
        """The vendors' time, which is also the business time."""
        return datetime.fromisoformat(requests.get(f"{self.control}/clock", timeout=10).json()["now"])

    def advance(self, duration: str) -> None:
        """Let the vendors' time pass."""
        requests.post(f"{self.control}/clock", json={"advance": duration}, timeout=10).raise_for_status()

    def run(self, **overrides: Any) -> RunSummary:
        """One cycle."""
        with deployed(self.settings(**overrides), Silent(), read_only=False, pace=self.pace) as assembled:
            return cycle.run(assembled, self.now())

    def dry_run(self) -> Plan:
        """One dry run."""
        now = self.now()  # inside, only the two vendors can be reached
        with deployed(self.settings(), Silent(), read_only=True, pace=self.pace) as assembled:
            return cycle.dry_run(assembled, now)

    def apply(self, plan: Plan) -> RunSummary:
        """Apply an approved plan."""
        with deployed(self.settings(), Silent(), read_only=False, pace=self.pace) as assembled:
            return cycle.apply_plan(assembled, plan, self.now())

    def act(self, actor: str, action: str, **details: Any) -> dict[str, Any]:
        """Something that a person does."""
        answer = requests.post(f"{self.control}/act", json={"actor": actor, "action": action, **details}, timeout=10)
        assert answer.ok, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def records(self, vendor: str, object_: str) -> list[dict[str, Any]]:
        """All records of an object as the vendor holds them."""
        result: list[dict[str, Any]] = requests.get(f"{self.control}/state/{vendor}/{object_}", timeout=60).json()
        return result

    def name_of(self, record_id: str, object_: str = "Opportunity") -> str:
        """What a record of Salesforce is called."""
        return next(row["Name"] for row in self.records("salesforce", object_) if row["Id"] == record_id)

    def tasks(self) -> list[dict[str, Any]]:
        """Open, undeleted tasks with the stalled program's subject."""
        return [
            task
            for task in self.records("salesforce", "Task")
            if task["Subject"] == SUBJECT and not task["IsDeleted"] and not task["IsClosed"]
        ]

    def truth(self) -> dict[str, Any]:
        """What the sandbox's records are meant to be."""
        result: dict[str, Any] = requests.get(f"{self.control}/truth", timeout=30).json()
        return result

    def journal(self) -> list[str]:
        """Every accepted write, one line each."""
        return requests.get(f"{self.control}/journal", timeout=30).text.splitlines()

    def entries(self) -> list[dict[str, Any]]:
        """The journal, entry by entry."""
        return [json.loads(line) for line in self.journal()]

    def fault(self, **details: Any) -> None:
        """Ask the sandbox to misbehave."""
        requests.post(f"{self.control}/faults", json=details, timeout=10).raise_for_status()

    def drift(self, **details: Any) -> None:
        """An administrator changes the schema."""
        requests.post(f"{self.control}/drift", json=details, timeout=10).raise_for_status()

    def mend(self) -> None:
        """Take back all faults and all drift."""
        for what in ("faults", "drift"):
            requests.delete(f"{self.control}/{what}", timeout=10).raise_for_status()

    def requests_made(self) -> dict[str, dict[str, int]]:
        """Counts of requests by vendor and operation, since they were last forgotten."""
        result: dict[str, dict[str, int]] = requests.get(f"{self.control}/requests/summary", timeout=30).json()
        return result
