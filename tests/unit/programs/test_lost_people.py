"""What people and lists learn of a loss: the MA's nurturing list, the former owner after half a year."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from build import DEAL, IS_REP, MAPPINGS, OWNER, TODAY, days_ago
from build_lost import (
    AM,
    BOSS,
    LIST,
    STAMP,
    TWIN,
    Lost,
    alerts,
    dated,
    day,
    done,
    fields,
    joining,
    leaving,
    others,
    own,
    seen,
    twin,
    user,
)

from connector.model.case import Participant
from connector.model.records import Membership, Person, Ref

LOSS = TODAY - timedelta(days=40)
KNOWN = (twin(),)
ON_LIST = (Membership(ref=Ref("hubspot", "memberships", "12:901"), modified_at=STAMP, list=LIST, person=TWIN),)

# --- nurturing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "joins"), [("ペンディング", True), ("音信不通", True), ("他社導入", False), (None, False)]
)
def test_postponed_and_silent_deals_are_nurtured_by_the_ma(reason: str | None, joins: bool) -> None:
    """他社導入 is not: small chance, it only comes back on its date."""
    decision = Lost(deal=dated(30, lost_reason=reason), twins=KNOWN).judge()
    assert joining(decision) == ([TWIN] if joins else [])


def test_reason_and_loss_date_go_with_the_person() -> None:
    """Onto the person's record in the MA."""
    decision = Lost(deal=dated(30, lost_reason="音信不通"), twins=KNOWN).judge()
    assert fields(decision, TWIN) == {"lost_reason": "音信不通", "lost_on": LOSS}


@pytest.mark.parametrize(("consent", "joins"), [("yes", True), ("unknown", False), ("no", False)])
def test_nobody_is_nurtured_without_consent_to_mail(consent: str, joins: bool) -> None:
    """Unknown consent is none."""
    decision = Lost(deal=dated(30), twins=(twin(mail_consent=consent),)).judge()
    assert bool(joining(decision)) is joins
    assert bool(fields(decision, TWIN)) is joins


def test_a_refusal_in_either_system_counts() -> None:
    """配信停止 in the SFA, consent in the MA."""
    assert joining(Lost(deal=dated(30), twins=KNOWN, person={"mail_consent": "no"}).judge()) == []


def test_whoever_opts_out_leaves() -> None:
    """配信停止 ends nurturing."""
    world = Lost(deal=dated(30), twins=(twin(mail_consent="no"),), memberships=ON_LIST)
    assert leaving(world.judge()) == [TWIN]


def test_a_new_deal_of_the_account_ends_nurturing() -> None:
    """Whatever its product."""
    opened = others(product="Bプラン")
    world = Lost(deal=dated(30, product="Aプラン"), twins=KNOWN, memberships=ON_LIST, deals=(opened,))
    assert (joining(world.judge()), leaving(world.judge())) == ([], [TWIN])
    same = replace(world, deal=dated(30))
    assert leaving(same.judge()) == [TWIN]


@pytest.mark.parametrize("values", [{"is_closed": False}, {"is_won": True}])
def test_the_deal_itself_opening_or_won_ends_nurturing(values: dict[str, Any]) -> None:
    """Even before the list has shown the person who was just put on it."""
    remembered = {"nurtured_reason": "ペンディング", "nurtured_on": LOSS.isoformat()}
    world = Lost(deal=values, twins=KNOWN, remembered=remembered, occasion=seen())
    assert leaving(world.judge()) == [TWIN]


def test_a_reason_that_is_not_nurtured_any_more_takes_back_what_we_did() -> None:
    """Corrected to 他社導入; unless another lost deal of the company is nurtured."""
    remembered = {"nurtured_reason": "ペンディング", "nurtured_on": LOSS.isoformat()}
    world = Lost(deal=dated(30, lost_reason="他社導入"), twins=KNOWN, remembered=remembered, occasion=seen())
    assert leaving(world.judge()) == [TWIN]
    beside = others(is_closed=True, lost_reason="音信不通")
    assert leaving(replace(world, deals=(beside,)).judge()) == []
    assert leaving(replace(world, remembered={}, memberships=ON_LIST).judge()) == []


def test_of_several_losses_of_one_person_the_latest_speaks() -> None:
    """A later one stands on the record: this one keeps quiet, so that the two do not take turns."""
    later = twin(lost_reason="音信不通", lost_on=LOSS + timedelta(days=1))
    assert fields(Lost(deal=dated(30), twins=(later,)).judge(), TWIN) == {}
    earlier = twin(lost_reason="音信不通", lost_on=LOSS - timedelta(days=1))
    assert fields(Lost(deal=dated(30), twins=(earlier,)).judge(), TWIN)["lost_on"] == LOSS
    same_day = twin(lost_reason="音信不通", lost_on=LOSS)
    assert fields(Lost(deal=dated(30), twins=(same_day,)).judge(), TWIN) == {}


def test_a_corrected_reason_is_written_again() -> None:
    """What this deal itself said."""
    world = Lost(deal=dated(30, lost_reason="音信不通"), twins=(twin(lost_reason="ペンディング", lost_on=LOSS),))
    world.remembered = {"nurtured_reason": "ペンディング", "nurtured_on": LOSS.isoformat()}
    decision = world.judge()
    assert fields(decision, TWIN) == {"lost_reason": "音信不通", "lost_on": LOSS}
    assert decision.facts["nurtured_reason"] == "音信不通"


def test_without_such_a_list_nobody_joins() -> None:
    """The company has not made it."""
    decision = Lost(deal=dated(30), twins=KNOWN).judge(lists={})
    assert (joining(decision), fields(decision, TWIN)) == ([], {})


