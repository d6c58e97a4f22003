"""失注商談: cases as a sales-ops person would write them from the practice, beside those of `test_lost_*`."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from build import (
    DEAL,
    IS_REP,
    JST,
    MAPPINGS,
    OTHER,
    OWNER,
    PERSON,
    TODAY,
    World,
    call,
    days_ago,
    mail,
    meeting,
    open_task,
)
from build_lost import (
    AM,
    BOSS,
    COMPLETE,
    IS_MANAGER,
    LIST,
    REQUEST,
    REVIVAL,
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
    person,
    seen,
    task,
    tasks,
    twin,
    user,
    withdrawn,
)  # fmt: skip

from connector.model.case import Occasion, Participant
from connector.model.intents import Decision, SetFields, Standing
from connector.model.records import Account, Membership, Person, Ref

ON_LIST = (Membership(ref=Ref("hubspot", "list_memberships", "12-901"), modified_at=STAMP, list=LIST, person=TWIN),)
KNOWN = (twin(),)


def answer(world: Lost, **options: Any) -> str | None:
    """What the program answers."""
    return world.judge(**options).reason


def revivals(decision: Decision) -> int:
    """How many tasks to revive the deal are wanted."""
    return sum(wanted.subject == REVIVAL for wanted in tasks(decision))


# --- scope ----------------------------------------------------------------------------------------------------------


def test_price_with_a_date_from_before_the_loss_is_out() -> None:
    """A date that was set for an earlier loss is none of this one: 価格懸念 without a date is out of scope."""
    decision = Lost(10, deal=dated(-60, lost_reason="価格懸念")).judge()
    assert decision.standing is Standing.EXCLUDED
    assert decision.reason is not None
    assert decision.reason.startswith("reason.")
    assert tasks(decision) == []


def test_price_does_not_come_back_without_a_new_date_of_a_person() -> None:
    """The date was consumed half a year ago and nobody set the next one: the date had won, not the deal."""
    deal = dated(-300, lost_reason="価格懸念")
    ran = (done("1", 300, 295, disposition="接続"), done("next.1", 294, 290), done("next.1.superior", 288, 280))
    decision = Lost(400, deal=deal, tasks=ran, occasion=seen(400)).judge()
    assert tasks(decision) == []
    assert decision.standing is Standing.EXCLUDED


def test_a_price_deal_that_was_worked_on_is_asked_for_its_next_date() -> None:
    """A completed task consumes a date, and then IS is asked for the next one: so for this reason, too."""
    deal = dated(-10, lost_reason="価格懸念")
    wanted = task(Lost(100, deal=deal, tasks=(done("1", 10, 1, disposition="接続"),), occasion=seen(100)).judge())
    assert (wanted.subject, wanted.assignee) == (REQUEST, IS_REP)


def test_price_before_go_live_without_a_date_is_never_spread() -> None:
    """Older losses are spread by capacity, but not those that are out of scope."""
    assert tasks(Lost(365, deal={"lost_reason": "価格懸念"}).judge()) == []


def test_a_blank_reason_with_a_date_of_a_person_stays_lowest() -> None:
    """In scope at lowest priority, marked 理由未入力, and the task says so to the holder."""
    wanted = tasks(Lost(deal=dated(0, lost_reason="  ")).judge())[0]
    assert (wanted.matter, wanted.priority) == ("lost.low", "low")
    assert "理由未入力" in wanted.text.opening


def test_a_blank_reason_before_go_live_comes_last_too() -> None:
    """Nobody is chased for it, but the deal is in scope."""
    wanted = task(Lost(365, deal={"lost_reason": None}).judge())
    assert (wanted.subject, wanted.matter) == (REVIVAL, "lost.low")


def test_a_rival_is_back_on_its_date_and_not_nurtured() -> None:
    """他社導入 comes back only on its date."""
    for days, count in ((1, 0), (0, 1)):
        decision = Lost(deal=dated(days, lost_reason="他社導入"), twins=KNOWN).judge()
        assert revivals(decision) == count
        assert joining(decision) == []


# --- a customer by now ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ends_in", "answered"), [(0, "customer"), (1, "customer"), (-1, "wanted")])
def test_the_last_day_of_the_contract_is_one_under_contract(ends_in: int, answered: str) -> None:
    """Contract end date today: still a customer; tomorrow it is a former one (元顧客) and the deal comes back."""
    world = Lost(deal=dated(0), account={"contract_end": TODAY + timedelta(days=ends_in)})
    assert answer(world) == answered


def test_a_contract_that_ends_wakes_the_deal() -> None:
    """Time alone makes the company a former customer."""
    world = Lost(deal=dated(0), account={"contract_end": TODAY + timedelta(days=3)})
    assert world.judge().wake_at == datetime(2026, 11, 22, tzinfo=JST)


def test_the_mas_record_of_the_company_may_know_of_the_contract() -> None:
    """The company is in two systems: the contract status that somebody keeps in the MA counts."""
    case = Lost(deal=dated(0))
    in_ma = Account(ref=Ref("hubspot", "companies", "9"), modified_at=STAMP, name="アクメ", contract_status="契約中")

    class Twice(Lost):
        def case(self) -> Any:
            found = super().case()
            return replace(found, accounts=(*found.accounts, in_ma))

    assert answer(Twice(deal=dated(0))) == "customer"
    assert answer(case) == "wanted"


def test_a_customer_is_asked_nothing_and_leaves_the_list() -> None:
    """Before anything: no revival, no request for data that nobody will use, no nurturing as a lost deal."""
    won = others(is_closed=True, is_won=True, close_date=TODAY - timedelta(days=3))
    decision = Lost(2, deals=(won,), twins=KNOWN, memberships=ON_LIST).judge()
    assert tasks(decision) == []
    assert leaving(decision) == [TWIN]
    assert [alert.to for alert in alerts(decision)] == [(AM,)]
    assert fields(decision) == {}


def test_a_deal_of_another_company_does_not_make_a_customer() -> None:
    """Only deals of the account are the company's; a deleted one is none."""
    gone = others(is_closed=True, is_won=True, deleted=True)
    assert answer(Lost(deal=dated(0), deals=(gone,))) == "wanted"


