"""What the rep reads in a task, and the evidence behind a decision: facts with source and date, inferences apart.

Programs that issue tasks call it with their own opening sentence.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from connector.model.case import Case
from connector.model.intents import TaskText
from connector.model.plan import Because
from connector.model.records import Consent, Person, Ref, User
from connector.programs.practice import Practice
from connector.programs.practice.touches import Touch
from connector.programs.practice.view import View

LONGEST_VALUE = 200
"""Characters of a CRM value that are quoted; a hostile or careless entry must not bury the task."""


def task_text(view: View, opening: str) -> TaskText:
    """The whole text in its fixed order; the result frame is added where the text is rendered."""
    return TaskText(
        opening=opening,
        facts=tuple(_facts(view.case, view.contact, view.practice)),
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
        return texts["person.unresolved"]
    name = quoted(primary.person.name) or texts["unknown"]
    title = quoted(primary.person.title)
    return f"{name}({title})" if title else name


def _facts(case: Case, contact: Touch | None, practice: Practice) -> Iterator[str]:
    texts, deal = practice.texts, case.opportunity
    source = _source(case.ref, practice)
    for label, value in (
        ("fact.account", quoted(case.accounts[0].name) if case.accounts else None),
        ("fact.product", quoted(deal.product)),
        ("fact.amount", _yen(deal.amount)),
        ("fact.probability", f"{deal.probability:.0f}%" if deal.probability is not None else None),
        ("fact.stage", quoted(deal.stage)),
    ):
        if value:
            yield f"{texts[label]}: {value} {source}"
    yield _last_contact(contact, practice)
    if contact:
        yield from _in_the_talk(case, contact, practice)
    if deal.approach_hook:
        yield f"{texts['fact.hook']}: {quoted(deal.approach_hook)} {source}"
    yield from _read_since(case, contact, practice)
    yield from _how_to_reach(case, practice)
    yield from _owner(case, practice)


def _last_contact(contact: Touch | None, practice: Practice) -> str:
    texts = practice.texts
    if contact is None:
        return f"{texts['fact.last_contact']}: {texts['fact.never']}"
    activity = contact.activity
    subject = f"「{quoted(activity.subject)}」" if activity.subject else ""
    form = texts[f"form.{activity.form}"]
    source = _source(activity.ref, practice)
    return f"{texts['fact.last_contact']}: {contact.day.isoformat()} {form}{subject} {source}"


def _in_the_talk(case: Case, contact: Touch, practice: Practice) -> Iterator[str]:
    present = [p for p in case.participants if {r.ref for r in p.records} & set(contact.activity.people)]
    names = "、".join(quoted(p.person.name) or practice.texts["unknown"] for p in present)
    ours = case.users.get(contact.activity.owner) if contact.activity.owner else None
    if names or ours:
        both = " / ".join(part for part in (names, ours.name if ours else "") if part)
        yield f"{practice.texts['fact.in_the_talk']}: {both}"


def _read_since(case: Case, contact: Touch | None, practice: Practice) -> Iterator[str]:
    for record in _records(case):
        visit = record.last_visit_at
        if visit and record.last_page_url and (contact is None or practice.calendar.local_date(visit) > contact.day):
            day = practice.calendar.local_date(visit).isoformat()
            source = _source(record.ref, practice)
            yield f"{practice.texts['fact.read_since']}: {day} {quoted(record.last_page_url)} {source}"


def _how_to_reach(case: Case, practice: Practice) -> Iterator[str]:
    texts, primary = practice.texts, case.primary
    if primary is None:
        yield f"{texts['fact.person']}: {texts['person.unresolved']}"
        return
    yield f"{texts['fact.call_consent']}:{texts[f'consent.{primary.call_consent}']}"
    if primary.mail_consent is not Consent.YES:
        yield f"{texts['fact.mail_consent']}:{texts[f'mail.{primary.mail_consent}']}"
    phones = [phone for r in primary.records for phone in (r.phone, r.mobile) if phone]
    if phones:
        yield f"{texts['fact.phone']}: {' / '.join(dict.fromkeys(quoted(phone) or '' for phone in phones))}"


def _owner(case: Case, practice: Practice) -> Iterator[str]:
    """Who at our company knows the deal; where that person has left, who to ask instead, with the history."""
    texts = practice.texts
    owner = _user(case, case.opportunity.owner)
    if owner is None:
        return
    if owner.is_active:
        yield f"{texts['fact.owner']}: {quoted(owner.name)}"
        return
    for role, user in (
        ("account_owner", _user(case, case.accounts[0].owner) if case.accounts else None),
        ("superior", _user(case, owner.manager)),
        ("manager", practice.managers[0] if practice.managers else None),
    ):
        if user and user.is_active:
            named = texts[f"owner.{role}"].format(name=quoted(user.name))
            yield f"{texts['fact.owner']}: {named}({texts['owner.left'].format(name=quoted(owner.name))})"
            return
    yield f"{texts['fact.owner']}: {texts['owner.left'].format(name=quoted(owner.name))}"


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


def _source(ref: Ref, practice: Practice) -> str:
    """The system that a fact was read from, by the name that people know it by."""
    return practice.texts["source"].format(system=practice.texts.get(f"system.{ref.system}", ref.system))


def _user(case: Case, ref: Ref | None) -> User | None:
    return case.users.get(ref) if ref else None


def _yen(amount: Decimal | None) -> str | None:
    return f"¥{amount:,.0f}" if amount is not None else None


def quoted(value: str | None) -> str | None:
    """A CRM value as one harmless line of limited length."""
    if not value:
        return None
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"
