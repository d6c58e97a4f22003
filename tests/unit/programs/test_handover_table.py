"""Section 8 of the practice, the table: who is passed to sales, whom inside sales asks, who is nurtured."""

from datetime import date, timedelta
from typing import Any

import pytest
from build import ACCOUNT, IS_REP, MAPPINGS, NOW, OWNER, PERSON, TODAY, call, days_ago, meeting
from build_people import GO_LIVE, LEAD, OWN_DEAL, STAMP, TWIN, People, deal, form, ma, of_type, practice, task

from connector.model.intents import CreateRecord, Decision, EnsureTask, JoinList, Standing
from connector.model.records import Engagement, Person, Ref
from connector.programs.handover import PROGRAM, HandoverSettings
from connector.programs.practice import Practice

SETTINGS = MAPPINGS.program("handover", HandoverSettings)
PASS, ASK = "トスアップ対応", "ニーズ種別の確認"
NEW = {"created_at": days_ago(5)}
"""Somebody whose record came in after go-live."""


def judge(people: People, settings: HandoverSettings = SETTINGS, using: Practice | None = None) -> Decision:
    """What the program says."""
    lists = {SETTINGS.nurturing_list: Ref("hubspot", "lists", "88")}
    return PROGRAM.evaluate(people.case(), settings, using or practice(lists=lists), NOW)


def subject(decision: Decision) -> str | None:
    """The subject of the task that is wanted, if any."""
    return next((one.subject for one in of_type(decision, EnsureTask)), None)


def asked_by(title: str, days: float = 0.5, **values: Any) -> People:
    """Somebody who has sent a form."""
    people = People(engagements=(form(days, title),), twins=(ma(mail_consent="yes"),))
    for name, value in values.items():
        setattr(people, name, value)
    return people


def needing(needs: str, **person: Any) -> People:
    """Somebody whose needs type was recorded, on a record that came in after go-live."""
    return People(person=NEW | {"needs_type": needs, "mail_consent": "yes"} | person, twins=(ma(),))


def test_the_settings_are_the_figures_of_the_practice() -> None:
    """The preset says what the code's defaults say."""
    assert HandoverSettings() == SETTINGS
    assert (SETTINGS.subject, SETTINGS.ask_subject, SETTINGS.due_business_days) == (PASS, ASK, 1)


@pytest.mark.parametrize("needs", ["個人興味", "個人興味の情報収集"])
def test_a_personal_interest_is_nurtured_and_not_passed(needs: str) -> None:
    """Onto the MA's list."""
    decision = judge(needing(needs))
    assert (decision.standing, decision.reason) == (Standing.NOT_ELIGIBLE, "nurtured")
    assert decision.intents == (JoinList(list=Ref("hubspot", "lists", "88"), person=TWIN),)


@pytest.mark.parametrize(("consent", "left"), [("no", False), ("unknown", False), ("yes", True)])
def test_nobody_is_nurtured_without_consent_to_mail(consent: str, left: bool) -> None:
    """Unknown is no consent, and who has left reads nothing."""
    decision = judge(needing("個人興味", mail_consent=consent, left_company=left))
    assert (decision.reason, decision.intents) == ("nurture_no_mail", ())


def test_without_a_list_in_the_ma_nobody_joins_one() -> None:
    """And that is said."""
    assert judge(needing("個人興味"), using=practice(lists={})).reason == "nurture_no_list"


@pytest.mark.parametrize("heat", [None, "未確認"])
def test_for_a_personal_need_inside_sales_asks_once_more(heat: str | None) -> None:
    """As long as 熱量 was not heard."""
    decision = judge(needing("個人ニーズ", heat=heat))
    assert (decision.standing, subject(decision)) == (Standing.WAITING, ASK)
    assert "もう一度電話し" in task(decision).text.opening


@pytest.mark.parametrize("heat", ["中", "低"])
def test_a_personal_need_that_was_heard_to_be_lukewarm_is_nurtured(heat: str) -> None:
    """Inside sales has asked: it can grow into a department's need."""
    assert judge(needing("個人ニーズ", heat=heat)).reason == "nurtured"


