"""Planted: which losses are approached again and when, who is asked for what is missing, who is nurtured meanwhile."""

from collections.abc import Callable
from typing import Any

from connector.sandbox.company.plants.practice.case import PracticeCase, cases_of
from connector.sandbox.company.plants.practice.scene import HOOK, PracticeScene
from connector.sandbox.company.plants.scene import UNKNOWN_PERSON

SUBJECT, INPUT_SUBJECT = "失注商談掘り起こし", "失注情報の入力依頼"
NURTURING = "Okoshi 掘り起こしナーチャリング"
_ON_DATE = "On 次回アプローチ日 IS gets a task with person, hook and reason of the loss."
_SCOPE = "In scope are ペンディング, 他社導入 and 音信不通; 価格懸念 only where a person set a date; others are listed."
_BLANK = "A blank reason is chased, meanwhile in scope at lowest priority, marked 理由未入力."
_CUSTOMER = "Is the account a customer by now, there is no revival task, and the account owner is told."
_MISSING = "What the owner did not record at the loss is asked for; after 3 business days the superior is told too."
_DERIVED = (
    "After 3 business days Okoshi fills the date, with its derivation; unknown 決算月 means the reason's interval."
)
_PERSONS = "A date that a person wrote is never changed."
_OLD = "Losses older than go-live are spread by capacity, newest first, up to three years back."
_NURTURE = "ペンディング and 音信不通 go to the nurturing list with reason and date; 他社導入 does not."
_LEAVES = "They leave the list when a new opportunity opens or they opt out."
_NOTICE = "Six months after the loss the former owner gets a notice naming the IS in charge."
_PERSON = "アプローチする担当者 is resolved to a contact; unresolved means no WhoId and 人物未特定."


def _lost(
    reason: str | None, date_ago: int | None, closed: int = 200, **values: Any
) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        scene.lost(closed, reason, Lost_Reason_Detail__c="来期に改めて検討とのこと", **values)
        if date_ago is not None:
            scene.plan(date_ago)
        scene.expect_task(SUBJECT, role="InsideSales")
        if date_ago == 0:
            scene.text_contains(HOOK)

    return arrange


def _low(reason: str | None, date_ago: int | None, *parts: str, closed: int = 200) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        _lost(reason, date_ago, closed)(scene)
        scene.check["may_wait"] = True
        scene.text_contains(*parts)

    return arrange


def _customer_by_now(scene: PracticeScene) -> None:
    scene.lost(200, "ペンディング")
    scene.plan(0)
    scene.open_deal(150, StageName="受注", close=60, Amount=2_000_000, Product__c="勤怠管理")
    scene.under_contract(-300)
    scene.expect_task(SUBJECT)
    scene.expect_alert(scene.account["OwnerId"])


def _loses(scene: PracticeScene, reason: str | None = None, **known: Any) -> None:
    """The owner closes the deal as lost after the first cycle."""
    scene.met(20)
    told = {"reason": reason} if reason else {}
    scene.then("close_lost", opportunity=scene.deal["Id"], **told, **known)
    del scene.check["WhoId"]  # the owner is asked, the customer is not called


def _asked_for(scene: PracticeScene) -> None:
    _loses(scene, "ペンディング")
    scene.expect_task(INPUT_SUBJECT, OwnerId=scene.owner["Id"])


def _asked_for_reason(scene: PracticeScene) -> None:
    _loses(scene)
    scene.expect_task(INPUT_SUBJECT, OwnerId=scene.owner["Id"])


def _all_recorded(scene: PracticeScene) -> None:
    known = {"next_approach_date": scene.day(-180), "approach_contact": scene.contact["Name"], "hook": HOOK}
    _loses(scene, "ペンディング", detail="予算が今期は確保できず、来期に改めて検討とのこと", **known)
    scene.expect_task(INPUT_SUBJECT)


def _superior_told(scene: PracticeScene) -> None:
    _loses(scene, "ペンディング")
    scene.wait(6)  # 19, 20 and 24 November: the 21st to 23rd are days off
    scene.expect_alert(scene.superior(scene.owner["Id"]))


def _date_filled(scene: PracticeScene) -> None:
    """No 決算月 is known: three months after the loss, however the program moves it to a business day."""
    _loses(scene, "音信不通")
    scene.account["Fiscal_Month__c"] = None
    scene.wait(6)
    place = ("salesforce", "Opportunity", scene.deal["Id"])
    scene.expect_field(place, "Next_Approach_Date__c", between=[scene.day(-85), scene.day(-99)])
    scene.expect_field(place, "Okoshi_Next_Approach_Basis__c", filled=True)


def _budget_season(scene: PracticeScene) -> None:
    """決算月 9: three months before it is June, long before the six months after the loss would be over."""
    _loses(scene, "ペンディング")
    scene.account["Fiscal_Month__c"] = 9
    scene.wait(6)
    place = ("salesforce", "Opportunity", scene.deal["Id"])
    scene.expect_field(place, "Next_Approach_Date__c", filled=True)
    scene.expect_field(place, "Okoshi_Next_Approach_Basis__c", filled=True)


