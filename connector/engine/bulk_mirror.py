"""The mirror's companies and people compared in bulk: the proposals go the way of every other candidate into the store.

Called by `okoshi match bulk` without a file. Pairs, evidence, answers and clusters are the business of `unify.py`; here
is only who is compared with whom.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from connector.engine import comparing
from connector.engine.bulk import NEW, Bench, candidates
from connector.engine.bulk_rows import columns_schema, rows
from connector.engine.comparing import Compared
from connector.engine.deployment import Progress
from connector.engine.placing import Placing
from connector.engine.reference import rules_version
from connector.engine.unify import CHUNK, refill
from connector.identity.bulk import COMPANIES, PEOPLE, Columns
from connector.identity.clusters import Key, key_of
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import mirror, unmatched
from connector.store.lease import Lease
from connector.store.match_keys import Kept
from connector.store.store import Store, Transaction

COLUMNS: Final[dict[Kind, Columns[Any, Any]]] = {Kind.ACCOUNT: COMPANIES, Kind.PERSON: PEOPLE}
RAWS: Final = {Kind.ACCOUNT: comparing.companies, Kind.PERSON: comparing.individuals}


@dataclass(frozen=True)
class Base:
    """The records that are compared: all of one kind in the mirror, by these rules, as of now."""

    store: Store
    lease: Lease
    kind: Kind
    rules: IdentityRules
    now: datetime


@dataclass(frozen=True)
class Placed:
    """What a bulk run on the mirror did."""

    records: int
    proposed: int
    """Pairs that Splink proposed and the rule found worth keeping."""
    trained: bool


def on_mirror(bench: Bench, base: Base, parameters: Path | None, progress: Progress) -> Placed:
    """Finds the place of all records of one kind anew. What was found stays found if a later chunk fails.

    What another chunk would have found is then left to the next `okoshi run`, which goes on record by record.
    """
    columns = COLUMNS[base.kind]
    with base.store.begin(base.lease) as tx:
        refill(tx, base.rules)
        unmatched.add_all(tx, base.kind)
        refs = unmatched.take(tx, base.kind, unmatched.count(tx, base.kind))
    progress.stage(f"bulk.{base.kind}")
    with base.store.read() as tx:
        bench.load(_batches(tx, base, refs), rows(columns, base.rules), columns_schema(columns))
    found = candidates(bench, columns, base.rules, parameters)
    proposed = _proposed(found.judged)
    progress.stage(f"unify.{base.kind}")
    with base.store.begin(base.lease) as tx:
        placing = _Proposed(
            tx, base.kind, base.now, rules_version(base.rules), Compared(tx, base.kind, base.rules, base.now)
        )
        placing.proposed = proposed
        for some in _chunks(refs):
            unmatched.done(tx, some)
            placing.place(some)
            tx.checkpoint()
            progress.advance(len(some))
    return Placed(len(refs), sum(map(len, proposed.values())) // 2, found.trained)


@dataclass(eq=False)
class _Proposed(Placing):
    """Takes its candidates from the bulk run, instead of looking for them key by key."""

    proposed: dict[str, set[str]] = field(default_factory=dict)

    def candidates(self, kept: Mapping[str, Kept]) -> set[Key]:
        return {key_of(ref, other) for ref in kept for other in self.proposed.get(ref, ())}


def _proposed(judged: Any) -> dict[str, set[str]]:
    """Ref → refs that it may be one with."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    told = (judged.column(name).to_pylist() for name in ("left", "right", "alone"))
    for left, right, alone in zip(*told, strict=True):
        if alone != NEW:
            found[left].add(right)
            found[right].add(left)
    return found


def _batches(tx: Transaction, base: Base, refs: Collection[str]) -> Iterator[Any]:
    """The living records as they are compared."""
    columns = COLUMNS[base.kind]
    several = pa.list_(pa.string())
    schema = pa.schema([(name, several if name in columns.several else pa.string()) for name in columns.asked])
    for some in _chunks(refs):
        living = [known.record for known in mirror.load(tx, some).values() if not known.record.deleted]
        raws = RAWS[base.kind](tx, living, base.rules, base.now)
        made = [{name: _listed(value) for name, value in asdict(raw).items()} for raw in raws.values()]
        yield pa.RecordBatch.from_pylist(made, schema=schema)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _chunks(refs: Collection[str]) -> Iterator[list[str]]:
    ordered = list(refs)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
