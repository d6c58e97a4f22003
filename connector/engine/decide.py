"""Decide: every case that changed or is due is judged by every program, and its standing kept.

A case's mark is cleared only in the transaction that stores what followed from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import structlog

from connector.engine.assigned import assigned_tasks
from connector.engine.deployment import Deployment
from connector.engine.effects import Decided, Effects, effects
from connector.identity.web import proves_company, registrable_domain
from connector.model.case import Case
from connector.model.errors import OkoshiError
from connector.model.intents import HOLDER_LEFT, Decision, EnsureTask, Standing
from connector.model.plan import Change
from connector.model.records import Kind, MarketingList, SetAside, User
from connector.planning.gathering import Claim, gather
from connector.programs import Practice, Program
from connector.programs.practice import LeadTime
from connector.programs.practice.conditions import narrowed
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

FILLED_BY_HAND = ("MANUAL", "SNAPSHOT")
"""Lists of the MA that people can be put on; it fills the others by itself."""


GO_LIVE = "go_live"
"""The kept statistic that tells since when Okoshi works here."""


def practice_of(deployment: Deployment, tx: Transaction, now: datetime) -> Practice:
    """What programs need of the company's practice, as it is now."""
    rules = deployment.mappings.team
    users = team.users_of(tx, deployment.sfa)
    lists = (
        one
        for system in deployment.mappings.systems
        for one in mirror.stream(tx, Kind.MARKETING_LIST, system)
        if isinstance(one, MarketingList)
    )
    return Practice(
        touches=deployment.mappings.touches,
        rules=deployment.mappings.practice,
        calendar=deployment.calendar,
        tasks=deployment.mappings.tasks,
        texts=deployment.texts,
        managers=tuple(user for user in users if user.is_active and user.role == rules.inside_sales_manager.role),
        inside_sales=tuple(user for user in users if user.is_active and user.role == rules.inside_sales.role),
        go_live=_go_live(deployment, tx, now),
        own_domains=frozenset(domain.lower() for domain in (*rules.own_domains, *_domains(users))),
        lists={one.name: one.ref for one in lists if one.name and one.type in FILLED_BY_HAND},
        lead_times=_LeadTimes(
            tx, deployment.sfa, f"{deployment.calendar.local_date(now):%Y-%m}", deployment.calendar.zone
        ),
    )


def _go_live(deployment: Deployment, tx: Transaction, now: datetime) -> date:
    """As it is set, else the day of the first decision, which is kept."""
    rules = deployment.mappings.team
    if rules.go_live:
        return rules.go_live
    kept = statistics.get(tx, GO_LIVE, "")
    if kept is None:
        kept = {"day": deployment.calendar.local_date(now).isoformat()}
        statistics.put(tx, GO_LIVE, "", kept)
    return date.fromisoformat(str(kept["day"]))


def _domains(users: Iterable[User]) -> set[str]:
    """The mail domains of our own people; one that anybody can have an address at tells nothing."""
    addresses = (user.email for user in users if user.is_active and user.email and "@" in user.email)
    found = {address.rsplit("@", 1)[1].lower() for address in addresses}
    return {domain for domain in found if proves_company(registrable_domain(domain))}


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
    """Judges these cases by every program, keeps what follows from it, and clears their marks."""
    known = {name: standings.get(tx, name, refs) for name in deployment.programs}
    wanted = _wanted(deployment, tx, refs, known)
    found = [ref for ref in refs if wanted[ref]]
    loaded = load_cases(deployment, tx, found, now)
    decided: list[Decided] = []
    for case in loaded:
        decided += _judged_by_all(deployment, tx, case, wanted[str(case.ref)], practice, now)
    drawn = effects(deployment, tx, decided)
    rows = [_in_queue(standing_row(deployment, one, now), known[one.program].get(str(one.case.ref))) for one in decided]
    rows = about_one_person([_tried_again(row, drawn, deployment.calendar.next_business_day(now)) for row in rows])
    standings.save(tx, [row for row in rows if row.case in known[row.program] or _is_worth_keeping(row)])
    there = {str(case.ref) for case in loaded}
    for name, rows_of in known.items():
        standings.remove(tx, name, rows_of.keys() - there)
    today = practice.calendar.start_of(practice.calendar.local_date(now))
    ledger.plan(tx, drawn.changes, plan_id, now, task_fields=deployment.task_fields, refused_before=today)
    ledger.plan(tx, list(_extra_tasks(deployment, tx, decided)), plan_id, now, task_fields=deployment.task_fields)
    marks.clear(tx, refs)
    before = [row for rows_of in known.values() for row in rows_of.values()]
    gather_people(tx, {row.person_key for row in (*rows, *before) if row.person_key}, practice.texts)


def load_cases(deployment: Deployment, tx: Transaction, refs: Sequence[str], now: datetime) -> list[Case]:
    """The cases of these records as the programs see them, the same wherever one is judged."""
    # What others of a deal's company did on the web is read as far back as any program looks.
    days = max((getattr(settings, "web_days", 0) for _, settings in deployment.programs.values()), default=0)
    since = now - timedelta(days=days) if days else None
    return cases.load(tx, refs, deployment.sfa, deployment.translate, since)