def _date_kept(scene: PracticeScene) -> None:
    scene.lost(100, "ペンディング")
    scene.plan(-200)
    scene.expect_field(("salesforce", "Opportunity", scene.deal["Id"]), "Next_Approach_Date__c", value=scene.day(-200))


def _nurtured(reason: str) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        scene.lost(60, reason)
        scene.check["list"] = NURTURING

    return arrange


def _opens_again(scene: PracticeScene) -> None:
    scene.lost(60, "ペンディング")
    scene.check["list"] = NURTURING
    values = {
        "Name": f"{scene.account['Name'].strip()} 再提案", "AccountId": scene.account["Id"],
        "StageName": "初回訪問", "CloseDate": scene.day(-60), "ContactId": scene.contact["Id"],
    }  # fmt: skip
    scene.then("create", object="Opportunity", values=values | {"OwnerId": scene.owner["Id"]})


def _opts_out(scene: PracticeScene) -> None:
    scene.lost(60, "音信不通")
    scene.check["list"] = NURTURING
    twin = scene.twin["id"]
    scene.then("update", vendor="hubspot", object="contacts", id=twin, actor=twin, values={"hs_email_optout": "true"})


def _six_months(scene: PracticeScene) -> None:
    scene.lost(184, "ペンディング")
    scene.plan(-100)
    scene.expect_alert(scene.owner["Id"])


def _refuses_calls(scene: PracticeScene) -> None:
    _lost("ペンディング", 0)(scene)
    scene.contact["Call_Consent__c"] = "不可"


def _named_colleague(scene: PracticeScene) -> None:
    _lost("ペンディング", 0)(scene)
    colleague, _ = scene.colleague()
    scene.deal["Approach_Contact__c"] = f"{colleague['Name']} 様"
    scene.check["WhoId"] = colleague["Id"]


def _nobody_known(scene: PracticeScene) -> None:
    _lost("他社導入", 0)(scene)
    scene.drop_role()
    scene.deal["Approach_Contact__c"] = "新任のご担当者（お名前未確認）"
    scene.text_contains(UNKNOWN_PERSON)


_case = cases_of("lost")
CASES: tuple[PracticeCase, ...] = (
    _case("postponed_date_today", "task", "date_reached", _ON_DATE, _lost("ペンディング", 0)),
    _case("postponed_date_tomorrow", "no_task", "date_ahead", _ON_DATE, _lost("ペンディング", -1)),
    _case("competitor_date_today", "task", "date_reached", _SCOPE, _lost("他社導入", 0, Lost_To__c="他社製品")),
    _case("contact_lost_date_today", "task", "date_reached", _SCOPE, _lost("音信不通", 0)),
    _case("price_without_date", "no_task", "out_of_scope", _SCOPE, _lost("価格懸念", None)),
    _case("price_with_date", "task", "date_reached", _SCOPE, _low("価格懸念", 0)),
    _case("other_reason", "no_task", "out_of_scope", _SCOPE, _lost("その他", None)),
    _case("no_reason", "task", "no_reason", _BLANK, _low(None, 0, "理由未入力")),
    _case("customer_by_now", "no_task", "customer", _CUSTOMER, _customer_by_now),
    _case("customer_by_now_owner_told", "alert", "customer", _CUSTOMER, _customer_by_now),
    _case("nothing_recorded", "task", "missing", _MISSING, _asked_for),
    _case("reason_not_recorded", "task", "missing", _BLANK, _asked_for_reason),
    _case("everything_recorded", "no_task", "complete", _MISSING, _all_recorded),
    _case("superior_after_3_days", "alert", "missing", _MISSING, _superior_told),
    _case("date_by_interval", "fields", "derived", _DERIVED, _date_filled),
    _case("date_by_budget_season", "fields", "derived", _DERIVED, _budget_season),
    _case("date_of_a_person", "fields", "kept", _PERSONS, _date_kept),
    _case("almost_three_years", "task", "spread", _OLD, _low("ペンディング", None, closed=1_090), created=1_150),
    _case("over_three_years", "no_task", "too_old", _OLD, _lost("ペンディング", None, 1_140), created=1_180),
    _case("nurtured_postponed", "on_list", "nurturing", _NURTURE, _nurtured("ペンディング")),
    _case("nurtured_contact_lost", "on_list", "nurturing", _NURTURE, _nurtured("音信不通")),
    _case("competitor_not_nurtured", "not_on_list", "not_nurtured", _NURTURE, _nurtured("他社導入")),
    _case("leaves_with_new_deal", "not_on_list", "new_opportunity", _LEAVES, _opens_again),
    _case("leaves_by_opting_out", "not_on_list", "opted_out", _LEAVES, _opts_out),
    _case("six_months", "alert", "half_a_year", _NOTICE, _six_months, created=400),
    _case(
        "refuses_calls",
        "no_task",
        "do_not_call",
        "架電NG of the person or of the company blocks call tasks.",
        _refuses_calls,
    ),
    _case("named_colleague", "task", "date_reached", _PERSON, _named_colleague),
    _case("nobody_known", "task", "date_reached", _PERSON, _nobody_known),
)
