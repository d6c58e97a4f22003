"""Section 3 of the practice, "several people of one company weigh most": also those without a part in the deal."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from build import ACCOUNT, DEAL, IS_REP, NOW, OTHER, call, days_ago, mail
from build_hot_signal import (
    CASES,
    MA_PERSON,
    OTHER_PAGE,
    OWNER,
    PRICE,
    STAMP,
    World,
    alert_of,
    alerts_of,
    click,
    fields_of,
    hot,
    log_of,
    minutes_ago,
    own,
    participant,
    task_in,
    task_of,
    user,
    view_of,
)

from connector.model.case import Participant
from connector.model.intents import Decision, Standing, WithdrawTask
from connector.model.records import Engagement, Opportunity, Person, Ref

LOST: dict[str, Any] = {
    "is_closed": True,
    "stage": "失注",
    "lost_reason": "ペンディング",
    "stage_changed_at": days_ago(50),
    "close_date": days_ago(50).date(),
}
SATO, MA_SATO = Ref("salesforce", "Contact", "003S"), Ref("hubspot", "contacts", "301")
ITO, MA_ITO = Ref("salesforce", "Contact", "003I"), Ref("hubspot", "contacts", "302")


def sato(**values: Any) -> Participant:
    """Somebody of the company without a part in the deal."""
    return participant(SATO, MA_SATO, "佐藤 三郎", **({"account": ACCOUNT} | values))


def ito(**values: Any) -> Participant:
    """Another one."""
    return participant(ITO, MA_ITO, "伊藤 四郎", **({"account": ACCOUNT} | values))


def hot_of(person: Ref = MA_SATO) -> list[Engagement]:
    """Prices and cases, just now."""
    return [view_of(PRICE, minutes_ago(30), person), view_of(CASES, minutes_ago(25), person)]


def without_people(**values: Any) -> World:
    """A deal that names nobody; somebody of its company reads prices and cases."""
    given: dict[str, Any] = {"people": (), "company_people": (sato(),), "company_engagements": hot_of()}
    return World(**({"engagements": []} | given | values))


def because(decision: Decision, rule: str) -> list[str]:
    """The values of the evidence of one rule."""
    return [str(one.value) for one in decision.because if one.rule == f"hot_signal.{rule}"]


# --- the deal's people and the others ------------------------------------------------------------------------------


def test_three_contacts_of_whom_one_has_a_part_are_three_people() -> None:
    """Each opens the price list once: none of them alone would be told, three of them are thirty points, twice."""
    price = [view_of(PRICE, minutes_ago(20), person) for person in (MA_SATO, MA_ITO)]
    alone = World([view_of(PRICE, minutes_ago(30))])
    assert alerts_of(alone.judge()) == []
    decision = replace(alone, company_people=(sato(), ito()), company_engagements=price).judge()
    assert (because(decision, "people"), because(decision, "total")) == (["30.0"], ["60.0"])
    alert = alert_of(decision)
    assert alert.values["who"] == ("山田 太郎(部長)、佐藤 三郎(商談に登録のない人物)、伊藤 四郎(商談に登録のない人物)")
    assert "佐藤 三郎" in alert.values["pages"]


def test_of_a_deal_with_people_others_alone_are_no_signal() -> None:
    """The deal's own person must be among them, be it with a single page."""
    world = World([], company_people=(sato(),), company_engagements=hot_of())
    assert alerts_of(world.judge()) == []
    assert alerts_of(replace(world, engagements=[view_of(OTHER_PAGE, minutes_ago(40))]).judge())


def test_the_deals_person_who_only_follows_a_habit_does_not_count() -> None:
    """Who does what he does every week is not active markedly."""
    weekly = [view_of(PRICE, NOW - timedelta(days=7 * week, minutes=30)) for week in range(13)]
    assert alerts_of(World(weekly, company_people=(sato(),), company_engagements=hot_of()).judge()) == []


def test_where_everybody_who_had_a_part_has_left_the_others_are_enough() -> None:
    """退職: nobody of the deal is there any more who could be active."""
    gone = replace(without_people(), people=None, person={"left_company": True})
    assert "佐藤 三郎(商談に登録のない人物)" in alert_of(gone.judge()).values["who"]


