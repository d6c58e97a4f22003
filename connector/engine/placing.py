"""Finds the place of some records among all that are known: their keys, candidates, pairs and clusters.

Called by `unify.py` chunk by chunk, by a first load for what it does not do better at once, and after an answer. All
of it is derived from the mirror and from people's answers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from connector.engine.comparing import GONE, Compared, about_under
from connector.engine.reference import rules_version
from connector.identity.clusters import Answer, Key, Limits, joins, key_of
from connector.identity.clusters import clusters as grown
from connector.identity.compare import Evidence
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import clusters, match_keys, pairs, reference_matches, same_as, unmatched, verdicts
from connector.store.match_keys import Kept
from connector.store.store import Transaction

OF_ID: Final = 40.0
"""Bits that a system's own id of the other record weighs: more than anything that is compared."""

NUMBERS_DIFFER: Final = "corporate_number_differs"


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
        ids = ids_of(named)
        abouts = {ref: about_under(self.version, known.about(ref), ids.get(ref, ())) for ref in refs}
        fresh = unmatched.changed(self.tx, abouts)
        if self.kind is Kind.ACCOUNT:
            unmatched.add_people_of(self.tx, fresh)
            reference_matches.forget(self.tx, [ref for ref in fresh if known.about(ref) == GONE])
        touched = self._compare(fresh, named) if fresh else set()
        unmatched.remember(self.tx, {ref: abouts[ref] for ref in fresh})
        self.settle(touched.union(refs))

    def _compare(self, refs: Collection[str], named: Collection[Key]) -> set[str]:
        """Every ref that had or has a pair with these."""
        kept = {ref: self.compared_records.kept(ref) for ref in refs}
        match_keys.save(self.tx, kept)
        of_these = {key for key in named if not kept.keys().isdisjoint(key)}
        return pairs.replace(self.tx, self.kind, refs, list(self._found(kept, of_these)), self.version, self.now)

    def compared(self, one: str, two: str) -> Pair | None:
        """One pair, with what the systems' ids tell of it."""
        key = key_of(one, two)
        pair = self.compared_records.compared(*key)
        return sure(key, pair) if key in same_as.of(self.tx, self.kind, key) else pair

    def settle(self, refs: Collection[str]) -> None:
        """Clusters and states of these records and of all that hang together with them."""
        members = clusters.members(self.tx, refs)
        self._cluster(_Together(self.tx, set().union(refs, *members.values())))

    def settle_found(self, found: Collection[Pair], refs: Set[str], met: Set[str]) -> None:
        """As `settle`, of records whose pairs were found just now; the store knows pairs and answers only of the `met`.

        `refs` are all that `found` names, and more if there are.
        """
        members = clusters.members(self.tx, refs & met)
        self._cluster(_Together(self.tx, set().union(refs, *members.values()), found, refs - met))

    def _cluster(self, together: "_Together") -> None:
        known = self.compared_records
        known.read(together.compared_anew(self._limits.margin))
        others = clusters.members(self.tx, {ref for key in together.pairs for ref in key} - together.refs)
        result = grown(together.refs, together.pairs.values(), together.answers, self._limits, known.compared, others)
        states = {key: state for key, state in result.states.items() if together.states.get(key) is not state}
        pairs.set_states(self.tx, states)
        moved = clusters.assign(self.tx, self.kind, result.groups, self.now)
        if self.kind is Kind.ACCOUNT:
            unmatched.add_people_of(self.tx, moved)

    def _found(self, kept: Mapping[str, Kept], named: set[Key]) -> Iterator[Pair]:
        """Everything about these records that is worth keeping: by keys, and by the systems' own ids."""
        wanted = self.candidates(kept) | named
        known = self.compared_records
        known.read({ref for key in wanted for ref in key})
        for key in sorted(wanted):
            if key in named:
                yield sure(key, known.compared(*key))
            elif (pair := known.judged(*key)) is not None:
                yield pair

    def candidates(self, kept: Mapping[str, Kept]) -> set[Key]:
        """Who is compared with these records: all that share a key of theirs, save who cannot be one of them."""
        own = {ref: match_keys.unpacked(each.keys) for ref, each in kept.items()}
        matching = self.compared_records.matching
        sharers = match_keys.sharers(self.tx, frozenset().union(*own.values()), matching.block_limit)
        gists = {ref: each.gist for ref, each in kept.items()}
        met: dict[Key, int] = {}
        for ref, keys in own.items():
            for other in {sharer for key in keys for sharer in sharers.get(key, ())}:
                if other.ref != ref:
                    gists.setdefault(other.ref, other.gist)
                    met[key_of(ref, other.ref)] = match_keys.shared_bits(keys & other.keys)
        places = {ref: place for place, ref in enumerate(gists)}
        left, right = (np.fromiter((places[key[side]] for key in met), np.int64, len(met)) for side in (0, 1))
        shared = np.fromiter(met.values(), np.uint8, len(met))
        hopes = matching.gists(list(gists), list(gists.values())).hopeful(left, right, shared)
        return {key for key, hope in zip(met, hopes.tolist(), strict=True) if hope}


