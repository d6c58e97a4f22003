"""Decide: every case that changed or is due is judged by every program, and its standing kept.

A case's mark is cleared only in the transaction that stores what followed from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

import structlog

from connector.engine.deployment import Deployment
from connector.model.case import Case
from connector.model.errors import OkoshiError
from connector.model.intents import Decision, EnsureTask, Standing, WithdrawTask
from connector.model.plan import Change
from connector.model.records import SetAside
from connector.planning.changes import withdrawal
from connector.planning.gathering import Claim, gather
from connector.programs import Practice, Program
from connector.programs.practice import LeadTime
from connector.store import cases, ledger, marks, mirror, standings, statistics, team
from connector.store.standings import StandingRow
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

CHUNK = 500
"""Cases that are loaded at once: enough for few queries, few enough for flat memory."""

SETTINGS_VERSION = "settings_version"
"""The kept statistic that tells whether mappings have changed since the last cycle."""

WANTED, QUEUED = "wanted", "capacity"
"""Why a case waits: its turn has not come yet, or it came and there was no room."""

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
        managers=tuple(team.active_users(tx, rules.inside_sales_manager.role, deployment.sfa)),
        lead_times=_LeadTimes(
            tx, deployment.sfa, f"{deployment.calendar.local_date(now):%Y-%m}", deployment.calendar.zone
        ),
    )


class _LeadTimes(Mapping[str | None, LeadTime]):
    """Mean lead times of won deals, computed once a month and kept, so that one won deal does not move every other."""

    def __init__(self, tx: Transaction, sfa: str, month: str, zone: tzinfo) -> None:
        self._tx, self._sfa, self._month, self._zone = tx, sfa, month, zone

    def __getitem__(self, record_type: str | None) -> LeadTime:
        name = f"won_lead_time:{self._sfa}:{record_type or ''}"
        kept = statistics.get(self._tx, name, self._month)
        if kept is None:
            won, mean_days = statistics.won_lead_time(self._tx, record_type, self._zone, self._sfa)
            kept = {"won": won, "mean_days": mean_days}
            statistics.put(self._tx, name, self._month, kept)
        return LeadTime(won=int(kept["won"]), mean_days=float(kept["mean_days"]))

    def __iter__(self) -> Iterator[str | None]:
        return iter((None,))

    def __len__(self) -> int:
        return 1


def decide(deployment: Deployment, tx: Transaction, plan_id: str, now: datetime) -> None:
    """Judges all marked and due cases. Withdrawals enter the ledger here; new tasks are shared out afterwards."""
    standings.keep_only(tx, deployment.programs)
    _mark_after_new_settings(deployment, tx)
    ledger.adopt(tx)
    marks.spread(tx, deployment.sfa, deployment.users)
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
        marks.mark_all(tx, deployment.sfa)
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
            decision = judged(tx, program, case, settings, practice, now)
            if decision is None:
                if str(case.ref) in known:
                    text = practice.texts["plan.set_aside"]
                    standings.update_standing(tx, name, str(case.ref), Standing.EXCLUDED, "set_aside", text)
                continue
            rows.append(_in_queue(standing_row(name, case, decision, now), known.get(str(case.ref))))
            withdrawals += _withdrawals(deployment, case, decision)
        standings.save(tx, rows)
        standings.remove(tx, name, known.keys() - {str(case.ref) for case in loaded})
        ledger.plan(tx, withdrawals, plan_id, now, task_fields=deployment.task_fields)
        people |= {row.person_key for row in (*rows, *known.values()) if row.person_key}
    marks.clear(tx, refs)
    gather_people(tx, people, practice.texts)


def judged(
    tx: Transaction, program: Program, case: Case, settings: Any, practice: Practice, now: datetime
) -> Decision | None:
    """The program's decision; a case on which it fails is set aside and shown, and the others go on."""
    try:
        return program.evaluate(case, settings, practice, now)
    except OkoshiError:
        raise  # what it read its figures from is broken, not the case
    except Exception as error:  # noqa: BLE001 - one case must never stop a run, whatever is wrong with it
        log.warning("case cannot be judged", case=str(case.ref), program=program.name, error=type(error).__name__)
        kind = type(error).__name__
        reason = f"{program.name} cannot judge this deal ({kind}); correct the record, or report it to Okoshi"
        mirror.set_aside(tx, [SetAside(ref=case.ref, reason=reason)], now)
        return None


def _in_queue(row: StandingRow, before: StandingRow | None) -> StandingRow:
    """A case that waits in the queue keeps its place there, whatever else has changed about it."""
    waits = before is not None and row.standing is before.standing is Standing.WAITING
    return replace(row, reason=before.reason) if waits and before and before.reason == QUEUED else row


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


def gather_people(tx: Transaction, people: Iterable[str], texts: Mapping[str, str]) -> None:
    """Of each person's cases one leads; those that wait beside it are merged into its task, or released again."""
    claims: dict[str, list[StandingRow]] = {}
    for row in standings.of_people(tx, sorted(people)):
        claims.setdefault(row.person_key or "", []).append(row)
    for rows in claims.values():
        gathered = gather(
            Claim(row.case, row.program, row.name or row.case, row.standing, row.value or Decimal(0)) for row in rows
        )
        if gathered is None:
            continue
        leader = gathered.leader
        if leader.standing is Standing.MERGED:
            waiting = texts["plan.waiting"]
            standings.update_standing(tx, leader.program, leader.case, Standing.WAITING, WANTED, waiting)
        text = texts["plan.merged"].format(deal=leader.name)
        for claim in gathered.merged:
            standings.update_standing(tx, claim.program, claim.case, Standing.MERGED, "merged", text)