@pytest.mark.parametrize("heat", ["高", "High", "HOT"])
def test_a_personal_need_with_high_heat_is_passed(heat: str) -> None:
    """As inside sales heard it."""
    assert subject(judge(needing("個人ニーズ", heat=heat))) == PASS


def test_once_more_is_not_on_the_day_after_the_talk() -> None:
    """A fortnight lies between, by default."""
    people = needing("個人ニーズ")
    people.activities = [call(13, "接続", deal=None, owner=IS_REP)]
    decision = judge(people)
    assert (decision.reason, decision.wake_at) == (
        "asked_lately",
        practice().calendar.start_of(TODAY + timedelta(days=1)),
    )
    people.activities = [call(14, "接続", deal=None, owner=IS_REP)]
    assert subject(judge(people)) == ASK


@pytest.mark.parametrize("needs", ["部署ニーズ", "部署ニーズの情報収集", "部署 ニーズ"])
def test_a_departments_need_is_passed_at_once(needs: str) -> None:
    """Even on the day of the talk."""
    people = needing(needs)
    people.activities = [call(0, "接続", deal=None, owner=IS_REP)]
    assert subject(judge(people)) == PASS


def test_it_differs_per_product() -> None:
    """Only what differs is set; the rest is the table's."""
    settings = HandoverSettings.model_validate({"table": {"by_product": {"電子契約": {"personal_need": "pass"}}}})
    assert subject(judge(needing("個人ニーズ", product="電子契約"), settings)) == PASS
    assert subject(judge(needing("個人ニーズ", product="勤怠管理"), settings)) == ASK
    assert subject(judge(needing("部署ニーズ", product="電子契約"), settings)) == PASS
    assert judge(needing("個人興味", product="電子契約"), settings).reason == "nurtured"


@pytest.mark.parametrize(
    "title", ["お問い合わせフォーム", "製品に関するお問合せ", "見積依頼", "デモ申込", "Contact us"]
)
def test_with_unknown_type_an_explicit_inquiry_is_passed_at_once(title: str) -> None:
    """問い合わせ."""
    assert subject(judge(asked_by(title))) == PASS


@pytest.mark.parametrize("title", ["資料請求フォーム", "価格表ダウンロード", "ホワイトペーパー DL", "アンケート"])
def test_with_unknown_type_a_request_for_material_is_asked_about(title: str) -> None:
    """資料請求, and any form that no rule names."""
    decision = judge(asked_by(title))
    assert subject(decision) == ASK
    assert f"「{title}」" in task(decision).text.opening


def test_who_comes_to_an_event_is_nurtured() -> None:
    """By the form's name."""
    assert judge(asked_by("ウェビナー申込")).reason == "nurtured"


@pytest.mark.parametrize("title", ["メルマガ登録", "採用エントリー(応募)"])
def test_some_forms_say_nothing(title: str) -> None:
    """They begin nothing, and hide no earlier one."""
    assert judge(asked_by(title)).reason == "nothing"
    both = (form(1, "お問い合わせフォーム"), form(0.5, title))
    assert subject(judge(asked_by(title, engagements=both))) == PASS


def test_a_form_that_only_the_contact_tells_counts_too() -> None:
    """The last one, where the MA's forms cannot be read; where they can, it is the same one."""
    twin = ma(last_form_name="お問い合わせフォーム", last_form_at=days_ago(0, 9))
    assert subject(judge(People(twins=(twin,)))) == PASS
    doubled = People(twins=(twin,), engagements=(form(0.125, "お問い合わせフォーム"),))
    decision = judge(doubled)
    assert (decision.standing, decision.facts["sent"]) == (Standing.WAITING, days_ago(0, 9).isoformat())


def test_a_known_type_decides_about_a_request_for_material() -> None:
    """Nothing needs to be asked then."""
    assert subject(judge(asked_by("資料請求フォーム", person={"needs_type": "部署ニーズ"}))) == PASS
    interest = {"needs_type": "個人興味", "mail_consent": "yes"}
    assert judge(asked_by("資料請求フォーム", person=interest)).reason == "nurtured"


