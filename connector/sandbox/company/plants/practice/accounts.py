"""Planted: each value of アカウントステータス with its boundaries, and the quarterly check of those who need one."""

from collections.abc import Callable

from connector.sandbox.company.plants.practice.case import PracticeCase, cases_of
from connector.sandbox.company.plants.practice.scene import OPEN_NEED, PracticeScene

CHECK_SUBJECT = "四半期チェック"
COLD, WORKING, ACTIVE, QUARTERLY = "コールド", "ワーキング", "アクティブ案件", "四半期チェック案件"
LOST, CUSTOMER, UNQUALIFIED, ARCHIVED = "失注案件", "現在の顧客", "不適合", "登録保存"
_TABLE = "An account's status follows from what was done with it: {} – {}."
_ORDER = "Precedence: archived, unqualified, active_opportunity, customer, working, quarterly_check, lost, cold."
_PEOPLE_ONLY = "不適合 and 登録保存 are set by people only, and kept."
_FORMER = "Ended contracts land in 失注案件, marked 元顧客."
_QUARTER = "quarterly_check accounts get an IS task 90 days after the last contact."
_SUPPRESSED = "不適合 suppresses every program, the quarterly check too."
_PERSONS_DATE = "A date that a person set replaces the 90 days."
Arrange = Callable[[PracticeScene], object]


def _becomes(status: str, arrange: Arrange, *, reason: str = "") -> Arrange:
    def arranged(scene: PracticeScene) -> None:
        arrange(scene)
        scene.expect_account_field("Account_Status__c", value=status)
        if reason:
            scene.expect_account_field("Okoshi_Status_Reason__c", contains=reason)

    return arranged


def _only_registered(scene: PracticeScene) -> None:
    scene.no_deal()


def _tried(days_ago: int) -> Arrange:
    """Somebody of IS called in vain; nobody ever talked."""

    def arrange(scene: PracticeScene) -> None:
        scene.no_deal()
        caller = scene.org.staff("InsideSales")[0]["Id"]
        scene.called(days_ago, "不在", WhatId=scene.account["Id"], OwnerId=caller)

    return arrange


def _open_deal(scene: PracticeScene) -> None:
    scene.met(20)


def _need_confirmed(scene: PracticeScene) -> None:
    scene.lost(150, "ペンディング", Need_Confirmed__c=1, Lost_Reason_Detail__c=OPEN_NEED)


def _talk_without_deal(days_ago: int) -> Arrange:
    def arrange(scene: PracticeScene) -> None:
        scene.no_deal()
        scene.talked(days_ago)

    return arrange


def _plainly_lost(scene: PracticeScene) -> None:
    scene.lost(200, "音信不通")


def _customer(scene: PracticeScene) -> None:
    scene.won(200, -200)


def _customer_worked_on(scene: PracticeScene) -> None:
    scene.won(200, -200)
    scene.called(5, "接続")


def _customer_with_open_deal(scene: PracticeScene) -> None:
    scene.won(200, -200)
    scene.open_deal(30, OwnerId=scene.owner["Id"], Amount=500_000)


def _former_customer(scene: PracticeScene) -> None:
    scene.won(250, 100)


def _set_by_person(status: str) -> Arrange:
    def arrange(scene: PracticeScene) -> None:
        scene.met(20)
        scene.account["Account_Status__c"] = status

    return arrange


def _checked(days_ago: int, planned: int | None = None) -> Arrange:
    def arrange(scene: PracticeScene) -> None:
        _talk_without_deal(days_ago)(scene)
        scene.account["Account_Status__c"] = QUARTERLY
        scene.account["Next_Check_Date__c"] = None if planned is None else scene.day(planned)
        scene.expect_task(CHECK_SUBJECT, role="InsideSales")

    return arrange


def _check_of_unqualified(scene: PracticeScene) -> None:
    _checked(120)(scene)
    scene.account["Account_Status__c"] = UNQUALIFIED


_status, _check = cases_of("account_status"), cases_of("quarterly_check")
CASES: tuple[PracticeCase, ...] = (
    _status(
        "cold", "fields", "cold", _TABLE.format(COLD, "registered, nothing done yet"), _becomes(COLD, _only_registered)
    ),
    _status(
        "working", "fields", "working", _TABLE.format(WORKING, "somebody acted in the last 30 days"),
        _becomes(WORKING, _tried(29)),
    ),
    _status(
        "worked_too_long_ago", "fields", "cold", _TABLE.format(WORKING, "not after 31 days"), _becomes(COLD, _tried(31))
    ),
    _status(
        "active", "fields", "active_opportunity", _TABLE.format(ACTIVE, "an open opportunity is with FS"),
        _becomes(ACTIVE, _open_deal),
    ),
    _status(
        "need_confirmed", "fields", "quarterly_check", _TABLE.format(QUARTERLY, "ペンディング with confirmed need"),
        _becomes(QUARTERLY, _need_confirmed),
    ),
    _status(
        "talk_without_deal", "fields", "quarterly_check", _TABLE.format(QUARTERLY, "a talk without opportunity"),
        _becomes(QUARTERLY, _talk_without_deal(100)),
    ),
    _status(
        "lost", "fields", "lost", _TABLE.format(LOST, "lost, no agreed problem now"), _becomes(LOST, _plainly_lost)
    ),
    _status(
        "customer", "fields", "customer", _TABLE.format(CUSTOMER, "has bought and is under contract"),
        _becomes(CUSTOMER, _customer),
    ),
    _status("customer_worked_on", "fields", "customer", _ORDER, _becomes(CUSTOMER, _customer_worked_on)),
    _status("customer_with_deal", "fields", "active_opportunity", _ORDER, _becomes(ACTIVE, _customer_with_open_deal)),
    _status("former_customer", "fields", "lost", _FORMER, _becomes(LOST, _former_customer, reason="元顧客")),
    _status("unqualified", "fields", "kept", _PEOPLE_ONLY, _becomes(UNQUALIFIED, _set_by_person(UNQUALIFIED))),
    _status("archived", "fields", "kept", _PEOPLE_ONLY, _becomes(ARCHIVED, _set_by_person(ARCHIVED))),
    _check("after_90_days", "task", "quarterly_check", _QUARTER, _checked(90)),
    _check("after_89_days", "no_task", "too_early", _QUARTER, _checked(89)),
    _check("date_of_a_person_ahead", "no_task", "too_early", _PERSONS_DATE, _checked(120, -10)),
    _check("date_of_a_person_today", "task", "quarterly_check", _PERSONS_DATE, _checked(45, 0)),
    _check("unqualified", "no_task", "left_alone", _SUPPRESSED, _check_of_unqualified),
)  # fmt: skip
