"""How well persons are found to be one: precision, recall, seconds and memory on the shared sets, beside simple rules.

Run by itself (`python -m benchmarks.identity_people [--data DIR] [--sample N]`) or through `rows`, by `identity.py`.
t7: contacts of two systems. FEBRL: Latin script, weights estimated from the records, no pair of them known.
t5, t6: whether one person's or organisation's forms in other scripts are among the candidates.
"""

import argparse
import csv
import re
import resource
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.identity.company_name import company_name
from connector.identity.people_clusters import PeopleIndex, resolve
from connector.identity.people_estimate import estimated_rules
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.identity.text import romaji_key
from connector.mapping.identity_people import PeopleRules

DATA = Path("../shared/data/identity")
LATIN_FIELDS = (
    *("family", "given", "order", "identifier", "birth_date", "house_number", "street", "building", "city"),
    *("postal_code", "region"),
)
LATIN = PeopleRules(
    auto_needs=(),
    never_auto=frozenset(),
    contradicting=frozenset(),
    doubted_by=frozenset(),
    at_least_review=frozenset(),
    usual_names="none",
    rare_name=None,
    block_limit=400,
)
"""The limits of the preset without what only holds between contacts of companies."""

_FORMS = re.compile(r"株式会社|有限会社|合同会社|\(株\)|\(有\)|\(同\)|\s")

Pair = tuple[str, str]
Table = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Row:
    """One line of the result; a share that does not apply is `None`."""

    task: str
    method: str
    precision: float | None
    recall: float
    with_review: float | None
    seconds: float

    @property
    def f1(self) -> float | None:
        """Of precision and recall."""
        if self.precision is None or not self.precision + self.recall:
            return None
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def __str__(self) -> str:
        def share(value: float | None) -> str:
            return f"{value:7.4f}" if value is not None else "      –"

        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        figures = "  ".join(map(share, (self.precision, self.recall, self.f1, self.with_review)))
        return f"{self.task:<18}{self.method:<34}{figures}  {self.seconds:7.1f} s  {megabytes:6d} MB"


HEADER = f"{'':<18}{'':<34}{'P':>7}  {'R':>7}  {'F1':>7}  {'R+rev':>7}  {'time':>9}  {'peak':>9}"


def rows(data: Path = DATA, sample: int = 0) -> Iterator[Row]:
    """Every set of people that is there. `sample` takes about so many entities of each; 0 takes all."""
    if (data / "t7_crm_sim_synthetic").exists():
        yield from crm(data / "t7_crm_sim_synthetic", sample)
    if (data / "febrl").exists():
        yield from febrl(data / "febrl", ("dataset4a.csv", "dataset4b.csv"), "FEBRL4", sample)
        yield from febrl(data / "febrl", ("dataset3.csv",), "FEBRL3", sample)
        yield from febrl(
            data / "febrl", ("dataset4a.csv", "dataset4b.csv"), "FEBRL4 without id", sample, known_id=False
        )
        yield from febrl(data / "febrl", ("dataset3.csv",), "FEBRL3 without id", sample, known_id=False)
    if (data / "t5_person_forms").exists():
        yield from person_forms(data / "t5_person_forms" / "persons.csv", sample)
    if (data / "t6_org_jmnedict").exists():
        yield from organisation_forms(data / "t6_org_jmnedict" / "orgs.csv", sample)


def crm(folder: Path, sample: int) -> Iterator[Row]:
    """t7: pairs between the systems; duplicates inside each are in the way as in life."""
    hubspot, salesforce = _table(folder / "hubspot_contacts.csv"), _table(folder / "salesforce_contacts.csv")
    person = {
        ref: row["person"]
        for name in ("hubspot_contacts_truth.csv", "salesforce_contacts_truth.csv")
        for ref, row in _table(folder / name).items()
    }
    if sample:
        kept = set(sorted(set(person.values()))[:sample])
        hubspot = {ref: row for ref, row in hubspot.items() if person[ref] in kept}
        salesforce = {ref: row for ref, row in salesforce.items() if person[ref] in kept}
    people = [*map(_hubspot, hubspot.values()), *map(_salesforce, salesforce.values())]
    truth = _across(person, hubspot, salesforce)
    yield from _baselines(people, hubspot, salesforce, truth)
    yield _judged(
        "t7", "Okoshi", people, PeopleRules(), truth, lambda pair: (pair[0] in hubspot) != (pair[1] in hubspot)
    )


