"""The drift of one sandbox: which changes came about, in which order, so that they can be taken back.

Called by the control URL. How the vendors then answer follows from their own rules.
"""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.drift.kinds import KINDS
from connector.sandbox.drift.schema import Schema, Undo
from connector.sandbox.world import World

VENDORS: Final = ("salesforce", "hubspot")


class Drift:
    """Safe to use from any thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._schema = Schema(world)
        self._lock = threading.Lock()
        self._happened: list[tuple[Mapping[str, Any], Undo]] = []

    def shown(self) -> list[Mapping[str, Any]]:
        with self._lock:
            return [given for given, _ in self._happened]

    def apply(self, given: Any) -> None:
        """Let one change happen. Raises `WrongRequest`."""
        members = Members("A drift", given)
        kind = members.choice("kind", KINDS)
        if kind is None:
            raise WrongRequest(f"A drift needs kind, one of {', '.join(sorted(KINDS))}.")
        able = KINDS[kind]
        vendor = members.choice("vendor", VENDORS, next(iter(able))) or ""
        if vendor not in able:
            raise WrongRequest(f"{kind} happens in {' or '.join(able)} only.")
        with self._lock:
            undo = able[vendor](self._schema, members)
            self._happened.append((given, undo))
            self._note_change()

    def restore(self) -> int:
        """Take everything back, the last first; how many changes that were."""
        with self._lock:
            happened, self._happened = self._happened, []
            for _, undo in reversed(happened):
                undo()
            if happened:
                self._note_change()
            return len(happened)

    def _note_change(self) -> None:
        """Describes are newer than what clients have kept of them, be it by a second: their stamps have no parts."""
        conditions = self._world.conditions
        now = self._world.clock.now().replace(microsecond=0)
        before = conditions.schema_changed_at
        conditions.schema_changed_at = max(now, before + timedelta(seconds=1)) if before else now
