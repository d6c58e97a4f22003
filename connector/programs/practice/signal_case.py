"""A deal watched for signals: its settings, what its people did on the web, and what was told of it before.

The program of signals and its parts share it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, cast

from pydantic import PositiveInt

from connector.model.case import Case, OwnTask, Participant
from connector.model.records import Opportunity, Ref
from connector.programs.practice.contracts import contract
from connector.programs.practice.losses import in_scope, is_lost, open_deal_instead
from connector.programs.practice.settings import ProgramSettings, Settings
from connector.programs.practice.signal_text import SignalText, has_no_part
from connector.programs.practice.signals import Signal, SignalRules, measure
from connector.programs.practice.stalling import stalled_from
from connector.programs.practice.view import View, key_of, look
from connector.programs.practice.visits import Traffic
from connector.programs.practice.waiting import OpenTask, open_task

NAME = "hot_signal"

Way = Literal["managers", "notice", "customer", "open_deal", "raised", "owner", "lost"]
"""Who acts: the managers' list; the owner is told; the account owner is told; the owner of the open deal that came
after the loss; the holder of an open task; the owner first; inside sales at once."""


class Subjects(Settings):
    """Subjects of the tasks, exactly so."""

    stalled: str = "滞留商談掘り起こし"
    lost: str = "失注商談掘り起こし"
    inside_sales: tuple[str, ...] = (
        "滞留商談掘り起こし", "失注商談掘り起こし", "四半期チェック", "フォローコール", "ニーズ種別の確認",
    )  # fmt: skip
    """Whose open task is with one of these acts, whoever made it."""
    log: str = "再検討シグナル"


class HotSignalSettings(ProgramSettings):
    """`mappings/programs/hot_signal.yaml`."""

    subjects: Subjects = Subjects()
    cool_down_days: PositiveInt = 7
    stronger_factor: Decimal = Decimal(2)
    owner_business_days: PositiveInt = 1
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60
    pages_shown: PositiveInt = 8
    people_shown: PositiveInt = 8
    signal: SignalRules = SignalRules()

    @property
    def subject(self) -> str:
        """What a task of another matter calls a signal that is merged into it."""
        return self.subjects.log

    @property
    def web_days(self) -> int:
        """A signal of the cool-down is measured again: its window and what was usual before."""
        return self.signal.window_days + self.signal.baseline_days + self.cool_down_days + 1


@dataclass(frozen=True, slots=True)
class Alerted:
    """What the last alert said, as it is remembered."""

    at: datetime
    total: Decimal
    way: Way
    short: str
    acted_at: datetime

    @classmethod
    def recall(cls, facts: Mapping[str, str]) -> "Alerted | None":
        """What `facts` wrote, if anything was told yet."""
        if "alerted_at" not in facts:
            return None
        at, acted = (datetime.fromisoformat(facts[name]) for name in ("alerted_at", "acted_at"))
        return cls(at, Decimal(facts["total"]), cast("Way", facts["way"]), facts["short"], acted)

    @property
    def facts(self) -> dict[str, str]:
        """For `Case.remembered`."""
        return {
            "alerted_at": self.at.isoformat(),
            "total": str(self.total),
            "way": self.way,
            "short": self.short,
            "acted_at": self.acted_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class SignalCase:
    """One case at one moment with what its people did on the web."""

    view: View
    settings: HotSignalSettings
    traffic: Traffic
    ours: tuple[OwnTask, ...]

    @property
    def deal(self) -> Opportunity:
        """The deal that is watched."""
        return self.view.case.opportunity

    def signal(self, moment: datetime) -> Signal:
        """How marked the activity was at a moment. Others of the company alone are enough where nobody is known."""
        calendar, known = self.view.practice.calendar, self.view.case.participants
        still_there = {key_of(person) for person in known if not person.left_company}
        return measure(self.traffic.until(moment), self.settings.signal, calendar, moment, still_there)

    def told(self, signal: Signal) -> SignalText:
        """The sentences about a signal."""
        return SignalText(self.view, signal, self.settings.signal, NAME, self.settings.people_shown)

    def of_deal_first(self, people: Iterable[Participant]) -> list[Participant]:
        """Those with a part in the deal, then the others of the company; otherwise in the order given."""
        return sorted(people, key=self._is_other)

    def part_takers(self, people: Iterable[Participant]) -> list[Participant]:
        """Those with a part in the deal; where none of these people has one, all of them."""
        everybody = list(people)
        return [person for person in everybody if not self._is_other(person)] or everybody

    def _is_other(self, who: Participant) -> bool:
        return has_no_part(who, self.view.case)

    def text(self, name: str) -> str:
        """A text of the program."""
        return self.view.practice.texts[f"{NAME}.{name}"]

    @property
    def is_stalled(self) -> bool:
        """Open, and stalled by the same rule by which inside sales gets its tasks."""
        return not self.deal.is_closed and self.view.today >= stalled_from(self.view)

    @property
    def is_workable_loss(self) -> bool:
        """Lost for a reason that is worked on."""
        return in_scope(self.view, self.deal, self.view.practice.rules.reasons)

    @property
    def is_customers_loss(self) -> bool:
        """Lost, and the company is a customer by now: nobody revives it."""
        found = contract(self.view.case, self.view.practice.rules.contracts, self.view.today)
        return is_lost(self.deal) and found.is_current

    def inside_sales_task(self, people: Iterable[Participant]) -> OpenTask | None:
        """The open task of inside sales that is due first: on this deal, or with one of these people."""
        records = {record.ref for person in people for record in person.records}
        return open_task(self.view, self.settings.subjects.inside_sales, records)

    def open_deal(self, people: Iterable[Participant] = ()) -> Opportunity | None:
        """Where a lost deal's talk goes on: an open deal of its product, or one that one of these people is on."""
        if not is_lost(self.deal):
            return None
        return open_deal_instead(self.view.case, self.deal) or next(self._open_deals_with(people), None)

    def _open_deals_with(self, people: Iterable[Participant]) -> Iterator[Opportunity]:
        everybody = list(people)
        case, records = self._with(everybody), {record.ref for person in everybody for record in person.records}
        named = {ref for act in case.activities if records & set(act.people) for ref in act.opportunities}
        deals = (case.other_deals[ref] for ref in sorted(named - case.same_deal) if ref in case.other_deals)
        yield from (deal for deal in deals if not deal.is_closed and not deal.deleted)

    def cool_until(self, alerted: Alerted) -> datetime:
        """When the next signal may be told that is not clearly stronger."""
        return alerted.at + timedelta(days=self.settings.cool_down_days)

    def about(self, who: Participant) -> View:
        """The case with this person as the one to call: consent, phone and holds are that person's."""
        key, case = key_of(who), self._with([who])
        people = tuple(replace(one, is_primary=key_of(one) == key) for one in case.participants)
        return look(replace(case, participants=people), self.view.practice, self.view.now)

    def with_part(self, people: Iterable[Participant]) -> View:
        """The case as if all of these had a part in the deal: what is done with them is done about it."""
        others = [person for person in people if self._is_other(person)]
        return look(self._with(others), self.view.practice, self.view.now) if others else self.view

    def _with(self, people: Iterable[Participant]) -> Case:
        """The case with these among its people: what others of the company did is with the company, unless they are."""
        case, others = self.view.case, [person for person in people if self._is_other(person)]
        records = {record.ref for person in others for record in person.records}
        theirs = tuple(one for one in case.account_activities if records & set(one.people))
        known = {deal.ref: deal for deal in case.deals if deal.ref not in case.same_deal}
        return replace(
            case,
            participants=(*case.participants, *others),
            activities=(*case.activities, *theirs),
            account_activities=tuple(one for one in case.account_activities if not records & set(one.people)),
            other_deals={**known, **case.other_deals} if theirs else case.other_deals,
        )

    def sfa_record(self, who: Participant) -> Ref | None:
        """The person's record in the SFA, if there is one; of somebody without a part in the deal only a contact.

        A deal's activity cannot name a lead.
        """
        here = [one for one in who.records if one.ref.system == self.view.practice.tasks.system]
        if self._is_other(who):
            here = [one for one in here if one.account is not None and one.lead_status is None and one.became is None]
        return next((one.ref for one in here), None)
