"""`mappings/practice.yaml`: what a company's words and figures mean, wherever more than one program asks.

Programs and reports read it; programs cannot see each other's settings, so what two of them must agree on is said here
once. Knows the model's words, no program and no text that is shown.
"""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from connector.model.plan import Frozen
from connector.model.records import Opportunity


def folded(text: str) -> str:
    """Without the differences of width, case and blanks that people do not mean."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


# --- losses --------------------------------------------------------------------------------------------------------


class LossReason(StrEnum):
    """The reasons that the rules know, and every other one."""

    POSTPONED = "postponed"  # ペンディング(先送り)
    COMPETITOR = "competitor"  # 他社導入
    CONTACT_LOST = "contact_lost"  # 音信不通
    PRICE = "price"  # 価格懸念
    OTHER = "other"


class Scope(StrEnum):
    """Whether a lost deal is worked on again: in its turn, after all others, or not at all."""

    IN = "in"
    LOW = "low"
    OUT = "out"


class ReasonRule(Frozen):
    """What follows from a reason: in scope or not, nurtured by the MA or not, and after how long IS tries again."""

    values: tuple[str, ...] = ()
    """The picklist's values that mean this reason; width, case and blanks make no difference."""
    scope: Scope = Scope.IN
    dated_scope: Scope | None = None
    """The scope once a person has set 次回アプローチ日; nothing given: the same."""
    nurture: bool = False
    interval_months: PositiveInt = 6


_POSTPONED = (
    "ペンディング", "先送り", "ペンディング(先送り)", "先送り(ペンディング)", "保留", "延期", "検討延期", "導入延期",
    "時期見送り", "時期尚早", "postponed", "Pending", "On Hold", "Bad Timing",
)  # fmt: skip
_COMPETITOR = (
    "他社導入", "他社決定", "他社採用", "他社選定", "競合", "競合他社", "競合負け", "競合失注",
    "competitor", "Lost to Competitor",
)  # fmt: skip
_CONTACT_LOST = (
    "音信不通", "連絡不通", "連絡つかず", "連絡取れず", "連絡が取れない",
    "contact_lost", "No Response", "Unresponsive", "Gone Dark",
)  # fmt: skip
_PRICE = (
    "価格懸念", "価格", "価格面", "価格が合わない", "価格不一致", "価格が高い", "料金",
    "price", "Pricing", "Too Expensive",
)  # fmt: skip


class LossReasons(Frozen):
    """Each known reason with its picklist values and what follows from it; `own` are further ones of the company."""

    postponed: ReasonRule = ReasonRule(values=_POSTPONED, nurture=True, interval_months=6)
    competitor: ReasonRule = ReasonRule(values=_COMPETITOR, interval_months=9)
    contact_lost: ReasonRule = ReasonRule(values=_CONTACT_LOST, nurture=True, interval_months=3)
    price: ReasonRule = ReasonRule(values=_PRICE, scope=Scope.OUT, dated_scope=Scope.LOW)
    blank: ReasonRule = ReasonRule(scope=Scope.LOW)
    other: ReasonRule = ReasonRule(scope=Scope.OUT)
    own: dict[str, ReasonRule] = Field(default_factory=dict)
    """By picklist value: reasons that the company wants treated otherwise than `other`."""

    @cached_property
    def _codes(self) -> dict[str, LossReason]:
        known = (LossReason.POSTPONED, LossReason.COMPETITOR, LossReason.CONTACT_LOST, LossReason.PRICE)
        rules = {code: getattr(self, code.value) for code in known}
        return {folded(value): code for code, rule in rules.items() for value in rule.values}

    @cached_property
    def _own(self) -> dict[str, ReasonRule]:
        return {folded(value): rule for key, rule in self.own.items() for value in (key, *rule.values)}

    def reason(self, value: str | None) -> LossReason | None:
        """The reason that a picklist's value means; `None`: blank, nobody has said so (理由未入力)."""
        known = folded(value or "")
        return self._codes.get(known, LossReason.OTHER) if known else None

    def rule(self, deal: Opportunity) -> ReasonRule:
        """What follows from the reason of a lost deal, blank or not."""
        reason = self.reason(deal.lost_reason)
        if reason is None:
            return self.blank
        own = self._own.get(folded(deal.lost_reason or ""))
        rule: ReasonRule = own or getattr(self, reason.value)
        return rule


# --- contracts -----------------------------------------------------------------------------------------------------


class ContractRules(Frozen):
    """How a contract is told, where no contract end date is mapped."""

    current_values: tuple[str, ...] = ("契約中", "利用中", "契約済", "有効", "Active", "Activated", "Customer")
    """Contract statuses that mean: under contract. Width, case and blanks make no difference."""
    ended_values: tuple[str, ...] = (
        "契約終了", "解約", "解約済", "終了", "満了", "Ended", "Expired", "Terminated", "Cancelled",
    )  # fmt: skip
    none_values: tuple[str, ...] = ("未契約", "None", "Prospect")
    inferred_months: PositiveInt | None = None
    """How long a contract that is inferred from a won deal runs; nothing given: until something says otherwise."""


# --- account statuses ----------------------------------------------------------------------------------------------


