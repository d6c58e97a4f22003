"""Section 3 of the practice, "spontaneous" and "marked": which activity counts, how much, and that the sum is shown."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from build import MAPPINGS, NOW, days_ago
from build_hot_signal import (
    CASES,
    MA_PERSON,
    MA_SECOND,
    OTHER_PAGE,
    PAPERS,
    PRICE,
    RECRUIT,
    SITE,
    World,
    alerts_of,
    click,
    engagement,
    form_of,
    hot,
    minutes_ago,
    opened,
    view_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.intents import Decision
from connector.model.records import Engagement, EngagementKind
from connector.programs.practice.pages import Patterns
from connector.programs.practice.signal_case import HotSignalSettings
from connector.programs.practice.signals import SignalRules

SHOWN = HotSignalSettings(signal=SignalRules(threshold=Decimal("0.1"), baseline_factor=Decimal(0)))
"""Every activity that counts at all is shown."""


def points(engagements: list[Engagement], **world: object) -> Decimal:
    """What the activity weighs, however little."""
    return total(World(engagements, settings=SHOWN, **world).judge())  # type: ignore[arg-type]


def total(decision: Decision) -> Decimal:
    """The total that a decision shows; zero where it tells of nothing."""
    return next((Decimal(b.value) for b in decision.because if b.rule == "hot_signal.total"), Decimal(0))


def is_signal(engagements: list[Engagement], **world: object) -> bool:
    """Somebody is told."""
    return bool(alerts_of(World(engagements, **world).judge()))  # type: ignore[arg-type]


def test_the_preset_is_the_program_s_own_default() -> None:
    """Every figure stands in the yaml file as it stands in the code."""
    assert HotSignalSettings.model_validate(MAPPINGS.programs["hot_signal"]) == HotSignalSettings()


def test_both_languages_have_the_same_texts() -> None:
    """No text of the program is missing in one language."""
    ours = [{key for key in MAPPINGS.texts[lang] if key.startswith("hot_signal.")} for lang in ("ja", "en")]
    assert ours[0] == ours[1]


def test_price_and_cases_on_one_day_are_a_signal() -> None:
    """A person who reads prices and cases by himself is markedly active."""
    assert is_signal(hot())


def test_a_single_page_is_no_signal() -> None:
    """One page, be it the price list, is not marked."""
    assert not is_signal([view_of(PRICE, minutes_ago(30))])


@pytest.mark.parametrize(
    ("url", "worth"),
    [(PRICE, "10.0"), (CASES, "8.0"), (PAPERS, "8.0"), (OTHER_PAGE, "1.0"), (RECRUIT, "0")],
)
def test_pages_weigh_by_what_they_are(url: str, worth: str) -> None:
    """Price, cases and documents weigh much, any other page little, recruiting pages nothing."""
    assert points([view_of(url, minutes_ago(5))]) == Decimal(worth)


@pytest.mark.parametrize(
    ("title", "worth"), [("料金プラン", "10.0"), ("導入事例", "8.0"), ("資料ダウンロード", "8.0"), ("新卒採用", "0")]
)
def test_pages_are_known_by_their_title_too(title: str, worth: str) -> None:
    """Where the address says nothing, the Japanese title does."""
    assert points([view_of(f"{SITE}/p/1", minutes_ago(5), title=title)]) == Decimal(worth)


def test_a_case_of_adoption_is_no_recruiting_page() -> None:
    """採用事例 is a case, although 採用 alone is recruiting."""
    assert points([view_of(f"{SITE}/p/1", minutes_ago(5), title="採用事例")]) == Decimal("8.0")


def test_a_latin_word_must_begin_a_word() -> None:
    """`case` is in /case-study, not in /showcase; the query of an address is not looked at."""
    case = Patterns(patterns=("case",))
    assert case.found_in("https://a.example/case-study", None)
    assert not case.found_in("https://a.example/showcase", None)
    assert not case.found_in("https://a.example/?utm_campaign=case", None)


def test_mail_opens_never_count() -> None:
    """Any number of mails opened is nothing."""
    assert points([opened(minutes_ago(minute)) for minute in range(1, 50, 5)]) == 0


def test_a_mail_click_s_landing_page_does_not_count() -> None:
    """The page behind the click is the mail's doing."""
    assert points([click(minutes_ago(30)), view_of(PRICE, minutes_ago(29))]) == 0


def test_further_pages_of_that_session_count_half() -> None:
    """Who looks around after a mail is half spontaneous."""
    pages = [click(minutes_ago(30)), view_of(OTHER_PAGE, minutes_ago(29)), view_of(PRICE, minutes_ago(20))]
    assert points(pages) == Decimal("5.0")