# --- what the owner records -----------------------------------------------------------------------------------------


def test_date_person_and_hook_are_enough() -> None:
    """At the loss the owner records date, person and hook; the reason is chosen. A blank detail alone asks nobody."""
    decision = Lost(0, deal=dated(30, lost_reason_detail=None)).judge()
    assert tasks(decision) == []
    assert decision.reason == "date_ahead"


def test_a_request_that_is_made_anyway_names_the_detail_too() -> None:
    """As detailed as possible: whoever is asked for the hook is asked for the detail in the same task."""
    opening = task(Lost(0, deal=dated(30, lost_reason_detail=None, approach_hook=None)).judge()).text.opening
    assert "失注理由詳細" in opening


def test_a_blank_reason_is_chased_even_where_all_else_is_recorded() -> None:
    """Blank reason: chased."""
    assert task(Lost(0, deal=dated(30, lost_reason=None)).judge()).subject == REQUEST


@pytest.mark.parametrize("blank", ["", "  ", "\n", "　"])
def test_blanks_are_no_entry(blank: str) -> None:
    """A text area that holds only spaces is not filled in."""
    assert task(Lost(0, deal=dated(30, approach_hook=blank)).judge()).subject == REQUEST


@pytest.mark.parametrize(("lost", "asked"), [("2026-10-01", True), ("2026-09-30", False)])
def test_only_losses_from_go_live_on_are_chased(lost: str, asked: bool) -> None:
    """Go-live was 1 October: lost on that day, and on the day before."""
    days = (TODAY - date.fromisoformat(lost)).days
    decision = Lost(days, occasion=None).judge()
    assert any(wanted.subject == REQUEST for wanted in tasks(decision)) is asked


def test_a_loss_late_in_the_evening_in_utc_belongs_to_the_next_day() -> None:
    """The stage changed at 15:30 UTC on 30 September: in Japan it was 1 October, the day of go-live."""
    at = datetime.fromisoformat("2026-09-30T15:30:00+00:00")
    deal = {"stage_changed_at": at, "close_date": None}
    assert any(wanted.subject == REQUEST for wanted in tasks(Lost(48, deal=deal).judge()))


