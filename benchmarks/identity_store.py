"""How fast the store of 名寄せ is with many records: a first load of their keys, asking who shares one, all at once.

    python benchmarks/identity_store.py [RECORDS] [DATABASE_URL]

Keys are as skewed as real ones: a few of each record are its own, most are shared by some, some by very many. Without
a URL a SQLite file in the temporary folder is used and removed.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from connector.identity.compare import Evidence
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.model.records import Kind
from connector.store import Store, clusters, key_table, match_keys, pairs
from connector.store.match_keys import Kept
from connector.store.schema import match_key

CHUNK = 1_000
LIMIT = 200
ASKED = 2_000
NOW = datetime(2026, 1, 5, tzinfo=UTC)
KIND = Kind.PERSON


def ref(number: int) -> str:
    """As long as a Salesforce one."""
    return f"salesforce:Contact:003{number:015d}"


def keys(number: int, records: int) -> list[str]:
    """Fifteen keys: mail and numbers of its own, names that some share, towns that many share."""
    chance = random.Random(number)
    own = [f"mail:{number}@example.jp", f"phone:{number // 2}", f"id:{number}"]
    shared = [f"name{place}:{chance.randrange(records // 5 + 1)}" for place in range(8)]
    common = [f"town{place}:{int(chance.paretovariate(0.5)) % (records // 20 + 1)}" for place in range(4)]
    return own + shared + common


def tell(line: str) -> None:
    """At once, for those who wait."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Watch:
    """Seconds of the clock, and of this process's work alone (SQLite works within it): for machines that are shared."""

    def __init__(self) -> None:
        self.seconds = self.work = 0.0

    def __enter__(self) -> "Watch":
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began[0]
        self.work += time.process_time() - self._began[1]

    def tell(self, what: str, rows: int) -> None:
        """One line of the result."""
        tell(f"{what:<40}{rows:>12,} rows{self.seconds:>9.2f} s ({self.work:.2f} s of work)")


def percentiles(what: str, taken: list[Watch]) -> None:
    """In milliseconds, of the clock and of work alone."""
    for name, ordered in (
        (what, sorted(watch.seconds for watch in taken)),
        ("  work alone", sorted(watch.work for watch in taken)),
    ):
        middle, late = ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000
        tell(f"{name:<40}{len(ordered):>12,} asked   p50 {middle:.2f} ms   p99 {late:.2f} ms")


def kept(number: int, records: int) -> Kept:
    """As a worker of a first load makes it."""
    return Kept(match_keys.packed(KIND, keys(number, records)), "about as long as what is kept of a company")


def chunks(records: int) -> Iterator[dict[str, Kept]]:
    """Made before the clock starts."""
    for start in range(0, records, CHUNK):
        yield {ref(number): kept(number, records) for number in range(start, min(start + CHUNK, records))}


def first_load(store: Store, records: int) -> None:
    """All keys saved chunk by chunk, each committed, then put in order."""
    saving, ordering = Watch(), Watch()
    with store.begin() as tx:
        for chunk in chunks(records):
            with saving:
                match_keys.save(tx, chunk)
                tx.checkpoint()
        saving.tell("save", records * 15)
        with ordering:
            match_keys.settle(tx)
            tx.checkpoint()
        ordering.tell("put in order", tx.connection.execute(select(func.count()).select_from(match_key)).scalar_one())


def ask(store: Store, records: int) -> None:
    """One new record at a time against all that are known, cold and warm pages alike."""
    chance = random.Random(1)
    sharing: list[Watch] = []
    saving: list[Watch] = []
    with store.begin() as tx:
        for number in range(ASKED):
            new = kept(chance.randrange(records), records)
            with Watch() as watch:
                match_keys.save(tx, {f"hubspot:contacts:{number}": new})
                match_keys.settle(tx)
            saving.append(watch)
            with Watch() as watch:
                match_keys.sharers(tx, match_keys.unpacked(new.keys), LIMIT)
            sharing.append(watch)
            if not number % 100:
                tx.checkpoint()
    percentiles("sharing of one record", sharing)
    percentiles("save of one new record, put in order", saving)


def all_keys(store: Store) -> None:
    """For a first load."""
    with store.begin() as tx, Watch() as watch:
        rows = len(key_table.read(tx, KIND).key)
    watch.tell("all keys in columns", rows)


def found(store: Store, records: int) -> None:
    """A pair for every other record, and clusters of two, chunk by chunk."""
    evidence = tuple(Evidence(kind, kind, "左の値の長さ", "右の値の長さ", 5.5) for kind in ("name", "mail", "phone"))
    replacing, assigning, counting = Watch(), Watch(), Watch()
    with store.begin() as tx:
        for start in range(0, records, CHUNK):
            numbers = range(start, min(start + CHUNK, records) - 1, 2)
            made = [Pair(ref(n), ref(n + 1), 16.5, Outcome.AUTO, evidence=evidence) for n in numbers]
            refs = [ref(n) for n in range(start, min(start + CHUNK, records))]
            with replacing:
                pairs.replace(tx, KIND, refs, made, "v1", NOW)
                pairs.set_states(tx, {pair.key: pairs.State.LINKED for pair in made})
            with assigning:
                clusters.assign(tx, KIND, [frozenset(pair.key) for pair in made], NOW)
            tx.checkpoint()
        replacing.tell("pairs.replace and set_states", records // 2)
        assigning.tell("clusters.assign", records)
        with counting:
            pairs.count(tx)
            clusters.count(tx, KIND)
        counting.tell("pairs.count and clusters.count", records // 2 + records)


def main() -> None:
    """All of it, one after the other."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "okoshi.db"
        store = Store.open(sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{file}")
        first_load(store, records)
        all_keys(store)
        ask(store, records)
        found(store, records)
        store.close()
        if file.exists():
            tell(f"{'database':<40}{file.stat().st_size / 2**20:>12,.0f} MiB")
    tell(f"{'memory at most':<40}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>12,.0f} MiB")


if __name__ == "__main__":
    main()
