"""How marked somebody's web activity is: points by page, share, recency and people, against what is usual.

The signal of stalled and lost deals is measured here. Every point can be shown: the lines add up to the total.
Source: section 3 of the practice.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from urllib.parse import parse_qsl

from pydantic import Field, PositiveInt

from connector.model.case import Participant
from connector.model.time import BusinessCalendar
from connector.programs.practice.pages import PageKind, PageWeights, page_key, urlsplit_or_path
from connector.programs.practice.settings import Settings
from connector.programs.practice.visit import Visit, by_person
from connector.programs.practice.visits import Traffic

TENTH = Decimal("0.1")
NOTHING = Decimal(0)


class MailRules(Settings):
    """What a mail led to is not done by oneself."""

    landing_minutes: PositiveInt = 5
    """The first page within so many minutes of a click in a mail is where that click led."""
    url_parameters: dict[str, tuple[str, ...]] = Field(
        default_factory=lambda: {"utm_medium": ("email", "e-mail", "mail"), "_hsmi": (), "_hsenc": ()}
    )
    """Parameters of an address that say the same, with these values; no values: with any."""
    further_share: Decimal = Decimal("0.5")
    """What each further page of such a session counts."""


_PAGES = PageWeights(
    kinds=(
        PageKind(name="導入事例", weight=Decimal(8), patterns=("採用事例",)),
        PageKind(name="採用", weight=Decimal(0), patterns=("recruit", "career", "採用", "求人")),
        PageKind(name="手続き", weight=Decimal(0), patterns=("unsubscribe", "配信停止", "login", "ログイン")),
        PageKind(name="料金", weight=Decimal(10), patterns=("price", "pricing", "料金", "価格", "費用")),
        PageKind(name="導入事例", weight=Decimal(8), patterns=("case", "customer-stor", "事例")),
        PageKind(name="資料", weight=Decimal(8), patterns=("document", "download", "whitepaper", "資料")),
    )
)


class SignalRules(Settings):
    """When activity is marked."""

    window_days: PositiveInt = 7
    threshold: Decimal = Decimal(15)
    baseline_days: PositiveInt = 90
    baseline_factor: Decimal = Decimal(3)
    half_life_days: PositiveInt = 3
    session_minutes: PositiveInt = 30
    unknown_pages_at_most: PositiveInt = 5
    """Of the pages beside the last one, where only that one is known, so many count, each as any other page."""
    people: dict[int, Decimal] = Field(default_factory=lambda: {1: Decimal(1), 2: Decimal("1.5"), 3: Decimal(2)})
    """Factor by the number of different people; the highest number stands for more."""
    pages: PageWeights = _PAGES
    mail: MailRules = MailRules()

    def people_factor(self, count: int) -> Decimal:
        """How much more it means that so many people were active."""
        return max((factor for least, factor in self.people.items() if least <= count), default=Decimal(1))


@dataclass(frozen=True, slots=True)
class Line:
    """One visit's points: `base` by the page, `share` less after a mail, halved by age; rounded to a tenth."""

    visit: Visit
    kind: PageKind | None
    base: Decimal
    share: Decimal
    age_days: int
    points: Decimal
    unknown_pages: int = 0


@dataclass(frozen=True, slots=True)
class Signal:
    """A sum that can be shown. `lines` add up to `subtotal`, and with `bonus` for several people to `total`.

    Only people whose own activity is marked are counted. `usual` is the company's mean weekly sum before.
    """

    lines: tuple[Line, ...]
    people: tuple[Participant, ...]
    subtotal: Decimal
    bonus: Decimal
    usual: Decimal
    is_marked: bool

    @property
    def total(self) -> Decimal:
        """What the signal weighs."""
        return self.subtotal + self.bonus

    @property
    def last_at(self) -> datetime:
        """The latest act that counts. Raises ValueError where there is none."""
        return max(line.visit.at for line in self.lines)


def measure(
    traffic: Traffic,
    rules: SignalRules,
    calendar: BusinessCalendar,
    now: datetime,
    one_of: Collection[str] = frozenset(),
) -> Signal:
    """Adds up the last days of every person whose activity stands out, and compares with what is usual.

    `one_of` are keys of people of whom at least one must be among these; none: anybody is enough.
    """
    today = calendar.local_date(now)
    lines = [line for line in _lines(traffic, rules) if line.visit.who is not None]
    aged = [_aged(line, (today - calendar.local_date(line.visit.at)).days, rules) for line in lines]
    recent = [line for line in aged if line.age_days < rules.window_days and line.points > 0]
    before = [line for line in aged if rules.window_days <= line.age_days < rules.window_days + rules.baseline_days]
    marked = {key for key in {line.visit.key for line in recent} if _stands_out(key, recent, before, rules)}
    counted = [line for line in recent if line.visit.key in marked]
    subtotal = sum((line.points for line in counted), NOTHING)
    people = _people(counted)
    bonus = _tenth(subtotal * (rules.people_factor(len(people)) - 1))
    usual = _usual(before, rules)
    total = subtotal + bonus
    is_theirs = not one_of or not marked.isdisjoint(one_of)
    is_marked = bool(counted) and is_theirs and total >= rules.threshold and total >= rules.baseline_factor * usual
    return Signal(tuple(counted), people, subtotal, bonus, usual, is_marked)