def test_the_superior_is_asked_over_the_turn_of_the_year() -> None:
    """Asked on Monday, 28 December: 29 and 30 December, and then 4 January (31–3 are days off)."""
    asked = own("request.owner", 0)
    made = replace(asked, created_at=day("2026-12-28"))
    began = Occasion(1, date(2026, 12, 28), date(2026, 12, 28))
    world = Lost(0, deal=COMPLETE | {"stage_changed_at": day("2026-12-28")}, tasks=(made,), occasion=began)
    assert tasks(world.judge(now=day("2027-01-03"))) == []
    assert "next_approach_date" not in fields(world.judge(now=day("2027-01-03")))
    later = world.judge(now=day("2027-01-04"))
    assert task(later).assignee == BOSS
    assert fields(later)["next_approach_date"] > date(2027, 1, 4)


def test_a_request_that_was_answered_in_part_stays() -> None:
    """The date is there, the hook is not: the owner's task stands, no second one, and no date of Okoshi."""
    world = Lost(2, deal=dated(60, approach_hook=None), tasks=(own("request.owner", 2),), occasion=seen(2))
    decision = world.judge()
    assert (withdrawn(decision), tasks(decision)) == ([], [])
    assert "next_approach_date" not in fields(decision)
    assert decision.standing is Standing.ISSUED


def test_a_person_who_takes_out_okoshis_date_is_not_overruled() -> None:
    """Okoshi filled the date, a person cleared it: it is not written again, and the deal comes back all the same."""
    first = Lost(10, deal=dict(COMPLETE), occasion=seen(10), tasks=(done("request.owner", 10, 9),))
    filled = fields(first.judge())["next_approach_date"]
    cleared = replace(first, written={DEAL: {"next_approach_date": filled}})
    decision = cleared.judge()
    assert "next_approach_date" not in fields(decision)
    assert revivals(cleared.judge(now=day(filled.isoformat()))) == 1


def test_the_derivation_stands_beside_the_date_in_words() -> None:
    """Okoshi fills the date, with the derivation beside it: month and what it was counted from."""
    world = Lost(10, deal=dict(COMPLETE), account={"fiscal_month": 6}, occasion=seen(10))
    found = fields(world.judge())
    assert found["next_approach_date"] == date(2027, 3, 1)
    assert "6" in found["next_approach_basis"]
    assert "2026-11-08" in found["next_approach_basis"]


def test_the_mas_record_of_the_company_may_know_the_fiscal_month() -> None:
    """決算月 as any record of the company has it, before the bare interval."""

    class Twice(Lost):
        def case(self) -> Any:
            found = super().case()
            in_ma = Account(ref=Ref("hubspot", "companies", "9"), modified_at=STAMP, fiscal_month=6)
            return replace(found, accounts=(*found.accounts, in_ma))

    world = Twice(10, deal=dict(COMPLETE), occasion=seen(10))
    assert fields(world.judge())["next_approach_date"] == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("reason", "filled"),
    [("ペンディング", date(2027, 3, 1)), ("音信不通", date(2026, 11, 30)), ("他社導入", date(2027, 5, 31))],
)
def test_months_are_counted_to_the_end_of_shorter_months(reason: str, filled: date) -> None:
    """Lost on 31 August: 28 February is a Sunday, so 1 March; 30 November; 31 May."""
    at = day("2026-08-31")
    world = Lost(
        0,
        deal=COMPLETE | {"lost_reason": reason, "stage_changed_at": at, "created_at": day("2026-01-05")},
        occasion=None,
    )
    decision = world.judge(now=day("2026-09-10"), go_live=date(2026, 9, 15))
    assert fields(decision)["next_approach_date"] == filled


def test_a_persons_date_in_the_past_of_the_loss_day_itself_is_due_at_once() -> None:
    """Set for the day of the loss: the date wins, whatever anybody thinks of it."""
    world = Lost(3, deal=dated(-3))
    decision = world.judge()
    assert revivals(decision) == 1
    assert "next_approach_date" not in fields(decision)