def test_somebody_the_ma_does_not_know_cannot_be_nurtured() -> None:
    """There is no record to put on a list."""
    assert joining(Lost(deal=dated(30)).judge()) == []


def test_the_approached_person_is_nurtured_beside_the_primary_contact() -> None:
    """Two people of one deal."""
    sato = Person(ref=Ref("salesforce", "Contact", "003S"), modified_at=STAMP, name="佐藤 次郎", mail_consent="yes")
    in_ma = Person(ref=Ref("hubspot", "contacts", "902"), modified_at=STAMP)
    world = Lost(deal=dated(30, approach_contact="佐藤次郎様"), twins=KNOWN, more=(Participant(sato, (in_ma,)),))
    assert set(joining(world.judge())) == {TWIN, in_ma.ref}


def test_too_old_a_loss_is_not_nurtured() -> None:
    """Nobody works on it."""
    assert joining(Lost(2000, twins=KNOWN).judge()) == []


# --- after half a year: the former owner --------------------------------------------------------------------


def test_half_a_year_after_the_loss_the_former_owner_gets_a_notice() -> None:
    """Lost on 9 October: on 9 April, not the day before; once for this loss."""
    world = Lost(deal=dated(300), occasion=seen())
    assert alerts(world.judge(now=day("2027-04-08"))) == []
    (alert,) = alerts(world.judge(now=day("2027-04-09")))
    assert (alert.to, alert.key) == ((OWNER,), f"lost:{DEAL.id}:1:alert:notice")
    assert alert.template == "lost.alert_notice"
    assert alerts(world.judge(now=day("2027-04-12"))) == [alert]


def test_the_deal_wakes_for_the_notice() -> None:
    """Time alone brings it."""
    assert Lost(deal=dated(300)).judge().wake_at == day("2027-04-09").replace(hour=0)


def test_the_notice_names_the_is_in_charge() -> None:
    """The holder of our task, or of the last one; else it is not decided yet."""
    later = day("2027-04-09")
    open_ = Lost(deal=dated(-1), tasks=(own("1", 1),), occasion=seen())
    assert alerts(open_.judge(now=later))[0].values["inside_sales"] == "内勤 四郎"
    over = Lost(deal=dated(300), tasks=(done("1", 10, 5),), occasion=seen())
    assert alerts(over.judge(now=later))[0].values["inside_sales"] == "内勤 四郎"
    assert alerts(Lost(deal=dated(300)).judge(now=later))[0].values["inside_sales"].startswith("未定")
    gone = {IS_REP: user(IS_REP, "内勤 四郎", is_active=False)}
    assert alerts(replace(over, users=gone).judge(now=later))[0].values["inside_sales"].startswith("未定")


def test_an_owner_who_left_is_stood_in_for_in_the_notice() -> None:
    """The account owner."""
    world = Lost(deal=dated(300), owner={"is_active": False})
    assert alerts(world.judge(now=day("2027-04-09")))[0].to == (AM,)


def test_no_notice_for_what_lay_before_go_live() -> None:
    """A first run must not send one for every old loss: half a year was over on the day before go-live, or on it."""
    before = date(2026, 9, 30) - date(2026, 3, 30)
    assert (before.days, alerts(Lost((TODAY - date(2026, 3, 30)).days, deal=dated(30)).judge())) == (184, [])
    assert alerts(Lost((TODAY - date(2026, 4, 1)).days, deal=dated(30)).judge())


def test_no_notice_for_a_deal_that_nobody_works_on() -> None:
    """価格懸念, customers, open deals."""
    later = day("2027-04-09")
    for world in (
        Lost(deal={"lost_reason": "価格懸念"}),
        Lost(deals=(others(),)),
        Lost(deals=(others(is_closed=True, is_won=True, close_date=days_ago(1).date()),)),
    ):
        assert not [alert for alert in alerts(world.judge(now=later)) if alert.template == "lost.alert_notice"]


def test_the_notices_texts_take_what_the_alerts_bring() -> None:
    """Every place in the templates is filled."""
    notice = alerts(Lost(deal=dated(300)).judge(now=day("2027-04-09")))[0]
    bought = others(is_closed=True, is_won=True, close_date=days_ago(1).date())
    customer = alerts(Lost(deals=(bought,)).judge())[0]
    left_out = alerts(Lost(2, tasks=(own("request.owner", 2),), occasion=seen(2)).judge(now=day("2026-11-19")))[0]
    for alert in (notice, customer, left_out):
        for language in ("ja", "en"):
            for part in ("title", "body"):
                text = MAPPINGS.texts[language][f"{alert.template}.{part}"].format(**alert.values)
                assert "{" not in text


# --- after three business days: the superior ----------------------------------------------------------------------


def test_the_superior_is_told_of_what_the_owner_left_out() -> None:
    """Asked on Monday the 16th: on Thursday, once, with the owner and the items by name; not where all is recorded."""
    world = Lost(2, tasks=(own("request.owner", 2),), occasion=seen(2))
    assert alerts(world.judge(now=day("2026-11-18"))) == []
    (alert,) = alerts(world.judge(now=day("2026-11-19")))
    assert (alert.to, alert.key) == ((BOSS,), f"lost:{DEAL.id}:1:alert:missing")
    assert alert.values["owner"] == "営業 一郎"
    assert "何をフックに連絡するのか" in alert.values["items"]
    asked = replace(world, tasks=(*world.tasks, own("request.superior", 0)))
    assert alerts(asked.judge(now=day("2026-11-19"))) == [alert]
    assert alerts(replace(world, deal=dated(30)).judge(now=day("2026-11-19"))) == []
