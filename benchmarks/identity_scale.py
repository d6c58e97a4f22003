"""A first load of companies, and one new record against all of them: seconds, milliseconds, memory.

    .venv/bin/python benchmarks/identity_scale.py --records 1000000

Reads `companies_400k.parquet`; beyond its rows it goes round with the halves of names changed over, at another firm's
place, so that names stay as common as they are. Subjects are typed as people type: as they are, with a branch, a wrong
or a lost character.
"""

import argparse
import gc
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pyarrow import parquet

from connector.identity.company import normalise_company
from connector.identity.company_name import company_name
from connector.identity.index import Index, entry
from connector.identity.matcher import match_company
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

DATA = Path("../shared/data/identity/companies_400k.parquet")
SUBJECTS = 2_000
CHUNK = 1_000
AT_ONCE = 40_000
"""Companies that wait for a worker at one time, for the sake of memory."""


def companies(path: Path, count: int) -> Iterator[Company]:
    """`count` companies; those of further rounds have the two halves of their names changed over and are elsewhere."""
    file, made, turn = parquet.ParquetFile(path), 0, 0
    while True:
        for batch in file.iter_batches(batch_size=CHUNK, columns=["entity_id", "name", "kana", "addr", "zip"]):
            rows = batch.to_pylist()
            for place, row in enumerate(rows):
                if made == count:
                    return
                made += 1
                yield _company(row, rows[place - turn], turn)
        turn += 1


def _company(row: dict[str, str], other: dict[str, str], turn: int) -> Company:
    return Company(
        ref=f"{turn}:{row['entity_id']}",
        name=_renamed(row["name"], turn) if turn else row["name"],
        name_kana=_turned(row["kana"] or "", turn),
        address=other["addr"] or "",
        postal_code=other["zip"] or "",
        corporate_number="" if turn else row["entity_id"],
    )


def _renamed(name: str, turn: int) -> str:
    known = company_name(name)
    core = _turned(known.core, turn)
    return core + known.form if known.position == "back" else known.form + core


def _turned(text: str, turn: int) -> str:
    half = (len(text) // 2 + turn - 1) if turn else 0
    return text[half:] + text[:half]


def loaded(path: Path, count: int, workers: int) -> Index:
    """The index, its entries made by `workers` processes."""
    index = Index(CompanyRules())
    every = companies(path, count)
    gc.disable()  # nothing of an index is garbage, and looking for it takes longer with every record
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        while some := list(islice(every, AT_ONCE)):
            index.extend(pool.imap(entry, some, chunksize=CHUNK))
        pool.close()
        pool.join()
    gc.freeze()
    gc.enable()
    return index


def lookups(index: Index, rules: CompanyRules) -> list[float]:
    """Milliseconds of one new record against all known ones, sorted; the process's own time, without waiting."""
    chance, spent = random.Random(7), []
    for number in range(SUBJECTS):
        known = index.company(chance.randrange(len(index)))
        place = chance.randrange(len(known.name.raw))
        name = (
            known.name.raw,
            f"{known.name.raw} 東京支店",
            f"{known.name.raw[:place]}々{known.name.raw[place + 1 :]}",
            known.name.raw[:place] + known.name.raw[place + 1 :],
        )[number % 4]
        began = time.process_time()
        subject = normalise_company(Company(ref="?", name=name, address=known.address.raw))
        match_company(subject, index.candidates(subject), rules, register=True)
        spent.append(1_000 * (time.process_time() - began))
    return sorted(spent)


def main() -> None:
    """Prints one line of each part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--records", type=int, default=400_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    began = time.perf_counter()
    index = loaded(options.data, options.records, options.workers)
    seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    spent = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    sys.stdout.write(
        f"load {len(index):,} records: {seconds:.0f} s ({spent:.0f} s of processors), "
        f"{megabytes} MB and {largest} MB a worker\n"
    )
    sys.stdout.flush()
    milliseconds = lookups(index, CompanyRules())
    shares = "  ".join(f"p{share} {milliseconds[len(milliseconds) * share // 100]:.1f}" for share in (50, 90, 99))
    sys.stdout.write(f"one new record: {shares}  max {milliseconds[-1]:.1f} ms\n")


if __name__ == "__main__":
    main()
