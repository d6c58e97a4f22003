"""People are compared by their company as it is now: also where only the company came, or changed, since."""

from collections.abc import Callable

import pytest
from mirror_base import AT, ref

from connector.engine import unify
from connector.engine.deployment import Silent
from connector.engine.first_load import first_load
from connector.engine.placing import Placing
from connector.identity.clusters import key_of
from connector.identity.compare import Evidence
from connector.mapping.identity import IdentityRules
from connector.model.records import Account, Kind, Person, Record
from connector.store import mirror, pairs, unmatched
from connector.store.store import Store, Transaction

RULES = IdentityRules()
COMPANY = Account(ref=ref("Account", "a1"), modified_at=AT, name="株式会社青葉製作所")
PEOPLE = tuple(
    Person(
        ref=ref("Contact", name),
        modified_at=AT,
        family_name="佐藤",
        given_name="花子",
        account=COMPANY.ref,
        mobile="090-1111-2222",
    )
    for name in ("a1", "b1")
)
KEY = key_of(str(PEOPLE[0].ref), str(PEOPLE[1].ref))


def _walked(tx: Transaction, kind: Kind) -> None:
    unify.place(Placing.of(tx, kind, RULES, AT), Silent())


def _at_once(tx: Transaction, kind: Kind) -> None:
    first_load(Placing.of(tx, kind, RULES, AT), Silent(), 1)


def _cycle(store: Store, placed: Callable[[Transaction, Kind], None], *records: Record) -> tuple[Evidence, ...]:
    """What tells of the two people's companies in what is kept of them, which is what comparing them anew finds."""
    with store.begin() as tx:
        mirror.save(tx, records)
    for kind in unify.KINDS:
        with store.begin() as tx:
            placed(tx, kind)
    with store.read() as tx:
        assert not any(unmatched.count(tx, kind) for kind in unify.KINDS)
        kept, found = pairs.get(tx, *KEY), unify.compare(tx, RULES, Kind.PERSON, *KEY, AT)
    assert kept is not None
    assert kept.pair == found
    return tuple(piece for piece in kept.pair.evidence if piece.field == "company")


@pytest.mark.parametrize("placed", [_walked, _at_once])
def test_a_company_that_comes_after_its_people_is_compared_for_them(
    store: Store, placed: Callable[[Transaction, Kind], None]
) -> None:
    """Or gets another name. The records of the people themselves have not changed since."""
    nameless = _cycle(store, placed, *PEOPLE)
    late = _cycle(store, placed, COMPANY)
    renamed = _cycle(store, placed, COMPANY.model_copy(update={"name": "株式会社オオゾラ物産"}))
    assert len({nameless, late, renamed}) == 3
