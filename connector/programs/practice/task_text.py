"""What the rep reads in a task, and the evidence behind a decision: facts with source and date, inferences apart.

Programs that issue tasks call it with their own opening sentence.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connector.model.case import Case
from connector.model.intents import TaskText
from connector.model.plan import Because
from connector.model.records import Consent, Person, Record, Ref, User
from connector.programs.practice import Practice
from connector.programs.practice.view import View

LONGEST_VALUE = 200
"""Characters of a CRM value that are quoted; a hostile or careless entry must not bury the task."""


def task_text(view: View, opening: str) -> TaskText:
    """The whole text in its fixed order; the result frame is added where the text is rendered."""
    return TaskText(
        opening=opening,
        facts=tuple(_line(fact, view.practice) for fact in _facts(view)),
        inferences=tuple(_inferences(view.case, view.practice, view.now)),
    )


def evidence(view: View, rule: str) -> tuple[Because, ...]:
    """Why the rule fired, down to record and field."""
    case, contact, practice, texts = view.case, view.contact, view.practice, view.practice.texts
    if contact is None:
        created = case.opportunity.created_at
        day = practice.calendar.local_date(created).isoformat() if created else texts["unknown"]
        text = texts["because.never_contacted"].format(day=day)
        return (Because(rule=rule, record=str(case.ref), field="created_at", value=day, at=created, text=text),)
    text = texts["because.last_contact"].format(
        day=contact.day.isoformat(), form=texts[f"form.{contact.activity.form}"]
    )
    return (
        Because(
            rule=rule,
            record=str(contact.activity.ref),
            field="last_contact",
            value=contact.day.isoformat(),
            at=contact.day,
            text=text,
        ),
    )


def whom(view: View) -> str:
    """Whom to call; never a name where the person was not identified."""
    primary, texts = view.case.primary, view.practice.texts
    if primary is None:
        return texts["person.unresolved_whom"]
    name = quoted(primary.person.name) or texts["unknown"]
    title = quoted(primary.person.title)
    return f"{name}({title})" if title else name


@dataclass(frozen=True, slots=True)
class _Fact:
    """One line: what is known, and the record that says so."""

    label: str
    value: str
    source: Record | None = None
    dated: bool = False
    """The value names its own day; any other fact is dated by its record's last change."""


def _line(fact: _Fact, practice: Practice) -> str:
    texts = practice.texts
    source = ""
    if fact.source is not None:
        system = texts.get(f"system.{fact.source.ref.system}", fact.source.ref.system)
        day = practice.calendar.local_date(fact.source.modified_at).isoformat()
        source = texts["source" if fact.dated else "source.dated"].format(system=system, day=day)
    return texts["fact"].format(label=texts[f"fact.{fact.label}"], value=fact.value) + source


def _facts(view: View) -> Iterator[_Fact]:
    case, deal = view.case, view.case.opportunity
    if case.accounts and case.accounts[0].name:
        yield _Fact("account", quoted(case.accounts[0].name) or "", case.accounts[0])
    for label, value in (
        ("product", quoted(deal.product)),
        ("amount", f"¥{deal.amount:,.0f}" if deal.amount is not None else None),
        ("probability", f"{deal.probability:.0f}%" if deal.probability is not None else None),
        ("stage", quoted(deal.stage)),
    ):
        if value:
            yield _Fact(label, value, deal)
    yield _last_contact(view)
    yield from _in_the_talk(view)
    if deal.approach_hook:
        yield _Fact("hook", quoted(deal.approach_hook) or "", deal)
    yield from _read_since(view)
    yield from _how_to_reach(view)
    yield from _owner(view)


def _last_contact(view: View) -> _Fact:
    texts, contact = view.practice.texts, view.contact
    if contact is None:
        return _Fact("last_contact", texts["fact.never"])
    subject = f"「{quoted(contact.activity.subject)}」" if contact.activity.subject else ""
    form = texts[f"form.{contact.activity.form}"]
    return _Fact("last_contact", f"{contact.day.isoformat()} {form}{subject}", contact.activity, dated=True)


def _in_the_talk(view: View) -> Iterator[_Fact]:
    if view.contact is None:
        return
    activity = view.contact.activity
    present = [p for p in view.case.participants if {r.ref for r in p.records} & set(activity.people)]
    names = "、".join(quoted(p.person.name) or view.practice.texts["unknown"] for p in present)
    ours = view.case.users.get(activity.owner) if activity.owner else None
    if names or ours:
        both = " / ".join(part for part in (names, quoted(ours.name) if ours else "") if part)
        yield _Fact("in_the_talk", both, activity, dated=True)


def _read_since(view: View) -> Iterator[_Fact]:
    for record in _records(view.case):
        day = view.practice.calendar.local_date(record.last_visit_at) if record.last_visit_at else None
        if day and record.last_page_url and (view.contact is None or day > view.contact.day):
            yield _Fact("read_since", f"{day.isoformat()} {quoted(record.last_page_url)}", record, dated=True)


def _how_to_reach(view: View) -> Iterator[_Fact]:
    texts, primary = view.practice.texts, view.case.primary
    if primary is None:
        yield _Fact("person", texts["person.unresolved"])
        return
    yield _Fact("call_consent", texts[f"consent.{primary.call_consent}"])
    if primary.mail_consent is not Consent.YES:
        yield _Fact("mail_consent", texts[f"mail.{primary.mail_consent}"])
    phones = [phone for r in primary.records for phone in (r.phone, r.mobile) if phone]
    if phones:
        # Full-width digits cannot be clicked or dialled.
        plain = (unicodedata.normalize("NFKC", quoted(phone) or "") for phone in phones)
        yield _Fact("phone", " / ".join(dict.fromkeys(plain)), primary.person)


def _owner(view: View) -> Iterator[_Fact]:
    """Who at our company knows the deal; where that person has left, who to ask instead, with the history."""
    case, texts, managers = view.case, view.practice.texts, view.practice.managers
    owner = _user(case, case.opportunity.owner)
    if owner is None:
        return
    if owner.is_active:
        yield _Fact("owner", quoted(owner.name) or "", case.opportunity)
        return
    left = texts["owner.left"].format(name=quoted(owner.name))
    for role, user in (
        ("account_owner", _user(case, case.accounts[0].owner) if case.accounts else None),
        ("superior", _user(case, owner.manager)),
        ("manager", managers[0] if managers else None),
    ):
        if user and user.is_active:
            named = texts[f"owner.{role}"].format(name=quoted(user.name))
            yield _Fact("owner", f"{named}({left})", owner)
            return
    yield _Fact("owner", left, owner)


def _inferences(case: Case, practice: Practice, now: datetime) -> Iterator[str]:
    recent = [r for r in _records(case) if r.last_visit_at and 0 <= (now - r.last_visit_at).days < 30]
    if recent:
        yield practice.texts["inference.interest"].format(count=len({r.ref for r in recent}))
    if case.primary is None and case.participants:
        names = "、".join(quoted(p.person.name) or practice.texts["unknown"] for p in case.participants[:3])
        yield practice.texts["inference.candidates"].format(names=names)


def _records(case: Case) -> Iterator[Person]:
    for participant in case.participants:
        yield from participant.records


def _user(case: Case, ref: Ref | None) -> User | None:
    return case.users.get(ref) if ref else None


def quoted(value: str | None) -> str | None:
    """A CRM value as one harmless line of limited length."""
    if not value:
        return None
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"
