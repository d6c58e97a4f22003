"""A first load of 名寄せ: very many records find their place at once, with the same outcome as one after the other.

Called by `unify.py`. Its steps: the keys of all; who shares one with whom; pairs and clusters of those that hang
together, in one transaction. Killed in between, the next run does what is left, and nobody sees what is not settled.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from connector.engine.comparing import GONE, NOTHING, about, about_under, kept_of, matching_of, raws_of
from connector.engine.deployment import Progress
from connector.engine.likely import Likely
from connector.engine.placing import Placing, ids_of, sure
from connector.engine.workers import Workers, collecting_seldom, cpus, workers
from connector.identity.clusters import Key
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import figures, key_table, match_keys, pairs, reference_matches, same_as, unmatched, verdicts
from connector.store.match_keys import Kept

PROCESSES: Final = 4
"""More would wait for the one that reads and keeps, and take 160 MB each."""

AT_ONCE: Final = 2_000
"""Records or pairs that are read, compared and kept at once."""

Item = TypeVar("Item")


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
        self._before: set[str] = set()
        self._met: set[str] = set()

    def keep_keys(self) -> None:
        """The keys of all that wait and changed. Until they are compared that is remembered of them, and no more."""
        self._progress.stage(f"unify.{self._kind}.keys")
        for refs, (late, abouts, keys, gists) in self._workers.each(keys_of, self._unkeyed()):
            if self._kind is Kind.ACCOUNT:
                unmatched.add_people_of(self._tx, late)
                # Who is gone has none; of who has none although there, nothing was found in the register either.
                reference_matches.forget(self._tx, [ref for ref, own in zip(late, keys, strict=True) if not own])
            match_keys.save(self._tx, dict(zip(late, map(Kept, keys, gists), strict=True)))
            unmatched.keyed(self._tx, dict(zip(late, abouts, strict=True)))
            self._tx.checkpoint()
            self._progress.advance(len(refs))

    def compare(self) -> None:
        """Pairs and clusters of all of them."""
        self._progress.stage(f"unify.{self._kind}.pairs")
        self._due = unmatched.due(self._tx, self._kind)
        self._before = pairs.met(self._tx, self._kind)
        self._met = set(self._before)
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
        self._compare(_portions(sorted(named)), named=True)
        self._compare(likely.portions(AT_ONCE), named=False)

    def finish(self) -> None:
        """Of those that have no pair there is nothing to settle, but where a person spoke or a cluster was before."""
        last = ""
        while refs := unmatched.take(self._tx, self._kind, AT_ONCE, last):
            after, last = last, refs[-1]
            # Before answers are read: who is answered about later waits anew.
            done, unchanged = unmatched.confirm(self._tx, self._kind, after, last)
            self._placing.settle(unchanged.union(self._due & done, *verdicts.of(self._tx, done)))
            self._tx.checkpoint()
        figures.renew(self._tx, *figures.IDENTITY)

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
        while before := unmatched.take_known(self._tx, self._kind, AT_ONCE, last):
            refs = list(before)
            last = refs[-1]
            named = same_as.of(self._tx, self._kind, refs)
            self._named |= named
            unread = self._known.unread(refs)
            yield refs, Unkeyed(before, unread, ids_of(named), self._placing.version, self._kind, self._known.rules)

    def _compare(self, portions: Iterable[list[Key]], *, named: bool) -> None:
        for keys, found in self._workers.each(pairs_of, self._uncompared(portions, named=named)):
            self._keep(keys, [pairs.Row(*columns) for columns in found])

    def _uncompared(self, portions: Iterable[list[Key]], *, named: bool) -> Iterator[tuple[list[Key], "Uncompared"]]:
        for some in portions:
            unread = self._known.unread({ref for key in some for ref in key})
            yield some, Uncompared(some, unread, self._kind, self._known.rules, named=named)

    def _keep(self, keys: Sequence[Key], found: Sequence[pairs.Row]) -> None:
        """Of these keys these are pairs, and no others."""
        placing = self._placing
        # Only earlier loads can have kept something of these: in this one each key is met once.
        kept = [key for key in keys if not self._before.isdisjoint(key)]
        touched = pairs.put(self._tx, self._kind, kept, found, placing.version, placing.now)
        placing.settle_found([row.bare for row in found], touched, self._met)
        self._met |= touched
        self._tx.checkpoint()
        self._progress.advance(len(keys))


@dataclass(frozen=True)
class Unkeyed:
    """Records of which keys may have to be made; `before`: what each was when that was done, which tells whether."""

    before: dict[str, str | None]
    unread: dict[str, Any]
    ids: dict[str, list[str]]
    version: str
    kind: Kind
    rules: IdentityRules


@dataclass(frozen=True)
class Uncompared:
    """Records and which of them are to be compared; `named` if it is an id that makes these two one."""

    keys: list[Key]
    unread: dict[str, Any]
    kind: Kind
    rules: IdentityRules
    named: bool


class Keyed(NamedTuple):
    """Records, what each is now, and what is kept to find it again (`match_keys.Kept`), in columns."""

    refs: list[str]
    abouts: list[str]
    keys: list[str]
    gists: list[str]


def keys_of(task: Unkeyed) -> Keyed:
    """What the store keeps to find each record again. Runs in another process.

    Of those whose keys are kept already nothing; of one that is gone there is nothing to be found by.
    """
    raws = dict(zip(task.unread, raws_of(list(task.unread.values())), strict=True))
    abouts = {ref: about(raw) for ref, raw in raws.items()}
    now = {ref: about_under(task.version, abouts.get(ref, GONE), task.ids.get(ref, ())) for ref in task.before}
    late = [ref for ref, before in task.before.items() if not unmatched.keys_are_kept(before, now[ref])]
    living, matching = [ref for ref in late if ref in raws], matching_of(task.kind, task.rules)
    kept = kept_of(task.kind, matching, matching.each_normalised([raws[ref] for ref in living]))
    found = dict.fromkeys(late, NOTHING) | dict(zip(living, kept, strict=True))
    keys, gists = [found[ref].keys for ref in late], [found[ref].gist for ref in late]
    return Keyed(late, [now[ref] for ref in late], keys, gists)


def pairs_of(task: Uncompared) -> list[tuple[Any, ...]]:
    """The pairs among these, each as `pairs.Row` has it. Runs in another process.

    No pair are two that are NEW to each other or of which one is gone, unless an id names them.
    """
    matching = matching_of(task.kind, task.rules)
    records = dict(zip(task.unread, matching.each_normalised(raws_of(list(task.unread.values()))), strict=True))
    judge = matching.compared if task.named else matching.judged
    found = [judge(records[one], records[two]) if one in records and two in records else None for one, two in task.keys]
    if task.named:
        found = [sure(key, pair) for key, pair in zip(task.keys, found, strict=True)]
    # Plain tuples go from process to process in half the time.
    return [tuple(pairs.row_of(pair)) for pair in found if pair is not None]


def _portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    waiting = iter(items)
    while some := list(islice(waiting, AT_ONCE)):
        yield some
