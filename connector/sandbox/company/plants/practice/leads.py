"""Planted: which leads are passed to sales and which are not (トスアップ), and what marketing hears of them later."""

from collections.abc import Callable
from typing import Any

from connector.sandbox.company.plants.practice.case import PracticeCase, cases_of
from connector.sandbox.company.plants.practice.scene import PracticeScene

PASS_SUBJECT, ASK_SUBJECT = "トスアップ対応", "ニーズ種別の確認"
INQUIRY, MATERIAL, NEWSLETTER = "お問い合わせフォーム", "資料請求フォーム", "メルマガ登録"
POSTPONED = "ペンディング(先送り)"
_TYPES = "個人興味 is nurtured, 個人ニーズ asked once more and passed when 熱量 is 高, 部署ニーズ passed at once."
_UNKNOWN = "Unknown type: an 問い合わせ passes at once, a 資料請求 gets ニーズ種別の確認 for IS."
_LATE = "Not touched within one business day: the superior is told."
_OTHER_PRODUCT = "A lead that is a customer of another product goes to the account owner."
_BACK = "What became of a lead that was passed is written back to the MA contact, with date and reason."
_NOT_PASSED = "Only of leads that were passed something is written back."


def _heard(subject: str, **values: Any) -> Callable[[PracticeScene], None]:
    """Somebody enters after the first cycle what the lead needs."""

    def arrange(scene: PracticeScene) -> None:
        row = scene.lead(Product_Interest__c="営業支援")
        scene.then("update", object="Lead", id=row["Id"], values=values)
        scene.expect_task(subject)

    return arrange


def _sends(form: str, subject: str, role: str | None = None) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        scene.lead(Product_Interest__c="営業支援")
        scene.then("submit_form", actor=scene.twin["id"], contact=scene.twin["id"], form=form)
        scene.expect_task(subject, **({"role": role} if role else {}))

    return arrange


def _untouched(scene: PracticeScene) -> None:
    _heard(PASS_SUBJECT, Needs_Type__c="部署ニーズ")(scene)
    scene.wait(2)
    scene.expect_alert(scene.superior(scene.contact["OwnerId"]))


def _customer_of_another_product(scene: PracticeScene) -> None:
    """A contact of a customer who uses another product sends an inquiry."""
    scene.won(200, -200)
    scene.deal["Product__c"] = "勤怠管理"
    scene.contact["Product_Interest__c"] = "営業支援"
    scene.then("submit_form", actor=scene.twin["id"], contact=scene.twin["id"], form=INQUIRY)
    scene.expect_task(PASS_SUBJECT, OwnerId=scene.account["OwnerId"])


def _passed(scene: PracticeScene, days_ago: int = 40) -> None:
    """The contact was passed to sales; its first deal came of that."""
    for row, name in ((scene.contact, "Okoshi_Handed_Over_On__c"), (scene.twin, "okoshi_handed_over_on")):
        row[name] = scene.day(days_ago)


def _told(outcome: str, arrange: Callable[[PracticeScene], object]) -> Callable[[PracticeScene], None]:
    def arranged(scene: PracticeScene) -> None:
        arrange(scene)
        _passed(scene)
        place = ("hubspot", "contacts", scene.twin["id"])
        scene.expect_field(place, "okoshi_outcome", value=outcome)
        scene.expect_field(place, "okoshi_outcome_on", filled=True)

    return arranged


def _met_since(scene: PracticeScene) -> None:
    scene.no_deal()
    scene.talked(20)


def _lost_since(reason: str) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        scene.set_stage("失注", 10, Lost_Reason__c=reason)
        scene.met(20)

    return arrange


def _won_since(scene: PracticeScene) -> None:
    scene.won(10, -350)


def _never_passed(scene: PracticeScene) -> None:
    _won_since(scene)
    scene.expect_field(("hubspot", "contacts", scene.twin["id"]), "okoshi_outcome", value=None)


_pass, _back = cases_of("handover"), cases_of("feedback")
CASES: tuple[PracticeCase, ...] = (
    _pass("departments_need", "task", "passed", _TYPES, _heard(PASS_SUBJECT, Needs_Type__c="部署ニーズ")),
    _pass("personal_interest", "no_task", "nurtured", _TYPES, _heard(PASS_SUBJECT, Needs_Type__c="個人興味")),
    _pass(
        "personal_need_hot", "task", "passed", _TYPES, _heard(PASS_SUBJECT, Needs_Type__c="個人ニーズ", Heat__c="高")
    ),
    _pass(
        "personal_need_lukewarm", "no_task", "nurtured", _TYPES,
        _heard(PASS_SUBJECT, Needs_Type__c="個人ニーズ", Heat__c="中"),
    ),
    _pass("personal_need_not_asked", "task", "ask", _TYPES, _heard(ASK_SUBJECT, Needs_Type__c="個人ニーズ")),
    _pass("inquiry", "task", "passed", _UNKNOWN, _sends(INQUIRY, PASS_SUBJECT)),
    _pass("material", "task", "ask", _UNKNOWN, _sends(MATERIAL, ASK_SUBJECT, "InsideSales")),
    _pass("newsletter", "no_task", "nurtured", _UNKNOWN, _sends(NEWSLETTER, PASS_SUBJECT)),
    _pass("untouched", "alert", "untouched", _LATE, _untouched),
    _pass("customer_of_another_product", "task", "passed", _OTHER_PRODUCT, _customer_of_another_product),
    _back("appointment", "fields", "appointment", _BACK, _told("アポ", _met_since)),
    _back("won", "fields", "won", _BACK, _told("受注", _won_since), created=38),
    _back("competitor", "fields", "competitor", _BACK, _told("他社導入", _lost_since("他社導入")), created=38),
    _back(
        "postponed", "fields", "postponed", _BACK, _told(POSTPONED, _lost_since("ペンディング")), created=38
    ),
    _back("declined", "fields", "declined", _BACK, _told("お断り", _lost_since("価格懸念")), created=38),
    _back("never_passed", "fields", "not_passed", _NOT_PASSED, _never_passed, created=38),
)  # fmt: skip
