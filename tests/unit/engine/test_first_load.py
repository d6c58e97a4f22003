"""A first load ends as it does record by record: pairs, clusters, states; also killed anywhere, when it goes on."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mirror_base import AT, records, ref
from sqlalchemy import select

from benchmarks.identity_scale import DATA
from benchmarks.identity_unify import accounts
from connector.engine import first_load as module
from connector.engine import unify
from connector.engine.deployment import Silent
from connector.engine.first_load import Keyed, Unkeyed, first_load
from connector.engine.placing import Placing
from connector.identity.clusters import Answer
from connector.mapping.identity import CompanyRules, IdentityRules
from connector.model.records import Account, Kind, Record
from connector.store import clusters, match_keys, mirror, pairs, unmatched, verdicts
from connector.store.schema import compared
from connector.store.store import Store, Transaction

KINDS = (Kind.ACCOUNT, Kind.PERSON)
RULES = IdentityRules()
COUNT = 40
REAL = (Path(__file__).parents[3] / DATA).resolve()


TROUBLE: dict[str, dict[str, object]] = {
    **{f"Contact:{side}{number}": {"account": ref("Account", "a1")} for side in "ab" for number in range(COUNT)},
    "Account:a3": {"parent": ref("Account", "a0")},
    "Account:a5": {"deleted": True},
    "Account:a8": {"same_as": (ref("Account", "nobody"),)},
    "Account:a9": {"same_as": (ref("Account", "b6"),)},
    "Contact:b3": {"account": ref("Account", "a1"), "same_as": (ref("Contact", "a5"),)},
}
"""Some name each other, one is gone, all people work at one company."""


def base() -> list[Record]:
    """Companies and people of both systems with that trouble."""
    return records(COUNT, TROUBLE)


def one_by_one(tx: Transaction, kind: Kind, rules: IdentityRules = RULES) -> None:
    """As a cycle does it with few: seven at a time, after the keys of all are kept (else a crowd is one too late)."""
    placing = Placing.of(tx, kind, rules, AT)
    waiting = unmatched.take(tx, kind, 100_000)
    placing.compared_records.read(waiting)
    match_keys.save(tx, {ref: placing.compared_records.kept(ref) for ref in waiting})
    while refs := unmatched.take(tx, kind, 7):
        placing.place(refs)
        unmatched.done(tx, refs)


def at_once(tx: Transaction, kind: Kind, rules: IdentityRules = RULES) -> None:
    """As a first load does it."""
    first_load(Placing.of(tx, kind, rules, AT), Silent(), processes=1)


def standing(tx: Transaction, kind: Kind) -> tuple[Any, ...]:
    """All that was found."""
    refs = sorted({ref for key in pairs.keys(tx, kind) for ref in key})
    abouts = {row.ref: row.about for row in tx.connection.execute(select(compared))}
    return clusters.members(tx, refs), pairs.of(tx, refs), abouts, unmatched.count(tx, kind)


@pytest.fixture
def two(new_postgres_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two stores with the same records that wait; the second one of the kind that the test is about."""
    of = {"sqlite": f"sqlite:///{tmp_path / 'fast.db'}", "postgresql": new_postgres_url}
    stores = Store.open(f"sqlite:///{tmp_path / 'slow.db'}"), Store.open(of[getattr(request, "param", "sqlite")])
    for store in stores:
        with store.begin() as tx:
            mirror.save(tx, base())
    yield stores
    for store in stores:
        store.close()


def both(stores: tuple[Store, Store], rules: IdentityRules = RULES) -> None:
    """One goes record by record, the other at once; they end alike."""
    for kind in KINDS:
        found = []
        for store, way in zip(stores, (one_by_one, at_once), strict=True):
            with store.begin() as tx:
                way(tx, kind, rules)
                found.append(standing(tx, kind))
        assert found[0] == found[1]
        assert found[0][1]


