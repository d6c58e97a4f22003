"""What a run spends on the vendors' calls: the account that is kept of it, and what a used-up day means for a stage.

Used by the cycle around its stages. Must not know how calls are made.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime

import structlog

from connector.clients.budget import Usage
from connector.engine.deployment import Deployment
from connector.engine.summary import Stop, VendorBudget
from connector.model.calls import VendorCount
from connector.model.errors import OkoshiError, StopSync
from connector.model.purpose import Purpose, spending_on
from connector.settings import GuardSettings
from connector.store import spending
from connector.store.lease import Lease
from connector.store.store import Store

log = structlog.get_logger(__name__)

USED_UP = "daily_limit"
"""The code of a StopSync by which a vendor's day, or our share of it, ends."""


@contextmanager
def stage(purpose: Purpose, stops: list[Stop]) -> Iterator[None]:
    """Requests inside are made for `purpose`; where no calls are left for it, the block ends there and `stops` says so.

    What the block saved until then stays; every other error passes through.
    """
    try:
        with spending_on(purpose):
            yield
    except StopSync as error:
        note(error, purpose, stops)


def note(error: StopSync, purpose: Purpose, stops: list[Stop]) -> None:
    """Adds a stop by a used-up day to `stops`. Raises every other one."""
    if error.code != USED_UP:
        raise error
    told = {name: error.details.get(name) for name in ("system", "used", "limit")}
    stop = Stop.model_validate({"purpose": purpose, "reason": str(error), "resume_at": error.resume_at, **told})
    log.warning("no calls are left for this today", **stop.model_dump(mode="json"))
    stops.append(stop)


@contextmanager
def account(deployment: Deployment, lease: Lease) -> Iterator[None]:
    """Whatever becomes of what is inside, what it spent is written down."""
    try:
        yield
    finally:
        write_down(deployment.store, deployment.usages, deployment.calendar.local_date(datetime.now(UTC)), lease)


def write_down(store: Store, usages: Mapping[str, Usage], today: date, lease: Lease | None = None) -> None:
    """Adds what was spent since the last time to the day's account, with the vendors' own counts. Fails nothing."""
    heard = {system: usage.heard for system, usage in usages.items() if usage.heard}
    try:
        with store.begin(lease) as tx:
            for system, usage in usages.items():
                spending.add(tx, today, system, usage.unnoted())
            spending.remember(tx, heard)
    except OkoshiError as error:
        log.warning("what was spent could not be written down", reason=str(error))


def spent(deployment: Deployment) -> dict[str, dict[str, dict[str, int]]]:
    """{system: {purpose: {operation: calls}}} of this run."""
    return {system: spending.by_purpose(usage.spent) for system, usage in deployment.usages.items()}


def budgets(deployment: Deployment) -> dict[str, VendorBudget]:
    """How each vendor's day stands, as far as the vendor told."""
    heard = {system: usage.heard for system, usage in deployment.usages.items()}
    return {system: budget_of(told, deployment.settings.guard) for system, told in heard.items() if told}


def budget_of(told: VendorCount, guard: GuardSettings) -> VendorBudget:
    """The vendor's count with what the reserve leaves to us."""
    if told.used is None or told.limit is None:
        return VendorBudget(told_at=told.at, refused=told.refused)
    reserve = told.limit * guard.daily_reserve_percent // 100
    left = 0 if told.refused else max(0, told.limit - reserve - told.used)
    return VendorBudget(
        told_at=told.at, used=told.used, limit=told.limit, reserve=reserve, left=left, refused=told.refused
    )
