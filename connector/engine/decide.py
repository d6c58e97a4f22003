"""Decide: every case that changed or is due is judged by every program, and its standing kept.

A case's mark is cleared only in the transaction that stores what followed from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from connector.engine.deployment import Deployment
from connector.model.case import Case
from connector.model.intents import Decision, EnsureTask, Standing, WithdrawTask
from connector.model.plan import Change
from connector.planning.changes import withdrawal
from connector.planning.gathering import Claim, gather
from connector.programs import Practice
from connector.programs.practice import LeadTime
from connector.store import cases, ledger, marks, standings, statistics, team
from connector.store.standings import StandingRow
from connector.store.store import Transaction

CHUNK = 500
"""Cases that are loaded at once: enough for few queries, few enough for flat memory."""

SETTINGS_VERSION = "settings_version"
"""The kept statistic that tells whether mappings have changed since the last cycle."""

ACCOUNT_OWNER = "account_owner"
"""The fact that holds the mail address of the account's owner, for the rule `account_owner_partner`."""


def practice_of(deployment: Deployment, tx: Transaction, now: datetime) -> Practice:
    """What programs need of the company's practice, as it is now."""
    rules = deployment.mappings.team
    return Practice(
        touches=deployment.mappings.touches,
        calendar=deployment.calendar,
        tasks=deployment.mappings.tasks,
        texts=deployment.texts,
        managers=tuple(team.active_users(tx, rules.inside_sales_manager.role)),
        lead_times=_LeadTimes(tx, f"{deployment.calendar.local_date(now):%Y-%m}", deployment.calendar.zone),
    )


class _LeadTimes(Mapping[str | None, LeadTime]):
    """Mean lead times of won deals, computed once a month and kept, so that one won deal does not move every other."""

    def __init__(self, tx: Transaction, month: str, zone: tzinfo) -> None:
        self._tx, self._month, self._zone = tx, month, zone

    def __getitem__(self, record_type: str | None) -> LeadTime:
        name = f"won_lead_time:{record_type or ''}"
        kept = statistics.get(self._tx, name, self._month)
        if kept is None:
            won, mean_days = statistics.won_lead_time(self._tx, record_type, self._zone)
            kept = {"won": won, "mean_days": mean_days}
            statistics.put(self._tx, name, self._month, kept)
        return LeadTime(won=int(kept["won"]), mean_days=float(kept["mean_days"]))

    def __iter__(self) -> Iterator[str | None]:
        return iter((None,))

    def __len__(self) -> int:
        return 1


def decide(deployment: Deployment, tx: Transaction, plan_id: str, now: datetime) -> None:
    """Judges all marked and due cases. Withdrawals enter the ledger here; new tasks are shared out afterwards."""
    _mark_after_new_settings(deployment, tx)
    marks.spread(tx)
    practice = practice_of(deployment, tx, now)
    deployment.progress.stage("decide")
    while refs := marks.due(tx, now, CHUNK):
        judge(deployment, tx, practice, refs, plan_id, now)
        tx.checkpoint()
        deployment.progress.advance(len(refs))


def _mark_after_new_settings(deployment: Deployment, tx: Transaction) -> None:
    version = deployment.settings_version
    known = statistics.get(tx, SETTINGS_VERSION, "")
    if known is None or known["version"] != version:
        marks.mark_all(tx)
        statistics.put(tx, SETTINGS_VERSION, "", {"version": version})


def judge(
    deployment: Deployment, tx: Transaction, practice: Practice, refs: Sequence[str], plan_id: str, now: datetime
) -> None:
    """Judges these cases by every program, keeps their standings and withdrawals, and clears their marks."""
    people: set[str] = set()
    for name, (program, settings) in deployment.programs.items():
        known = standings.get(tx, name, refs)
        wanted = {str(deal.ref) for deal in cases.opportunities(tx, refs) if program.concerns(deal)}
        loaded = cases.load(tx, [ref for ref in refs if ref in wanted or ref in known])
        rows, withdrawals = [], []
        for case in loaded:
            decision = program.evaluate(case, settings, practice, now)
            rows.append(standing_row(name, case, decision, now))
            withdrawals += _withdrawals(deployment, case, decision)
        standings.save(tx, rows)
        standings.remove(tx, name, known.keys() - {row.case for row in rows})
        ledger.plan(tx, withdrawals, plan_id, now, task_fields=deployment.task_fields)
        people |= {row.person_key for row in (*rows, *known.values()) if row.person_key}
    marks.clear(tx, refs)
    _gather(tx, people, practice.texts)


def standing_row(program: str, case: Case, decision: Decision, now: datetime) -> StandingRow:
    """A decision as it is kept between cycles; the text of a task is made anew when its turn comes."""
    task = next((intent for intent in decision.intents if isinstance(intent, EnsureTask)), None)
    owner = case.users.get(task.account_owner) if task and task.account_owner else None
    return StandingRow(
        program=program,
        case=str(case.ref),
        standing=decision.standing,
        reason=decision.reason,
        text=decision.text,
        name=case.opportunity.name,
        value=task.value if task else Decimal(0),
        person_key=decision.facts.get("person_key") or None,
        facts={ACCOUNT_OWNER: owner.email} if owner and owner.email else {},
        because=decision.because,
        occasion=decision.occasion,
        wake_at=decision.wake_at,
        basis=case.version,
        updated_at=now,
    )


def _withdrawals(deployment: Deployment, case: Case, decision: Decision) -> list[Change]:
    return [
        withdrawal(intent, str(case.ref), decision.because, case.version, deployment.mappings.tasks)
        for intent in decision.intents
        if isinstance(intent, WithdrawTask)
    ]


def _gather(tx: Transaction, people: Iterable[str], texts: Mapping[str, str]) -> None:
    """Of each person's cases one leads; those that wait beside it are merged into its task, or released again."""
    claims: dict[str, list[StandingRow]] = {}
    for row in standings.of_people(tx, sorted(people)):
        claims.setdefault(row.person_key or "", []).append(row)
    for rows in claims.values():
        gathered = gather(Claim(r.case, r.name or r.case, r.standing, r.value or Decimal(0)) for r in rows)
        if gathered is None:
            continue
        by_case = {row.case: row for row in rows}
        if gathered.leader.standing is Standing.MERGED:
            row = by_case[gathered.leader.case]
            standings.update_standing(tx, row.program, row.case, Standing.WAITING, "wanted", texts["plan.waiting"])
        text = texts["plan.merged"].format(deal=gathered.leader.name)
        for claim in gathered.merged:
            row = by_case[claim.case]
            standings.update_standing(tx, row.program, row.case, Standing.MERGED, "merged", text)
