"""How well companies are found to be one: precision, recall, seconds, memory on the shared sets, beside simple rules.

Run through `identity.py`. t1: names as officials typed them → a register (names only; with and without the former names
that a reference pack knows). t2: reporting companies → a register, with kana, English name and address. t3: other forms
of a name → the register that knows them. Pairs of the baselines are all that the rule calls one.
"""

import csv
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import fuzz, process

from benchmarks.identity_people import Row
from connector.identity.company import normalise_company
from connector.identity.company_name import company_name
from connector.identity.decide import Outcome, Verdict
from connector.identity.index import Index
from connector.identity.matcher import match_company
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

EASY = frozenset(("identical", "width_case_space"))
"""Kinds of pairs of t1 that NFKC alone finds; all others are hard."""
SIMILAR = 90
FUZZY_QUERIES = 300
"""The baseline with rapidfuzz compares each query with the whole register: so many queries are enough for a figure."""


@dataclass(frozen=True)
class Query:
    """A company to look up, and the refs of the register that are right; none when the register lacks it."""

    company: Company
    truth: frozenset[str]
    hard: bool = False


@dataclass(frozen=True)
class Task:
    """A set: a register and what is looked up in it."""

    name: str
    register: Sequence[Company]
    queries: Sequence[Query]


def rows(data: Path, sample: int, *, baselines: bool = True, tasks: Collection[str] = ()) -> Iterator[Row]:
    """Every set of companies that is there, or those of `tasks`; `sample` takes about so many queries, 0 all."""
    rules = CompanyRules()
    for whole in _tasks(data):
        if tasks and whole.name not in tasks:
            continue
        step = max(1, len(whole.queries) // sample) if sample else 1
        task = replace(whole, queries=whole.queries[::step])
        yield from _ours(task, rules)
        if baselines and task.name in ("t1", "t2"):
            yield from _baselines(task)


def _tasks(data: Path) -> Iterator[Task]:
    if (typed := data / "t1_typed_to_master").exists():
        master = [_company(row) for row in _listed(typed / "master.csv")]
        queries = [
            Query(
                Company(ref=row["query_id"], name=row["typed_name"]),
                frozenset((row["entity_id"],)),
                row["pair_type"] not in EASY,
            )
            for row in _listed(typed / "queries.csv")
        ]
        yield Task("t1", master, queries)
        if (data / "t3_name_forms").exists():
            former = _forms(data / "t3_name_forms" / "forms.csv")["ja_former"]
            known = [replace(company, former_names=tuple(former.get(company.ref, ()))) for company in master]
            yield Task("t1 + former names", known, queries)
    if (reports := data / "t2_edinet_to_register").exists():
        register = [_company(row) for row in _listed(reports / "register.csv")]
        refs = {company.ref for company in register}
        yield Task(
            "t2",
            register,
            [
                Query(replace(_company(row), ref=row["edinet"]), frozenset((row["entity_id"],)) & refs)
                for row in _listed(reports / "edinet.csv")
            ],
        )
    if (data / "t3_name_forms").exists():
        yield from _name_forms(data / "t3_name_forms" / "forms.csv")


def _name_forms(path: Path) -> Iterator[Task]:
    """t3: the register knows Japanese, kana, English and former names; what is typed, and each form, is looked up."""
    forms = _forms(path)
    pack = [
        Company(
            ref=ref,
            name=names[0],
            name_kana=next(iter(forms["kana"].get(ref, ())), ""),
            name_english=next(iter(forms["en"].get(ref, ())), ""),
            former_names=tuple(forms["ja_former"].get(ref, ())),
        )
        for ref, names in forms["ja"].items()
    ]
    plain = [replace(company, name_english="", former_names=()) for company in pack]
    for form, register, label in (
        ("ja_typed", pack, "t3 typed"),
        ("ja_former", pack, "t3 former"),
        ("kana", pack, "t3 kana"),
        ("en", pack, "t3 English"),
        ("en", plain, "t3 English ↔ kana"),
    ):
        known = {company.ref for company in register}
        queries = [
            Query(Company(ref=f"{form}:{ref}", name=name), frozenset((ref,)))
            for ref, names in forms[form].items()
            if ref in known
            for name in names
        ]
        yield Task(label, register, queries)


def _ours(task: Task, rules: CompanyRules) -> Iterator[Row]:
    index = Index(rules, task.register)
    began = time.perf_counter()
    verdicts = [(query, _verdict(query.company, index, rules)) for query in task.queries]
    seconds = time.perf_counter() - began
    yield _judged(task.name, "Okoshi", verdicts, seconds)
    hard = [(query, verdict) for query, verdict in verdicts if query.hard]
    if hard:
        yield _judged(task.name, "Okoshi, hard pairs", hard, seconds)


def _verdict(company: Company, index: Index, rules: CompanyRules) -> Verdict:
    subject = normalise_company(company)
    return match_company(subject, index.candidates(subject), rules, register=True)


def _judged(task: str, method: str, verdicts: Sequence[tuple[Query, Verdict]], seconds: float) -> Row:
    """Of AUTO; with review: the right one is linked or among those that a person is shown."""
    auto = [(query, verdict) for query, verdict in verdicts if verdict.outcome is Outcome.AUTO]
    right = sum(verdict.best is not None and verdict.best.ref in query.truth for query, verdict in auto)
    shown = sum(
        any(one.ref in query.truth for one in verdict.shown)
        for query, verdict in verdicts
        if verdict.outcome is Outcome.REVIEW
    )
    pairs = sum(bool(query.truth) for query, _ in verdicts)
    return Row(task, method, right / max(len(auto), 1), right / pairs, (right + shown) / pairs, seconds)


def _baselines(task: Task) -> Iterator[Row]:
    for method, key in (("NFKC exact", _nfkc), ("strip legal form, exact", _stripped)):
        began = time.perf_counter()
        known: defaultdict[str, list[str]] = defaultdict(list)
        for company in task.register:
            known[key(company.name)].append(company.ref)
        yield from _pairs(
            task, method, task.queries, lambda name, known=known, key=key: known.get(key(name), ()), began
        )  # type: ignore[misc]
    began = time.perf_counter()
    names = {company.ref: _stripped(company.name) for company in task.register}

    def similar(name: str) -> list[str]:
        found = process.extract(_stripped(name), names, scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR, limit=20)
        return [ref for _, score, ref in found if score == found[0][1]]

    some = task.queries[:: max(1, len(task.queries) // FUZZY_QUERIES)]
    yield from _pairs(task, f"rapidfuzz ≥ {SIMILAR}, {len(some)} queries", some, similar, began)


def _pairs(
    task: Task, method: str, queries: Sequence[Query], find: Callable[[str], Iterable[str]], began: float
) -> Iterator[Row]:
    found = [(query, set(find(query.company.name))) for query in queries]
    for label, some in ((method, found), (f"{method}, hard", [one for one in found if one[0].hard])):
        if not some:
            continue
        right = sum(len(refs & query.truth) for query, refs in some)
        pairs = sum(bool(query.truth) for query, _ in some)
        called = sum(len(refs) for _, refs in some)
        yield Row(task.name, label, right / max(called, 1), right / pairs, None, time.perf_counter() - began)


def _nfkc(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace(" ", "")


def _stripped(name: str) -> str:
    return _nfkc(company_name(name).core)


def _company(row: dict[str, str]) -> Company:
    return Company(
        ref=row["entity_id"],
        name=row["name"],
        name_kana=row.get("kana", ""),
        name_english=row.get("name_en", ""),
        address=row.get("addr", ""),
        postal_code=row.get("zip", ""),
    )


def _forms(path: Path) -> dict[str, dict[str, list[str]]]:
    """Form → entity → texts."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for row in _listed(path):
        texts = found[row["form"]].setdefault(row["entity_id"], [])
        if row["text"] not in texts:
            texts.append(row["text"])
    return found


def _listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
