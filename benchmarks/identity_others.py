"""The same work by others, side by side: Splink, recordlinkage, goldenmatch, a simple rule, and Okoshi both ways.

Run through `identity.py`, or by itself (`python -m benchmarks.identity_others [--sample N] [--sets t2 t7]`). Sets: t1,
t2, t7, FEBRL3, FEBRL4. Each method works in a process of its own, so that seconds and memory are its own; one whose
library is not there (`pip install --group benchmark`, `okoshi[splink]`) is left out with a line that says so.
"""

import argparse
import multiprocessing
import resource
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks import identity_companies, identity_people
from benchmarks.identity_people import HEADER, Pair, Row
from connector.identity.bulk import COMPANIES, PEOPLE, Columns
from connector.identity.clusters import Limits, clusters, key_of
from connector.identity.company_name import company_name
from connector.identity.decide import Outcome
from connector.identity.matcher import match_company
from connector.identity.people_estimate import estimated_rules
from connector.mapping.identity import IdentityRules

SURE = 0.95
SETS = ("t1", "t2", "t7", "FEBRL4", "FEBRL3")


@dataclass(frozen=True)
class Task:
    """A set as one base. With `queries` only pairs between one of them and another record count."""

    name: str
    kind: str
    raws: Sequence[Any]
    truth: frozenset[Pair]
    queries: frozenset[str] = frozenset()
    latin: bool = False

    @property
    def columns(self) -> Columns[Any, Any]:
        """The kind of records."""
        return COMPANIES if self.kind == "account" else PEOPLE

    def counts(self, pair: Pair) -> bool:
        """Whether the truth tells of this pair."""
        return not self.queries or (pair[0] in self.queries) != (pair[1] in self.queries)


@dataclass(frozen=True)
class Answer:
    """What a method linked, and what it would show to a person."""

    linked: frozenset[Pair]
    shown: frozenset[Pair] | None = None
    also: tuple[tuple[str, "Answer"], ...] = ()
    """What other decisions make of the same work, with their names."""


@dataclass(frozen=True)
class Measured(Row):
    """A row with the memory of the process that did the work, and what only one of two methods linked."""

    megabytes: int = 0
    note: str = ""

    def __str__(self) -> str:
        return f"{super().__str__().rsplit('  ', 1)[0]}  {self.megabytes:6d} MB{self.note}"


def rows(data: Path, sample: int, sets: Sequence[str] = SETS) -> Iterator[Row | str]:
    """Every set that is there by every method that is installed."""
    for task in tasks(data, sample, sets):
        core: Answer | None = None
        for name, method, needs in METHODS:
            if missing := [library for library in needs if find_spec(library) is None]:
                yield f"{task.name:<18}{name:<34}left out: {', '.join(missing)} is not installed"
                continue
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                answer, seconds, megabytes = pool.apply(_timed, (method, task))
            note = _only(core, answer, task) if method is by_bulk and core else ""
            core = answer if method is by_core else core
            yield _row(task, name, answer, seconds, megabytes, note)
            for other, also in answer.also:
                yield _row(task, other, also, seconds, megabytes, "")


def _timed(method: Callable[[Task], Answer], task: Task) -> tuple[Answer, float, int]:
    began = time.perf_counter()
    answer = method(task)
    seconds = time.perf_counter() - began
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return answer, seconds, used // 1024


def _row(task: Task, name: str, answer: Answer, seconds: float, megabytes: int, note: str) -> Row:
    linked = {pair for pair in answer.linked if task.counts(pair)}
    right = len(linked & task.truth)
    shown = None if answer.shown is None else len((linked | answer.shown) & task.truth) / len(task.truth)
    precision = right / len(linked) if linked else None
    return Measured(task.name, name, precision, right / len(task.truth), shown, seconds, megabytes, note)


def _only(core: Answer, bulk: Answer, task: Task) -> str:
    ours, theirs = ({pair for pair in one.linked if task.counts(pair)} for one in (core, bulk))
    return f"  only record by record: {len(ours - theirs)}, only in bulk: {len(theirs - ours)}"


