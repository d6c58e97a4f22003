"""Planted: what is a marked, spontaneous signal and what only looks like one; who is told, who acts."""

from collections.abc import Callable

from connector.sandbox.company.plants.practice.case import PracticeCase, cases_of
from connector.sandbox.company.plants.practice.scene import PracticeScene
from connector.sandbox.company.structure import DOMAIN
from connector.sandbox.company.visits import CASE, FEATURE, PAPER, PRICE, RECRUIT

_MARKED = "Marked activity on weighty pages by a person of a stalled or lost deal is a signal."
_PEOPLE = "Several people of one company together weigh most."
_WEIGHT = "Pages for applicants (recruiting) weigh nothing."
_MAIL = "A mail click's landing page does not count, mail opens never."
_BOTS = "What bots and own employees open is no signal."
_BASELINE = "Marked means against the person's and company's own baseline."
_HOLDER = "The holder of an open IS task acts, the task is raised to today, the owner is informed."
_OWNER_ONLY = "Out-of-scope deals, or those not yet 60 days silent: the owner is told, no task."
_BACK = "The signal is posted back as field and activity in the SFA and as property in the MA."
_LEFT_ALONE = "不適合 suppresses every program but the churn alert; its signals go to the manager's list."
_BURST = (PRICE, CASE, PRICE, PAPER, CASE, PRICE)


def _stalled(scene: PracticeScene) -> None:
    """Silent for 90 days: IS holds a task from the first cycle on, unless somebody of IS tried lately."""
    scene.met(90)
    scene.expect_alert(scene.owner["Id"])


def _browses(*pages: str) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        _stalled(scene)
        scene.browses(*pages)

    return arrange


def _three_people(scene: PracticeScene) -> None:
    _stalled(scene)
    scene.browses(PRICE, CASE)
    for _ in range(2):
        contact, twin = scene.colleague()
        scene.add_role(contact)
        scene.browses(PRICE, FEATURE, twin=twin)


def _from_mail(scene: PracticeScene) -> None:
    _stalled(scene)
    scene.then("open_mail", actor=scene.twin["id"])
    scene.then("click_mail", actor=scene.twin["id"])
    scene.browses(PRICE)


def _opens_mails(scene: PracticeScene) -> None:
    _stalled(scene)
    for _ in range(6):
        scene.then("open_mail", actor=scene.twin["id"])


def _by_a_bot(scene: PracticeScene) -> None:
    _stalled(scene)
    scene.browses(*_BURST, bot_score=4)


def _by_an_employee(scene: PracticeScene) -> None:
    """One of our own looks at the pages, known to HubSpot as a contact of that company."""
    _stalled(scene)
    _, twin = scene.colleague()
    twin["email"] = f"demo-{scene.place.number}@{DOMAIN}"
    twin["salesforcecontactid"] = None
    scene.browses(*_BURST, twin=twin)


def _as_always(scene: PracticeScene) -> None:
    """Somebody who reads a lot every week reads as much as ever."""
    _stalled(scene)
    for week in range(1, 12):
        scene.visited(days_ago=week * 7 + 1, pages=_BURST)
        scene.visited(days_ago=week * 7 + 3, pages=_BURST)
    scene.browses(PRICE, CASE)


def _fresh(scene: PracticeScene) -> None:
    scene.met(20)
    scene.expect_alert(scene.owner["Id"])
    scene.browses(*_BURST)


def _lost(reason: str) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        scene.lost(120, reason)
        scene.expect_alert(scene.owner["Id"])
        scene.browses(*_BURST)

    return arrange


def _posted_back(scene: PracticeScene) -> None:
    _browses(*_BURST)(scene)
    scene.expect_field(("salesforce", "Opportunity", scene.deal["Id"]), "Okoshi_Signal__c", filled=True)
    scene.expect_field(("salesforce", "Opportunity", scene.deal["Id"]), "Okoshi_Signal_At__c", filled=True)
    scene.expect_field(("hubspot", "contacts", scene.twin["id"]), "okoshi_signal", filled=True)


def _raised(scene: PracticeScene) -> None:
    """The task of the first cycle is due today already: the next one must still be."""
    _browses(*_BURST)(scene)
    scene.expect_task("滞留商談掘り起こし", role="InsideSales", ActivityDate=scene.day(0))
    scene.check["may_wait"] = True


def _unqualified(scene: PracticeScene) -> None:
    _browses(*_BURST)(scene)
    scene.account["Account_Status__c"] = "不適合"


_case = cases_of("hot_signal")
CASES: tuple[PracticeCase, ...] = (
    _case("price_and_cases", "alert", "marked", _MARKED, _browses(*_BURST)),
    _case("three_people", "alert", "marked", _PEOPLE, _three_people),
    _case("recruiting_pages", "no_alert", "weightless", _WEIGHT, _browses(*[RECRUIT] * 8)),
    _case("landing_page_of_a_mail", "no_alert", "not_spontaneous", _MAIL, _from_mail),
    _case("mail_opens", "no_alert", "not_spontaneous", _MAIL, _opens_mails),
    _case("bot", "no_alert", "bot", _BOTS, _by_a_bot),
    _case("own_employee", "no_alert", "own_employee", _BOTS, _by_an_employee),
    _case("reads_as_much_as_ever", "no_alert", "usual", _BASELINE, _as_always),
    _case("not_yet_60_days", "alert", "marked", _OWNER_ONLY, _fresh),
    _case("lost_out_of_scope", "alert", "marked", _OWNER_ONLY, _lost("価格懸念")),
    _case("lost_in_scope", "alert", "marked", _MARKED, _lost("音信不通")),
    _case("posted_back", "fields", "marked", _BACK, _posted_back),
    _case("task_raised", "task", "marked", _HOLDER, _raised),
    _case("unqualified_account", "no_alert", "left_alone", _LEFT_ALONE, _unqualified),
)
