"""HubSpot's two senders: the app's webhooks, and the webhook action of a workflow.

Made from what was posted to the control URL, driven by the dispatcher.
"""

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.hubspot.changes import PortalChange
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.schema import SINGULAR, object_of
from connector.sandbox.hubspot.wire import Portal, shown
from connector.sandbox.webhooks import signatures
from connector.sandbox.webhooks.events import Subscription, events, subscriptions
from connector.sandbox.webhooks.target import Common, Delivery, Message, Reply, Verdict
from connector.sandbox.world import World

# After the first failure: ten further attempts, the last within a day.
RETRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 7, 20, 30, 60, 120, 240, 420, 480))
WORKFLOW_FIRST_WAIT: Final = timedelta(minutes=1)
WORKFLOW_LONGEST_WAIT: Final = timedelta(hours=8)
WORKFLOW_GIVES_UP: Final = timedelta(days=3)
JITTER: Final = 0.05
_MERGE_MARKS: Final = frozenset({"hs_merged_object_ids", "hs_calculated_merged_vids"})
_JSON: Final = {"Content-Type": "application/json", "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/)"}


@dataclass
class AppTarget:
    """Arrays of at most 100 events; any answer but a 2xx is tried again, ten times within a day."""

    number: int
    common: Common
    portal: Portal
    world: World
    subscriptions: tuple[Subscription, ...]
    chance: random.Random
    timeout: float = 5.0

    def items(self, change: PortalChange) -> list[dict[str, Any]]:
        """The events of one change; changes come in their order."""
        moved = _moved_by_merge(self.world, change) if change.change == "merged" else 0
        return list(events(change, self.subscriptions, self.portal.portal_id, moved))

    def message(self, delivery: Delivery) -> Message:
        told = [{**one, "attemptNumber": len(delivery.attempts)} for one in delivery.items]
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        secret = self.portal.client_secret
        ahead = self.world.conditions.skew("hubspot").total_seconds()
        stamp = round((time.time() + ahead) * 1000)
        signed = signatures.version_1(secret, body)
        signed |= signatures.version_3(secret, "POST", self.common.public_url, body, stamp)
        return Message({**_JSON, **signed}, body)

    def judge(self, delivery: Delivery, reply: Reply) -> Verdict:
        if reply.status is not None and 200 <= reply.status < 300:
            return Verdict("delivered")
        tried = len(delivery.attempts)
        if tried > len(RETRIES):
            return Verdict("given_up")
        return Verdict("again", RETRIES[tried - 1] * self.chance.uniform(1 - JITTER, 1))


def _moved_by_merge(world: World, change: PortalChange) -> int:
    """How many properties the survivor got: the merge's own update follows it in the journal."""
    own = "vendor = 'hubspot' AND object = ? AND id = ? AND operation ="
    merge = f"SELECT MAX(seq) FROM journal WHERE {own} 'merge'"
    sql = f"SELECT after FROM journal WHERE {own} 'update' AND seq > ({merge}) ORDER BY seq LIMIT 1"
    found = world.tuples(sql, (change.object_type, change.object_id) * 2)
    return len(json.loads(found[0][0]).keys() - _MERGE_MARKS) if found else 0


@dataclass
class WorkflowTarget:
    """One record a message when a property changes; only 429 and 5xx (and no answer) are tried again.

    The body is the chosen properties, or without a choice the record with all of them.
    """

    number: int
    common: Common
    portal: Portal
    world: World
    object: str
    property: str
    contains: str | None
    properties: tuple[str, ...]
    timeout: float = 30.0

    def items(self, change: PortalChange) -> list[str]:
        fits = change.change == "property" and (change.object_type, change.property) == (self.object, self.property)
        return [change.object_id] if fits and (self.contains is None or self.contains in (change.value or "")) else []

    def message(self, delivery: Delivery) -> Message | None:
        row = self.world.get("hubspot", self.object, delivery.items[0])
        if row is None or row["archived"]:
            return None
        body = json.dumps(self._told(row), ensure_ascii=False).encode()
        signed = signatures.version_2(self.portal.client_secret, "POST", self.common.public_url, body)
        return Message({**_JSON, **signed}, body)

    def _told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        known = definitions(self.world).of(self.object)
        if self.properties:
            return {one.name: shown(one.type, row[one.name]) for one in known if one.name in self.properties}
        values = {one.name: {"value": shown(one.type, row[one.name])} for one in known if row[one.name] is not None}
        frame = {"objectId": int(row["id"]), "objectType": SINGULAR[self.object].upper()}
        return {**frame, "portalId": self.portal.portal_id, "properties": values}

    def judge(self, delivery: Delivery, reply: Reply) -> Verdict:
        if reply.status is not None and reply.status < 500 and reply.status != 429:
            return Verdict("delivered" if reply.status < 300 else "given_up")
        if self.world.clock.now() - delivery.began >= WORKFLOW_GIVES_UP / self.common.speed:
            return Verdict("given_up")
        asked = reply.headers.get("retry-after", "").strip()
        if reply.status == 429 and asked.isdigit():
            return Verdict("again", timedelta(milliseconds=int(asked)) * self.common.speed)  # told in real milliseconds
        return Verdict("again", min(WORKFLOW_FIRST_WAIT * 2 ** (len(delivery.attempts) - 1), WORKFLOW_LONGEST_WAIT))


def app_target(number: int, common: Common, portal: Portal, world: World, members: Members) -> AppTarget:
    wanted = subscriptions(members.value("subscriptions"))
    chance = random.Random(f"{common.seed} retries")
    return AppTarget(number, common, portal, world, wanted, chance)


def workflow_target(number: int, common: Common, portal: Portal, world: World, members: Members) -> WorkflowTarget:
    name = members.text("object", "contacts") or ""
    object_ = object_of(name)
    if object_ is None:
        raise WrongRequest(f"HubSpot has no object {name}: give for example contacts, companies or deals.")
    known = [one.name for one in definitions(world).of(object_)]
    property_ = members.needed("property", "hs_analytics_last_url")
    chosen = members.value("properties") or []
    if property_ not in known or not isinstance(chosen, list) or not set(chosen) <= set(known):
        raise WrongRequest(f"property and properties are of {', '.join(known)}.")
    contains = members.text("contains")
    return WorkflowTarget(number, common, portal, world, object_, property_, contains, tuple(chosen))
