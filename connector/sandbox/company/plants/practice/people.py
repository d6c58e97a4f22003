"""Planted: whose record is too old, who may not be called, who has bounced – the follow-up calls (フォローコール)."""

from collections.abc import Callable
from typing import Any

from connector.sandbox.company.plants.practice.case import PracticeCase, cases_of
from connector.sandbox.company.plants.practice.scene import PracticeScene
from connector.sandbox.company.plants.scene import UNKNOWN_CONSENT

SUBJECT = "フォローコール"
SPAN_DAYS = 124
"""A third of the list is worked in each span of four months: within one the task must have come."""
_OLD = "Nothing is older than a year: never confirmed counts from the day the contact was acquired."
_FRESH = "Confirmed in a conversation lately: nothing is to be asked."
_BLOCKED = "架電NG at contact or company level and 退職 block calls."
_MAIL_ONLY = "配信停止 (mail opt-out) blocks mail only."
_BOUNCED = "A hard bounce is a reason to check whether the person is still there (在籍確認)."
_UNKNOWN = "Where consent is not recorded the call task is marked 架電可否:未確認."
_LEFT_ALONE = "不適合 and 登録保存 suppress every program but the churn alert."


def _confirmed(days_ago: int | None, *parts: str, **contact: Any) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        scene.no_deal()
        scene.contact["Okoshi_Confirmed_On__c"] = None if days_ago is None else scene.day(days_ago)
        scene.contact.update(contact)
        scene.expect_task(SUBJECT, role="InsideSales")
        scene.check |= {"may_wait": True, "within_days": SPAN_DAYS}
        if parts:
            scene.text_contains(*parts)

    return arrange


def _refused_by_company(scene: PracticeScene) -> None:
    _confirmed(500)(scene)
    scene.account["Call_Consent__c"] = "不可"


def _opted_out(scene: PracticeScene) -> None:
    _confirmed(500, HasOptedOutOfEmail=1)(scene)
    scene.twin["hs_email_optout"] = 1


def _bounced(scene: PracticeScene) -> None:
    _confirmed(400, "在籍確認")(scene)
    scene.contact.update(EmailBouncedDate=scene.at(20), EmailBouncedReason="550 5.1.1 User unknown", IsEmailBounced=1)
    scene.twin["hs_email_hard_bounce_reason_enum"] = "UNKNOWN_USER"


def _unqualified(scene: PracticeScene) -> None:
    _confirmed(500)(scene)
    scene.account["Account_Status__c"] = "不適合"


_case = cases_of("freshness")
CASES: tuple[PracticeCase, ...] = (
    _case("confirmed_400_days_ago", "task", "old", _OLD, _confirmed(400)),
    _case("never_confirmed", "task", "old", _OLD, _confirmed(None)),
    _case("confirmed_lately", "no_task", "fresh", _FRESH, _confirmed(30)),
    _case("refused_by_person", "no_task", "do_not_call", _BLOCKED, _confirmed(500, Call_Consent__c="不可")),
    _case("refused_by_company", "no_task", "do_not_call", _BLOCKED, _refused_by_company),
    _case("left_company", "no_task", "left_company", _BLOCKED, _confirmed(500, Left_Company__c=1)),
    _case("opted_out_of_mail", "task", "old", _MAIL_ONLY, _opted_out),
    _case("bounced", "task", "bounced", _BOUNCED, _bounced),
    _case("consent_not_recorded", "task", "old", _UNKNOWN, _confirmed(400, UNKNOWN_CONSENT, Call_Consent__c=None)),
    _case("unqualified_account", "no_task", "left_alone", _LEFT_ALONE, _unqualified),
)
