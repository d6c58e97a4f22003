"""What the people of a case did on the web by themselves: pages and forms, without bots and our own employees.

Programs that read web activity ask here. Where the MA's edition has no stream of page views, the last page that it
keeps of each person stands for a visit; what was seen so is remembered, as the next visit overwrites it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.mapping.practice import BotRules
from connector.model.case import Case, Participant
from connector.model.records import EngagementKind, Person, Ref
from connector.programs.practice.machines import by_machines, without_bursts, without_scanners
from connector.programs.practice.view import key_of
from connector.programs.practice.visit import Visit, VisitForm, by_person, in_time

SEEN = "web.seen"
"""The fact under which the visits that nothing but a person's last page told are remembered."""
VIEWS = "web.views"
"""The fact under which each person's number of page views is remembered."""
MOST_SEEN = 300
"""Visits remembered of one case; the oldest go first."""

SAME_VISIT = timedelta(minutes=5)
"""A visit's time in a person's record and in the stream of events differ by less."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Pages and forms, oldest first; clicks in mails; and what to remember of it for the next time."""

    visits: tuple[Visit, ...]
    clicks: tuple[Visit, ...]
    facts: Mapping[str, str]

    def until(self, moment: datetime) -> "Traffic":
        """What was known of up to a moment."""
        visits = tuple(visit for visit in self.visits if visit.at <= moment)
        return replace(self, visits=visits, clicks=tuple(click for click in self.clicks if click.at <= moment))


class _Seen(NamedTuple):
    """A visit that only a person's own record told; `what` is the page's address or the form's name."""

    record: str
    form: VisitForm
    at: str
    what: str | None
    more: int

    @property
    def url(self) -> str | None:
        return None if self.form == "form" else self.what

    @property
    def title(self) -> str | None:
        return self.what if self.form == "form" else None


_Everybody = Sequence[tuple[Person, Participant]]

_FORMS: dict[EngagementKind, VisitForm] = {
    EngagementKind.PAGE_VIEW: "view",
    EngagementKind.FORM: "form",
    EngagementKind.MAIL_CLICK: "click",
}


def read_visits(
    case: Case, remembered: Mapping[str, str], own_domains: frozenset[str], bots: BotRules, now: datetime, days: int
) -> Traffic:
    """All visits of the case's people, and of others of a deal's company, in the last `days`, up to now."""
    since, everybody = now - timedelta(days=days), _everybody(case)
    streamed = tuple(visit for visit in _streamed(case, everybody, own_domains) if visit.at <= now)
    seen, views = _seen(everybody, remembered, streamed, now, since)
    known = [*streamed, *_not_streamed(_told_by_records(everybody, seen), streamed)]
    machine = by_machines((*case.engagements, *case.company_engagements), bots)
    own = {key_of(who) for _, who in everybody if _is_employee(who, None, own_domains)}
    people = [visit for visit in known if visit.at >= since and visit.key not in own]
    clicks = [visit for visit in people if visit.form == "click"]
    pages = [visit for visit in people if visit.form != "click" and visit.record not in machine]
    pages = list(without_bursts(without_scanners(pages, clicks, bots), bots))
    facts = {name: json.dumps(kept, ensure_ascii=False) for name, kept in ((SEEN, seen), (VIEWS, views)) if kept}
    return Traffic(tuple(sorted(pages, key=in_time)), tuple(sorted(clicks, key=in_time)), facts)


def _everybody(case: Case) -> list[tuple[Person, Participant]]:
    """Each record with the person whose it is, the case's own people first.

    Of others of the company those who have left are none of it any more, and a record with the address of somebody who
    is known already is that person's: whoever is not recognised as one would count as two.
    """
    found = [(record, person) for person in case.participants for record in person.records]
    known = {_folded(record.email): person for record, person in found if _folded(record.email)}
    for other in case.company_people:
        if not other.left_company:
            addresses = [address for record in other.records if (address := _folded(record.email))]
            whose = next((known[address] for address in addresses if address in known), other)
            known |= dict.fromkeys((address for address in addresses if address not in known), whose)
            found += [(record, whose) for record in other.records]
    return found


def _folded(address: str | None) -> str:
    return (address or "").strip().lower()


# --- the stream of events ------------------------------------------------------------------------------------------


def _streamed(case: Case, everybody: _Everybody, own_domains: frozenset[str]) -> Iterator[Visit]:
    people = {record.ref: person for record, person in everybody}
    addresses = {_folded(record.email): person for record, person in reversed(everybody) if _folded(record.email)}
    known = {id(who): (key_of(who), _is_employee(who, None, own_domains)) for _, who in everybody}
    for event in (*case.engagements, *case.company_engagements):
        form = _FORMS.get(event.form)
        if form is None or event.deleted:
            continue
        who = people.get(event.person) if event.person else None
        who = who or addresses.get(_folded(event.email))
        key, is_own = known[id(who)] if who else (str(event.person or event.email or event.ref), False)
        if not is_own and not _is_employee(None, event.email, own_domains):
            yield Visit(form, event.at, event.url, event.title, event.ref, "at", key, who)


