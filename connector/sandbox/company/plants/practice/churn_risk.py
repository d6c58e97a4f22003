"""Planted: who opens a cancellation page under which contract, and how contracts are told to the MA."""

from collections.abc import Callable
from typing import Any

from connector.sandbox.company.plants.practice.case import PracticeCase, cases_of
from connector.sandbox.company.plants.practice.scene import PracticeScene
from connector.sandbox.company.visits import CANCELLATION, FEATURE

SUBJECT = "解約防止フォロー"
_AT_ONCE = "A contact of an account under contract opens a cancellation page: the account owner gets a task that day."
_INFERRED = "Without a contract end date a won deal counts as a contract, labelled inferred."
_NONE = "Only an account under contract can be about to leave."
_SUPPRESSED = "不適合 suppresses every program but the churn alert."
_BOTS = "A cancellation page that a bot opens says nothing."
_SYNCED = "Contract status is synced to the MA."


def _opens(contract_end: int | None, **details: Any) -> Callable[[PracticeScene], None]:
    def arrange(scene: PracticeScene) -> None:
        scene.won(200, contract_end)
        _leaves(scene, **details)

    return arrange


def _leaves(scene: PracticeScene, **details: Any) -> None:
    scene.browses(CANCELLATION, **details)
    owner = scene.account["OwnerId"]
    scene.expect_task(SUBJECT, OwnerId=owner, ActivityDate=scene.day(0))
    scene.expect_alert(owner)


def _inferred(scene: PracticeScene) -> None:
    _opens(None)(scene)
    scene.text_contains("推定")


def _never_bought(scene: PracticeScene) -> None:
    scene.lost(200, "価格懸念")
    _leaves(scene)


def _unqualified(scene: PracticeScene) -> None:
    _opens(-120)(scene)
    scene.account["Account_Status__c"] = "不適合"


def _other_page(scene: PracticeScene) -> None:
    scene.won(200, -120)
    scene.browses(FEATURE)
    scene.expect_task(SUBJECT)


def _synced(scene: PracticeScene) -> None:
    scene.won(200, -120)
    place = ("hubspot", "companies", scene.hubspot["companies"])
    scene.expect_field(place, "okoshi_contract_status", filled=True)
    scene.expect_field(place, "okoshi_contract_end", value=scene.day(-120))


_case = cases_of("churn_risk")
CASES: tuple[PracticeCase, ...] = (
    _case("under_contract", "task", "cancellation", _AT_ONCE, _opens(-120)),
    _case("owner_is_told", "alert", "cancellation", _AT_ONCE, _opens(-120)),
    _case("last_day_of_contract", "task", "cancellation", _AT_ONCE, _opens(0)),
    _case("inferred", "task", "cancellation", _INFERRED, _inferred),
    _case("ended", "no_task", "no_contract", _NONE, _opens(1)),
    _case("never_bought", "no_task", "no_contract", _NONE, _never_bought),
    _case("other_page", "no_task", "no_cancellation", _NONE, _other_page),
    _case("unqualified_account", "task", "cancellation", _SUPPRESSED, _unqualified),
    _case("bot", "no_task", "bot", _BOTS, _opens(-120, bot_score=3)),
    _case("synced", "fields", "contract", _SYNCED, _synced),
)