@pytest.mark.parametrize(("minutes", "worth"), [(5, "0"), (6, "10.0")])
def test_a_landing_page_follows_its_click_within_minutes(minutes: int, worth: str) -> None:
    """A page long after the click was not opened by it."""
    assert points([click(minutes_ago(40)), view_of(PRICE, minutes_ago(40 - minutes))]) == Decimal(worth)


@pytest.mark.parametrize(("early", "worth"), [(60, "0"), (61, "10.0")])
def test_a_click_may_be_noted_a_little_after_its_page(early: int, worth: str) -> None:
    """Two machines' clocks: up to a minute."""
    page = minutes_ago(30)
    assert points([view_of(PRICE, page), click(page + timedelta(seconds=early))]) == Decimal(worth)


@pytest.mark.parametrize(("gap", "worth"), [(30, "5.0"), (31, "10.0")])
def test_a_session_ends_with_a_break(gap: int, worth: str) -> None:
    """After more than half an hour a new visit begins, which no mail led to."""
    pages = [click(minutes_ago(100)), view_of(OTHER_PAGE, minutes_ago(99)), view_of(PRICE, minutes_ago(99 - gap))]
    assert points(pages) == Decimal(worth)


@pytest.mark.parametrize("query", ["utm_medium=email", "utm_medium=Email&x=1", "_hsmi=123", "_hsenc=p2ANq"])
def test_an_address_that_names_a_mail_is_a_landing_page(query: str) -> None:
    """Where the click itself is not told, the address tells."""
    pages = [view_of(f"{OTHER_PAGE}?{query}", minutes_ago(30)), view_of(PRICE, minutes_ago(20))]
    assert points(pages) == Decimal("5.0")


def test_another_campaign_is_spontaneous() -> None:
    """Somebody who comes from a search engine comes by himself."""
    assert points([view_of(f"{PRICE}?utm_medium=cpc", minutes_ago(30))]) == Decimal("10.0")


def test_somebody_else_s_click_makes_no_landing_page() -> None:
    """A mail to a colleague does not make one's own visit the mail's doing."""
    assert points([click(minutes_ago(30), MA_SECOND), view_of(PRICE, minutes_ago(29))], second={}) == Decimal("10.0")


def test_reloading_a_page_is_no_interest() -> None:
    """The same page counts once a visit, whatever its parameters."""
    pages = [
        view_of(PRICE, minutes_ago(30)),
        view_of(f"{PRICE}/?a=1", minutes_ago(28)),
        view_of(PRICE, minutes_ago(27)),
    ]
    assert points(pages) == Decimal("10.0")


def test_a_form_counts() -> None:
    """A form that was sent weighs more than a page."""
    assert points([form_of("お問い合わせ", minutes_ago(5))]) == Decimal("12.0")


def test_a_form_behind_a_mail_counts_half() -> None:
    """Sending it is more than landing on its page, but the mail led there."""
    pages = [click(minutes_ago(9)), view_of(OTHER_PAGE, minutes_ago(8)), form_of("申込", minutes_ago(6))]
    assert points(pages) == Decimal("6.0")


def test_leaving_the_mailing_list_is_no_interest() -> None:
    """A form of a kind that weighs nothing weighs nothing."""
    assert points([form_of("配信停止フォーム", minutes_ago(5))]) == 0


@pytest.mark.parametrize(("days", "worth"), [(0, "10.0"), (3, "5.0"), (6, "2.5"), (7, "0")])
def test_points_halve_in_three_days_and_end_after_seven(days: int, worth: str) -> None:
    """What is recent weighs most; the window is today and the six days before."""
    assert points([view_of(PRICE, days_ago(days, hour=9))]) == Decimal(worth)


def test_several_people_of_one_company_weigh_most() -> None:
    """Two people's two pages weigh more than one person's two."""
    one = points([view_of(PRICE, minutes_ago(30)), view_of(CASES, minutes_ago(20))])
    two = points([view_of(PRICE, minutes_ago(30)), view_of(CASES, minutes_ago(20), MA_SECOND)], second={})
    assert (one, two) == (Decimal("18.0"), Decimal("27.0"))


def usual(weeks: int, urls: tuple[str, ...]) -> list[Engagement]:
    """The same pages every week before the window."""
    return [view_of(url, days_ago(7 * week + 3, hour=9)) for week in range(1, weeks + 1) for url in urls]