class Status(StrEnum):
    """The eight values of アカウントステータス, in their precedence: the first that applies is a company's status."""

    ARCHIVED = "archived"  # 登録保存
    UNQUALIFIED = "unqualified"  # 不適合
    ACTIVE_OPPORTUNITY = "active_opportunity"  # アクティブ案件
    CUSTOMER = "customer"  # 現在の顧客
    WORKING = "working"  # ワーキング
    QUARTERLY_CHECK = "quarterly_check"  # 四半期チェック案件
    LOST = "lost"  # 失注案件
    COLD = "cold"  # コールド

    @property
    def precedence(self) -> int:
        """Its place in the precedence, from 0 on; the lowest leads."""
        return list(Status).index(self)


BY_PEOPLE_ONLY = frozenset({Status.ARCHIVED, Status.UNQUALIFIED})
"""No rule ever gives these, and no rule ever takes them away."""

LABELS: Mapping[Status, str] = {
    Status.COLD: "コールド",
    Status.WORKING: "ワーキング",
    Status.ACTIVE_OPPORTUNITY: "アクティブ案件",
    Status.QUARTERLY_CHECK: "四半期チェック案件",
    Status.LOST: "失注案件",
    Status.CUSTOMER: "現在の顧客",
    Status.UNQUALIFIED: "不適合",
    Status.ARCHIVED: "登録保存",
}


class StatusRules(Frozen):
    """How the eight values are spelt, and the one figure of the table that gives them."""

    labels: dict[Status, str] = Field(default_factory=lambda: dict(LABELS))
    """As written and read in the SFA."""
    labels_in: dict[str, dict[Status, str]] = Field(default_factory=dict)
    """By system, where one spells values in its own way."""
    also_read: dict[str, Status] = Field(default_factory=dict)
    """Other spellings that people use, and what they mean."""
    working_days: PositiveInt = 30
    """Somebody acted within so many days: ワーキング."""

    @model_validator(mode="after")
    def _complete(self) -> "StatusRules":
        missing = [status.value for status in Status if not self.labels.get(status)]
        if missing:
            raise ValueError(f"labels: every value needs its label; missing: {', '.join(missing)}")
        for labels in (self.labels, *self.labels_in.values()):
            if len({folded(label) for label in labels.values()}) < len(labels):
                raise ValueError("labels: two values have the same label, so it could not be read back")
        return self

    @cached_property
    def _read(self) -> dict[str, Status]:
        spelt = {folded(status.value): status for status in Status}
        for labels in (*self.labels_in.values(), self.labels):
            spelt |= {folded(label): status for status, label in labels.items()}
        return spelt | {folded(text): status for text, status in self.also_read.items()}

    def read(self, text: str | None) -> Status | None:
        """The value that a field's text means; `None`: blank, or a value of the org's own."""
        return self._read.get(folded(text)) if text else None

    def write(self, status: Status, system: str) -> str:
        """The value's spelling in a system."""
        return self.labels_in.get(system, {}).get(status) or self.labels[status]


# --- stalled deals -------------------------------------------------------------------------------------------------


class StalledDays(Frozen):
    """Days without contact until a deal counts as stalled; `auto` for short-cycle products."""

    default: PositiveInt | Literal["auto"] = 60
    by_record_type: dict[str, PositiveInt | Literal["auto"]] = Field(default_factory=dict)


class StalledAuto(Frozen):
    """`auto`: the deal is older than the mean lead time of won deals, and has been silent for a while."""

    minimum_won: PositiveInt = 20
    silence_days: PositiveInt = 14
    otherwise_days: PositiveInt = 60
    scope: Literal["company", "record_type"] = "company"


class StalledRules(Frozen):
    """From when on an open deal counts as stalled."""

    days: StalledDays = StalledDays()
    auto: StalledAuto = StalledAuto()

    def days_of(self, deal: Opportunity) -> int | Literal["auto"]:
        """Days without contact, as set for the deal's record type."""
        return self.days.by_record_type.get(deal.record_type or "", self.days.default)


# --- machines ------------------------------------------------------------------------------------------------------


class BotRules(Frozen):
    """What on the web no person did."""

    score_below: Decimal = Decimal(30)
    """A page view whose bot score is lower was no person's: 1 is surely a machine, 99 surely a person (HubSpot's hint
    is Cloudflare's score). 0 means that no score was computed."""
    burst_pages: PositiveInt = 10
    burst_seconds: PositiveInt = 10
    """So many pages within so many seconds are nobody's reading."""
    scanner_clicks: PositiveInt = 3
    scanner_seconds: PositiveInt = 5
    """So many links clicked within so many seconds of each other were clicked by a scanner of links in mail."""
    scanner_pages_seconds: NonNegativeInt = 60
    """What was opened within so many seconds around a scanner's clicks is the scanner's as well."""


class PracticeRules(Frozen):
    """`mappings/practice.yaml`."""

    reasons: LossReasons = LossReasons()
    contracts: ContractRules = ContractRules()
    statuses: StatusRules = StatusRules()
    stalled: StalledRules = StalledRules()
    bots: BotRules = BotRules()
