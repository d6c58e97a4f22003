"""The register's tables, alike on both databases: rows, keys, what a load met, and what records were found to be."""

from datetime import UTC, datetime

import pytest

from connector.identity.compare import Evidence
from connector.identity.corporate_number import check_digit
from connector.identity.decide import Outcome
from connector.identity.reference import Registered
from connector.model.records import Account, Kind, Person, Ref
from connector.store import mirror, reference, reference_matches, unmatched
from connector.store.reference import State
from connector.store.reference_matches import Match
from connector.store.store import Store, Transaction

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def number(place: int) -> str:
    """A valid 法人番号."""
    twelve = f"{place:012}"
    return f"{check_digit(twelve)}{twelve}"


def company(place: int, name: str = "株式会社アクメ", **values: object) -> Registered:
    """A company of the register."""
    return Registered.model_validate({"number": number(place), "name": name, **values})


def match(ref: str, place: int | None, outcome: Outcome = Outcome.AUTO, score: float = 20.0) -> Match:
    """What a record was found to be."""
    return Match(
        ref=ref,
        outcome=outcome,
        number=number(place) if place is not None else "",
        score=score,
        reason="" if outcome is Outcome.AUTO else "identity.name_alone",
        evidence=(Evidence("name_exact", "name", "アクメ", "アクメ", 10.0),) if place is not None else (),
        about="abc",
        rules="1-2",
        at=NOW,
    )


def place(tx: Transaction, size: int = 7, *, only: bool = False) -> None:
    """All staged keys take their place, in portions."""
    for portion in reference.staged(tx, size):
        reference.place_keys(tx, portion, only=only)


def test_companies_come_back_as_they_were_kept(store: Store) -> None:
    """Every field; one that is not there is left out; a later one replaces an earlier one."""
    whole = company(
        1,
        kana="アクメ",
        english="Acme",
        former_names=("旧アクメ",),
        address='東京都"港区"',
        postal_code="1070052",
        told="2020|1|",
        closed_on="2024-03-31",
        successor=number(2),
        hidden=True,
    )
    bare = Registered(number=number(3))
    with store.begin() as tx:
        reference.save(tx, [whole, company(2, "古い"), bare])
        reference.save(tx, [company(2, "新しい")])
    with store.read() as tx:
        assert reference.load(tx, [number(1), number(2), number(3), number(9)]) == {
            number(1): whole,
            number(2): company(2, "新しい"),
            number(3): bare,
        }
        assert reference.load(tx, []) == {}
        assert reference.count(tx) == 3


def test_pages_hold_everybody_once(store: Store) -> None:
    """In order, whatever the size of a page."""
    with store.begin() as tx:
        reference.save(tx, [company(place) for place in range(25)])
        numbers = [one.number for page in reference.pages(tx, 10) for one in page]
    assert numbers == sorted(map(number, range(25)))


def test_keys_lead_to_the_first_companies_of_each(store: Store) -> None:
    """So many at most, always the same ones; keys that wait count once they are placed."""
    with store.begin() as tx:
        reference.begin(tx)
        reference.stage_keys(tx, {number(place): ["name:アクメ"] for place in range(10)})
        assert reference.found(tx, ["name:アクメ"], 30) == {}
        reference.stage_keys(tx, {number(3): ["name:アクメ", "spot:x"]})
        place(tx)
        every = sorted(map(number, range(10)))
        assert reference.found(tx, ["name:アクメ", "spot:x", "spot:y"], 30) == {
            "name:アクメ": every,
            "spot:x": [number(3)],
        }
        assert reference.found(tx, ["name:アクメ"], 4) == {"name:アクメ": every[:4]}
        assert reference.found(tx, [], 4) == {}


def test_keys_can_be_dropped_one_by_one_and_by_company(store: Store) -> None:
    """A renamed company, and a removed one."""
    with store.begin() as tx:
        reference.begin(tx)
        reference.save(tx, [company(1), company(2)])
        reference.stage_keys(tx, {number(place): ["name:a", "name:b"] for place in (1, 2)})
        place(tx)
        reference.drop_keys(tx, {number(1): ["name:a"]})
        assert reference.found(tx, ["name:a"], 9) == {"name:a": [number(2)]}
        reference.remove(tx, [number(2)])
        for portion in reference.placed(tx, 1):
            reference.drop_keys_of_removed(tx, portion)
        assert reference.found(tx, ["name:a", "name:b"], 9) == {"name:b": [number(1)]}


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_keys_made_anew_replace_those_that_are_there(store: Store, size: int) -> None:
    """In portions of any size: none is lost, none stays that is not made any more, none is ever missing meanwhile."""
    old = {number(place): [f"name:{place}", f"old:{place}", "name:all"] for place in range(40)}
    new = {number(place): [f"name:{place}", f"new:{place}", "name:all"] for place in range(40)}
    kept = sorted({key for keys in old.values() for key in keys} & {key for keys in new.values() for key in keys})
    with store.begin() as tx:
        reference.begin(tx)
        reference.stage_keys(tx, old)
        place(tx)
    with store.begin() as tx:
        reference.begin(tx)
        reference.stage_keys(tx, new)
        before = reference.found(tx, kept, 99)
        for portion in reference.staged(tx, size):
            reference.place_keys(tx, portion, only=True)
            tx.checkpoint()
            assert reference.found(tx, kept, 99) == before
        assert not reference.found(tx, [f"old:{place}" for place in range(40)], 99)
        assert len(reference.found(tx, [f"new:{place}" for place in range(40)], 99)) == 40