def test_the_companys_baseline_holds_the_others() -> None:
    """A company whose people read prices all the time tells nothing by one of its people doing so too."""
    weekly = [
        view_of(page, NOW - timedelta(days=7 * week, minutes=number), MA_SATO)
        for week in range(1, 14)
        for number, page in enumerate((PRICE, CASES))
    ]
    world = World(hot(), company_people=(sato(),))
    assert alerts_of(world.judge())
    assert alerts_of(replace(world, company_engagements=weekly).judge()) == []


def test_fields_and_log_are_about_the_deals_people_where_some_are_active() -> None:
    """The MA's record of a colleague is left alone; the log is with the person whom the deal names."""
    busy = [*hot_of(), view_of(OTHER_PAGE, minutes_ago(20), MA_SATO)]
    decision = World(hot(), company_people=(sato(),), company_engagements=busy).judge()
    assert alert_of(decision).values["who"].startswith("佐藤 三郎")
    assert set(fields_of(decision)) == {DEAL, MA_PERSON}
    log = log_of(decision)
    assert log is not None
    assert (log.who, "佐藤 三郎" in log.body) == (Ref("salesforce", "Contact", "003A"), True)


# --- a deal that names nobody --------------------------------------------------------------------------------------


def test_a_deal_without_people_has_a_signal_by_anybody_of_its_company() -> None:
    """Told with the name and that this person has no part; posted to the deal and the MA's person."""
    decision = without_people().judge()
    alert = alert_of(decision)
    assert alert.template == "hot_signal.owner"
    assert alert.values["who"] == "佐藤 三郎(商談に登録のない人物)"
    assert set(fields_of(decision)) == {DEAL, MA_SATO}
    log = log_of(decision)
    assert log is not None
    assert log.who == SATO
    assert decision.reason == "owner_first"


def test_nobody_on_the_web_is_no_signal() -> None:
    """As before."""
    assert alerts_of(without_people(company_engagements=[]).judge()) == []


def test_one_page_a_day_by_one_person_is_no_signal_where_it_is_usual() -> None:
    """Who reads prices every day is told of once it begins, not for ever."""
    daily = [view_of(PRICE, NOW - timedelta(days=day, minutes=9), MA_SATO) for day in range(98)]
    assert alerts_of(without_people(company_engagements=daily[:3]).judge())
    assert alerts_of(without_people(company_engagements=daily).judge()) == []


def test_the_task_names_the_person_who_may_be_called() -> None:
    """Of a lost deal inside sales gets a task for this person, with name and number."""
    task = task_in(without_people(deal=LOST, company_people=(sato(phone="03-0000-0001"),)).judge())
    assert task is not None
    assert (task.who, task.about) == (SATO, DEAL)
    assert "佐藤 三郎(商談に登録のない人物)" in task.text.opening
    assert any("03-0000-0001" in line for line in task.text.facts)


@pytest.mark.parametrize(
    "values", [{"call_consent": "no"}, {"ma_call_consent": "no"}, {"notes": "電話不要とのこと"}], ids=str
)
def test_nobody_is_called_who_must_not_be(values: dict[str, Any]) -> None:
    """架電NG: told, but no task; of two people the other one is called, however active the first is."""
    world = without_people(deal=LOST, company_people=(sato(**values),))
    decision = world.judge()
    assert (task_in(decision), decision.standing, decision.reason) == (None, Standing.EXCLUDED, "do_not_call")
    assert "佐藤 三郎" in alert_of(decision).values["call"]
    both = [*hot_of(), view_of(PRICE, minutes_ago(20), MA_ITO)]
    task = task_in(replace(world, company_people=(*world.company_people, ito()), company_engagements=both).judge())
    assert task is not None
    assert task.who == ITO


def test_a_note_with_the_person_that_forbids_calls_is_heeded() -> None:
    """It is with the company, as far as this deal goes."""
    said = call(200, deal=None, people=(SATO,), accounts=(ACCOUNT,), body="今後は電話不要")
    decision = without_people(deal=LOST, with_company=[said]).judge()
    assert (task_in(decision), decision.reason) == (None, "do_not_call")