def _stands_out(key: str, recent: Sequence[Line], before: Sequence[Line], rules: SignalRules) -> bool:
    """A person who is on the site every week tells nothing by being there again."""
    own = sum((line.points for line in recent if line.visit.key == key), NOTHING)
    usual = _usual((line for line in before if line.visit.key == key), rules)
    return own >= rules.baseline_factor * usual


def _usual(before: Iterable[Line], rules: SignalRules) -> Decimal:
    """The mean sum of as many days as the window has, without regard to age."""
    points = sum((line.base * line.share for line in before), NOTHING)
    return _tenth(points * rules.window_days / rules.baseline_days)


def _people(lines: Sequence[Line]) -> tuple[Participant, ...]:
    """Who was active, the most active first."""
    points: dict[str, Decimal] = {}
    known: dict[str, Participant] = {}
    for line in lines:
        if line.visit.who is not None:
            points[line.visit.key] = points.get(line.visit.key, NOTHING) + line.points
            known[line.visit.key] = line.visit.who
    return tuple(known[key] for key in sorted(points, key=lambda key: (-points[key], key)))


def _aged(line: Line, days: int, rules: SignalRules) -> Line:
    points = _tenth(line.base * line.share * _decay(days, rules.half_life_days))
    return Line(line.visit, line.kind, line.base, line.share, days, points, line.unknown_pages)


@cache
def _decay(days: int, half_life: int) -> Decimal:
    return Decimal("0.5") ** (Decimal(days) / half_life)


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(TENTH, rounding=ROUND_HALF_UP)


# --- sessions: what was done by oneself, and what a mail led to ----------------------------------------------------


def _lines(traffic: Traffic, rules: SignalRules) -> Iterator[Line]:
    clicked = by_person(traffic.clicks)
    for key, visits in by_person(traffic.visits).items():
        clicks = [click.at for click in clicked.get(key, ())]
        for session in _sessions(visits, rules):
            yield from _of_session(session, clicks, rules)


def _sessions(visits: list[Visit], rules: SignalRules) -> Iterator[list[Visit]]:
    gap, session = timedelta(minutes=rules.session_minutes), visits[:1]
    for earlier, later in pairwise(visits):
        if later.at - earlier.at > gap:
            yield session
            session = []
        session.append(later)
    yield session


def _of_session(session: list[Visit], clicks: list[datetime], rules: SignalRules) -> Iterator[Line]:
    """Each page of a session once: reloading is no interest. From a mail's landing page on, pages count half."""
    share, seen, open_clicks = Decimal(1), set[tuple[str, str]](), list(clicks)
    for visit in session:
        click = _led_by(visit, open_clicks, rules)
        if click is not None:
            open_clicks.remove(click)
        landed = click is not None or _says_mail(visit.url, rules.mail)
        if landed:
            share = rules.mail.further_share
        yield from _unknown_pages(visit, share, rules, landing=landed)
        page = (visit.form, page_key(visit.url, visit.title))
        if page in seen or (landed and _is_landing(visit, rules)):
            continue
        seen.add(page)
        yield _line(visit, share, rules)


def _led_by(visit: Visit, clicks: Iterable[datetime], rules: SignalRules) -> datetime | None:
    """The click that led to this page. Where only a visit's last page is known, any click during the visit did."""
    after = timedelta(minutes=rules.session_minutes if visit.last_page else rules.mail.landing_minutes)
    # The two are noted by different machines: a click may carry the slightly later time.
    before = after if visit.last_page else timedelta(minutes=1)
    return next((click for click in clicks if click - before <= visit.at <= click + after), None)


def _is_landing(visit: Visit, rules: SignalRules) -> bool:
    """A form is more than the page it is on, and the last one of several pages is not the one the mail led to."""
    several = visit.last_page and visit.more > 0 and not _says_mail(visit.url, rules.mail)
    return visit.form == "view" and not several


def _says_mail(url: str | None, mail: MailRules) -> bool:
    query = urlsplit_or_path(url)[2] if url else ""
    return any(
        name.lower() in mail.url_parameters
        and (not mail.url_parameters[name.lower()] or value.lower() in mail.url_parameters[name.lower()])
        for name, value in parse_qsl(query, keep_blank_values=True)
    )


def _line(visit: Visit, share: Decimal, rules: SignalRules) -> Line:
    kind = rules.pages.kind_of(visit.url, visit.title)
    base = rules.pages.points(kind, is_form=visit.form == "form")
    return Line(visit, kind, base, share, 0, NOTHING)


def _unknown_pages(visit: Visit, share: Decimal, rules: SignalRules, *, landing: bool) -> Iterator[Line]:
    """Pages of a visit of which only the last one is known; the first of them is where a mail led."""
    count = min(visit.more - 1 if landing else visit.more, rules.unknown_pages_at_most)
    if count > 0:
        yield Line(visit, None, rules.pages.page * count, share, 0, NOTHING, unknown_pages=count)