def test_who_is_there_every_week_tells_nothing_by_being_there_again() -> None:
    """The same activity is marked for one person and usual for another."""
    assert is_signal(hot())
    assert not is_signal([*usual(12, (PRICE, CASES)), *hot()])


def test_activity_three_times_the_usual_is_marked() -> None:
    """A little habit does not hide a clear change."""
    assert is_signal([*usual(12, (OTHER_PAGE,)), *hot()])


def test_the_company_s_own_baseline_counts_too() -> None:
    """A person new to the site of a company that is there every week is nothing out of the ordinary."""
    busy = [event.model_copy(update={"person": MA_SECOND}) for event in usual(12, (PRICE, CASES))]
    assert not is_signal([*busy, *hot()], second={})


def test_a_bot_is_no_person() -> None:
    """The vendor's score is Cloudflare's: 29 is likely a machine, 30 likely a person, 0 was not computed."""
    assert points([view_of(PRICE, minutes_ago(5), bot_score=Decimal(29))]) == 0
    assert points([view_of(PRICE, minutes_ago(5), bot_score=Decimal(30))]) == Decimal("10.0")
    assert points([view_of(PRICE, minutes_ago(5), bot_score=Decimal(0))]) == Decimal("10.0")


@pytest.mark.parametrize(("count", "counts"), [(9, True), (10, False)])
def test_impossible_speed_is_no_person_s(count: int, counts: bool) -> None:
    """Ten pages within ten seconds were opened by a machine."""
    pages = [view_of(f"{SITE}/p/{number}", NOW - timedelta(minutes=5, seconds=-number)) for number in range(count)]
    assert (points(pages) > 0) is counts


def test_a_scanner_of_links_is_no_person() -> None:
    """Links of several people's mail clicked within seconds are a gateway's doing, and so is what it opened."""
    base = minutes_ago(30)
    clicks = [click(base + timedelta(seconds=1)), click(base + timedelta(seconds=2), MA_SECOND), click(base)]
    pages = [view_of(f"{SITE}/p/{number}", base + timedelta(seconds=10 + number)) for number in range(3)]
    assert points([*clicks, *pages], second={}) == 0


def test_own_employees_do_not_count() -> None:
    """Somebody with our own mail domain is no customer, whether the deal or the visit says so."""
    assert points(hot(), person={"email": "tester@own.example"}) == 0
    assert points(hot(), person={"ma_email": "tester@mail.own.example"}) == 0
    assert points([view_of(PRICE, minutes_ago(5), email="tester@own.example")]) == 0


def test_a_visit_known_by_its_mail_address_alone_counts() -> None:
    """A person is told by reference or by mail address."""
    known = engagement(EngagementKind.PAGE_VIEW, minutes_ago(5), None, url=PRICE, email="003A@customer.example")
    assert points([known]) == Decimal("10.0")


def test_somebody_who_has_no_part_in_the_deal_does_not_count() -> None:
    """Without a person of the deal there is nobody who moves again."""
    stranger = engagement(EngagementKind.PAGE_VIEW, minutes_ago(5), None, url=PRICE, email="x@customer.example")
    assert points([stranger]) == 0


def test_what_happens_at_this_very_moment_counts() -> None:
    """The page that is opened now is part of what is told now."""
    assert points([view_of(PRICE, NOW)]) == Decimal("10.0")


def test_what_is_yet_to_come_does_not_count() -> None:
    """A visit noted by a clock that runs ahead waits for its time."""
    assert points([view_of(PRICE, NOW + timedelta(minutes=1))]) == 0


# --- editions without a stream of page views -----------------------------------------------------------------------


def test_without_a_stream_the_last_page_stands_for_a_visit() -> None:
    """Where the MA keeps but the last page of a person, that page counts."""
    person = {"ma_last_visit_at": minutes_ago(20), "ma_last_page_url": PRICE, "ma_page_views": 7}
    assert points([], person=person) == Decimal("10.0")


def test_visits_are_remembered_as_the_next_one_overwrites_them() -> None:
    """Two visits seen one after the other count both, and pages opened between them count as any page."""
    first = {"ma_last_visit_at": days_ago(1, hour=9), "ma_last_page_url": CASES, "ma_page_views": 7}
    then = {"ma_last_visit_at": minutes_ago(20), "ma_last_page_url": PRICE, "ma_page_views": 10}
    world = World([], person=first, settings=SHOWN)
    facts = world.judge(now=days_ago(1, hour=10)).facts
    later = World([], person=then, settings=SHOWN, facts={k: v for k, v in facts.items() if k.startswith("web.")})
    # 10 for the price, 2 of the 3 new pages beside it, and the case of yesterday.
    assert total(later.judge()) == Decimal("10.0") + Decimal("2.0") + Decimal("6.3")


