"""What an account owner reads when a customer opens a cancellation page. The program of churn alerts calls it."""

from collections.abc import Iterator

from connector.model.plan import Because
from connector.programs.practice.churn_case import NAME, Customer
from connector.programs.practice.holds import must_not_call
from connector.programs.practice.signal_text import local_time, named, page_name
from connector.programs.practice.task_text import Fact, whom
from connector.programs.practice.view import View
from connector.programs.practice.visit import Visit


def opening(seen: Customer, view: View, visits: list[Visit]) -> str:
    """What to do and why now."""
    blocked = must_not_call(view)
    return seen.text("opening_no_call" if blocked else "opening").format(
        account=seen.shown_name,
        who=names_of(seen, visits),
        whom=whom(view),
        at=local_time(view, visits[0].at),
        why=blocked.text if blocked else "",
    )


def facts_of(seen: Customer, visits: list[Visit]) -> Iterator[Fact]:
    """The pages, the contract, and the answers that 解約理由 offers, as lines of the task's text."""
    case = seen.view.case
    sources = {event.ref: event for event in case.engagements}
    for visit in visits:
        yield Fact(seen.text("fact_page"), line_of(seen, "fact_value", visit), sources.get(visit.record), dated=True)
    if not seen.contract.inferred:
        told = next((account for account in case.accounts if account.ref == seen.contract.record), seen.account)
        yield Fact(seen.text("fact_contract"), contract_text(seen), told)
    reasons = seen.text("comma").join(seen.settings.reasons)
    yield Fact(seen.text("fact_reasons"), seen.text("reasons").format(reasons=reasons))


def because_of(seen: Customer, visits: list[Visit]) -> Iterator[Because]:
    """One piece of evidence a page."""
    for visit in visits:
        page = page_name(visit.url, visit.title)
        text = line_of(seen, "because", visit)
        yield Because(rule=f"{NAME}.page", record=str(visit.record), field="url", value=page, at=visit.at, text=text)


def why_contract(seen: Customer) -> Because:
    """What says that the company is under contract, or not."""
    found = seen.contract
    record = str(found.record or seen.account.ref)
    until = found.until.isoformat() if found.until else None
    text = contract_text(seen)
    return Because(rule=f"{NAME}.contract", record=record, field=found.field, value=until or found.state, text=text)


def contract_text(seen: Customer) -> str:
    """Where the contract stands; 【推定】 where no record says it."""
    found = seen.contract
    key = f"contract_{found.state}" + ("_inferred" if found.inferred else "") + ("_until" if found.until else "")
    return seen.text(key).format(until=found.until.isoformat() if found.until else "")


def line_of(seen: Customer, name: str, visit: Visit) -> str:
    """One opening in a text of the program."""
    who = named(visit.who, seen.view) if visit.who else seen.text("somebody")
    return seen.text(name).format(at=local_time(seen.view, visit.at), who=who, page=page_name(visit.url, visit.title))


def names_of(seen: Customer, visits: list[Visit]) -> str:
    """Who opened such pages, the latest first."""
    people = [named(visit.who, seen.view) if visit.who else seen.text("somebody") for visit in visits]
    return seen.text("comma").join(dict.fromkeys(people))