def test_the_deals_own_person_is_called_before_others() -> None:
    """Where both may be, the one whom the deal names."""
    busy = [*hot_of(), view_of(OTHER_PAGE, minutes_ago(20), MA_SATO)]
    task = task_in(World(hot(), deal=LOST, company_people=(sato(),), company_engagements=busy).judge())
    assert task is not None
    assert task.who == Ref("salesforce", "Contact", "003A")


@pytest.mark.parametrize(
    "person",
    [
        Participant(Person(ref=MA_SATO, modified_at=STAMP, name="佐藤 三郎", account=ACCOUNT)),
        Participant(
            Person(ref=Ref("salesforce", "Lead", "00Q1"), modified_at=STAMP, name="佐藤 三郎", lead_status="新規"),
            (Person(ref=MA_SATO, modified_at=STAMP, account=ACCOUNT),),
        ),
    ],
    ids=["of the MA alone", "a lead"],
)
def test_who_is_no_contact_is_named_but_not_linked(person: Participant) -> None:
    """A task on a deal cannot be with a lead."""
    decision = without_people(deal=LOST, company_people=(person,)).judge()
    task, log = task_in(decision), log_of(decision)
    assert task is not None
    assert log is not None
    assert (task.who, log.who) == (None, None)
    assert "佐藤 三郎(商談に登録のない人物)" in task.text.opening


def test_a_talk_with_the_active_person_is_a_reaction() -> None:
    """Logged with the person alone, as calls often are: inside sales is not sent as well."""
    world = without_people()
    told = world.after(world.judge())
    later = NOW + timedelta(days=1)
    assert task_in(told.judge(now=later)) is not None
    talk = call(0, deal=None, people=(SATO,), accounts=(ACCOUNT,), owner=OWNER)
    decision = replace(told, with_company=[talk]).judge(now=later)
    assert (task_in(decision), decision.reason) == (None, "reacted")


def test_a_talk_with_somebody_who_was_not_active_is_none() -> None:
    """What others of the company are talked to about is not this."""
    world = without_people()
    talk = call(0, deal=None, people=(ITO,), accounts=(ACCOUNT,), owner=OWNER)
    told = replace(world.after(world.judge()), with_company=[talk])
    assert task_in(told.judge(now=NOW + timedelta(days=1))) is not None


def test_contact_on_another_deal_of_that_person_holds_the_task_back() -> None:
    """One person is not worked on from two sides; the other deal is named."""
    other = Opportunity(ref=OTHER, modified_at=STAMP, name="別件", account=ACCOUNT, owner=OWNER, is_closed=True)
    talk = call(5, deal=OTHER, people=(SATO,), accounts=(ACCOUNT,))
    decision = without_people(deal=LOST, with_company=[talk], deals=[other]).judge()
    assert (task_in(decision), decision.reason) == (None, "other_deal")
    assert "別件" in decision.text


def test_a_lost_deal_yields_to_an_open_one_that_the_person_is_on() -> None:
    """Its owner is told, inside sales stays out."""
    other = Opportunity(ref=OTHER, modified_at=STAMP, name="別件", account=ACCOUNT, owner=OWNER, product="B")
    sent = mail(5, "incoming", deal=OTHER, people=(SATO,), accounts=(ACCOUNT,))
    world = without_people(deal=LOST | {"product": "A"}, deals=[other])
    assert alert_of(world.judge()).template == "hot_signal.lost"
    assert alert_of(replace(world, with_company=[sent]).judge()).template == "hot_signal.open_deal"


def test_an_open_task_of_inside_sales_with_that_person_comes_due() -> None:
    """Whichever deal it is on."""
    task = task_of("フォローコール", due=(NOW + timedelta(days=9)).date(), opportunities=(), people=(SATO,))
    decision = without_people(with_company=[task], users=[user(IS_REP, "内勤 四郎")]).judge()
    assert alert_of(decision).template == "hot_signal.raised"
    assert fields_of(decision)[task.ref] == {"due_date": NOW.date()}