def _across(person: dict[str, str], left: Iterable[str], right: Iterable[str]) -> set[Pair]:
    of_person: defaultdict[str, list[str]] = defaultdict(list)
    for ref in left:
        of_person[person[ref]].append(ref)
    return {_pair(one, two) for two in right for one in of_person.get(person[two], ())}


def _baselines(people: Sequence[Individual], left: Table, right: Table, truth: set[Pair]) -> Iterator[Row]:
    def linked(keys: Callable[[Individual], Iterable[str]]) -> set[Pair]:
        by_key: defaultdict[str, list[str]] = defaultdict(list)
        for each in people:
            for key in keys(each):
                by_key[key].append(each.ref)
        return {
            _pair(a, b) for refs in by_key.values() for a in refs if a in left for b in refs if b in right
        }  # fmt: skip

    def mail(each: Individual) -> Iterable[str]:
        return [each.mail.lower()] if each.mail else []

    def mail_or_name(each: Individual) -> Iterable[str]:
        firm = _FORMS.sub("", unicodedata.normalize("NFKC", each.company_name))
        name = _FORMS.sub("", unicodedata.normalize("NFKC", each.family + each.given))
        return [*mail(each), f"{name}|{firm}"] if firm else mail(each)

    for method, keys in (("lower-cased mail", mail), ("mail, or plain name and company", mail_or_name)):
        began = time.perf_counter()
        found = linked(keys)
        yield _row("t7", method, found, set(), truth, time.perf_counter() - began)


def febrl(folder: Path, files: Sequence[str], task: str, sample: int, *, known_id: bool = True) -> Iterator[Row]:
    """The published sets; with `known_id` false without their social security number, which decides nearly alone."""
    people = [_febrl(row, known_id=known_id) for name in files for row in _table(folder / name).values()]
    if sample:
        kept = set(sorted({_entity(each.ref) for each in people})[:sample])
        people = [each for each in people if _entity(each.ref) in kept]
    of_entity: defaultdict[str, list[str]] = defaultdict(list)
    for each in people:
        of_entity[_entity(each.ref)].append(each.ref)
    truth = {_pair(a, b) for refs in of_entity.values() for a in refs for b in refs if a < b}
    began = time.perf_counter()
    same: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for each in people:
        same[each.family, each.given, each.postal_code].append(each.ref)
    found = {_pair(a, b) for refs in same.values() for a in refs for b in refs if a < b}
    yield _row(task, "name and postcode, exact", found, set(), truth, time.perf_counter() - began)
    yield _judged(task, "Okoshi, estimated weights", people, None, truth, lambda _: True)


def _judged(
    task: str,
    method: str,
    people: Sequence[Individual],
    rules: PeopleRules | None,
    truth: set[Pair],
    counts: Callable[[Pair], bool],
) -> Row:
    began = time.perf_counter()
    # The product judges by its rules alone; who estimates weights from a base may count its values as well.
    result = resolve(people, rules or estimated_rules(people, LATIN_FIELDS, LATIN), counted=rules is None)
    seconds = time.perf_counter() - began
    linked = {_pair(a, b) for refs in result.clusters for a in refs for b in refs if a < b}
    doubtful = {pair.key for pair in result.doubts}
    return _row(task, method, set(filter(counts, linked)), set(filter(counts, doubtful)), truth, seconds)


def _row(task: str, method: str, found: set[Pair], doubtful: set[Pair], truth: set[Pair], seconds: float) -> Row:
    right = len(found & truth)
    return Row(
        task=task,
        method=method,
        precision=right / len(found) if found else 1.0,
        recall=right / len(truth),
        with_review=len((found | doubtful) & truth) / len(truth),
        seconds=seconds,
    )


