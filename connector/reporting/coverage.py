"""ダブルチェック: every eligible case in exactly one of 発行済, 他タスクに集約, 枠待ち, 対象外 and 漏れ.

What is eligible is found out anew from the records, for stalled and lost deals, and compared with what the programs
said: a case that nobody judged cannot hide. Section 10 of the practice. Called by `report`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.model.intents import Standing
from connector.model.records import Opportunity
from connector.programs.practice.loss import NAME as LOST
from connector.programs.practice.losses import is_lost
from connector.programs.practice.own_tasks import tasks_of_subject
from connector.programs.practice.view import View, look
from connector.programs.stalled import NAME as STALLED
from connector.programs.stalled import StalledSettings
from connector.reporting.scope import Scope
from connector.reporting.stalls import Stalls
from connector.reporting.table import Table, table
from connector.store import marks, review, standings
from connector.store.standings import StandingRow

GROUPS = (Standing.ISSUED, Standing.MERGED, Standing.WAITING, Standing.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Leak:
    """A case that should be in a group and is in none. `eligible`: the program itself counts it as eligible."""

    program: str
    case: str
    name: str | None
    why: str
    eligible: bool


@dataclass
class Coverage:
    """Sees deals, a chunk at a time, and remembers those that fell through."""

    scope: Scope
    leaks: list[Leak] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stalls = Stalls(self.scope)

    def see_lost(self, deals: list[Opportunity]) -> None:
        """Every lost deal is eligible: worked on, or out of scope for a stated reason."""
        if LOST not in self.scope.programs:
            return
        said = standings.get(self.scope.tx, LOST, [str(deal.ref) for deal in deals])
        for deal in deals:
            row = said.get(str(deal.ref))
            if is_lost(deal) and (row is None or row.standing not in GROUPS):
                self.leaks.append(Leak(LOST, str(deal.ref), deal.name, "not_judged", eligible=False))

    def see_open(self, views: list[View]) -> None:
        """Open deals that nobody was in contact about for as long as is set."""
        settings = self.scope.programs.get(STALLED)
        if settings is None:
            return
        said = standings.get(self.scope.tx, STALLED, [str(view.case.ref) for view in views])
        coming = review.on_their_way(self.scope.tx, STALLED)
        for seen in views:
            view = look(seen.case, self.scope.practice, self.scope.judged_at)
            row = said.get(str(view.case.ref))
            why = self._why_leaked(view, row, settings, on_its_way=str(view.case.ref) in coming)
            if why:
                eligible = row is not None and row.standing in GROUPS
                self.leaks.append(Leak(STALLED, str(view.case.ref), view.case.subject.name, why, eligible))

    def _why_leaked(
        self, view: View, row: StandingRow | None, settings: StalledSettings, *, on_its_way: bool
    ) -> str | None:
        if row is None or row.standing not in GROUPS:
            return "not_judged" if view.today >= self._stalls.first_day(view) else None
        if row.standing is not Standing.ISSUED or on_its_way:
            return None
        found = tasks_of_subject(view.case, settings.subject, STALLED)
        return None if found.ours_open or found.others_open else "no_task"

    def tables(self) -> tuple[Table, Table, Table]:
        """The five groups by program, why cases are 対象外, and the leaks by name."""
        leaks = {(leak.program, leak.case): leak for leak in (*self._unbacked(), *self.leaks)}
        figures = "eligible:count issued:count merged:count waiting:count excluded:count leaks:count"
        counts = table("standings", f"program:code {figures}", self._counts(list(leaks.values())))
        why = review.reasons(self.scope.tx, Standing.EXCLUDED)
        named = ((one.program, one.case, one.name, one.why) for _, one in sorted(leaks.items()))
        return (
            counts,
            table("excluded", "program:code reason:code cases:count", why),
            table("leaks", "program:code record:ref name:text why:code", named),
        )

    def _unbacked(self) -> Iterator[Leak]:
        for program in self.scope.programs:
            for case, name in review.unbacked(self.scope.tx, program):
                yield Leak(program, case, name, "no_task", eligible=True)

    def _counts(self, leaks: list[Leak]) -> Iterator[tuple[str, int, int, int, int, int, int]]:
        unseen = Counter(leak.program for leak in leaks if not leak.eligible)
        unbacked = Counter(leak.program for leak in leaks if leak.eligible)
        for program in self.scope.programs:
            found = standings.counts(self.scope.tx, program)
            eligible = sum(found[group] for group in GROUPS) + unseen[program]
            if eligible:
                issued, merged, waiting, excluded = (found[group] for group in GROUPS)
                issued -= unbacked[program]
                leaked = unseen[program] + unbacked[program]
                yield program, eligible, issued, merged, waiting, excluded, leaked

    def not_judged_yet(self) -> int:
        """Cases that changed and that no run has looked at yet, of whatever program."""
        return marks.count(self.scope.tx)
