"""What every program says of one record's case, and when it looks again. Asks no vendor and writes nothing.

Called by `okoshi explain`. It is the same walk as in a run, so what it tells is what a run would do.
"""

from dataclasses import dataclass
from datetime import datetime

from connector.engine.assigned import tasks_of
from connector.engine.decide import judged, load_cases, practice_of
from connector.engine.deployment import Deployment
from connector.engine.effects import Decided, effects
from connector.model.case import Case
from connector.model.intents import Decision, EnsureTask
from connector.model.plan import Change
from connector.model.records import Ref
from connector.programs.practice.view import View, look
from connector.store import clusters, standings
from connector.store.standings import StandingRow
from connector.store.store import Transaction


@dataclass(frozen=True, slots=True)
class Verdict:
    """One program's word: what it decides now, and where the case has stood since the last run, if it stood anywhere.

    `decision` is `None` where the program cannot judge the case.
    """

    program: str
    decision: Decision | None
    kept: StandingRow | None
    tasks: tuple[EnsureTask, ...]
    changes: tuple[Change, ...]
    """What it wants to write besides tasks and is not so yet."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A case with what was read in it, and the verdicts of the programs that it concerns."""

    case: Case
    view: View
    verdicts: tuple[Verdict, ...]
    unconcerned: tuple[str, ...]
    """Programs that are about such records, but not about this one."""


def explain(deployment: Deployment, tx: Transaction, record: Ref, now: datetime) -> Explained | None:
    """The case of this record; `None` where it was never read or is deleted. `tx` is a scratch transaction."""
    names = sorted(clusters.members(tx, [str(record)])[str(record)])
    found = load_cases(deployment, tx, [str(record), *names], now)
    if not found:
        return None
    case, practice = found[0], practice_of(deployment, tx, now)
    verdicts: list[Verdict] = []
    unconcerned: list[str] = []
    for name, (program, settings) in deployment.programs.items():
        kept = standings.get(tx, name, [str(case.ref)]).get(str(case.ref))
        if case.kind not in program.about:
            continue
        if kept is None and not program.concerns(case.subject):
            unconcerned.append(name)
            continue
        decision = judged(tx, program, case, settings, practice, now)
        decided = [Decided(name, case, decision)] if decision else []
        changes = effects(deployment, tx, decided).changes
        tasks = tuple(task for one in decided for task in tasks_of(one))
        verdicts.append(Verdict(name, decision, kept, tasks, tuple(changes)))
    return Explained(case, look(case, practice, now), tuple(verdicts), tuple(unconcerned))
