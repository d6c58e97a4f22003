"""What holds for people whatever is known of them: the programs of freshness, hand-over and feedback."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from build import IS_REP, JST, MAPPINGS, OWNER, PERSON, call, days_ago, meeting, open_task
from build_people import OWN_DEAL, TWIN, People, deal, form, ma, of_type, practice
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.intents import Alert, CreateRecord, EnsureTask, SetFields, Standing
from connector.model.records import Ref
from connector.programs import feedback, freshness, handover
from connector.programs.registry import Program

PROGRAMS: Mapping[str, Program] = {one.name: one for one in (freshness.PROGRAM, handover.PROGRAM, feedback.PROGRAM)}
SETTINGS = {name: MAPPINGS.program(name, program.settings) for name, program in PROGRAMS.items()}
LISTS = {SETTINGS["handover"].nurturing_list: Ref("hubspot", "lists", "88")}  # type: ignore[attr-defined]

persons = st.fixed_dictionaries(
    {
        "needs_type": st.sampled_from([None, "個人興味", "個人ニーズ", "部署ニーズ", "その他"]),
        "heat": st.sampled_from([None, "高", "低"]),
        "call_consent": st.sampled_from(["yes", "no", "unknown"]),
        "mail_consent": st.sampled_from(["yes", "no", "unknown"]),
        "left_company": st.booleans(),
        "phone": st.sampled_from([None, "03-1234-5678"]),
        "owner": st.sampled_from([None, OWNER, IS_REP]),
        "lead_status": st.sampled_from([None, "お断り", "先送り", "Working"]),
        "handed_over_on": st.none() | st.dates(date(2026, 1, 1), date(2026, 11, 18)),
        "confirmed_on": st.none() | st.dates(date(2024, 1, 1), date(2027, 1, 1)),
        "created_at": st.integers(1, 1000).map(days_ago),
    }
)
activities = st.lists(
    st.one_of(
        st.integers(-20, 900).map(lambda days: meeting(days, deal=None)),
        st.integers(0, 900).map(lambda days: call(days, "不在", deal=None)),
        st.integers(-20, 20).map(lambda days: open_task(date(2026, 11, 18) + timedelta(days=days), deal=None)),
    ),
    max_size=4,
)
deals = st.sampled_from(
    [
        (),
        (deal(),),
        (deal(owner=IS_REP),),
        (deal(is_closed=True, is_won=True),),
        (deal(is_closed=True, lost_reason="ペンディング"),),
        (deal(OWN_DEAL._replace(id="006COLLEAGUE")),),
    ]
)
forms = st.lists(st.sampled_from(["お問い合わせ", "資料請求", "ウェビナー申込", "メルマガ登録", ""]), max_size=2).map(
    lambda titles: tuple(form(1 + number, title) for number, title in enumerate(reversed(titles)))[::-1]
)


@st.composite
def worlds(draw: st.DrawFn) -> People:
    """Anybody, with or without a record in the SFA."""
    known = draw(st.booleans())
    people = People(
        activities=draw(activities),
        person=draw(persons),
        ref=PERSON if known else TWIN,
        twins=(ma(),) if known else (),
        deals=draw(deals),
        engagements=draw(forms),
    )
    if not known:
        people.account = None
    return people


nows = st.integers(0, 800).map(lambda days: datetime(2026, 11, 18, 10, tzinfo=JST) + timedelta(days=days))


@settings(max_examples=150, deadline=None)
@given(people=worlds(), now=nows, name=st.sampled_from(sorted(PROGRAMS)))
def test_whatever_is_known_the_answer_keeps_the_rules(people: People, now: datetime, name: str) -> None:
    """The same answer twice, a task exactly where one is wanted, none for who must not be called, wake-ups ahead."""
    using = practice(lists=LISTS)
    case = people.case()
    decision = PROGRAMS[name].evaluate(case, SETTINGS[name], using, now)
    assert decision == PROGRAMS[name].evaluate(case, SETTINGS[name], using, now)
    tasks = of_type(decision, EnsureTask)
    assert len(tasks) == (decision.standing is Standing.WAITING)
    assert decision.wake_at is None or decision.wake_at > now
    assert not (decision.standing is Standing.EXCLUDED and decision.reason is None)
    if people.person["call_consent"] == "no" or people.person["left_company"]:
        assert not tasks
    for task in tasks:
        assert task.who == PERSON
        assert task.due >= now.date()
        assert using.calendar.is_business_day(task.due)
        assert task.key.startswith(f"{name}:{PERSON.id}:")
    assert not (tasks and of_type(decision, CreateRecord))
    assert people.ref == TWIN or not of_type(decision, CreateRecord)


@settings(max_examples=100, deadline=None)
@given(people=worlds(), now=nows, name=st.sampled_from(sorted(PROGRAMS)))
def test_what_is_remembered_leads_to_the_same_answer(people: People, now: datetime, name: str) -> None:
    """Looked at again with nothing changed, nothing new begins: no other occasion, no other task, no other value."""
    using = practice(lists=LISTS)
    first = PROGRAMS[name].evaluate(people.case(), SETTINGS[name], using, now)
    people.remembered = {name: first.facts}
    people.occasions = {name: first.occasion} if first.occasion else {}
    second = PROGRAMS[name].evaluate(people.case(), SETTINGS[name], using, now)
    for kind in (EnsureTask, SetFields, Alert, CreateRecord):
        assert of_type(second, kind) == of_type(first, kind)
    assert (second.standing, second.reason, second.occasion) == (first.standing, first.reason, first.occasion)


@settings(max_examples=100, deadline=None)
@given(people=worlds(), visits=st.integers(0, 10**6))
def test_the_web_score_decides_nothing(people: People, visits: int) -> None:
    """However often somebody was on the web site, the hand-over is the same."""
    now = datetime(2026, 11, 18, 10, tzinfo=JST)
    without = handover.PROGRAM.evaluate(people.case(), SETTINGS["handover"], practice(lists=LISTS), now)  # type: ignore[arg-type]
    people.person = people.person | {"page_views": visits, "mail_opens": visits, "mail_clicks": visits}
    assert handover.PROGRAM.evaluate(people.case(), SETTINGS["handover"], practice(lists=LISTS), now) == without  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_the_texts_are_whole_in_both_languages(name: str) -> None:
    """The same keys, with the same places to be filled."""
    texts: dict[str, dict[str, Any]] = {
        language: {key: text for key, text in MAPPINGS.texts[language].items() if key.startswith(f"{name}.")}
        for language in ("ja", "en")
    }
    assert texts["ja"].keys() == texts["en"].keys()
    for key, text in texts["ja"].items():
        assert _places(text) == _places(texts["en"][key]), key


def _places(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}


@settings(max_examples=60, deadline=None)
@given(people=worlds(), now=nows, name=st.sampled_from(sorted(PROGRAMS)))
def test_every_text_can_be_written_in_english(people: People, now: datetime, name: str) -> None:
    """Nothing is asked for that is not given."""
    using = practice(lists=LISTS, texts=MAPPINGS.texts["en"])
    decision = PROGRAMS[name].evaluate(people.case(), SETTINGS[name], using, now)
    assert decision.text
    assert "{" not in decision.text
