"""What all programs share of the company's practice: its figures here, and beside it how cases are read by its rules.

Programs import from this package and from nothing else of the programs room; it knows no program. Its modules:

- all programs: settings, conditions, view, touches, holds, occasions, own_tasks, withdrawals, task_text, months
- several: losses, contracts, statuses, leads (people), person_tasks, approach (whom a deal names), team (who is of IS),
  successor (of somebody who left), waiting (open tasks, reactions); pages, visit, visits, machines (the web)
- stalled and hot_signal: stalling; stalled and lost: manager_alert
- lost: approach_date, loss, loss_alerts, loss_nurturing, loss_requests, loss_scope, loss_text
- hot_signal: signal_case, signal_tasks, signal_text, signals
- churn_risk: churn_case, churn_text
- account_status and quarterly_check: status_rules, last_talk; one alone: status_memory, next_check
- freshness: spans
- handover: interest, lead_text, needs, new_person, receiving
- feedback: funnel, outcomes
- field_sync: field_memory, field_rules
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from connector.mapping.practice import PracticeRules
from connector.mapping.schema import TaskWriting, TouchRules
from connector.model.records import Ref, User
from connector.model.time import BusinessCalendar


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Mean days from creation to close of the company's won deals, and how many won deals that rests on."""

    won: int
    mean_days: float


@dataclass(frozen=True)
class Practice:
    """What every program needs of the company's practice: calendar, the table of touches, texts, and shared figures."""

    touches: TouchRules
    calendar: BusinessCalendar
    tasks: TaskWriting
    texts: Mapping[str, str]
    rules: PracticeRules = field(default_factory=PracticeRules)
    """What two programs must agree on: reasons of losses, contracts, account statuses, when a deal is stalled, bots."""
    managers: tuple[User, ...] = ()
    """Active users of the IS manager's role."""
    inside_sales: tuple[User, ...] = ()
    """Active users of the IS role."""
    go_live: date = date.min
    """The first day on which Okoshi worked here: what lies before it is history."""
    own_domains: frozenset[str] = frozenset()
    """Mail domains of our own company, in lower case: who has one is no customer."""
    lists: Mapping[str, Ref] = field(default_factory=dict)
    """The MA's lists that are filled by hand, by name."""
    lead_times: Mapping[str | None, LeadTime] = field(default_factory=dict)
    """By record type; `None` is the whole company."""