def test_seeing_the_same_visit_again_adds_nothing() -> None:
    """A person's record that did not change is the same visit."""
    person = {"ma_last_visit_at": minutes_ago(20), "ma_last_page_url": PRICE, "ma_page_views": 7}
    first = World([], person=person, settings=SHOWN).judge()
    again = World([], person=person, settings=SHOWN, facts=first.facts, occasion=first.occasion).judge()
    assert again.facts == first.facts


def test_a_deal_whose_people_do_nothing_leaves_nothing_to_remember() -> None:
    """Most deals are quiet: they cost no row; nor does what the stream tells anyway."""
    assert World([]).judge().facts == {}
    assert World([view_of(OTHER_PAGE, minutes_ago(5))]).judge().facts == {}


def test_a_visit_that_the_stream_tells_too_counts_once() -> None:
    """The person's record and the stream speak of the same visit, whichever came first."""
    person = {"ma_last_visit_at": minutes_ago(20), "ma_last_page_url": PRICE, "ma_page_views": 7}
    stream = [view_of(PRICE, minutes_ago(20))]
    assert points(stream, person=person) == Decimal("10.0")
    seen = World([], person=person, settings=SHOWN).judge().facts
    later = World(stream, person=person, settings=SHOWN, facts={"web.seen": seen["web.seen"]})
    assert total(later.judge()) == Decimal("10.0")


def test_a_bot_s_visit_does_not_come_back_by_the_person_s_record() -> None:
    """The record's last page was the machine's, as the stream knows."""
    person = {"ma_last_visit_at": minutes_ago(20), "ma_last_page_url": PRICE, "ma_page_views": 7}
    assert points([view_of(PRICE, minutes_ago(20), bot_score=Decimal(1))], person=person) == 0


def test_a_last_page_behind_a_mail_click_is_where_the_mail_led() -> None:
    """With a click in the same visit and no further pages known, nothing was done by oneself."""
    person = {
        "ma_last_visit_at": minutes_ago(20),
        "ma_last_page_url": PRICE,
        "ma_last_mail_click_at": minutes_ago(21),
        "ma_page_views": 7,
    }
    assert points([], person=person) == 0


# --- the sum is shown ----------------------------------------------------------------------------------------------

URLS = st.sampled_from((PRICE, CASES, PAPERS, OTHER_PAGE, RECRUIT, f"{PRICE}?utm_medium=email"))
EVENTS = st.lists(st.tuples(URLS, st.integers(1, 9 * 1440), st.sampled_from((MA_PERSON, MA_SECOND))), max_size=12)


@settings(deadline=None)
@given(EVENTS)
def test_the_lines_add_up_to_the_total(events: list[tuple[str, int, object]]) -> None:
    """Whatever was read, the evidence has one value a page, and they add up exactly to what the alert says."""
    pages = [view_of(url, minutes_ago(minutes), person) for url, minutes, person in events]  # type: ignore[arg-type]
    decision = World(pages, second={}, settings=SHOWN).judge()
    values = [Decimal(b.value) for b in decision.because if b.rule in ("hot_signal.page", "hot_signal.people")]
    assert sum(values, Decimal(0)) == total(decision)
    assert all(value == value.quantize(Decimal("0.1")) for value in values)


@settings(deadline=None)
@given(EVENTS, st.integers(1, 5000))
def test_mail_opens_and_own_employees_change_nothing(events: list[tuple[str, int, object]], minutes: int) -> None:
    """Adding what does not count never changes the sum."""
    pages = [view_of(url, minutes_ago(ago), person) for url, ago, person in events]  # type: ignore[arg-type]
    noise = [opened(minutes_ago(minutes)), view_of(PRICE, minutes_ago(minutes), None, email="a@own.example")]  # type: ignore[arg-type]
    assert points(pages, second={}) == points([*pages, *noise], second={})


def test_every_page_is_a_piece_of_evidence() -> None:
    """Each line names the visit's record, its moment, and its points."""
    pages = hot()
    because = [b for b in World(pages).judge().because if b.rule == "hot_signal.page"]
    assert {b.record for b in because} == {str(page.ref) for page in pages}
    assert [(b.at, b.value) for b in because] == [(pages[1].at, "8.0"), (pages[0].at, "10.0")]
    assert all(isinstance(b.at, datetime) for b in because)