def ids_of(named: Collection[Key]) -> dict[str, list[str]]:
    """Of each record those that an id makes one with it, of these pairs."""
    ids: dict[str, list[str]] = {}
    for one, two in sorted(named):
        ids.setdefault(one, []).append(two)
        ids.setdefault(two, []).append(one)
    return ids


def sure(key: Key, pair: Pair | None) -> Pair:
    """What a system says by id needs no likeness; but two 法人番号 are two companies even then."""
    by_id = Evidence("id_same", "id", key[0], key[1], OF_ID)
    if pair is None:
        return Pair(*key, OF_ID, Outcome.AUTO, sure=True, evidence=(by_id,))
    doubted = any(piece.kind == NUMBERS_DIFFER for piece in pair.evidence)
    return pair._replace(
        score=pair.score + OF_ID,
        alone=Outcome.REVIEW if doubted else Outcome.AUTO,
        relation="same",
        reason=f"identity.veto.{NUMBERS_DIFFER}" if doubted else "",
        sure=not doubted,
        evidence=(by_id, *pair.evidence),
    )


class _Together:
    """The records that hang together with some: over pairs that link, and over what a person called the same."""

    def __init__(
        self, tx: Transaction, refs: set[str], found: Collection[Pair] = (), unknown: Set[str] = frozenset()
    ) -> None:
        """Around these; of those `unknown` the store has nothing but what was `found`, which leads to nobody else."""
        self.refs: set[str] = set()
        self.pairs: dict[Key, Pair] = {pair.key: pair for pair in found}
        self.states: dict[Key, pairs.State] = {key: pairs.first_state(pair) for key, pair in self.pairs.items()}
        self.answers: dict[Key, Answer] = {}
        while refs:
            self.refs |= refs
            refs = set(self._around(tx, refs - unknown)) - self.refs

    def compared_anew(self, margin: float) -> set[str]:
        """Records that are likely compared with others than they have pairs with: the rivals beside one that links."""
        of = defaultdict[str, list[Pair]](list)
        for pair in self.pairs.values():
            of[pair.left].append(pair)
            of[pair.right].append(pair)
        found: set[str] = set()
        for ref, several in of.items():
            if len(several) > 1 and (linking := [pair.score for pair in several if joins(pair)]):
                rivals = [pair.other(ref) for pair in several if pair.score > min(linking) - margin]
                found.update(rivals if len(rivals) > 1 else ())
        return found

    def _around(self, tx: Transaction, refs: set[str]) -> Iterator[str]:
        for pair, state in pairs.standing(tx, refs):
            self.pairs[pair.key] = pair
            self.states[pair.key] = state
            if joins(pair):
                yield from pair.key
        for key, verdict in verdicts.of(tx, refs).items():
            self.answers[key] = verdict.answer
            if verdict.answer is Answer.SAME:
                yield from key
