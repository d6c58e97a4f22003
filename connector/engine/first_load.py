"""A first load of 名寄せ: very many records find their place at once, with the same outcome as one after the other.

Called by `unify.py`. Its steps: the keys of all; who shares one with whom; pairs and clusters of those that hang
together, in one transaction. Killed in between, the next run does what is left, and nobody sees what is not settled.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from connector.engine.comparing import GONE, NOTHING, about, about_under, kept_of, matching_of, raws_of
from connector.engine.deployment import Progress
from connector.engine.likely import Likely
from connector.engine.placing import Placing, ids_of, sure
from connector.engine.workers import Workers, collecting_seldom, cpus, workers
from connector.identity.clusters import Key
from connector.identity.pairs import Pair
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import key_table, match_keys, pairs, same_as, unmatched, verdicts
from connector.store.match_keys import Kept

PROCESSES: Final = 4
"""More would wait for the one that reads and keeps, and take 160 MB each."""

AT_ONCE: Final = 2_000
"""Records or pairs that are read, compared and kept at once."""

Item = TypeVar("Item")
Compare = tuple[Kind, IdentityRules, list[Any], list[tuple[int, int]], bool]


def first_load(placing: Placing, progress: Progress, processes: int | None = None) -> None:
    """Finds the place of all that wait. `processes` normalise and compare: not given, one for each CPU up to four."""
    with collecting_seldom():
        with workers(min(cpus(), PROCESSES) if processes is None else processes) as several:
            load = _FirstLoad(placing, progress, several)
            load.keep_keys()
            load.compare()
        load.finish()


class _FirstLoad:
    def __init__(self, placing: Placing, progress: Progress, several: Workers) -> None:
        self._placing, self._progress, self._workers = placing, progress, several
        self._tx, self._kind, self._known = placing.tx, placing.kind, placing.compared_records
        self._named: set[Key] = set()
        self._due: set[str] = set()
        self._met: set[str] = set()

    def keep_keys(self) -> None:
        """The keys of all that wait and changed. Until they are compared that is remembered of them, and no more."""
        self._progress.stage(f"unify.{self._kind}.keys")
        for refs, found in self._workers.each(keys_of, self._unkeyed()):
            match_keys.save(self._tx, {ref: kept for ref, (_, kept) in found.items()})
            unmatched.keyed(self._tx, {ref: about for ref, (about, _) in found.items()})
            self._tx.checkpoint()
            self._progress.advance(len(refs))

    def compare(self) -> None:
        """Pairs and clusters of all of them."""
        self._progress.stage(f"unify.{self._kind}.pairs")
        self._due = unmatched.due(self._tx, self._kind)
        self._met = pairs.met(self._tx, self._kind)
        likely = self._likely()
        named = set(filter(likely.is_fresh, self._named))
        likely.remove(named)
        # What was a pair and is brought together by nothing any more.
        gone = [
            key
            for key in pairs.keys(self._tx, self._kind)
            if likely.is_fresh(key) and key not in named and key not in likely
        ]
        for some in _portions(gone):
            self._keep(some, [])
        of_ids = self._comparisons(_portions(sorted(named)), always=True)
        for keys, found in self._workers.each(pairs_of, of_ids):
            self._keep(keys, [sure(key, pair) for key, pair in zip(keys, found, strict=True)])
        for keys, found in self._workers.each(pairs_of, self._comparisons(likely.portions(AT_ONCE), always=False)):
            self._keep(keys, [pair for pair in found if pair is not None])

    def finish(self) -> None:
        """Of those that have no pair there is nothing to settle, but where a person spoke or a cluster was before."""
        last = ""
        while refs := unmatched.take(self._tx, self._kind, AT_ONCE, last):
            last = refs[-1]
            known = unmatched.abouts(self._tx, refs)  # who came while all this was under way waits for the walk
            unmatched.confirm(self._tx, known)  # before answers are read: who is answered about later waits anew
            late = {ref for ref, about in known.items() if ref in self._due or not unmatched.only_keyed(about)}
            self._placing.settle(late.union(*verdicts.of(self._tx, known)))
            self._tx.checkpoint()

    def _likely(self) -> Likely:
        fresh, table = unmatched.fresh(self._tx, self._kind), key_table.read(self._tx, self._kind)
        with ThreadPoolExecutor(1) as beside:
            # The database puts the keys in order, for the cycles to come, while here nothing is asked of it.
            ordered = beside.submit(match_keys.settle, self._tx)
            likely = Likely.of(table, self._known.matching, fresh)
            ordered.result()
        self._tx.checkpoint()
        return likely

    def _unkeyed(self) -> Iterator[tuple[list[str], "Unkeyed"]]:
        last = ""
        while refs := unmatched.take(self._tx, self._kind, AT_ONCE, last):
            last = refs[-1]
            named = same_as.of(self._tx, self._kind, refs)
            self._named |= named
            unread, before = self._known.unread(refs), unmatched.abouts(self._tx, refs)
            yield (
                refs,
                Unkeyed(refs, unread, ids_of(named), before, self._placing.version, self._kind, self._known.rules),
            )

    def _comparisons(self, portions: Iterable[list[Key]], *, always: bool) -> Iterator[tuple[list[Key], Compare]]:
        for some in portions:
            unread = self._known.unread({ref for key in some for ref in key})
            places = {ref: place for place, ref in enumerate(unread)}
            wanted = [(places.get(one, -1), places.get(two, -1)) for one, two in some]
            yield some, (self._kind, self._known.rules, list(unread.values()), wanted, always)

    def _keep(self, keys: Sequence[Key], found: Collection[Pair]) -> None:
        """Of these keys these are pairs, and no others."""
        placing = self._placing
        kept = [key for key in keys if not self._met.isdisjoint(key)]
        touched = pairs.put(self._tx, self._kind, kept, found, placing.version, placing.now)
        placing.settle_found(found, touched, self._met)
        self._met |= touched
        self._tx.checkpoint()
        self._progress.advance(len(keys))


@dataclass(frozen=True)
class Unkeyed:
    """Records of which keys may have to be made, and what tells whether they have: what each was when that was done."""

    refs: list[str]
    unread: dict[str, Any]
    ids: dict[str, list[str]]
    before: dict[str, str]
    version: str
    kind: Kind
    rules: IdentityRules


def keys_of(task: Unkeyed) -> dict[str, tuple[str, Kept]]:
    """By ref what each record is now, and what the store keeps to find it again. Runs in another process.

    Of those whose keys are kept already nothing; of one that is gone there is nothing to be found by.
    """
    raws = dict(zip(task.unread, raws_of(list(task.unread.values())), strict=True))
    abouts = {ref: about(raw) for ref, raw in raws.items()}
    now = {ref: about_under(task.version, abouts.get(ref, GONE), task.ids.get(ref, ())) for ref in task.refs}
    late = [ref for ref in task.refs if not unmatched.keys_are_kept(task.before.get(ref), now[ref])]
    living, matching = [ref for ref in late if ref in raws], matching_of(task.kind, task.rules)
    kept = kept_of(task.kind, matching, matching.each_normalised([raws[ref] for ref in living]))
    found = dict.fromkeys(late, NOTHING) | dict(zip(living, kept, strict=True))
    return {ref: (now[ref], found[ref]) for ref in late}


def pairs_of(task: Compare) -> list[Pair | None]:
    """For each two of these records their pair, `None` where they are NEW to each other (unless it is wanted always).

    Runs in another process. A record of the place -1 is gone, and so is the pair.
    """
    kind, rules, unread, wanted, always = task
    matching = matching_of(kind, rules)
    records = matching.each_normalised(raws_of(unread))
    judge = matching.compared if always else matching.judged
    return [None if -1 in (one, two) else judge(records[one], records[two]) for one, two in wanted]


def _portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    waiting = iter(items)
    while some := list(islice(waiting, AT_ONCE)):
        yield some