def tasks(data: Path, sample: int, sets: Sequence[str]) -> Iterator[Task]:
    """The sets that are there; of `sample` entities or queries, or all."""
    if {"t1", "t2"} & set(sets):
        yield from (_register(task, sample) for task in identity_companies._tasks(data) if task.name in sets)
    if "t7" in sets and (folder := data / "t7_crm_sim_synthetic").exists():
        yield _crm(folder, sample)
    if (folder := data / "febrl").exists():
        for name, files in (("FEBRL4", ("dataset4a.csv", "dataset4b.csv")), ("FEBRL3", ("dataset3.csv",))):
            if name in sets:
                yield _febrl(name, [folder / file for file in files], sample)


def _register(task: Any, sample: int) -> Task:
    queries = task.queries[:: max(1, len(task.queries) // sample)] if sample else task.queries
    raws = [*(query.company for query in queries), *task.register]
    truth = frozenset(key_of(query.company.ref, ref) for query in queries for ref in query.truth)
    return Task(task.name, "account", raws, truth, frozenset(query.company.ref for query in queries))


def _crm(folder: Path, sample: int) -> Task:
    systems = [identity_people._table(folder / f"{name}_contacts.csv") for name in ("hubspot", "salesforce")]
    known = [identity_people._table(folder / f"{name}_contacts_truth.csv") for name in ("hubspot", "salesforce")]
    person = {ref: row["person"] for rows_of in known for ref, row in rows_of.items()}
    kept = set(sorted(set(person.values()))[: sample or None])
    hubspot, salesforce = ({ref: row for ref, row in rows_of.items() if person[ref] in kept} for rows_of in systems)
    raws = [*map(identity_people._hubspot, hubspot.values()), *map(identity_people._salesforce, salesforce.values())]
    of_person: defaultdict[str, list[str]] = defaultdict(list)
    for ref in hubspot:
        of_person[person[ref]].append(ref)
    truth = frozenset(key_of(one, two) for two in salesforce for one in of_person[person[two]])
    return Task("t7", "person", raws, truth, frozenset(hubspot))


def _febrl(name: str, files: Iterable[Path], sample: int) -> Task:
    raws = [
        identity_people._febrl(row, known_id=True) for file in files for row in identity_people._table(file).values()
    ]
    of_entity: defaultdict[str, list[Any]] = defaultdict(list)
    for raw in raws:
        of_entity[raw.ref.split("-")[1]].append(raw)
    kept = sorted(of_entity)[: sample or None]
    truth = frozenset(key_of(a.ref, b.ref) for entity in kept for a, b in combinations(of_entity[entity], 2))
    return Task(name, "person", [raw for entity in kept for raw in of_entity[entity]], truth, latin=True)


def _rules(task: Task) -> IdentityRules:
    if not task.latin:
        return IdentityRules()
    people = estimated_rules(task.raws, identity_people.LATIN_FIELDS, identity_people.LATIN)
    return IdentityRules(people=people)


def by_rule(task: Task) -> Answer:
    """Equal name (NFKC, legal form cut), with equal company or postal code of people."""
    groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for raw in task.raws:
        groups[_plain_key(raw)].append(raw.ref)
    return Answer(_pairs(groups.values(), task))


def _plain_key(raw: Any) -> tuple[str, ...]:
    if hasattr(raw, "given"):
        return tuple(map(_nfkc, (raw.family, raw.given, _core(raw.company_name), raw.postal_code)))
    return (_nfkc(_core(raw.name)),)


def _pairs(groups: Iterable[Sequence[str]], task: Task) -> frozenset[Pair]:
    return frozenset(
        pair for refs in groups for pair in (key_of(*two) for two in combinations(refs, 2)) if task.counts(pair)
    )


def by_core(task: Task) -> Answer:
    """Okoshi, record by record: keys, candidates, evidence, groups."""
    matching = task.columns.matching(_rules(task))
    known = {raw.ref: matching.normalised(raw) for raw in task.raws}
    by_key: defaultdict[str, list[str]] = defaultdict(list)
    for ref in sorted(known):
        for key in set(matching.keys(known[ref])):
            by_key[key].append(ref)
    blocks = (refs for refs in by_key.values() if len(refs) <= matching.block_limit)
    wanted = {two for refs in blocks for two in combinations(refs, 2)}
    found = [pair for one, two in sorted(wanted) if (pair := matching.judged(known[one], known[two]))]
    limits = Limits(matching.margin, matching.certain)
    grown = clusters(known, found, {}, limits, lambda one, two: matching.compared(known[one], known[two]))
    return Answer(_pairs(map(sorted, grown.groups), task), frozenset(pair.key for pair in found))


def by_bulk(task: Task) -> Answer:
    """Okoshi's rule on the pairs that Splink proposes."""
    from connector.engine.bulk import NEW, Grouping  # noqa: PLC0415 -- with its extra only
    from connector.identity.bulk import Judge  # noqa: PLC0415

    rules = _rules(task)
    with closing(_bench(task, rules)) as bench:
        judged = _proposed(task, rules, bench)
        result = Grouping(bench, Judge(task.columns, rules), judged).result().to_pylist()
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for row in result:
        if row["cluster"]:
            groups[row["cluster"]] |= {row["left"], row["right"]}
    shown = frozenset((row["left"], row["right"]) for row in result if row["outcome"] != NEW)
    also: tuple[tuple[str, Answer], ...] = ()
    if task.kind == "account":
        also = (("Okoshi in bulk, against a register", _against_register(task, rules, judged.to_pylist())),)
    return Answer(_pairs(map(sorted, groups.values()), task), shown, also)


def _against_register(task: Task, rules: IdentityRules, judged: Sequence[dict[str, Any]]) -> Answer:
    """The same proposals, decided as for a query against a complete register."""
    matching = task.columns.matching(rules)
    raws = {raw.ref: raw for raw in task.raws}
    candidates: defaultdict[str, list[str]] = defaultdict(list)
    for row in judged:
        one, two = row["left"], row["right"]
        if task.counts((one, two)) and row["alone"] != Outcome.NEW:
            query, other = (one, two) if one in task.queries else (two, one)
            candidates[query].append(other)
    linked, shown = set(), set()
    for query, others in candidates.items():
        known = [matching.normalised(raws[ref]) for ref in others]
        verdict = match_company(matching.normalised(raws[query]), known, rules.companies, register=True)
        if verdict.outcome is Outcome.AUTO and verdict.best:
            linked.add(key_of(query, verdict.best.ref))
        shown |= {key_of(query, one.ref) for one in verdict.shown}
    return Answer(frozenset(linked), frozenset(shown))


def by_splink(task: Task) -> Answer:
    """Splink alone on the same columns: every pair that is surer than `SURE`, and of each query the best only."""
    sure = {key: probability for key, probability in _probabilities(task).items() if probability >= SURE}
    best: dict[str, tuple[float, Pair]] = {}
    for key, probability in sorted(sure.items()):
        if task.queries and task.counts(key):
            query = key[0] if key[0] in task.queries else key[1]
            best[query] = max(best.get(query, (0.0, key)), (probability, key))
    also = (("Splink, best of each query", Answer(frozenset(key for _, key in best.values()))),) if best else ()
    return Answer(frozenset(sure), also=also)


def _probabilities(task: Task) -> dict[Pair, float]:
    from connector.engine import bulk_splink  # noqa: PLC0415
    from connector.engine.bulk_model import MODELS  # noqa: PLC0415

    rules = IdentityRules()
    with closing(_bench(task, rules)) as bench:
        model = MODELS[task.kind].known(bench.filled((*task.columns.texts, *task.columns.lists)))
        figures = bulk_splink.trained(bench, model)
        scored = bulk_splink.scored(bench, model, figures, task.columns.matching(rules).block_limit)
        found = scored.as_pyarrow_table()
    names = ("unique_id_l", "unique_id_r", "match_probability")
    return {
        key_of(one, two): share for one, two, share in zip(*(found[name].to_pylist() for name in names), strict=True)
    }


def _proposed(task: Task, rules: IdentityRules, bench: Any) -> Any:
    from connector.engine.bulk import candidates  # noqa: PLC0415

    return candidates(bench, task.columns, rules, None).judged


def _bench(task: Task, rules: IdentityRules) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    from connector.engine import bulk_rows  # noqa: PLC0415
    from connector.engine.bulk_duckdb import DuckDBBench  # noqa: PLC0415

    bench = DuckDBBench()
    batches = (
        pa.RecordBatch.from_pylist([{name: _listed(value) for name, value in asdict(raw).items()} for raw in some])
        for some in (task.raws[start : start + 2_000] for start in range(0, len(task.raws), 2_000))
    )
    bench.load(batches, bulk_rows.rows(task.columns, rules), bulk_rows.columns_schema(task.columns))
    return bench


def _listed(value: Any) -> Any:
    return ";".join(value) if isinstance(value, tuple) else value


def by_recordlinkage(task: Task) -> Answer:
    """recordlinkage: blocks of equal fields, thresholds on similarities, ECM without labels."""
    import pandas as pd  # noqa: PLC0415
    import recordlinkage  # noqa: PLC0415

    frame = pd.DataFrame([_fields(raw) for raw in task.raws]).set_index("ref")
    frame = frame.loc[:, [name for name in frame if frame[name].astype(bool).any()]].replace("", None)
    indexer, comparison = recordlinkage.Index(), recordlinkage.Compare()
    for block in BLOCKS[task.kind]:
        if set(block) <= set(frame):
            indexer.block(list(block))
    for name in frame:
        if name in FUZZY:
            comparison.string(name, name, method="jarowinkler", threshold=0.85, label=name)
        else:
            comparison.exact(name, name, label=name)
    features = comparison.compute(indexer.index(frame), frame)
    linked = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(features)
    return Answer(frozenset(key_of(*map(str, two)) for two in linked))


BLOCKS = {
    "account": (("name",), ("kana",), ("postal_code", "initial")),
    "person": (("family", "given"), ("mail",), ("birth_date",), ("postal_code", "family"), ("given", "company")),
}
FUZZY = frozenset(("name", "family", "given", "street", "city", "address", "company"))


def _fields(raw: Any) -> dict[str, str]:
    """The record as somebody would prepare it for a library: NFKC, legal forms cut."""
    if hasattr(raw, "given"):
        names = ("ref", "family", "given", "mail", "phone", "mobile", "birth_date", "street", "house_number")
        rest = ("building", "city", "postal_code", "region", "identifier")
        return {name: _nfkc(getattr(raw, name)) for name in (*names, *rest)} | {
            "ref": raw.ref,
            "company": _nfkc(_core(raw.company_name)),
        }
    name = _nfkc(_core(raw.name))
    fields = {"name": name, "initial": name[:1], "kana": _nfkc(raw.name_kana), "english": _nfkc(raw.name_english)}
    return {"ref": raw.ref, **fields, "address": _nfkc(raw.address), "postal_code": raw.postal_code}


def by_goldenmatch(task: Task) -> Answer:
    """goldenmatch as it configures itself for the records."""
    import goldenmatch  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    fields = [_fields(raw) for raw in task.raws]
    names = [name for name in fields[0] if name != "ref" and any(one[name] for one in fields)]
    table = pa.table({name: [one[name] or None for one in fields] for name in names})
    found = goldenmatch.dedupe_df(table, confidence_required=False, allow_red_config=True)
    groups = ([task.raws[row].ref for row in cluster["members"]] for cluster in found.clusters.values())
    return Answer(_pairs(groups, task))


def _core(name: str) -> str:
    return company_name(name).core if name else ""


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


METHODS: tuple[tuple[str, Callable[[Task], Answer], tuple[str, ...]], ...] = (
    ("equal plain fields", by_rule, ()),
    ("recordlinkage, ECM", by_recordlinkage, ("recordlinkage", "pandas")),
    ("goldenmatch, configuring itself", by_goldenmatch, ("goldenmatch",)),
    (f"Splink ≥ {SURE}, Okoshi's columns", by_splink, ("splink",)),
    ("Okoshi, record by record", by_core, ()),
    ("Okoshi in bulk", by_bulk, ("splink",)),
)


def main() -> None:
    """Prints all rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=identity_people.DATA)
    parser.add_argument(
        "--sample", type=int, default=0, help="about so many queries or entities of each set; 0 for all"
    )
    parser.add_argument("--sets", nargs="*", choices=SETS, default=SETS)
    options = parser.parse_args()
    sys.stdout.write(f"{HEADER}\n")
    for row in rows(options.data, options.sample, options.sets):
        sys.stdout.write(f"{row}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
