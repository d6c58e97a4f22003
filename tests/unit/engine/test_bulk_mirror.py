"""The mirror compared in bulk ends as it does when it is unified record by record."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from mirror_base import AT, records, ref

from connector.engine import unify
from connector.engine.deployment import Silent
from connector.identity.clusters import Answer
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import clusters, mirror, pairs, unmatched, verdicts
from connector.store.store import Store, Transaction

pytest.importorskip("splink", reason="needs the extra okoshi[splink], which `make test` installs")

from connector.engine.bulk_duckdb import DuckDBBench
from connector.engine.bulk_mirror import Base, on_mirror

pytestmark = pytest.mark.xdist_group("bulk")

RULES = IdentityRules()
COUNT = 60


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two stores with the same mirror."""
    opened = []
    for name in ("one", "other"):
        store = Store.open(f"sqlite:///{tmp_path / name}.db")
        with store.begin() as tx:
            mirror.save(tx, records(COUNT))
        opened.append(store)
    yield opened[0], opened[1]
    for store in opened:
        store.close()


def one_by_one(store: Store) -> None:
    """As a cycle does it."""
    with store.begin() as tx:
        for kind in unify.KINDS:
            unmatched.add_all(tx, kind)
            placing = unify.Placing.of(tx, kind, RULES, AT)
            while refs := unmatched.take(tx, kind, unify.CHUNK):
                placing.place(refs)
                unmatched.done(tx, refs)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where trained figures are kept between the tests: training takes the longest."""
    return tmp_path_factory.mktemp("figures")


def in_bulk(store: Store, figures: Path) -> None:
    """As the command does it."""
    for kind in unify.KINDS:
        with closing(DuckDBBench()) as bench, store.lease("bulk") as lease:
            placed = on_mirror(bench, Base(store, lease, kind, RULES, AT), figures / f"{kind}.json", Silent())
        assert placed.records
        assert placed.proposed


def standing(tx: Transaction) -> tuple[object, ...]:
    """Members, and pairs with their states."""
    refs = [str(record.ref) for record in records(COUNT)]
    kept = pairs.of(tx, refs)
    return clusters.members(tx, refs), {one.pair.key: (one.state, one.pair.score, one.pair.evidence) for one in kept}


def test_it_ends_as_record_by_record(stores: tuple[Store, Store], figures: Path) -> None:
    """The same clusters, pairs, states and evidence; and nothing waits any more."""
    slow, fast = stores
    one_by_one(slow)
    in_bulk(fast, figures)
    with slow.read() as left, fast.read() as right:
        assert standing(left) == standing(right)
        assert any(
            len(group) > 1 for group in clusters.members(left, [str(one.ref) for one in records(COUNT)]).values()
        )
        assert [unmatched.count(right, kind) for kind in unify.KINDS] == [0, 0]


def test_what_a_person_said_stands(stores: tuple[Store, Store], figures: Path) -> None:
    """An answer is neither asked for again nor overruled by a bulk run."""
    store, _ = stores
    one, other = (str(ref("Account", name)) for name in ("a0", "b0"))
    left, right = sorted((one, other))
    with store.begin() as tx:
        verdicts.say(tx, Kind.ACCOUNT, left, right, Answer.DIFFERENT, AT, "somebody", None)
    in_bulk(store, figures)
    with store.read() as tx:
        assert right not in clusters.members(tx, [left])[left]
