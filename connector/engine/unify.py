"""Unify (名寄せ): every changed company and person finds its place among those that are known.

Called by the cycle between observe and decide, and by the command after an answer. All of it is derived from the mirror
and from people's answers, and none of it leaves the store; so a dry run does it too.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import structlog

from connector.engine.deployment import Deployment, Progress
from connector.engine.first_load import first_load
from connector.engine.placing import Placing
from connector.engine.reference import rules_version
from connector.engine.summary import Unified
from connector.identity.pairs import Pair
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import clusters, match_keys, mirror, pairs, statistics, unmatched
from connector.store.lease import Lease
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

KINDS: Final = (Kind.ACCOUNT, Kind.PERSON)
"""Companies first: whose company is known is found more surely."""

CHUNK: Final = 500
FIRST_LOAD: Final = 20_000
"""With more records waiting than this, all are compared at once instead of chunk by chunk; the outcome is the same."""

RULES: Final = "identity_rules"
"""The kept statistic that tells whether rules have changed since everything was compared."""


def unify(deployment: Deployment, lease: Lease, now: datetime) -> None:
    """Finds the place of all records that wait for it. What was found stays found if a later chunk fails."""
    rules = deployment.mappings.identity
    with deployment.store.begin(lease) as tx:
        refill(tx, rules)
    for kind in KINDS:
        deployment.progress.stage(f"unify.{kind}")
        with deployment.store.begin(lease) as tx:
            place(Placing.of(tx, kind, rules, now), deployment.progress)


def place(placing: Placing, progress: Progress) -> None:
    """All that wait find their place."""
    tx, kind = placing.tx, placing.kind
    waiting = unmatched.count(tx, kind)
    # Where no keys are kept, a chunk finds only those before it: what was linked would fall apart for a while.
    if waiting > FIRST_LOAD or (waiting > CHUNK and not match_keys.any_kept(tx, kind)):
        first_load(placing, progress, None if waiting > FIRST_LOAD else 1)
    while refs := unmatched.take(tx, kind, CHUNK):
        unmatched.done(tx, refs)  # before answers are read: who is answered about later waits anew
        placing.place(refs)
        tx.checkpoint()
        progress.advance(len(refs))


def settle(tx: Transaction, rules: IdentityRules, kind: Kind, refs: Collection[str], now: datetime) -> None:
    """The clusters around these records after a person's answer; what was compared stays as it was."""
    Placing.of(tx, kind, rules, now).settle(refs)


def compare(tx: Transaction, rules: IdentityRules, kind: Kind, one: str, two: str, now: datetime) -> Pair | None:
    """Two records compared now, kept or not; `None` where one of them is gone."""
    return Placing.of(tx, kind, rules, now).compared(one, two)


def refill(tx: Transaction, rules: IdentityRules) -> None:
    """With other rules than those that everything was compared by, everything is compared again."""
    version = rules_version(rules)
    known = statistics.get(tx, RULES, "")
    if known is None or known["version"] != version:
        count = sum(unmatched.add_all(tx, kind) for kind in KINDS)
        statistics.put(tx, RULES, "", {"version": version})
        log.info("identity rules are new", version=version, records=count)


def unified(tx: Transaction) -> dict[str, Unified]:
    """Where all companies and people stand now."""
    living = mirror.count(tx)
    asked = pairs.count(tx)
    found = {}
    for kind in KINDS:
        linked, groups = clusters.count(tx, kind)
        total = sum(count for name, count in living.items() if name.endswith(f" {kind}"))
        waiting = unmatched.never_compared(tx, kind)
        found[kind.value] = Unified(
            linked=linked,
            groups=groups,
            doubtful=asked.get((kind, pairs.State.DOUBTFUL), 0),
            new=total - linked - waiting,
            unmatched=waiting,
        )
    return found
