"""Completes companies from a loaded register: 法人番号, former names, kana and English name, where a match is sure.

Called when companies are unified, and by `explain` for what it found. What is added is an inference for comparing: no
value that a system has is replaced, and nothing of it goes into the mirror or to a vendor.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import chain

from connector import __version__
from connector.identity.companies import CompanyMatching
from connector.identity.company import NormalisedCompany
from connector.identity.compare import SAME_NAME
from connector.identity.corporate_number import corporate_number
from connector.identity.decide import Outcome, Weighed
from connector.identity.matcher import match_company, weigh
from connector.identity.records import Company
from connector.identity.reference import Registered
from connector.mapping.identity import CompanyRules, IdentityRules
from connector.store import reference, reference_matches
from connector.store.reference_matches import Match
from connector.store.store import Transaction

UNKNOWN_NUMBER = "identity.not_in_register"
"""Why nobody was found: the record's own 法人番号 is valid, and the register does not have it."""

OF_NUMBER = "number:"
"""Keys of 法人番号 are not kept: the register's rows are found by it themselves."""

NEAR = ("head:", "tail:")
"""Keys of names that are nearly the same are not kept either. They are three fifths of all, and among a whole country's
companies bring ten times the candidates, hardly one of whom is the right one (of EDINET's companies, none surely)."""

OF_NAMES = ("name:",)
TELLING = (*OF_NAMES, "name+town:")
"""Keys of which even a crowded one brings its first companies: how many bear a name is evidence."""


@dataclass(frozen=True, slots=True)
class ReferenceMatch:
    """What looking a record up in the register gave, with the company found, as it is registered now."""

    match: Match
    registered: Registered | None


def is_loaded(tx: Transaction) -> bool:
    """Whether there is a register that companies are completed from."""
    return reference.state(tx) is not None


def completed(tx: Transaction, companies: Sequence[Company], rules: IdentityRules, now: datetime) -> list[Company]:
    """The companies, those that are surely one of the register's with what it knows of them. Without one, as given.

    What was looked up before is looked up again only if the record, the rules or the register's part of it changed.
    """
    state = reference.state(tx) if companies else None
    if state is None:
        return list(companies)
    version = rules_version(rules.companies)
    matches = reference_matches.of(tx, [company.ref for company in companies])
    late = [company for company in companies if not _holds(matches.get(company.ref), company, version)]
    if late:
        found = _LookUp(tx, rules.companies, state, version, now).matches(late)
        reference_matches.keep(tx, found)
        matches |= {match.ref: match for match in found}
    sure = {ref: match for ref, match in matches.items() if match.outcome is Outcome.AUTO}
    known = reference.load(tx, {match.number for match in sure.values()})
    return [
        _with_names(company, known[match.number], match)
        if (match := sure.get(company.ref)) and match.number in known
        else company
        for company in companies
    ]


def known(tx: Transaction, refs: Collection[str]) -> dict[str, ReferenceMatch]:
    """What the register says of these records, surely or perhaps; only of those that were looked up."""
    matches = reference_matches.of(tx, refs)
    registered = reference.load(tx, {match.number for match in matches.values() if match.number})
    return {ref: ReferenceMatch(match, registered.get(match.number)) for ref, match in matches.items()}


def as_compared(company: Company, found: ReferenceMatch | None) -> Company:
    """The company with what the register adds to it for comparing, if it is surely one of the register's."""
    if found is None or found.registered is None or found.match.outcome is not Outcome.AUTO:
        return company
    return _with_names(company, found.registered, found.match)


def rules_version(rules: IdentityRules | CompanyRules) -> str:
    """Changes whenever what is compared, or how, does."""
    # Sets have another order in every process.
    written = json.dumps(rules.model_dump(), sort_keys=True, default=sorted)
    return f"{__version__}-{blake2b(written.encode(), digest_size=6).hexdigest()}"


def keys_version(matching: CompanyMatching) -> str:
    """Changes whenever a company's keys are made in another way, as far as one example of everything shows it."""
    keys = _kept(matching.keys(matching.normalised(_EXAMPLE)))
    return blake2b("\n".join(keys).encode(), digest_size=8).hexdigest()


def register_keys(matching: CompanyMatching, company: Registered) -> list[str]:
    """The keys under which a company of the register is found."""
    if not company.name or company.hidden:
        return []
    return _kept(matching.keys(matching.normalised(company.company)))


def _kept(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if not key.startswith((OF_NUMBER, *NEAR))]


