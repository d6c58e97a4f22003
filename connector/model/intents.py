"""Intents and decisions: what a program says should be true, and why. Planning turns them into changes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

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


HOLDER_LEFT = "holder_left"
"""The reason of a case that is excluded because its open task lies with somebody who is no longer active."""


class TaskText(Frozen):
    """A task's text in its fixed order: what to do and why now, facts with source and date, what was inferred."""

    opening: str
    facts: tuple[str, ...] = ()
    inferences: tuple[str, ...] = ()


class EnsureTask(Frozen):
    """One open task should exist, related to `about` (a deal or company; nothing where `who` is a lead) and `who`.

    `matter` is the entry in the order of tasks (`team.order`); among tasks of one matter the higher `value` comes
    first. `person_key` is one person across records and deals: of several tasks for one person one is issued.
    """

    key: str
    subject: str
    about: Ref | None
    who: Ref | None
    account_owner: Ref | None
    due: date
    text: TaskText
    value: Decimal
    person_key: str | None
    matter: str
    assignee: Ref | None = None
    """The user who gets it; nobody given: one of the inside sales role."""
    beyond_capacity: bool = False
    """Issued at once, whatever its assignee has to do today."""
    priority: Literal["low", "normal", "high"] | None = None
    """Nothing given: as `tasks.priority` says."""


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


class Over(StrEnum):
    """Which value of a field may be replaced: none, one that Okoshi itself wrote last, or anybody's."""

    BLANK = "blank"
    OWN = "own"
    ANY = "any"


class SetFields(Frozen):
    """These properties of a record should hold these values.

    Properties are the canonical ones (`Opportunity.next_approach_date`); values are of the property's type, or `None`
    to clear it. Each property for itself: one that a person filled is left alone unless `over` is `any`.
    """

    record: Ref
    values: dict[str, Any]
    over: Over = Over.OWN


class JoinList(Frozen):
    """A person of the MA should be on a list that is filled by hand."""

    list: Ref
    person: Ref


class LeaveList(Frozen):
    """A person of the MA should not be on a list any more."""

    list: Ref
    person: Ref


class Alert(Frozen):
    """Somebody should be told, once per `key`, through every channel that `alerts.yaml` has for `template`.

    `to` are users of the SFA; `values` fill the texts `<template>.title` and `<template>.body`; `about` is
    the record that it links to.
    """

    key: str
    template: str
    to: tuple[Ref, ...]
    about: Ref
    values: dict[str, str] = Field(default_factory=dict)
    urgent: bool = True


class LogActivity(Frozen):
    """Something that happened should stand in the SFA as a completed activity. It is neither contact nor attempt."""

    key: str
    subject: str
    about: Ref | None
    who: Ref | None
    owner: Ref | None
    day: date
    body: str


class CreateRecord(Frozen):
    """A record should exist, once per `key`: `object` of `system`, with these properties."""

    key: str
    system: str
    object: str
    values: dict[str, Any]


Intent = EnsureTask | WithdrawTask | SetFields | JoinList | LeaveList | Alert | LogActivity | CreateRecord


@dataclass(frozen=True, slots=True)
class Decision:
    """A program's answer for one case.

    `standing` is about tasks: a program that issues none for this case says `NOT_ELIGIBLE`. `reason` names why an
    eligible case is excluded; `wake_at` is when time alone could change the answer; `occasion` is what to remember of
    a task's occasion, `facts` whatever else the program wants to find in `Case.remembered` next time.
    """

    standing: Standing
    reason: str | None = None
    text: str = ""
    intents: tuple[Intent, ...] = ()
    because: tuple[Because, ...] = ()
    wake_at: datetime | None = None
    occasion: Occasion | None = None
    facts: dict[str, str] = field(default_factory=dict)