def test_who_asks_us_is_answered_whatever_was_recorded_before() -> None:
    """An old 個人興味 does not keep an inquiry from sales; one that came with the inquiry does."""
    old = asked_by("お問い合わせフォーム", person={"needs_type": "個人興味"})
    assert subject(judge(old)) == PASS
    together = asked_by("お問い合わせフォーム", person=NEW | {"needs_type": "個人興味", "mail_consent": "yes"})
    assert judge(together).reason == "nurtured"


@pytest.mark.parametrize("visits", [0, 10_000])
def test_the_web_score_never_decides(visits: int) -> None:
    """Neither whether nor in which order."""
    seen = ma(page_views=visits, mail_clicks=visits, last_visit_at=days_ago(0, 9), mail_consent="yes")
    assert judge(People(twins=(seen,))).reason == "nothing"
    assert judge(needing("個人興味", page_views=visits)).reason == "nurtured"
    assert task(judge(asked_by("資料請求フォーム", twins=(seen,)))).value == SETTINGS.order.asked


def test_what_was_before_go_live_is_history() -> None:
    """Forms by their date; of a recorded type, on the first look, by the record's."""
    long_ago = (NOW.date() - GO_LIVE).days + 1
    assert judge(asked_by("お問い合わせフォーム", days=long_ago)).reason == "nothing"
    assert judge(People(person={"needs_type": "部署ニーズ"})).reason == "nothing"
    assert subject(judge(asked_by("お問い合わせフォーム", days=long_ago - 1.5))) == PASS


def test_a_type_on_a_record_that_was_handed_over_is_history_too() -> None:
    """On the first look: somebody has passed the person already."""
    assert judge(needing("部署ニーズ", handed_over_on=TODAY - timedelta(days=2))).reason == "nothing"


def test_a_type_that_is_recorded_later_is_new() -> None:
    """Of people from before go-live too: what was seen last time tells."""
    first = judge(People())
    later = People(person={"needs_type": "部署ニーズ"}, remembered={"handover": first.facts})
    assert subject(judge(later)) == PASS


def test_before_any_go_live_is_set_everything_counts() -> None:
    """The earliest day there is does not break the arithmetic."""
    assert subject(judge(asked_by("お問い合わせフォーム"), using=practice(go_live=date.min))) == PASS


# --- who is left in peace ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        ({"person": {"call_consent": "no"}}, "do_not_call"),
        ({"account": {"call_consent": "no"}}, "do_not_call"),
        ({"person": {"notes": "電話しないで"}}, "do_not_call"),
        ({"person": {"left_company": True}}, "left_company"),
        ({"account": {"status": "不適合"}}, "left_alone"),
    ],
)
@pytest.mark.parametrize("title", ["お問い合わせフォーム", "資料請求フォーム"])
def test_who_must_not_be_called_gets_no_task(world: dict[str, Any], reason: str, title: str) -> None:
    """Neither of sales nor of inside sales."""
    decision = judge(asked_by(title, **world))
    assert (decision.standing, decision.reason, subject(decision)) == (Standing.EXCLUDED, reason, None)


def test_unknown_consent_does_not_block() -> None:
    """架電可否:未確認 is shown."""
    decision = judge(asked_by("資料請求フォーム", person={"call_consent": "unknown"}))
    assert "架電可否:未確認" in task(decision).text.facts


def test_inside_sales_does_not_ask_whom_sales_talks_with() -> None:
    """An open deal of sales with the person; an inquiry goes to its owner."""
    other = Ref("salesforce", "User", "005FS")
    user = practice().managers[0].model_copy(update={"ref": other, "name": "営業 四郎", "email": "shiro@own.example"})
    people = asked_by("資料請求フォーム", deals=(deal(owner=other),), users={other: user})
    assert judge(people).reason == "with_sales"
    people.engagements = (form(0.5),)
    assert task(judge(people)).assignee == other


def test_a_talk_since_the_form_has_dealt_with_it() -> None:
    """Nobody is asked twice."""
    for title in ("お問い合わせフォーム", "資料請求フォーム"):
        people = asked_by(title, days=3, activities=[meeting(2, deal=None)])
        assert judge(people).reason == "in_touch"
        people.activities = [meeting(4, deal=None)]
        assert judge(people).standing is Standing.WAITING