@pytest.mark.parametrize("two", ["sqlite", "postgresql"], indirect=True)
def test_nobody_is_alone_while_keys_are_made_anew(two: tuple[Store, Store]) -> None:
    """As after an update that makes other keys: what is linked stays linked since it was, chunk by chunk as well."""
    store, later = two[1], AT + timedelta(days=1)
    known = records(unify.CHUNK, {})
    with store.begin() as tx:
        mirror.save(tx, known)
        unify.place(Placing.of(tx, Kind.ACCOUNT, RULES, AT), Silent())
        before = standing(tx, Kind.ACCOUNT)
        assert any(kept.state is pairs.State.LINKED for kept in before[1])
        assert match_keys.any_kept(tx, Kind.ACCOUNT)
        assert not match_keys.any_kept(tx, Kind.PERSON)
        for table in ("match_key", "matched", "compared"):
            tx.connection.exec_driver_sql(f"DELETE FROM {table}")
        assert unmatched.add_all(tx, Kind.ACCOUNT) > unify.CHUNK
        unify.place(Placing.of(tx, Kind.ACCOUNT, RULES, later), Silent())
        assert standing(tx, Kind.ACCOUNT) == before


@pytest.mark.parametrize("two", ["sqlite", "postgresql"], indirect=True)
def test_it_ends_as_record_by_record(two: tuple[Store, Store]) -> None:
    """On both kinds of database; then again after some changed, were deleted or answered about, and under new rules."""
    both(two)
    for store in two:
        with store.begin() as tx:
            known = [record for record in base() if isinstance(record, Account)]
            mirror.save(tx, [one.model_copy(update={"name": "別の会社"}) for one in known[:5]])
            mirror.save(tx, [one.model_copy(update={"deleted": True}) for one in known[5:9]])
            linked = [
                kept for kept in pairs.of(tx, [str(one.ref) for one in known]) if kept.state is pairs.State.LINKED
            ]
            verdicts.say(tx, Kind.ACCOUNT, *linked[0].pair.key, Answer.DIFFERENT, AT, "somebody", None)
            verdicts.say(tx, Kind.ACCOUNT, str(known[20].ref), str(known[33].ref), Answer.SAME, AT, "somebody", None)
    both(two)
    stricter = IdentityRules(companies=CompanyRules(auto_from=18, asked_from=2))
    for store in two:
        with store.begin() as tx:
            for kind in KINDS:
                unmatched.add_all(tx, kind)
    both(two, stricter)


@pytest.mark.skipif(not REAL.exists(), reason="the sets of ../shared/data/identity are not here")
@pytest.mark.parametrize("limit", [30, 3])
def test_real_companies_and_their_doubles_end_alike(tmp_path: Path, limit: int) -> None:
    """Also where keys are crowded; by two processes."""
    rules = IdentityRules(companies=CompanyRules(block_limit=limit))
    found = []
    for name in ("slow", "fast"):
        store = Store.open(f"sqlite:///{tmp_path / name}.db")
        with store.begin() as tx:
            mirror.save(tx, list(accounts(REAL, 2_000)))
            if name == "slow":
                one_by_one(tx, Kind.ACCOUNT, rules)
            else:
                first_load(Placing.of(tx, Kind.ACCOUNT, rules, AT), Silent(), processes=2)
            found.append(standing(tx, Kind.ACCOUNT))
        store.close()
    assert found[0] == found[1]
    assert len(found[0][1]) > 200


class Killed(BaseException):
    """As a process is: nothing is cleaned up on purpose."""


def killed_at(checkpoint: int) -> Callable[[Transaction], None]:
    """A checkpoint that is never reached."""
    passed = iter(range(checkpoint))
    real = Transaction.checkpoint

    def check(tx: Transaction) -> None:
        if next(passed, None) is None:
            raise Killed
        real(tx)

    return check


