"""What becomes of leads: the funnel lead → 精査 → 案件化 → 受注, the follow-up rate, and the age of the untouched.

Read from what the program of feedback remembers of each person. Section 9 of the practice. Called by `report`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from connector.programs.feedback import NAME as FEEDBACK
from connector.programs.practice.funnel import Stage
from connector.reporting.scope import Scope
from connector.reporting.table import Table, mean, percent, table
from connector.store import review

STAGES = tuple(Stage)
UNKNOWN = "-"


@dataclass
class _Leads:
    """Figures of all people."""

    reached: Counter[tuple[str, str, Stage]] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    touched: Counter[str] = field(default_factory=Counter)
    waited: Counter[str] = field(default_factory=Counter)
    untouched: Counter[str] = field(default_factory=Counter)
    age: Counter[str] = field(default_factory=Counter)
    oldest: dict[str, int] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)


def leads(scope: Scope) -> tuple[Table, ...]:
    """The funnel by product and source, the hand-overs of the month by who has them, and what they came to."""
    found = _Leads()
    for said in review.said_by(scope.tx, FEEDBACK):
        if said.facts.get("stage"):
            _add(scope, found, said.facts)
    return _funnel(scope, found), _handovers(found), _outcomes(found)


def _add(scope: Scope, found: _Leads, facts: Mapping[str, str]) -> None:
    furthest = STAGES.index(Stage(facts["stage"]))
    for by, value in (("all", ""), ("product", facts.get("product")), ("source", facts.get("lead_source"))):
        key = value if by == "all" else value or UNKNOWN
        found.reached.update((by, str(key), stage) for stage in STAGES[: furthest + 1])
    if not facts.get("passed_on"):
        return
    passed, touched = date.fromisoformat(facts["passed_on"]), facts.get("touched_on")
    holder = scope.person(facts.get("passed_to")) or UNKNOWN
    if passed in scope.month:
        found.passed[holder] += 1
        found.touched[holder] += bool(touched)
        found.waited[holder] += (date.fromisoformat(touched) - passed).days if touched else 0
        found.outcomes[facts.get("outcome") or "none"] += 1
    if not touched:
        age = (scope.today - passed).days
        found.untouched[holder] += 1
        found.age[holder] += age
        found.oldest[holder] = max(age, found.oldest.get(holder, age))


def _funnel(scope: Scope, found: _Leads) -> Table:
    minimum = scope.mappings.report.minimum_count
    order = ("all", "product", "source")
    keys = sorted({(by, value) for by, value, _ in found.reached}, key=lambda key: (order.index(key[0]), key[1]))
    rows = []
    for by, value in keys:
        counts = [found.reached[by, value, stage] for stage in STAGES]
        rates = [percent(after, before, minimum) for before, after in pairwise(counts)]
        rows.append((by, value, *counts, *rates))
    columns = (
        "by:code value:text lead:count vetted:count deal:count won:count vetted_rate:percent deal_rate:percent "
        "won_rate:percent"
    )
    return table("funnel", columns, rows)


def _handovers(found: _Leads) -> Table:
    """Passed this month; untouched are those of any month."""
    rows = (
        (
            holder,
            found.passed[holder],
            found.touched[holder],
            percent(found.touched[holder], found.passed[holder]),
            mean(found.waited[holder], found.touched[holder]),
            found.untouched[holder],
            mean(found.age[holder], found.untouched[holder]),
            found.oldest.get(holder),
        )
        for holder in sorted({*found.passed, *found.untouched})
    )
    columns = (
        "rep:text passed:count touched:count follow_up_rate:percent days_to_touch:days untouched:count "
        "untouched_mean_age:days untouched_oldest:days"
    )
    return table("handovers", columns, rows)


def _outcomes(found: _Leads) -> Table:
    ordered = sorted(found.outcomes.items(), key=lambda item: (-item[1], item[0]))
    return table("handover_outcomes", "outcome:code leads:count", ordered)
