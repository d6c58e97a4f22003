"""Unify (名寄せ): every changed company and person finds its place among those that are known.

Called by the cycle between observe and decide, and by the command after an answer. All of it is derived from the mirror
and from people's answers, and none of it leaves the store; so a dry run does it too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from connector.engine.comparing import Compared
from connector.engine.deployment import Deployment
from connector.engine.reference import rules_version
from connector.engine.summary import Unified
from connector.identity.clusters import Answer, Key, Limits, joins, key_of
from connector.identity.clusters import clusters as grown
from connector.identity.compare import Evidence
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import clusters, match_keys, mirror, neighbours, pairs, same_as, statistics, unmatched, verdicts
from connector.store.lease import Lease
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

KINDS = (Kind.ACCOUNT, Kind.PERSON)
"""Companies first: whose company is known is found more surely."""

CHUNK = 500
FIRST_LOAD = 20_000
"""With more records waiting than this, all keys are kept before any is looked for."""

RULES = "identity_rules"
"""The kept statistic that tells whether rules have changed since everything was compared."""

OF_ID = 40.0
"""Bits that a system's own id of the other record weighs: more than anything that is compared."""

NUMBERS_DIFFER = "corporate_number_differs"


def unify(deployment: Deployment, lease: Lease, now: datetime) -> None:
    """Finds the place of all records that wait for it. What was found stays found if a later chunk fails."""
    rules = deployment.mappings.identity
    with deployment.store.begin(lease) as tx:
        refill(tx, rules)
    for kind in KINDS:
        deployment.progress.stage(f"unify.{kind}")
        with deployment.store.begin(lease) as tx:
            placing = Placing.of(tx, kind, rules, now)
            if unmatched.count(tx, kind) > FIRST_LOAD:
                prepare(placing)
            while refs := unmatched.take(tx, kind, CHUNK):
                placing.place(refs)
                unmatched.done(tx, refs)
                tx.checkpoint()
                deployment.progress.advance(len(refs))


def prepare(placing: "Placing") -> None:
    """The keys of all that wait, before the first of them is looked for."""
    last = ""
    while refs := unmatched.take(placing.tx, placing.kind, CHUNK, last):
        placing.save_keys(refs)
        placing.tx.checkpoint()
        last = refs[-1]


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
        found[kind.value] = Unified(
            linked=linked, groups=groups, doubtful=asked.get((kind, pairs.State.DOUBTFUL), 0), new=total - linked
        )
    return found