def about_one_person(rows: Sequence[StandingRow]) -> list[StandingRow]:
    """The rows of some cases, where several programs want a task of IS for one case at the same time.

    All of them are about the person of the most valuable one then (or about the case, where none knows a person), so
    that one leads and the others are merged into it: otherwise the case would get two tasks at once.
    """
    wanted: dict[str, list[StandingRow]] = {}
    for row in rows:
        if row.standing is Standing.WAITING and not row.assignee:
            wanted.setdefault(row.case, []).append(row)
    whose: dict[tuple[str, str], str] = {}
    for case, several in wanted.items():
        if len(several) > 1:
            ranked = sorted(several, key=lambda row: (row.rank, -(row.value or 0), row.program))
            person = next((row.person_key for row in ranked if row.person_key), case)
            whose.update({(row.program, case): person for row in several})
    return [replace(row, person_key=whose.get((row.program, row.case), row.person_key)) for row in rows]


def _tried_again(row: StandingRow, drawn: Effects, again: datetime) -> StandingRow:
    """The row with what no field took; on the next business day the field may take it."""
    unwritten = tuple(drawn.unwritten.get((row.program, row.case), ()))
    if not unwritten:
        return row
    return replace(row, unwritten=unwritten, wake_at=min(row.wake_at or again, again))


def _wanted(
    deployment: Deployment, tx: Transaction, refs: Sequence[str], known: Mapping[str, Mapping[str, StandingRow]]
) -> dict[str, list[str]]:
    """By which programs each of these is to be judged: those that it concerns, or that have said something of it."""
    wanted: dict[str, list[str]] = {ref: [name for name, rows in known.items() if ref in rows] for ref in refs}
    for subject in cases.subjects(tx, refs):
        names = wanted[str(subject.ref)]
        for name, (program, _) in deployment.programs.items():
            if name not in names and subject.kind in program.about and program.concerns(subject):
                names.append(name)
    return wanted


def _judged_by_all(
    deployment: Deployment, tx: Transaction, case: Case, names: Sequence[str], practice: Practice, now: datetime
) -> Iterator[Decided]:
    for name in names:
        program, settings = deployment.programs[name]
        decision = judged(tx, program, case, settings, practice, now)
        if decision is not None:
            yield Decided(name, case, decision)
        else:
            text = practice.texts["plan.set_aside"]
            standings.update_standing(tx, name, str(case.ref), Standing.EXCLUDED, "set_aside", text)


def _is_worth_keeping(row: StandingRow) -> bool:
    """Whether the next cycle would miss it: most records of a company are of no interest to most programs."""
    return row.standing is not Standing.NOT_ELIGIBLE or bool(row.wake_at or row.occasion or row.facts)


def _extra_tasks(deployment: Deployment, tx: Transaction, decided: Iterable[Decided]) -> Iterator[Change]:
    """Tasks for a certain person beside one that is there already: they wait for nobody's turn."""
    for one in decided:
        if one.decision.standing is Standing.ISSUED:
            yield from assigned_tasks(deployment, tx, one)


def judged(
    tx: Transaction, program: Program, case: Case, settings: Any, practice: Practice, now: datetime
) -> Decision | None:
    """The program's decision; a case on which it fails is set aside and shown, and the others go on."""
    try:
        decision = program.evaluate(case, settings, practice, now)
        return narrowed(program.name, decision, case, settings, practice, now)
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
    if before is None:
        return row
    if row.person_key is None and (row.standing is Standing.ISSUED or _is_abandoned(row)):
        # Whom the task is for was said when it was wanted.
        return replace(row, person_key=before.person_key)
    waits = row.standing is before.standing is Standing.WAITING
    return replace(row, reason=before.reason) if waits and before.reason == QUEUED else row


def _is_abandoned(row: StandingRow) -> bool:
    """There is an open task, and nobody who works on it."""
    return row.standing is Standing.EXCLUDED and row.reason == HOLDER_LEFT


def standing_row(deployment: Deployment, one: Decided, now: datetime) -> StandingRow:
    """A decision as it is kept between cycles; the text of a task is made anew when its turn comes."""
    case, decision = one.case, one.decision
    task = next((intent for intent in decision.intents if isinstance(intent, EnsureTask)), None)
    owner = case.users.get(task.account_owner) if task and task.account_owner else None
    # What a program itself has merged into another task is none that could lead.
    given = task.person_key if task else decision.facts.get("person_key")
    person = None if decision.standing is Standing.MERGED else given
    return StandingRow(
        program=one.program,
        case=str(case.ref),
        standing=decision.standing,
        reason=decision.reason,
        text=decision.text,
        name=case.subject.name,
        rank=deployment.mappings.team.rank(task.matter if task else one.program),
        value=task.value if task else Decimal(0),
        person_key=person or None,
        assignee=task.assignee.id if task and task.assignee else None,
        beyond_capacity=bool(task and task.beyond_capacity),
        account_owner=owner.email if owner else None,
        facts=decision.facts,
        because=decision.because,
        occasion=decision.occasion,
        wake_at=decision.wake_at,
        basis=case.version,
        updated_at=now,
    )


def gather_people(tx: Transaction, people: Iterable[str], texts: Mapping[str, str]) -> None:
    """Of each person's cases one leads; those that wait beside it are merged into its task, or released again."""
    claims: dict[str, list[StandingRow]] = {}
    for row in standings.of_people(tx, sorted(people)):
        claims.setdefault(row.person_key or "", []).append(row)
    for rows in claims.values():
        gathered = gather(
            Claim(
                row.case,
                row.program,
                row.name or row.case,
                row.standing,
                row.value or Decimal(0),
                row.rank,
                row.beyond_capacity,
                _is_abandoned(row),
            )
            for row in rows
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
