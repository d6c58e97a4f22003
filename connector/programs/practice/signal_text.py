"""How a signal is told: who, what, when, and the sum, each line with its points. The signal's program calls it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from connector.model.case import Case, Participant
from connector.model.plan import Because
from connector.model.records import Record, Ref
from connector.programs.practice.pages import urlsplit_or_path
from connector.programs.practice.signals import Line, Signal, SignalRules
from connector.programs.practice.task_text import Fact, quoted
from connector.programs.practice.view import View


class SignalText:
    """The sentences about one signal, in the texts of one program."""

    def __init__(self, view: View, signal: Signal, rules: SignalRules, program: str, most_people: int) -> None:
        self._view, self._signal, self._rules, self._program = view, signal, rules, program
        self._most_people = most_people

    def _text(self, name: str) -> str:
        return self._view.practice.texts[f"{self._program}.{name}"]

    @property
    def who(self) -> str:
        """Names with titles, the most active first; who has no part in the deal is marked; how many are left out."""
        people, most = self._signal.people, self._most_people
        told = [self._shown(person) for person in people[:most]]
        if len(people) > most:
            told.append(self._text("people_more").format(count=len(people) - most))
        return self._text("comma").join(told)

    def _shown(self, person: Participant) -> str:
        name = named(person, self._view)
        return self._text("no_part").format(name=name) if has_no_part(person, self._view.case) else name

    @property
    def short(self) -> str:
        """What stands in a field: the strongest page, how many more, and the sum."""
        strongest = max(self._signal.lines, key=lambda line: (line.points, line.visit.at))
        key = "field" if len(self._signal.lines) == 1 else "field_more"
        page = self._page(strongest)
        return self._text(key).format(
            page=page, more=len(self._signal.lines) - 1, total=self._signal.total, people=len(self._signal.people)
        )

    def pages(self, most: int) -> str:
        """What was done when, one line each, newest first; how many lines were left out."""
        lines = self._newest_first()
        told = [self._line("page", line) for line in lines[:most]]
        if len(lines) > most:
            told.append(self._text("pages_more").format(count=len(lines) - most))
        return "\n".join(told)

    @property
    def why(self) -> str:
        """The sum, and what it is compared with."""
        signal, rules = self._signal, self._rules
        parts = [self._text("sum_pages").format(points=signal.subtotal)]
        if signal.bonus:
            parts.append(self._text("sum_people").format(people=len(signal.people), points=signal.bonus))
        return self._text("sum").format(
            parts=self._text("plus").join(parts),
            total=signal.total,
            threshold=rules.threshold,
            usual=signal.usual,
            factor=rules.baseline_factor,
            days=rules.window_days,
        )

    def because(self) -> Iterator[Because]:
        """One piece of evidence a line, one for several people, one for the total; the values add up."""
        program, signal = self._program, self._signal
        for line in self._newest_first():
            yield Because(
                rule=f"{program}.page",
                record=str(line.visit.record),
                field="points",
                value=str(line.points),
                at=line.visit.at,
                text=self._line("because_page", line),
            )
        deal = str(self._view.case.ref)
        if signal.bonus:
            text = self._text("sum_people").format(people=len(signal.people), points=signal.bonus)
            yield Because(rule=f"{program}.people", record=deal, field="points", value=str(signal.bonus), text=text)
        yield Because(rule=f"{program}.total", record=deal, field="signal", value=str(signal.total), text=self.why)

    def facts(self, most: int) -> list[Fact]:
        """The same pages as lines of a task's text, each with its source."""
        sources = self._sources()
        label = self._text("fact")
        return [
            Fact(label, self._line("fact_page", line), sources.get(line.visit.record), dated=True)
            for line in self._newest_first()[:most]
        ]

    def _sources(self) -> dict[Ref, Record]:
        case = self._view.case
        people = (*case.participants, *case.company_people)
        acts = (*case.engagements, *case.company_engagements)
        records: Iterable[Record] = (*acts, *(record for person in people for record in person.records))
        return {record.ref: record for record in records}

    def _newest_first(self) -> list[Line]:
        return sorted(self._signal.lines, key=lambda line: (line.visit.at, str(line.visit.record)), reverse=True)

    def _line(self, name: str, line: Line) -> str:
        visit = line.visit
        return self._text(name).format(
            at=local_time(self._view, visit.at),
            who=named(visit.who, self._view) if visit.who else self._view.practice.texts["unknown"],
            page=self._page(line),
            base=line.base,
            share=self._text("after_mail") if line.share < 1 else "",
            days=line.age_days,
            points=line.points,
        )

    def _page(self, line: Line) -> str:
        if line.unknown_pages:
            return self._text("unknown_pages").format(count=line.unknown_pages)
        visit = line.visit
        name = quoted(visit.title) if visit.form == "form" else None
        shown = name or page_name(visit.url, visit.title)
        if visit.form == "form":
            return self._text("form").format(name=shown)
        return self._text("kind").format(kind=line.kind.name, page=shown) if line.kind else shown


def has_no_part(person: Participant, case: Case) -> bool:
    """Whether it is somebody of the deal's company whom the deal does not know."""
    return all(known.person.ref != person.person.ref for known in case.participants)


def named(person: Participant, view: View) -> str:
    """A person's name with title, as one harmless line."""
    known = next((record for record in person.records if record.name), person.person)
    title = next((quoted(record.title) for record in person.records if record.title), None)
    name = quoted(known.name) or view.practice.texts["unknown"]
    return f"{name}({title})" if title else name


def page_name(url: str | None, title: str | None) -> str:
    """What a page is called: its title with its path, without the query, which may hold what nobody needs to see."""
    path = quoted(urlsplit_or_path(url)[1]) if url else None
    shown = quoted(title)
    if shown and path and shown.casefold() not in path.casefold():
        return f"{shown} {path}"
    return path or shown or "/"


def local_time(view: View, moment: datetime) -> str:
    """A moment to the minute, as people here read it."""
    return f"{moment.astimezone(view.practice.calendar.zone):%Y-%m-%d %H:%M}"