def test_our_own_people_are_no_leads() -> None:
    """By the mail address."""
    assert judge(asked_by("お問い合わせフォーム", person={"email": "Ichiro@OWN.example"})).reason == "own_employee"


def test_a_lead_that_became_a_contact_is_followed_there() -> None:
    """Nothing is wanted of the lead."""
    people = asked_by("お問い合わせフォーム", ref=LEAD, person={"same_as": (PERSON,)})
    assert judge(people).reason == "converted"
    subject_ = people.case().subject
    assert isinstance(subject_, Person)
    assert not PROGRAM.concerns(subject_)


# --- somebody whom the MA alone knows ------------------------------------------------------------------------------


def only_ma(**values: Any) -> People:
    """A contact of the MA without a record in the SFA."""
    person = {"family_name": "山田", "given_name": "太郎", "company_name": "アクメ", "owner": None, "account": None}
    people = People(ref=TWIN, person=person | values.pop("person", {}), engagements=(form(0.5),), account=None)
    for name, value in values.items():
        setattr(people, name, value)
    return people


DEFAULT = SETTINGS.model_copy(update={"default_owner": "Ichiro@own.example"})


def test_whom_the_ma_alone_knows_gets_a_lead_first() -> None:
    """Once, by its key, with what the MA knows; the task follows when the lead is there."""
    decision = judge(only_ma(), DEFAULT)
    assert (decision.standing, decision.reason) == (Standing.EXCLUDED, "being_created")
    (record,) = of_type(decision, CreateRecord)
    assert (record.key, record.system, record.object) == (f"handover:{TWIN.id}:record", "salesforce", "Lead")
    assert record.values == {
        "family_name": "山田",
        "given_name": "太郎",
        "company_name": "アクメ",
        "email": "yamada@acme.example",
        "phone": "03-1234-5678",
        "owner": OWNER,
    }
    assert of_type(judge(only_ma(), DEFAULT), CreateRecord) == [record]


def test_at_a_company_that_the_sfa_knows_it_is_a_contact() -> None:
    """And the owner of the company gets it."""
    (record,) = of_type(judge(only_ma(account={})), CreateRecord)
    assert (record.object, record.values["account"], record.values["owner"]) == ("Contact", ACCOUNT, OWNER)
    assert "company_name" not in record.values


def test_what_nobody_knows_is_not_invented() -> None:
    """A lead needs a family name and a company: 不明."""
    nameless = only_ma(person={"family_name": None, "given_name": None, "name": None, "company_name": None})
    (record,) = of_type(judge(nameless, DEFAULT), CreateRecord)
    assert (record.values["family_name"], record.values["company_name"]) == ("不明", "不明")


def test_whom_the_sfa_knows_already_never_gets_a_second_record() -> None:
    """Whichever of the records names the case."""
    sfa = Person(ref=PERSON, modified_at=STAMP, created_at=days_ago(900), owner=OWNER, account=ACCOUNT)
    decision = judge(only_ma(twins=(sfa,)))
    assert of_type(decision, CreateRecord) == []
    assert task(decision).who == PERSON


def test_who_is_only_nurtured_needs_no_record() -> None:
    """The MA goes on by itself."""
    sent: tuple[Engagement, ...] = (form(0.5, "ウェビナー申込"),)
    decision = judge(only_ma(engagements=sent, person={"mail_consent": "yes"}))
    assert (decision.reason, of_type(decision, CreateRecord)) == ("nurtured", [])


def test_the_lead_that_was_made_is_then_handed_over() -> None:
    """For a need that was recorded in the MA as for a form: the new record tells it anew."""
    by_need = People(ref=LEAD, person=NEW | {"needs_type": "部署ニーズ"}, twins=(ma(needs_type="部署ニーズ"),))
    wanted = task(judge(by_need))
    assert (wanted.who, wanted.about, wanted.key) == (LEAD, None, f"handover:{LEAD.id}:1.1")


def test_an_open_deal_of_a_colleague_is_not_the_persons() -> None:
    """Only the person's own deals keep inside sales away."""
    people = asked_by("資料請求フォーム", deals=(deal(OWN_DEAL._replace(id="006COLLEAGUE")),))
    assert subject(judge(people)) == ASK
