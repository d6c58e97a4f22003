"""名寄せ as the product does it, with the store: a first load of accounts, then one that changed among all of them.

    .venv/bin/python benchmarks/identity_unify.py --records 100000 [--database URL]

Accounts are real registered companies (`companies_400k.parquet`); as in a CRM, 40 % have their 法人番号. Every tenth is
there a second time, written otherwise. Reading from a vendor is not part of it: the mirror is filled before.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from identity_scale import DATA, companies

from connector.engine.unify import CHUNK, Placing, prepare, unified
from connector.identity.records import Company
from connector.mapping.identity import IdentityRules
from connector.model.records import Account, Kind, Ref
from connector.store import mirror, unmatched
from connector.store.store import Store

NOW = datetime(2026, 1, 5, tzinfo=UTC)
BATCH = 2_000
ASKED = 1_000


def accounts(path: Path, count: int) -> Iterator[Account]:
    """So many accounts; of ten, one is a second one of the company before it."""
    made, chance = 0, random.Random(5)
    for company in companies(path, count):
        yield _account(company, f"001{made:015d}", chance)
        made += 1
        if made % 10 == 9:
            yield _account(_otherwise(company), f"001{made:015d}", chance)
            made += 1
        if made >= count:
            return


def _otherwise(company: Company) -> Company:
    name = company.name.replace("株式会社", "(株)").replace("有限会社", "㈲")
    return replace(company, name=name, name_kana="")


def _account(company: Company, record_id: str, chance: random.Random) -> Account:
    return Account(
        ref=Ref("salesforce", "Account", record_id),
        modified_at=NOW,
        name=company.name,
        name_kana=company.name_kana or None,
        corporate_number=company.corporate_number if chance.random() < 0.4 else None,
        address=company.address,
        postal_code=company.postal_code,
    )


def fill(store: Store, path: Path, count: int) -> list[str]:
    """The mirror with its accounts, all waiting; some of their refs."""
    every, some = accounts(path, count), list[str]()
    while batch := list(islice(every, BATCH)):
        with store.begin() as tx:
            mirror.save(tx, batch)
        some.append(str(batch[len(some) % len(batch)].ref))
    return some


def first_load(store: Store, rules: IdentityRules) -> float:
    """Seconds until every account has its place."""
    began = time.perf_counter()
    with store.begin() as tx:
        placing = Placing.of(tx, Kind.ACCOUNT, rules, NOW)
        prepare(placing)
        while refs := unmatched.take(tx, Kind.ACCOUNT, CHUNK):
            placing.place(refs)
            unmatched.done(tx, refs)
            tx.checkpoint()
    return time.perf_counter() - began


def changed(store: Store, rules: IdentityRules, refs: list[str]) -> list[float]:
    """Milliseconds of one changed account, each in a transaction of its own, sorted; without waiting for others."""
    spent = []
    for number in range(ASKED):
        ref = refs[number * 7919 % len(refs)]
        with store.begin() as tx:
            account = mirror.get(tx, Ref.parse(ref))
            mirror.save(tx, [account.model_copy(update={"phone": f"03-5{number:03d}-4321"})] if account else [])
        began = time.process_time()
        with store.begin() as tx:
            Placing.of(tx, Kind.ACCOUNT, rules, NOW).place([ref])
        spent.append(1_000 * (time.process_time() - began))
    return sorted(spent)


def main() -> None:
    """Prints a line of each part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    rules = IdentityRules()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "okoshi.db")
        store = Store.open(options.database or f"sqlite:///{file}")
        refs = fill(store, options.data, options.records)
        seconds = first_load(store, rules)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        size = file.stat().st_size // 1_000_000 if file.exists() else 0
        with store.read() as tx:
            found = unified(tx)["account"]
        sys.stdout.write(
            f"first load of {options.records:,}: {seconds:.0f} s, {megabytes} MB, database {size} MB; "
            f"{found.linked:,} linked as {found.groups:,}, {found.doubtful:,} doubtful\n"
        )
        sys.stdout.flush()
        spent = changed(store, rules, refs)
        shares = "  ".join(f"p{share} {spent[len(spent) * share // 100]:.1f}" for share in (50, 90, 99))
        sys.stdout.write(f"one changed account: {shares}  max {spent[-1]:.1f} ms\n")
        store.close()


if __name__ == "__main__":
    main()