def test_what_a_load_did_not_meet_is_told(store: Store) -> None:
    """Across checkpoints, while it is removed; a second load begins anew."""
    with store.begin() as tx:
        reference.save(tx, [company(place) for place in range(8)])
        reference.begin(tx)
        assert reference.meet(tx, [number(1)]) == set()
        tx.checkpoint()
        assert reference.meet(tx, [number(1), number(2)]) == {number(1)}
        for numbers in reference.unmet(tx, 2):
            reference.remove(tx, numbers)
            tx.checkpoint()
        assert set(reference.load(tx, [number(place) for place in range(8)])) == {number(1), number(2)}
        reference.begin(tx)
        assert reference.meet(tx, [number(1)]) == set()


def test_the_state_is_kept(store: Store) -> None:
    """`None` until a register is loaded."""
    state = State(complete=True, loading=False, keys="k", companies=5, file="f.csv", at=NOW.isoformat())
    with store.begin() as tx:
        assert reference.state(tx) is None
        reference.put_state(tx, state)
        reference.put_state(tx, state)
        assert reference.state(tx) == state


def test_matches_come_back_as_they_were_kept(store: Store) -> None:
    """With evidence and time; nobody found is an answer too."""
    kept = [match("hubspot:companies:1", 1), match("salesforce:Account:2", None, Outcome.NEW, 0.0)]
    with store.begin() as tx:
        reference_matches.keep(tx, kept)
        reference_matches.keep(tx, kept)
    with store.read() as tx:
        assert reference_matches.of(tx, [one.ref for one in kept] + ["hubspot:companies:9"]) == {
            one.ref: one for one in kept
        }
        assert reference_matches.count(tx) == {"auto": 1, "new": 1}
        reference_matches.keep(tx, [match("hubspot:companies:3", 1)])
        assert reference_matches.of(tx, ["hubspot:companies:3"]) == {}


def test_doubtful_matches_are_listed_the_likeliest_first(store: Store) -> None:
    """And those of a company are found, and forgotten."""
    with store.begin() as tx:
        reference_matches.keep(
            tx,
            [
                match("a:A:1", 1, Outcome.REVIEW, 9.0),
                match("a:A:2", 2, Outcome.REVIEW, 12.0),
                match("a:A:3", 2),
            ],
        )
        assert [one.ref for one in reference_matches.doubtful(tx, 9)] == ["a:A:2", "a:A:1"]
        assert [one.ref for one in reference_matches.doubtful(tx, 1)] == ["a:A:2"]
        assert reference_matches.found_as(tx, [number(2)]) == {"a:A:2", "a:A:3"}
        reference_matches.forget(tx, ["a:A:2"])
        assert reference_matches.found_as(tx, [number(2)]) == {"a:A:3"}
        reference_matches.forget_all(tx)
        assert reference_matches.count(tx) == {}


@pytest.mark.parametrize("size", [1, 3, 99])
def test_all_companies_are_looked_up_again_in_portions(store: Store, size: int) -> None:
    """Each once; people are not. Told is how many were not waiting already."""
    refs = [f"hubspot:companies:{place}" for place in range(7)]
    with store.begin() as tx:
        mirror.save(tx, [Account(ref=Ref.parse(ref), modified_at=NOW) for ref in refs])
        mirror.save(tx, [Person(ref=Ref("hubspot", "contacts", "1"), modified_at=NOW)])
        unmatched.done(tx, refs[2:])
        reference_matches.keep(tx, [match(ref, 1) for ref in refs])
        portions = list(reference_matches.everybody(tx, size))
        assert sum(reference_matches.ask_again(tx, portion) for portion in portions) == 5
        assert unmatched.take(tx, Kind.ACCOUNT, 99) == refs
        assert reference_matches.count(tx) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_many_numbers_are_one_parameter(store: Store) -> None:
    """SQLite takes no more than 32,766 parameters."""
    with store.begin() as tx:
        assert reference.load(tx, [number(place) for place in range(40_000)]) == {}
        assert reference_matches.found_as(tx, [number(place) for place in range(40_000)]) == set()