def _is_employee(who: Participant | None, email: str | None, own_domains: frozenset[str]) -> bool:
    addresses = [email, *(record.email for record in who.records)] if who else [email]
    domains = {address.rpartition("@")[2].strip().lower() for address in addresses if address}
    return any(domain == own or domain.endswith(f".{own}") for domain in domains for own in own_domains)


# --- what only the last page tells ---------------------------------------------------------------------------------


def _seen(
    everybody: _Everybody, remembered: Mapping[str, str], streamed: Sequence[Visit], now: datetime, since: datetime
) -> tuple[list[_Seen], dict[str, int]]:
    """What was remembered and what the people's records tell now: visits, and how many pages each person opened."""
    log = {entry[:4]: entry for entry in (_Seen(*row) for row in json.loads(remembered.get(SEEN, "[]")))}
    before: dict[str, int] = json.loads(remembered.get(VIEWS, "{}"))
    views: dict[str, int] = {}
    streamed_of = {key: _newest(visits) for key, visits in by_person(streamed).items()}
    for record, person in everybody:
        newest = streamed_of.get(key_of(person), {})
        visited = record.last_visit_at
        if record.page_views is not None and visited and visited >= since and "view" not in newest:
            views[str(record.ref)] = record.page_views
        for entry in _of_record(record, before.get(str(record.ref)), newest):
            if datetime.fromisoformat(entry.at) <= now:
                _note(log, entry)
    kept = sorted((e for e in log.values() if datetime.fromisoformat(e.at) >= since), key=lambda entry: entry.at)
    return kept[-MOST_SEEN:], views


def _note(log: dict[tuple[str, VisitForm, str, str | None], _Seen], entry: _Seen) -> None:
    """A visit that is known already only grows by the pages opened since; the first page of a new one is the known."""
    known = log.get(entry[:4])
    more = known.more + entry.more if known else max(entry.more - 1, 0)
    log[entry[:4]] = entry._replace(more=more)


def only(facts: Mapping[str, str], wanted: Callable[[str | None, str | None], bool]) -> dict[str, str]:
    """Of what is to be remembered, the visits to such pages alone, by address and title; empty where there are none."""
    seen = [entry for entry in (_Seen(*row) for row in json.loads(facts.get(SEEN, "[]"))) if entry.form != "click"]
    kept = [entry for entry in seen if wanted(entry.url, entry.title)]
    return {SEEN: json.dumps(kept, ensure_ascii=False)} if kept else {}


def _newest(streamed: Iterable[Visit]) -> dict[VisitForm, datetime]:
    """When the stream last showed one person doing each of these."""
    newest: dict[VisitForm, datetime] = {}
    for visit in streamed:
        newest[visit.form] = max(visit.at, newest.get(visit.form, visit.at))
    return newest


def _of_record(record: Person, views_before: int | None, newest: Mapping[VisitForm, datetime]) -> Iterator[_Seen]:
    """What a person's record tells of the last visit, form and click, where the stream does not tell it as well."""
    opened = max(record.page_views - views_before, 0) if record.page_views and views_before is not None else 0
    told: tuple[tuple[VisitForm, datetime | None, str | None, int], ...] = (
        ("view", record.last_visit_at, record.last_page_url, opened),
        ("form", record.last_form_at, record.last_form_name, 0),
        ("click", record.last_mail_click_at, None, 0),
    )
    for form, at, what, more in told:
        if at is None or (form == "view" and not what):
            continue
        if form not in newest or newest[form] < at - SAME_VISIT:
            yield _Seen(str(record.ref), form, at.isoformat(), what, more)


def _told_by_records(everybody: _Everybody, seen: Iterable[_Seen]) -> Iterator[Visit]:
    people = {str(record.ref): person for record, person in everybody}
    fields = {"view": "last_page_url", "form": "last_form_name", "click": "last_mail_click_at"}
    for entry in seen:
        who = people.get(entry.record)
        if who is None:
            continue
        yield Visit(
            entry.form,
            datetime.fromisoformat(entry.at),
            entry.url,
            entry.title,
            Ref.parse(entry.record),
            fields[entry.form],
            key_of(who),
            who,
            more=entry.more,
            last_page=entry.form == "view",
        )


def _not_streamed(told: Iterable[Visit], streamed: Iterable[Visit]) -> Iterator[Visit]:
    """Those that the stream has not told of later."""
    known = by_person(streamed)
    for visit in told:
        same = (other for other in known.get(visit.key, ()) if other.form == visit.form)
        if not any(abs(other.at - visit.at) <= SAME_VISIT for other in same):
            yield visit
