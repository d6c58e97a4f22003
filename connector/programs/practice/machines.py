"""What no person did: bots by the vendor's score, impossible speed, scanners of the links in mail.

The reading of visits leaves it out. Source: "bots out", section 3 of the practice.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from connector.mapping.practice import BotRules
from connector.model.records import Engagement, Ref
from connector.programs.practice.visit import Visit, by_person, in_time


def by_machines(events: Iterable[Engagement], bots: BotRules) -> set[Ref]:
    """What the vendor itself takes for a machine's doing."""
    return {event.ref for event in events if event.bot_score and event.bot_score < bots.score_below}


def without_bursts(visits: Sequence[Visit], bots: BotRules) -> Iterator[Visit]:
    """Drops what one person cannot have read: too many pages in too few seconds."""
    span = timedelta(seconds=bots.burst_seconds)
    for own in by_person(visits).values():
        yield from _slower_than(sorted(own, key=in_time), bots.burst_pages, span)


def _slower_than(visits: list[Visit], count: int, span: timedelta) -> Iterator[Visit]:
    dense: set[int] = set()
    for first in range(len(visits) - count + 1):
        if visits[first + count - 1].at - visits[first].at <= span:
            dense.update(range(first, first + count))
    yield from (visit for place, visit in enumerate(visits) if place not in dense)


def without_scanners(visits: list[Visit], clicks: list[Visit], bots: BotRules) -> list[Visit]:
    """Drops what was opened while a scanner clicked the links of a mail, one person's or several people's."""
    ordered = sorted(clicks, key=in_time)
    slow = _slower_than(ordered, bots.scanner_clicks, timedelta(seconds=bots.scanner_seconds))
    human = {in_time(click) for click in slow}
    scans = [click.at for click in ordered if in_time(click) not in human]
    around = timedelta(seconds=bots.scanner_pages_seconds)
    return [visit for visit in visits if not any(abs(visit.at - scan) <= around for scan in scans)]