def test_killed_anywhere_it_goes_on(two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before each of its commits in turn; nobody is asked meanwhile about what is not settled."""
    slow, fast = two
    monkeypatch.setattr(module, "AT_ONCE", 9)
    with slow.begin() as tx:
        one_by_one(tx, Kind.ACCOUNT)
        expected, asked = standing(tx, Kind.ACCOUNT), pairs.doubtful(tx, Kind.ACCOUNT, 1_000)
    kills = 0
    for survived in range(1, 200):
        with monkeypatch.context() as patch:
            patch.setattr(Transaction, "checkpoint", killed_at(survived))
            try:
                with fast.begin() as tx:
                    at_once(tx, Kind.ACCOUNT)
                    break
            except Killed:
                kills += 1
        with fast.read() as tx:
            shown = {kept.pair.key for kept in pairs.doubtful(tx, Kind.ACCOUNT, 1_000)}
            assert shown <= {kept.pair.key for kept in asked}
    with fast.begin() as tx:
        assert standing(tx, Kind.ACCOUNT) == expected
    assert kills > 10


def test_what_was_keyed_before_a_kill_is_not_keyed_again(
    two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But record by record it would be compared, for nothing but its keys is known."""
    _, store = two
    monkeypatch.setattr(module, "AT_ONCE", 9)
    keyed: list[str] = []

    def noted(task: Unkeyed, real: Callable[[Unkeyed], Keyed] = module.keys_of) -> Keyed:
        found = real(task)
        keyed.extend(found.refs)
        return found

    monkeypatch.setattr(module, "keys_of", noted)
    with monkeypatch.context() as patch, pytest.raises(Killed):  # noqa: PT012
        patch.setattr(Transaction, "checkpoint", killed_at(3))
        with store.begin() as tx:
            at_once(tx, Kind.ACCOUNT)
    with store.begin() as tx:
        first = set(unmatched.fresh(tx, Kind.ACCOUNT))
        abouts = {row.ref: row.about[1:] for row in tx.connection.execute(select(compared))}
        assert set(unmatched.changed(tx, abouts)) == first
        assert len(first) == 27
        keyed.clear()
        at_once(tx, Kind.ACCOUNT)
    assert first.isdisjoint(keyed)
    assert keyed


class Answering(Silent):
    """Shows nothing; while the last pairs are compared somebody says DIFFERENT of the first two that were linked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.said: tuple[str, str] | None = None

    def advance(self, count: int) -> None:
        """Called behind each commit, when another process may write."""
        if self.said is not None:
            return
        with self._store.read() as tx:
            refs = sorted({ref for key in pairs.keys(tx, Kind.ACCOUNT) for ref in key})
            linked = [kept for kept in pairs.of(tx, refs) if kept.state is pairs.State.LINKED]
        if linked:
            self.said = linked[0].pair.key


def test_what_a_person_says_meanwhile_takes_effect(two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """The two wait already, so that the answer makes nobody wait anew."""
    _, store = two
    monkeypatch.setattr(module, "AT_ONCE", 9)
    answering = Answering(store)
    real = Transaction.checkpoint

    def checkpoint(tx: Transaction) -> None:
        real(tx)
        if answering.said is not None and verdicts.get(tx, *answering.said) is None:
            verdicts.say(tx, Kind.ACCOUNT, *answering.said, Answer.DIFFERENT, AT, "somebody", None)

    monkeypatch.setattr(Transaction, "checkpoint", checkpoint)
    with store.begin() as tx:
        first_load(Placing.of(tx, Kind.ACCOUNT, RULES, AT), answering, processes=1)
    assert answering.said is not None
    with store.read() as tx:
        kept = pairs.get(tx, *answering.said)
        assert kept is not None
        assert kept.state is pairs.State.APART
        assert not unmatched.count(tx, Kind.ACCOUNT)


@pytest.mark.parametrize("when", range(3))
def test_what_is_taken_back_and_who_comes_meanwhile_is_seen(
    two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    """Two were one by an answer alone, and do not wait; a company that is new has no keys yet: the walk finds it."""
    _, store = two
    one, other = (str(ref("Account", name)) for name in ("a2", "a14"))
    late = Account(ref=ref("Account", "late"), modified_at=AT, name="株式会社あとから")
    with store.begin() as tx:
        verdicts.say(tx, Kind.ACCOUNT, one, other, Answer.SAME, AT, "somebody", None)
        at_once(tx, Kind.ACCOUNT)
        assert other in clusters.members(tx, [one])[one]
        unmatched.add_all(tx, Kind.ACCOUNT)
        unmatched.done(tx, [one, other])
    real = Transaction.checkpoint
    passed: list[int] = []

    def checkpoint(tx: Transaction) -> None:
        real(tx)
        if len(passed) == when:
            verdicts.take_back(tx, one, other)
            mirror.save(tx, [late])
        passed.append(1)

    monkeypatch.setattr(Transaction, "checkpoint", checkpoint)
    with store.begin() as tx:
        at_once(tx, Kind.ACCOUNT)
        assert str(late.ref) in unmatched.take(tx, Kind.ACCOUNT, 9)
        one_by_one(tx, Kind.ACCOUNT)
        assert other not in clusters.members(tx, [one])[one]