@dataclass(eq=False)
class Placing:
    """The work on records of one kind."""

    tx: Transaction
    kind: Kind
    now: datetime
    version: str
    compared_records: Compared
    _limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        matching = self.compared_records.matching
        self._limits = Limits(matching.margin, matching.certain)

    @classmethod
    def of(cls, tx: Transaction, kind: Kind, rules: IdentityRules, now: datetime) -> "Placing":
        """With nothing read yet."""
        return cls(tx, kind, now, rules_version(rules), Compared(tx, kind, rules, now))

    def place(self, refs: Collection[str]) -> None:
        """Keys, candidates, pairs and clusters of these records, and of those around them what changes with it."""
        known = self.compared_records
        known.read(refs, anew=True)
        named = same_as.of(self.tx, self.kind, refs)
        abouts = self._abouts(refs, named)
        fresh = unmatched.changed(self.tx, abouts)
        touched = self._compare(fresh, named) if fresh else set()
        unmatched.remember(self.tx, {ref: abouts[ref] for ref in fresh})
        self.settle(touched.union(refs))

    def save_keys(self, refs: Collection[str]) -> None:
        """Only the keys of these records. Before a first load: keys that come all at once are put in order at once."""
        self.compared_records.read(refs, anew=True)
        match_keys.save(self.tx, self.kind, {ref: self.compared_records.keys(ref) for ref in refs})

    def _abouts(self, refs: Collection[str], named: Collection[Key]) -> dict[str, str]:
        """What each record is compared by, under which rules, and which ids name it or are named by it."""
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for one, two in sorted(named):
            ids[one].append(two)
            ids[two].append(one)
        return {ref: "|".join((self.version, self.compared_records.about(ref), *ids[ref])) for ref in refs}

    def _compare(self, refs: Collection[str], named: Collection[Key]) -> set[str]:
        """Every ref that had or has a pair with these."""
        keys = {ref: self.compared_records.keys(ref) for ref in refs}
        match_keys.save(self.tx, self.kind, keys)
        of_these = {key for key in named if not keys.keys().isdisjoint(key)}
        return pairs.replace(self.tx, self.kind, refs, list(self._found(keys, of_these)), self.version, self.now)

    def compared(self, one: str, two: str) -> Pair | None:
        """One pair, with what the systems' ids tell of it."""
        key = key_of(one, two)
        pair = self.compared_records.compared(*key)
        return self._sure(key, pair) if key in same_as.of(self.tx, self.kind, key) else pair

    def settle(self, refs: Collection[str]) -> None:
        """Clusters and states of these records and of all that hang together with them."""
        members = clusters.members(self.tx, refs)
        together = _Together(self.tx, set().union(refs, *members.values()))
        known = self.compared_records
        known.read([ref for key in together.pairs for ref in key])
        others = clusters.members(self.tx, {ref for key in together.pairs for ref in key} - together.refs)
        result = grown(together.refs, together.pairs.values(), together.answers, self._limits, known.compared, others)
        states = {key: state for key, state in result.states.items() if together.states.get(key) is not state}
        pairs.set_states(self.tx, states)
        moved = clusters.assign(self.tx, self.kind, result.groups, self.now)
        if self.kind is Kind.ACCOUNT and moved:
            people = neighbours.pointing_at(self.tx, moved, ("person.account",))
            unmatched.add(self.tx, Kind.PERSON, set().union(*people.values()))

    def _found(self, keys: dict[str, tuple[str, ...]], named: set[Key]) -> Iterator[Pair]:
        """Everything about these records that is worth keeping: by keys, and by the systems' own ids."""
        wanted = self.candidates(keys) | named
        known = self.compared_records
        known.read({ref for key in wanted for ref in key})
        for key in sorted(wanted):
            if key in named:
                yield self._sure(key, known.compared(*key))
            elif (pair := known.judged(*key)) is not None:
                yield pair

    def candidates(self, keys: dict[str, tuple[str, ...]]) -> set[Key]:
        """Who is compared with these records: all that share a key of theirs."""
        every = {key for own in keys.values() for key in own}
        sharing = match_keys.sharing(self.tx, self.kind, every, self.compared_records.matching.block_limit)
        return {
            key_of(ref, other)
            for ref, own in keys.items()
            for key in own
            for other in sharing.get(key, ())
            if other != ref
        }

    @staticmethod
    def _sure(key: Key, pair: Pair | None) -> Pair:
        """What a system says by id needs no likeness; but two 法人番号 are two companies even then."""
        by_id = Evidence("id_same", "id", key[0], key[1], OF_ID)
        if pair is None:
            return Pair(*key, OF_ID, Outcome.AUTO, sure=True, evidence=(by_id,))
        doubted = any(piece.kind == NUMBERS_DIFFER for piece in pair.evidence)
        return replace(
            pair,
            score=pair.score + OF_ID,
            alone=Outcome.REVIEW if doubted else Outcome.AUTO,
            relation="same",
            reason=f"identity.veto.{NUMBERS_DIFFER}" if doubted else "",
            sure=not doubted,
            evidence=(by_id, *pair.evidence),
        )


class _Together:
    """The records that hang together with some: over pairs that link, and over what a person called the same."""

    def __init__(self, tx: Transaction, refs: set[str]) -> None:
        self.refs: set[str] = set()
        self.pairs: dict[Key, Pair] = {}
        self.states: dict[Key, pairs.State] = {}
        self.answers: dict[Key, Answer] = {}
        while refs:
            self.refs |= refs
            refs = set(self._around(tx, refs)) - self.refs

    def _around(self, tx: Transaction, refs: set[str]) -> Iterator[str]:
        for kept in pairs.of(tx, refs):
            self.pairs[kept.pair.key] = kept.pair
            self.states[kept.pair.key] = kept.state
            if joins(kept.pair):
                yield from kept.pair.key
        for key, verdict in verdicts.of(tx, refs).items():
            self.answers[key] = verdict.answer
            if verdict.answer is Answer.SAME:
                yield from key
