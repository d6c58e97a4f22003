"""The company's own conditions: whether a program is to take care of a case at all.

The engine asks here with what any program has decided about a case; programs themselves need not.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from connector.mapping.condition import Condition, Facts, facts_of
from connector.model.case import Case
from connector.model.intents import Decision, Standing, WithdrawTask
from connector.model.records import Opportunity, Person, Record
from connector.programs.practice import Practice
from connector.programs.practice.settings import ProgramSettings

REASON = "only_if"


def holds(condition: Condition, case: Case, practice: Practice, now: datetime) -> bool:
    """Whether the condition is true of the case. What it asks for and is blank makes it untrue."""
    return condition.holds(facts(case, practice), practice.calendar.local_date(now))


def facts(case: Case, practice: Practice) -> Facts:
    """What a condition sees of a case: its deal, its company and its primary contact, each out of all its records."""
    deal: tuple[Record, ...] = (case.subject,) if isinstance(case.subject, Opportunity) else ()
    person: tuple[Record, ...] = case.primary.records if case.primary else ()
    if not person and isinstance(case.subject, Person):
        person = (case.subject,)
    company: tuple[Record, ...] = case.accounts or ((case.account,) if case.account else ())
    zone = practice.calendar.zone
    return {"deal": facts_of(deal, zone), "account": facts_of(company, zone), "person": facts_of(person, zone)}


def narrowed(
    program: str, decision: Decision, case: Case, settings: ProgramSettings, practice: Practice, now: datetime
) -> Decision:
    """The program's decision as the company's own condition leaves it: 対象外 where the condition does not hold.

    A condition says where to begin, not what to take back: what was issued stays and is seen through to its end, and
    tasks that are no longer needed are withdrawn all the same. A case that the program wants nothing of stays as it is.
    """
    condition = settings.only_if
    withdrawals = tuple(intent for intent in decision.intents if isinstance(intent, WithdrawTask))
    begins = len(withdrawals) < len(decision.intents)
    wants = begins or decision.standing in (Standing.WAITING, Standing.MERGED, Standing.EXCLUDED)
    if condition is None or decision.standing is Standing.ISSUED or not wants or holds(condition, case, practice, now):
        return decision
    known = case.occasions.get(program)
    ended = decision.occasion is not None and decision.occasion.ended
    return replace(
        decision,
        standing=Standing.EXCLUDED,
        reason=REASON,
        text=practice.texts["hold.only_if"].format(condition=condition.source),
        intents=withdrawals,
        because=decision.because if withdrawals else (),
        wake_at=_wake_at(condition, decision, practice, now),
        occasion=decision.occasion if ended else known,
        facts=dict(case.remembered.get(program, {})),
    )


def _wake_at(condition: Condition, decision: Decision, practice: Practice, now: datetime) -> datetime | None:
    """When the program wanted to look again, or tomorrow where the condition asks what day it is."""
    tomorrow = practice.calendar.start_of(practice.calendar.local_date(now) + timedelta(days=1))
    moments = (decision.wake_at, tomorrow if condition.looks_at_the_day else None)
    return min((moment for moment in moments if moment), default=None)
