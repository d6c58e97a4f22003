"""Delivers what the vendors send by themselves: gathers it, sends it at its time, repeats it, and remembers attempts.

The control URL adds targets and shows deliveries. When something is due goes by the sandbox's clock, so that moving it
moves the repetitions; how long a receiver may take goes by wall time.
"""

import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import requests

from connector.sandbox.control_input import Members
from connector.sandbox.faults.lasting import Vendors
from connector.sandbox.hubspot.changes import PortalChange, subscribe
from connector.sandbox.hubspot.wire import Portal
from connector.sandbox.webhooks.outbound import OutboundTarget, outbound_target
from connector.sandbox.webhooks.portal import AppTarget, WorkflowTarget, app_target, workflow_target
from connector.sandbox.webhooks.target import Common, Delivery, Reply, arranged, common

SENDERS: Final = 8
PAUSE_SECONDS: Final = 0.02
KEPT_DELIVERIES: Final = 2_000
_Any = AppTarget | WorkflowTarget | OutboundTarget


class _Queue:
    """What one target has still to be sent, and since when the oldest of it waits."""

    def __init__(self, target: _Any) -> None:
        self.target = target
        self.items: list[Any] = []
        self.since = 0.0
        self.chance = random.Random(f"{target.common.seed} order")

    def add(self, items: list[Any]) -> None:
        if items and not self.items:
            self.since = time.monotonic()
        self.items += items

    def taken(self) -> list[list[Any]]:
        """Parts to send, once the window of gathering is over."""
        waited = time.monotonic() - self.since
        if not self.items or waited < self.target.common.window.total_seconds():
            return []
        items, self.items = self.items, []
        if isinstance(self.target, WorkflowTarget):
            return [[one] for one in items]
        return arranged(items, self.target.common, self.chance)


class Dispatcher:
    """All targets of one sandbox; its thread runs from the first target on until `close`."""

    def __init__(self, vendors: Vendors, portal: Portal) -> None:
        self._vendors, self._portal = vendors, portal
        self._world = vendors.world
        self._lock = threading.RLock()
        self._queues: dict[int, _Queue] = {}
        self._deliveries: list[Delivery] = []
        self._targets = self._sent = self._heard = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="sandbox-webhooks")

    # -- the control URL's side --------------------------------------------------------------------------------

    def add(self, given: Any) -> int:
        """Register one target from what was posted; its number. Raises `WrongRequest`."""
        members = Members("A webhook", given)
        vendor = members.choice("vendor", ("salesforce", "hubspot"), "hubspot")
        with self._lock:
            number = self._targets + 1
            target = self._made(number, vendor or "", members)
            members.refuse_unknown()
            self._targets = number
            self._begin()
            self._queues[number] = _Queue(target)
        return number

    def _made(self, number: int, vendor: str, members: Members) -> _Any:
        shared: Common = common(members)
        if vendor == "salesforce":
            return outbound_target(number, shared, self._vendors.org, members)
        kind = members.choice("kind", ("app", "workflow"), "app")
        make = app_target if kind == "app" else workflow_target
        return make(number, shared, self._portal, self._world, members)

    def shown(self) -> dict[str, Any]:
        with self._lock:
            targets = [
                {**queue.target.common.given, "target": number, "queued": len(queue.items)}
                for number, queue in self._queues.items()
            ]
            return {"targets": targets, "deliveries": [one.shown() for one in self._deliveries]}

    def clear(self) -> int:
        """Forget all targets and what was on its way to them."""
        with self._lock:
            count = len(self._queues)
            self._queues.clear()
            self._deliveries.clear()
            return count

    def close(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join(timeout=5)
        self._pool.shutdown(wait=False, cancel_futures=True)

    # -- what happens ------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Listen from the first target on: what happened before is not told."""
        if self._thread is not None:
            return
        self._heard = int(self._world.tuples("SELECT COALESCE(MAX(seq), 0) FROM journal")[0][0])
        subscribe(self._world, self._on_change)
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
        self._thread.start()

    def _on_change(self, change: PortalChange) -> None:
        with self._lock:
            for queue in self._queues.values():
                if not isinstance(queue.target, OutboundTarget):
                    queue.add(queue.target.items(change))

    def _read_journal(self) -> None:
        """Salesforce's own writes are told by the journal."""
        entries = self._world.select("SELECT * FROM journal WHERE seq > ? ORDER BY seq", (self._heard,))
        with self._lock:
            for entry in entries:
                self._heard = int(entry["seq"])
                for queue in self._queues.values():
                    if entry["vendor"] == "salesforce" and isinstance(queue.target, OutboundTarget):
                        queue.add(queue.target.items(entry))

    def _run(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            if self._queues:
                self._read_journal()
                self._send_due()

    def _send_due(self) -> None:
        now = self._world.clock.now()
        with self._lock:
            for queue in self._queues.values():
                for items in queue.taken():
                    self._sent += 1
                    self._deliveries.append(Delivery(self._sent, queue.target, items, now, now))
            del self._deliveries[:-KEPT_DELIVERIES]
            due = [one for one in self._deliveries if one.state == "waiting" and one.due <= now]
            for delivery in due:
                delivery.state = "sending"
        for delivery in due:
            self._pool.submit(self._attempt, delivery)

    def _attempt(self, delivery: Delivery) -> None:
        message = delivery.target.message(delivery)
        if message is None:
            delivery.state = "given_up"
            return
        at = self._world.now()
        reply = _posted(delivery.target, message.headers, message.body)
        with self._lock:
            told = {"at": at, "number": len(delivery.attempts), "status": reply.status, "error": reply.error}
            delivery.attempts.append(told)
            verdict = delivery.target.judge(delivery, reply)
            if verdict.state == "again":
                delivery.due = self._world.clock.now() + verdict.wait / delivery.target.common.speed
                delivery.state = "waiting"
            else:
                delivery.state = verdict.state


def _posted(target: Any, headers: Mapping[str, str], body: bytes) -> Reply:
    """One POST; whatever goes wrong on the way is a reply without status."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                target.common.url,
                data=body,
                headers=dict(headers),
                timeout=target.timeout,
                allow_redirects=False,
                verify=target.common.ca_bundle or True,
            )
        except requests.RequestException as problem:
            return Reply(None, error=type(problem).__name__)
    lowered = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status_code, lowered, answer.text)