# --- on the date ----------------------------------------------------------------------------------------------------


def test_a_talk_since_the_date_was_set_does_not_swallow_it() -> None:
    """Only a completed task consumes a date: a mail of the customer last week does not."""
    assert revivals(Lost(deal=dated(0), activities=(mail(7, "incoming"),)).judge()) == 1


@pytest.mark.parametrize(("days", "answered"), [(13, "recent_attempt"), (14, "wanted")])
def test_an_attempt_shortly_before_the_date_holds_it_back(days: int, answered: str) -> None:
    """An attempt suppresses a new task for 14 days, whatever the task."""
    assert answer(Lost(deal=dated(0), activities=(call(days, "不在"),))) == answered


def test_an_appointment_holds_the_revival_back_until_it_is_over() -> None:
    """Nobody is called about a deal with an appointment; it is looked at again then."""
    decision = Lost(deal=dated(-1), activities=(meeting(-4),)).judge()
    assert (decision.reason, decision.wake_at) == ("future_meeting", days_ago(-4))


def test_the_manager_is_told_once_a_loss_that_a_decision_is_needed() -> None:
    """Three attempts since the loss: the IS manager is told; a later date that a person sets is the decision."""
    tried = tuple(call(n, "不在") for n in (16, 18, 20))
    (alert,) = alerts(Lost(deal=dated(-25), activities=tried).judge())
    assert (alert.key, alert.to) == (f"lost:{DEAL.id}:1:alert:manager", (IS_MANAGER,))
    for texts in MAPPINGS.texts.values():
        for part in ("title", "body"):
            assert "{" not in texts[f"{alert.template}.{part}"].format(**alert.values)
    assert alerts(Lost(deal=dated(-1), activities=tried).judge()) == []


def test_another_deal_of_the_person_holds_the_revival_back_and_names_its_owner() -> None:
    """IS and FS are not sent to one person at the same time."""
    beside = others(ref=OTHER, name="別商品", product="Bプラン")

    class Busy(Lost):
        def case(self) -> Any:
            return replace(super().case(), other_deals={OTHER: beside})

    world = Busy(deal=dated(0, product="Aプラン"), deals=(beside,), activities=(meeting(5, deal=OTHER),))
    decision = world.judge()
    assert (decision.reason, tasks(decision)) == ("other_deal", [])
    assert "別商品" in decision.text
    assert "担当 三郎" in decision.text


def test_an_open_deal_of_which_the_product_is_blank_is_taken_for_the_same() -> None:
    """A new open opportunity of that account: nobody can say that it is another need."""
    assert answer(Lost(deal=dated(0, product="Aプラン"), deals=(others(product=None),))) == "open_deal"
    assert answer(Lost(deal=dated(0, product=None), deals=(others(product="Bプラン"),))) == "open_deal"


def test_a_task_completed_without_a_talk_consumes_the_date_as_well() -> None:
    """A *completed* task consumes a date: also one that ended with 不在. IS is asked for the next one."""
    world = Lost(60, deal=dated(-5), tasks=(done("1", 5, 1, disposition="不在"),), occasion=seen(60))
    assert task(world.judge()).subject == REQUEST


def test_the_person_to_approach_has_left() -> None:
    """退職 blocks the call, and is said; the date stays as it was written."""
    sato = person("003S", "佐藤", "次郎", left_company=True)
    decision = Lost(deal=dated(0, approach_person=sato.person.ref), more=(sato,)).judge()
    assert (decision.reason, tasks(decision), fields(decision)) == ("left_company", [], {})


def test_an_unidentified_person_is_still_subject_to_the_companys_refusal() -> None:
    """架電NG at company level blocks whoever would be called."""
    world = Lost(deal=dated(0, approach_contact="鈴木様"), account={"call_consent": "no"})
    assert answer(world) == "do_not_call"


def test_without_any_person_the_task_comes_without_phone() -> None:
    """No contact role at all, nobody named: 人物未特定, no WhoId, no phone."""
    wanted = tasks(Lost(deal=dated(0, approach_contact=None), has_role=False).judge())[0]
    assert (wanted.who, wanted.person_key) == (None, None)
    assert "人物未特定" in wanted.text.opening + "".join(wanted.text.facts)
    assert not any("03-1234" in fact for fact in wanted.text.facts)


