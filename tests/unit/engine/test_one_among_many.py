"""One changed company among many that are known costs what it costs among few, also right after all the others came.

By then nobody has told PostgreSQL what is in its tables but Okoshi itself.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from effort import effort
from mirror_base import AT

from connector.engine import unify
from connector.engine.deployment import Silent
from connector.engine.placing import Placing
from connector.mapping.identity import IdentityRules
from connector.model.records import Account, Kind, Person, Record, Ref
from connector.store import marks, mirror
from connector.store.store import Store, Transaction

RULES = IdentityRules()
FEW, MANY = 300, 3_000


def _company(number: int, **values: Any) -> Account:
    """Two of three have a namesake in the other system, with the same phone."""
    system, object_ = ("salesforce", "Account") if number % 2 else ("hubspot", "companies")
    of = number // 2 * 2 if number % 3 else number
    name = "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{of * 7919:08}")
    told = {"name": f"株式会社{name}製作所", "phone": f"03-{of // 1000 + 3000}-{of % 1000:04}"}
    return Account(ref=Ref(system, object_, str(number)), modified_at=AT, **(told | values))


def _person(number: int) -> Person:
    ref = Ref("salesforce", "Contact", str(number))
    account = _company(number).ref
    return Person(ref=ref, modified_at=AT, name=f"佐藤{number}", email=f"{number}@example.co.jp", account=account)


def _read(tx: Transaction, *records: Record) -> None:
    mirror.save(tx, records)


def _placed(tx: Transaction) -> None:
    for kind in (Kind.ACCOUNT, Kind.PERSON):
        unify.place(Placing.of(tx, kind, RULES, AT), Silent())


def _spent(url: str, count: int) -> int:
    """On one changed company of three, the least, after so many companies and people came at once."""
    store = Store.open(url)
    with store.begin() as tx:
        _read(tx, *map(_company, range(count)), *map(_person, range(count)))
        _placed(tx)
        marks.spread(tx)
    store.close()
    # Other connections, which know no way from before.
    store = Store.open(url)
    spent = []
    for number in (41, 43, 47):
        with store.begin() as tx, effort(tx) as one:
            _read(tx, _company(number, phone="06-1234-5678"))
            _placed(tx)
        spent.append(one.spent)
    store.close()
    # The server tidies its tables up beside it, which may turn one of them to a longer way.
    return min(spent)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_one_changed_company_costs_the_same_among_ten_times_as_many(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """In rows that are read, or steps that are taken; but for rows that were deleted and are not tidied up yet."""
    spent = {}
    for count in (FEW, MANY):
        url = f"sqlite:///{tmp_path / f'{count}.db'}"
        if database == "postgresql":
            create: Callable[[], str] = request.getfixturevalue("new_postgres_database")
            url = create()
        spent[count] = _spent(url, count)
    assert spent[MANY] - spent[FEW] < 10 * (MANY - FEW)