def test_our_task_for_that_person_is_taken_back_once_he_must_not_be_called() -> None:
    """Consent is looked up with whom the task names."""
    world = without_people(deal=LOST)
    decision = world.judge()
    wanted = task_in(decision)
    assert wanted is not None
    issued = replace(world.after(decision), own_tasks=(own(wanted, people=(SATO,)),))
    assert not any(isinstance(intent, WithdrawTask) for intent in issued.judge().intents)
    refused = replace(issued, company_people=(sato(call_consent="no"),)).judge()
    assert any(isinstance(intent, WithdrawTask) for intent in refused.intents)


# --- who is none of them -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "person",
    [sato(email="s@own.example"), sato(ma_email="s@OWN.example"), sato(ma_left_company=True)],
    ids=["own employee", "by the MA's record", "has left"],
)
def test_own_employees_and_who_has_left_stay_out(person: Participant) -> None:
    """They neither are a signal nor make it stronger."""
    assert alerts_of(without_people(company_people=(person,)).judge()) == []
    (total,) = because(World(company_people=(person,), company_engagements=hot_of()).judge(), "total")
    assert total == "18.0"


def test_bots_stay_out() -> None:
    """By the vendor's score, and by links that a scanner clicked for several people."""
    scored = [view.model_copy(update={"bot_score": 1}) for view in hot_of()]
    assert alerts_of(without_people(company_engagements=scored).judge()) == []
    scanned = [click(minutes_ago(30) + timedelta(seconds=n), who) for n in range(3) for who in (MA_SATO, MA_ITO)]
    opened = [view_of(PRICE, minutes_ago(30) + timedelta(seconds=5), who) for who in (MA_SATO, MA_ITO)]
    both = (sato(), ito())
    assert alerts_of(without_people(company_people=both, company_engagements=[*scanned, *opened]).judge()) == []


@pytest.mark.parametrize("address", ["003a@customer.example", " 003A@Customer.example"])
def test_a_second_record_with_the_address_of_a_known_person_is_that_person(address: str) -> None:
    """Not recognised as one yet: nobody counts twice."""
    page = [view_of(PRICE, minutes_ago(20), MA_SATO)]
    twin = Participant(Person(ref=MA_SATO, modified_at=STAMP, name="山田太郎", email=address, account=ACCOUNT))
    decision = World([view_of(OTHER_PAGE, minutes_ago(30))], company_people=(twin,), company_engagements=page).judge()
    assert alerts_of(decision) == []
    other = replace(twin, person=twin.person.model_copy(update={"email": "else@customer.example"}))
    assert alerts_of(
        World([view_of(OTHER_PAGE, minutes_ago(30))], company_people=(other,), company_engagements=page).judge()
    )


# --- no stream -----------------------------------------------------------------------------------------------------


def test_the_last_page_of_others_counts_where_there_is_no_stream() -> None:
    """And is remembered, as the next visit overwrites it."""
    seen = {"ma_last_visit_at": minutes_ago(30), "ma_last_page_url": PRICE}
    world = without_people(company_people=(sato(**seen), ito(**seen)), company_engagements=[])
    decision = world.judge()
    assert because(decision, "total") == ["30.0"]
    assert MA_SATO.id in decision.facts["web.seen"]


# --- many ----------------------------------------------------------------------------------------------------------


def test_of_many_people_the_most_active_are_named_and_the_rest_counted() -> None:
    """An alert stays readable; whoever must not be called is always named."""
    people = [
        participant(
            Ref("salesforce", "Contact", f"003X{n}"), Ref("hubspot", "contacts", f"4{n}"), f"社員{n}", account=ACCOUNT,
            **({"call_consent": "no"} if n == 11 else {}),
        )
        for n in range(12)
    ]  # fmt: skip
    pages = [view_of(PRICE, minutes_ago(30), person.twins[0].ref) for person in people]
    alert = alert_of(without_people(company_people=tuple(people), company_engagements=pages).judge())
    assert alert.values["who"].count("社員") == 8
    assert alert.values["who"].endswith("、他4名")
    assert "社員11" in alert.values["call"]