def test_the_person_is_named_by_the_sfas_record_even_if_the_text_fits_the_mas() -> None:
    """The same person in two systems: WhoId is the SFA's contact."""
    married = twin(name="鈴木 太郎", family_name="鈴木", given_name="太郎")
    wanted = tasks(Lost(deal=dated(0, approach_contact="鈴木太郎様"), twins=(married,)).judge())[0]
    assert (wanted.who, wanted.person_key) == (PERSON, str(TWIN))


def test_the_same_person_has_one_key_in_both_programs() -> None:
    """One person gets at most one open task for one matter: a stalled and a lost deal name the person alike."""
    stalled = World(twins=KNOWN).judge()
    (first,) = stalled.intents
    second = tasks(Lost(deal=dated(0), twins=KNOWN).judge())[0]
    assert first.person_key == second.person_key == str(TWIN)  # type: ignore[union-attr]
    assert (first.matter, second.matter) == ("stalled", "lost")  # type: ignore[union-attr]


def test_a_stalled_deals_task_by_hand_is_no_revival_of_a_lost_one() -> None:
    """Any open task with *that* subject counts; another subject is merged by person, not here."""
    by_hand = open_task(TODAY + timedelta(days=30), owner=IS_REP, subject="滞留商談掘り起こし")
    assert revivals(Lost(deal=dated(0), activities=(by_hand,)).judge()) == 1


def test_a_revival_by_hand_that_lies_with_somebody_who_left_is_shown() -> None:
    """漏れ is always 0: nobody works on it."""
    gone = {IS_REP: user(IS_REP, "内勤", is_active=False)}
    world = Lost(deal=dated(-1), activities=(open_task(TODAY, owner=IS_REP, subject=REVIVAL),), users=gone)
    assert answer(world) == "holder_left"


def test_a_date_on_a_saturday_brings_the_task_for_monday() -> None:
    """28 November 2026 is a Saturday: due on Monday, the 30th."""
    wanted = tasks(Lost(deal=COMPLETE | {"next_approach_date": date(2026, 11, 28)}).judge(now=day("2026-11-28")))[0]
    assert wanted.due == date(2026, 11, 30)


def test_a_date_at_the_turn_of_the_year_is_due_on_the_first_business_day() -> None:
    """1 January is a holiday, 2 and 3 are a weekend."""
    wanted = tasks(Lost(deal=COMPLETE | {"next_approach_date": date(2027, 1, 1)}).judge(now=day("2027-01-01")))[0]
    assert wanted.due == date(2027, 1, 4)


def test_two_deals_of_one_person_have_their_own_keys() -> None:
    """Lost twice: one key of the person, two of the tasks."""
    first = tasks(Lost(deal=dated(0)).judge())[0]
    second = tasks(Lost(deal=dated(0, ref=OTHER)).judge())[0]
    assert first.person_key == second.person_key
    assert first.key != second.key


@pytest.mark.parametrize(
    ("typed", "family", "kana"),
    [
        ("高橋様", "髙橋", None),
        ("齋藤部長", "斎藤", None),
        ("渡邊 次郎 様", "渡辺", None),
        ("さとう様", "佐藤", "サトウ"),
        ("ｻﾄｳ様", "佐藤", "サトウ"),
    ],
)
def test_a_name_is_found_in_every_spelling(typed: str, family: str, kana: str | None) -> None:
    """漢字/カナ, variant characters: the person to approach is typed by hand, and still the same person."""
    named = person("003S", family, "次郎", family_name_kana=kana)
    assert tasks(Lost(deal=dated(0, approach_contact=typed), more=(named,)).judge())[0].who == named.person.ref


def test_a_name_as_it_stands_comes_before_its_variants() -> None:
    """斉藤 and 斎藤 are two people of one company: whoever is typed is meant; where neither is, nobody is."""
    one, two = person("003S", "斉藤", "一郎"), person("003T", "斎藤", "二郎")
    for typed, who in (("斉藤様", one.person.ref), ("斎藤様", two.person.ref), ("齊藤様", None)):
        wanted = tasks(Lost(deal=dated(0, approach_contact=typed), more=(one, two)).judge())[0]
        assert wanted.who == who