_EXAMPLE = Company(
    ref="0",
    name="株式会社アクメ・テクノ斎藤ホールディングス 大阪支店",
    name_kana="カブシキガイシャ アクメテクノサイトウ",
    name_english="Acme Techno Saito Holdings Co., Ltd.",
    former_names=("有限会社渡邉ヴァイオリン工房",),
    corporate_number="7000012050002",
    website="https://www.acme.co.jp/",
    phone="03-5217-4321",
    address="東京都千代田区霞が関３丁目１番１号 中央合同庁舎４階",
    postal_code="100-0013",
)


def _about(company: Company) -> str:
    return blake2b(repr(company).encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _holds(match: Match | None, company: Company, version: str) -> bool:
    return match is not None and match.rules == version and match.about == _about(company)


class _LookUp:
    """One chunk of records on its way through the register."""

    def __init__(
        self, tx: Transaction, rules: CompanyRules, state: reference.State, version: str, now: datetime
    ) -> None:
        self._tx, self._rules, self._version, self._now = tx, rules, version, now
        self._matching = CompanyMatching(rules)
        # While a load is under way, or with keys made in another way, nobody knows who is not found.
        self._complete = state.complete and not state.loading and state.keys == keys_version(self._matching)

    def matches(self, companies: Sequence[Company]) -> list[Match]:
        """One for each of them, found or not."""
        numbers = {company.ref: corporate_number(company.corporate_number) for company in companies}
        registered = reference.load(self._tx, {number for number in numbers.values() if number})
        named = [company for company in companies if not numbers[company.ref]]
        by_number = [
            self._by_number(company, registered.get(number))
            for company in companies
            if (number := numbers[company.ref])
        ]
        return [*by_number, *self._by_names(named)]

    def _by_number(self, company: Company, registered: Registered | None) -> Match:
        """The record's own 法人番号 is a fact: it needs no further proof, and no likeness replaces it."""
        if registered is None:
            return self._match(company, Outcome.NEW, reason=UNKNOWN_NUMBER)
        normalised = self._matching.normalised
        found = weigh(normalised(company), normalised(registered.company), self._rules)
        return self._match(company, Outcome.AUTO, found)

    def _by_names(self, companies: Sequence[Company]) -> Iterator[Match]:
        subjects = {company.ref: self._matching.normalised(company) for company in companies}
        keys = {ref: _kept(self._matching.keys(subject)) for ref, subject in subjects.items()}
        limit = self._rules.block_limit
        found = {
            key: numbers
            for key, numbers in reference.found(self._tx, set(chain.from_iterable(keys.values())), limit).items()
            if len(numbers) < limit or key.startswith(TELLING)
        }
        registered = reference.load(self._tx, set(chain.from_iterable(found.values())))
        normalised: dict[str, NormalisedCompany] = {}
        for company in companies:
            own = keys[company.ref]
            numbers = dict.fromkeys(chain.from_iterable(found.get(key, ()) for key in own))
            for number in numbers:
                if number not in normalised and number in registered:
                    normalised[number] = self._matching.normalised(registered[number].company)
            # Of a name with more bearers than are fetched, nobody can be called the only one.
            cut = any(len(found.get(key, ())) >= limit for key in own if key.startswith(OF_NAMES))
            verdict = match_company(
                subjects[company.ref],
                [normalised[number] for number in numbers if number in normalised],
                self._rules,
                register=self._complete and not cut,
            )
            yield self._match(company, verdict.outcome, verdict.best, verdict.reason)

    def _match(self, company: Company, outcome: Outcome, best: Weighed | None = None, reason: str = "") -> Match:
        return Match(
            ref=company.ref,
            outcome=outcome,
            number=best.ref if best else "",
            score=best.score if best else 0.0,
            reason=reason,
            evidence=best.evidence if best else (),
            relation=best.relation if best else "same",
            about=_about(company),
            rules=self._version,
            at=self._now,
        )


def _with_names(company: Company, registered: Registered, match: Match) -> Company:
    """The company with what it does not say itself; a branch or department has the number, not the names.

    A name under which the register has the company now, and the record does not, is one more of its names.
    """
    completed = replace(company, corporate_number=company.corporate_number.strip() or registered.number)
    if match.relation == "site":
        return completed
    same = any(piece.kind in SAME_NAME for piece in match.evidence)
    others = (*company.former_names, *registered.former_names, *(() if same else (registered.name,)))
    return replace(
        completed,
        former_names=tuple(dict.fromkeys(name for name in others if name and name != company.name)),
        name_kana=company.name_kana or registered.kana,
        name_english=company.name_english or registered.english,
    )
