"""What the rep reads in a task, and the evidence behind a decision: facts with source and date, inferences apart.

Programs that issue tasks call it with their own opening sentence.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model.case import Case
from connector.model.intents import TaskText
from connector.model.plan import Because
from connector.model.records import Account, Consent, Kind, Opportunity, Person, Record, Ref, User
from connector.programs.practice import Practice
from connector.programs.practice.view import View

LONGEST_VALUE = 200
"""Characters of a CRM value that are quoted; a hostile or careless entry must not bury the task."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what is known, and the record that says so.

    `label` is a text's key behind `fact.`, or stands as it is.
    """

    label: str
    value: str
    source: Record | None = None
    dated: bool = False
    """The value names its own day; any other fact is dated by its record's last change."""


def task_text(
    view: View,
    opening: str,
    *,
    facts: Sequence[Fact] = (),
    inferences: Sequence[str] = (),
    deal: Opportunity | None = None,
) -> TaskText:
    """The whole text in its fixed order; the result frame is added where the text is rendered.

    `facts` are the program's own and come first, `inferences` behind the shared ones. `deal` is the deal that a task
    of a company's or a person's case speaks of; a deal's case speaks of itself.
    """
    subject = view.case.subject
    shown = subject if isinstance(subject, Opportunity) else deal
    return TaskText(
        opening=opening,
        facts=tuple(_line(fact, view.practice) for fact in (*facts, *_facts(view, shown))),
        inferences=(*_inferences(view.case, view.practice, view.now), *inferences),
    )


def evidence(view: View, rule: str) -> tuple[Because, ...]:
    """Why the rule fired, down to record and field."""
    case, contact, practice, texts = view.case, view.contact, view.practice, view.practice.texts
    if contact is None:
        created = case.subject.created_at
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


def _line(fact: Fact, practice: Practice) -> str:
    texts = practice.texts
    source = ""
    if fact.source is not None:
        system = texts.get(f"system.{fact.source.ref.system}", fact.source.ref.system)
        day = practice.calendar.local_date(fact.source.modified_at).isoformat()
        source = texts["source" if fact.dated else "source.dated"].format(system=system, day=day)
    return texts["fact"].format(label=texts.get(f"fact.{fact.label}", fact.label), value=fact.value) + source


def _facts(view: View, deal: Opportunity | None) -> Iterator[Fact]:
    account = view.case.account
    if account and account.name:
        yield Fact("account", quoted(account.name) or "", account)
    if deal:
        yield from _of_deal(deal)
    yield _last_contact(view)
    yield from _in_the_talk(view)
    if deal and deal.approach_hook:
        yield Fact("hook", quoted(deal.approach_hook) or "", deal)
    yield from _read_since(view)
    yield from _how_to_reach(view)
    yield from _owner(view, deal or view.case.subject)


def _of_deal(deal: Opportunity) -> Iterator[Fact]:
    for label, value in (
        ("product", quoted(deal.product)),
        ("amount", f"¥{deal.amount:,.0f}" if deal.amount is not None else None),
        ("probability", f"{deal.probability:.0f}%" if deal.probability is not None else None),
        ("stage", quoted(deal.stage)),
    ):
        if value:
            yield Fact(label, value, deal)


def _last_contact(view: View) -> Fact:
    texts, contact = view.practice.texts, view.contact
    if contact is None:
        return Fact("last_contact", texts["fact.never"])
    subject = f"「{quoted(contact.activity.subject)}」" if contact.activity.subject else ""
    form = texts[f"form.{contact.activity.form}"]
    return Fact("last_contact", f"{contact.day.isoformat()} {form}{subject}", contact.activity, dated=True)


def _in_the_talk(view: View) -> Iterator[Fact]:
    if view.contact is None:
        return
    activity = view.contact.activity
    present = [p for p in view.case.participants if {r.ref for r in p.records} & set(activity.people)]
    names = "、".join(quoted(p.person.name) or view.practice.texts["unknown"] for p in present)
    ours = view.case.users.get(activity.owner) if activity.owner else None
    if names or ours:
        both = " / ".join(part for part in (names, quoted(ours.name) if ours else "") if part)
        yield Fact("in_the_talk", both, activity, dated=True)


def _read_since(view: View) -> Iterator[Fact]:
    for record in _records(view.case):
        day = view.practice.calendar.local_date(record.last_visit_at) if record.last_visit_at else None
        if day and record.last_page_url and (view.contact is None or day > view.contact.day):
            yield Fact("read_since", f"{day.isoformat()} {quoted(record.last_page_url)}", record, dated=True)


def _how_to_reach(view: View) -> Iterator[Fact]:
    texts, primary = view.practice.texts, view.case.primary
    if primary is None:
        yield Fact("person", texts["person.unresolved"])
        return
    yield Fact("call_consent", texts[f"consent.{primary.call_consent}"])
    if primary.mail_consent is not Consent.YES:
        yield Fact("mail_consent", texts[f"mail.{primary.mail_consent}"])
    phones = [phone for r in primary.records for phone in (r.phone, r.mobile) if phone]
    if phones:
        # Full-width digits cannot be clicked or dialled.
        plain = (unicodedata.normalize("NFKC", quoted(phone) or "") for phone in phones)
        yield Fact("phone", " / ".join(dict.fromkeys(plain)), primary.person)


def _owner(view: View, owned: Opportunity | Account | Person) -> Iterator[Fact]:
    """Who at our company knows the deal; where that person has left, who to ask instead, with the history."""
    case, texts, managers = view.case, view.practice.texts, view.practice.managers
    label = {Kind.ACCOUNT: "owner_account", Kind.PERSON: "owner_person"}.get(owned.kind, "owner")
    owner = _user(case, owned.owner)
    if owner is None:
        return
    if owner.is_active:
        yield Fact(label, quoted(owner.name) or "", owned)
        return
    left = texts["owner.left"].format(name=quoted(owner.name))
    for role, user in (
        ("account_owner", _user(case, case.accounts[0].owner) if case.accounts else None),
        ("superior", _user(case, owner.manager)),
        ("manager", managers[0] if managers else None),
    ):
        if user and user.is_active:
            named = texts[f"owner.{role}"].format(name=quoted(user.name))
            yield Fact(label, f"{named}({left})", owner)
            return
    yield Fact(label, left, owner)


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