# --- losses before go-live ------------------------------------------------------------------------------------------


def test_the_newest_of_the_old_losses_comes_first() -> None:
    """Spread by capacity, newest first, whatever the amounts."""
    large, small = Lost(700, deal={"amount": 90_000_000}), Lost(300, deal={"amount": 100})
    assert task(small.judge()).value > task(large.judge()).value
    assert task(small.judge()).matter == task(large.judge()).matter == "lost.older"


def test_an_old_loss_on_a_leap_day_has_a_boundary() -> None:
    """Go-live on 28 February 2027: losses of 28 and 29 February 2024 lie within three years, of the 27th not."""
    for lost, answered in (("2024-02-29", "wanted"), ("2024-02-28", "wanted"), ("2024-02-27", "too_old")):
        at = day(lost)
        deal = {"stage_changed_at": at, "created_at": at - timedelta(days=90), "close_date": at.date()}
        assert answer(Lost(deal=deal), now=day("2027-03-01"), go_live=date(2027, 2, 28)) == answered


def test_an_old_loss_that_a_person_dated_ahead_waits_for_the_date() -> None:
    """The date wins: not spread before."""
    assert answer(Lost(400, deal=dated(90))) == "date_ahead"


def test_no_owner_is_asked_for_old_losses_without_anything() -> None:
    """Only for losses after go-live."""
    decision = Lost(400, deal={"lost_reason": None}).judge()
    assert [wanted.subject for wanted in tasks(decision)] == [REVIVAL]


# --- nurturing, notice ----------------------------------------------------------------------------------------------


def test_postponed_deals_are_nurtured_at_once_and_not_on_their_date() -> None:
    """Lost today: onto the list today, with reason and loss date."""
    decision = Lost(0, deal=dated(180), twins=KNOWN).judge()
    assert joining(decision) == [TWIN]
    assert fields(decision, TWIN) == {"lost_reason": "ペンディング", "lost_on": TODAY}


def test_somebody_who_left_the_company_is_not_nurtured() -> None:
    """The address is the company's."""
    assert joining(Lost(deal=dated(30), twins=(twin(left_company=True),)).judge()) == []


def test_an_opt_out_in_the_sfa_takes_the_mas_record_off_the_list() -> None:
    """They leave the list when they opt out, in whichever system."""
    world = Lost(deal=dated(30), twins=KNOWN, person={"mail_consent": "no"}, memberships=ON_LIST)
    assert leaving(world.judge()) == [TWIN]


def test_a_mail_opt_out_blocks_no_call() -> None:
    """配信停止 blocks mail only: the task comes on the date."""
    assert revivals(Lost(deal=dated(0), person={"mail_consent": "no"}).judge()) == 1


def test_a_call_refusal_blocks_no_nurturing() -> None:
    """架電NG blocks calls only."""
    decision = Lost(deal=dated(0), twins=KNOWN, person={"call_consent": "no"}).judge()
    assert joining(decision) == [TWIN]
    assert tasks(decision) == []


def test_a_closed_deal_of_the_account_ends_no_nurturing() -> None:
    """Only a new opportunity that is open."""
    decision = Lost(deal=dated(30), twins=KNOWN, deals=(others(is_closed=True),)).judge()
    assert joining(decision) == [TWIN]


@pytest.mark.parametrize("status", ["不適合", "登録保存"])
def test_the_list_is_left_where_people_set_the_account_aside(status: str) -> None:
    """They suppress every program but the churn alert."""
    decision = Lost(deal=dated(0), account={"status": status}, twins=KNOWN, memberships=ON_LIST).judge()
    assert joining(decision) == []
    assert tasks(decision) == []