def person_forms(path: Path, sample: int) -> Iterator[Row]:
    """t5: of each person's kana and spellings in Latin letters, whether the dictionary's Latin form is a candidate."""
    entries = [row for row in _listed(path) if row["romaji_family"] and row["romaji_given"]]
    entries = entries[:sample] if sample else entries
    matching = PeopleMatching(PeopleRules())
    index = PeopleIndex(matching)
    for number, row in enumerate(entries):
        known = Individual(ref=str(number), family=row["romaji_family"], given=row["romaji_given"])
        index.add(matching.normalised(known))
    forms: dict[str, Callable[[dict[str, str]], Individual]] = {
        "kana, unparted": lambda row: Individual(ref="?", kana=row["kana"]),
        "漢字 with kana": lambda row: Individual(ref="?", full_name=row["kanji"], kana=row["kana"]),
        "given name first, capitals": lambda row: Individual(
            ref="?", full_name=f"{row['romaji_given']} {row['romaji_family'].upper()}"
        ),
        "passport spelling, short vowels": lambda row: Individual(
            ref="?", family=_short(row["romaji_family"]), given=_short(row["romaji_given"])
        ),
        "Kunrei spelling": lambda row: Individual(
            ref="?", family=_kunrei(row["romaji_family"]), given=_kunrei(row["romaji_given"])
        ),
        "fields swapped": lambda row: Individual(ref="?", family=row["romaji_given"], given=row["romaji_family"]),
        "漢字 alone (no readings here)": lambda row: Individual(ref="?", full_name=row["kanji"]),
    }
    for name, form in forms.items():
        began = time.perf_counter()
        hits = gathered = 0
        for number, row in enumerate(entries):
            refs = {each.ref for each in index.candidates(matching.normalised(form(row)))}
            hits += str(number) in refs
            gathered += len(refs)
        per_query = gathered / len(entries)
        yield Row(f"t5 ({per_query:.1f} each)", name, None, hits / len(entries), None, time.perf_counter() - began)


def organisation_forms(path: Path, sample: int) -> Iterator[Row]:
    """t6: of each organisation's 漢字 and kana, whether they share a key with its English or its kana name."""
    entries = _listed(path)
    entries = entries[:sample] if sample else entries
    for method, left, right in (("kana ↔ English", "kana", "english"), ("name ↔ kana", "kanji", "kana")):
        began = time.perf_counter()
        hits = sum(not _keys(row[left]).isdisjoint(_keys(row[right])) for row in entries)
        yield Row("t6", method, None, hits / len(entries), None, time.perf_counter() - began)


def _keys(names: str) -> set[str]:
    parts = [re.sub(r"\(.*?\)", "", part).strip() for part in names.split("|")]
    known = [company_name(part) for part in parts if part]
    return {key for name in known for key in (name.sound, romaji_key(name.core) if name.romaji else "")} - {""}


def _short(romaji: str) -> str:
    return re.sub(r"o[ou]", "o", re.sub(r"uu", "u", romaji.replace("'", "")))


def _kunrei(romaji: str) -> str:
    text = romaji.lower()
    for hepburn, kunrei in (("shi", "si"), ("sh", "sy"), ("chi", "ti"), ("ch", "ty"), ("tsu", "tu"), ("fu", "hu")):
        text = text.replace(hepburn, kunrei)
    return re.sub(r"j(?=[auo])", "zy", text.replace("ji", "zi"))


def _hubspot(row: dict[str, str]) -> Individual:
    return Individual(
        ref=row["record_id"],
        family=row["lastname"],
        given=row["firstname"],
        mail=row["email"],
        phone=row["phone"],
        company_name=row["company"],
    )


def _salesforce(row: dict[str, str]) -> Individual:
    return Individual(
        ref=row["record_id"],
        family=row["LastName"],
        given=row["FirstName"],
        family_kana=row["LastNameKana"],
        given_kana=row["FirstNameKana"],
        mail=row["Email"],
        phone=row["Phone"],
        mobile=row["MobilePhone"],
        company_name=row["AccountName"],
    )


def _febrl(row: dict[str, str], *, known_id: bool) -> Individual:
    return Individual(
        ref=row["rec_id"],
        family=row["surname"],
        given=row["given_name"],
        house_number=row["street_number"],
        street=row["address_1"],
        building=row["address_2"],
        city=row["suburb"],
        postal_code=row["postcode"],
        region=row["state"],
        birth_date=row["date_of_birth"],
        identifier=row["soc_sec_id"] if known_id else "",
    )


def _entity(ref: str) -> str:
    return ref.split("-")[1]


def _pair(one: str, two: str) -> Pair:
    return (one, two) if one < two else (two, one)


def _listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def _table(path: Path) -> Table:
    listed = _listed(path)
    key = next(iter(listed[0]))
    return {row[key]: row for row in listed}


def main() -> None:
    """Prints all rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sample", type=int, default=0, help="about so many entities of each set; 0 for all")
    options = parser.parse_args()
    sys.stdout.write(f"{HEADER}\n")
    for row in rows(options.data, options.sample):
        sys.stdout.write(f"{row}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
