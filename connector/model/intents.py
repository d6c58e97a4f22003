"""Intents and decisions: what a program says should be true, and why. Planning turns them into changes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field

from connector.model.case import Occasion
from connector.model.plan import Because, Frozen
from connector.model.records import Ref


class Standing(StrEnum):
    """Where a case stands with a program. All but the first are eligible cases and sum up to them."""

    NOT_ELIGIBLE = "not_eligible"
    ISSUED = "issued"  # 発行済
    MERGED = "merged"  # 他タスクに集約
    WAITING = "waiting"  # 枠待ち, also: wants a task and has not been given one yet
    EXCLUDED = "excluded"  # 対象外, with a reason


class TaskText(Frozen):
    """A task's text in its fixed order: what to do and why now, facts with source and date, what was inferred."""

    opening: str
    facts: tuple[str, ...] = ()
    inferences: tuple[str, ...] = ()


class EnsureTask(Frozen):
    """One open task should exist.

    `value` orders candidates (higher first); `person_key` is one person across records and deals.
    """

    key: str
    subject: str
    opportunity: Ref
    who: Ref | None
    account_owner: Ref | None
    due: date
    text: TaskText
    value: Decimal
    person_key: str | None


class WithdrawTask(Frozen):
    """An open task of ours is no longer needed: deleted if nobody touched it, else left with the note.

    `written` are the vendor's fields as we wrote them: what an untouched task must still hold when it is deleted, and
    what makes it anew if the deletion is undone. `body` is its text now.
    """

    key: str
    task: Ref
    touched: bool
    note: str
    written: dict[str, Any] = Field(default_factory=dict)
    body: str | None = None


Intent = EnsureTask | WithdrawTask


@dataclass(frozen=True, slots=True)
class Decision:
    """A program's answer for one case.

    `reason` names why an eligible case is excluded; `wake_at` is when time alone could change the answer;
    `occasion` is what to remember.
    """

    standing: Standing
    reason: str | None = None
    text: str = ""
    intents: tuple[Intent, ...] = ()
    because: tuple[Because, ...] = ()
    wake_at: datetime | None = None
    occasion: Occasion | None = None
    facts: dict[str, str] = field(default_factory=dict)