def test_the_notice_at_the_end_of_a_short_month() -> None:
    """Lost on 31 August 2026: half a year later is Sunday, 28 February: from Monday, 1 March on; once."""
    deal = dated(400, stage_changed_at=day("2026-08-31"))
    world = Lost(0, deal=deal | {"created_at": day("2026-01-05")}, occasion=seen(79))
    assert alerts(world.judge(now=day("2027-02-26"))) == []
    first, second = alerts(world.judge(now=day("2027-03-01"))), alerts(world.judge(now=day("2027-04-01")))
    assert [alert.key for alert in first] == [alert.key for alert in second]
    assert first[0].to == (OWNER,)


def test_the_notice_names_the_holder_of_the_open_task() -> None:
    """Naming the IS in charge."""
    world = Lost(200, deal=dated(-1), tasks=(own("1", 1),), occasion=seen(200))
    (notice,) = [one for one in alerts(world.judge(go_live=date(2026, 1, 1))) if one.template == "lost.alert_notice"]
    assert notice.values["inside_sales"] == "内勤 四郎"


# --- people who left ------------------------------------------------------------------------------------------------


def test_a_lost_deal_without_an_owner_asks_the_account_owner() -> None:
    """The field is blank: account owner, as if the owner had left."""
    assert task(Lost(0, deal={"owner": None}).judge()).assignee == AM


def test_nobody_at_all_is_left_to_ask() -> None:
    """No owner, no account, no manager: the request goes to inside sales rather than to nobody; nothing breaks."""

    class Alone(Lost):
        def case(self) -> Any:
            return replace(super().case(), accounts=())

    decision = Alone(0, deal={"owner": None, "account": None}, owner={"is_active": False}).judge(managers=())
    assert task(decision).assignee is None
    assert alerts(decision) == []


def test_the_account_owner_is_told_of_the_customer_even_if_he_is_the_deals_owner() -> None:
    """One alert, one person."""
    won = others(is_closed=True, is_won=True, owner=OWNER)
    (alert,) = alerts(Lost(deal=dated(0), deals=(won,), account={"owner": OWNER}).judge())
    assert alert.to == (OWNER,)


def test_a_manager_of_inside_sales_stands_in_for_everybody() -> None:
    """Owner, account owner and 上司 have left."""
    gone = {ref: user(ref, "退職者", is_active=False) for ref in (AM, BOSS)}
    world = Lost(0, owner={"is_active": False, "manager": BOSS}, users=gone)
    assert task(world.judge()).assignee == IS_MANAGER


# --- whole lives ----------------------------------------------------------------------------------------------------


def test_a_deal_lost_again_after_its_revival_is_asked_for_anew() -> None:
    """Reopened, and lost again: the second loss has its own request and its own key, nothing of the first."""
    first = (done("request.owner", 300, 299), done("1", 200, 195, disposition="接続"))
    decision = Lost(0, tasks=first, occasion=seen(300, ended=True)).judge()
    assert task(decision).key == f"lost:{DEAL.id}:2.request.owner"


def test_the_same_input_gives_the_same_keys_on_every_day() -> None:
    """Idempotent: a task that waits for capacity keeps its key however long it waits."""
    world = Lost(deal=dated(0), occasion=seen())
    keys = {tasks(world.judge(now=day("2026-11-18") + timedelta(days=n)))[0].key for n in range(5)}
    assert keys == {f"lost:{DEAL.id}:1.1"}


def test_nothing_is_written_to_fields_that_are_not_ours() -> None:
    """予実管理 is not ours: never Amount, CloseDate, StageName, on any path."""
    worlds = (Lost(), Lost(0), Lost(10, deal=dict(COMPLETE), occasion=seen(10)), Lost(365), Lost(deal=dated(0)))
    for world in worlds:
        for intent in world.judge().intents:
            if isinstance(intent, SetFields):
                assert not {"amount", "close_date", "stage"} & intent.values.keys()


def test_a_person_of_two_companies_is_nurtured_once() -> None:
    """Two participants that are one record in the MA: one membership."""
    again = Participant(Person(ref=Ref("salesforce", "Contact", "003A2"), modified_at=STAMP, name="山田 太郎"), KNOWN)
    world = Lost(deal=dated(30, approach_contact="山田 太郎"), twins=KNOWN, more=(again,))
    assert len(joining(world.judge())) <= 1
