"""名寄せ as the product does it, with the store: a first load of accounts, then one that changed among all of them.

    .venv/bin/python benchmarks/identity_unify.py --records 100000 [--database URL]

Accounts are real registered companies (`companies_400k.parquet`); as in a CRM, 40 % have their 法人番号. Every tenth is
there a second time, written otherwise. Reading from a vendor is not part of it: the mirror is filled before.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from benchmarks.identity_scale import DATA, companies
from connector.engine.deployment import Silent
from connector.engine.first_load import first_load
from connector.engine.placing import Placing
from connector.engine.unify import unified
from connector.identity.records import Company
from connector.mapping.identity import IdentityRules
from connector.model.records import Account, Kind, Ref
from connector.store import mirror
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


@dataclass
class Step(Silent):
    """Tells when a step of the first load begins."""

    began: float = field(default_factory=time.perf_counter)

    def stage(self, name: str) -> None:
        """A line of its own."""
        tell(f"  {name:<24} from {time.perf_counter() - self.began:6.0f} s, {worked():6.0f} s of processors")


class Watched:
    """The most memory that this process and those that it started take together, looked at twice a second (Linux)."""

    def __init__(self) -> None:
        self.megabytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        own = os.getpid()
        while not self._ended.wait(0.5):
            tasks = Path(f"/proc/{own}/task").glob("*/children")
            processes = [own, *(int(child) for task in tasks for child in task.read_text().split())]
            pages = 0
            for process in processes:
                with suppress(OSError):
                    pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
            self.megabytes = max(self.megabytes, pages * resource.getpagesize() // 2**20)


def worked() -> float:
    """Seconds of processors that this process and those that it started and that have ended took."""
    of = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in of)


def tell(line: str) -> None:
    """At once, for those who wait."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def load(store: Store, rules: IdentityRules, processes: int) -> float:
    """Seconds until every account has its place."""
    began = time.perf_counter()
    with store.begin() as tx:
        first_load(Placing.of(tx, Kind.ACCOUNT, rules, NOW), Step(), processes)
    return time.perf_counter() - began


def changed(store: Store, rules: IdentityRules, refs: list[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of one changed account, each in a transaction of its own: of this process's work, and of the clock.

    The clock has what a server does as well, and what other programs take from both.
    """
    spent, waited = list[float](), list[float]()
    for number in range(ASKED):
        ref = refs[number * 7919 % len(refs)]
        with store.begin() as tx:
            account = mirror.get(tx, Ref.parse(ref))
            mirror.save(tx, [account.model_copy(update={"phone": f"03-5{number:03d}-4321"})] if account else [])
        began, clock = time.process_time(), time.perf_counter()
        with store.begin() as tx:
            Placing.of(tx, Kind.ACCOUNT, rules, NOW).place([ref])
        spent.append(1_000 * (time.process_time() - began))
        waited.append(1_000 * (time.perf_counter() - clock))
    return spent, waited


def main() -> None:
    """Prints a line of each part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    rules = IdentityRules()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "okoshi.db")
        store = Store.open(options.database or f"sqlite:///{file}")
        refs = fill(store, options.data, options.records)
        before = worked()
        with Watched() as memory:
            seconds = load(store, rules, options.processes)
        spent_together = worked() - before
        size = file.stat().st_size // 1_000_000 if file.exists() else 0
        with store.read() as tx:
            found = unified(tx)["account"]
        tell(
            f"first load of {options.records:,}: {seconds:.0f} s ({spent_together:.0f} s of processors), "
            f"{memory.megabytes} MB together, database {size} MB; "
            f"{found.linked:,} linked as {found.groups:,}, {found.doubtful:,} doubtful"
        )
        for what, taken in zip(("own work", "the clock"), changed(store, rules, refs), strict=True):
            spent = sorted(taken)
            shares = "  ".join(f"p{share} {spent[len(spent) * share // 100]:.1f}" for share in (50, 90, 99))
            tell(f"one changed account, {what}: {shares}  max {spent[-1]:.1f} ms")
        store.close()


if __name__ == "__main__":
    main()
