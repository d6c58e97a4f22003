"""One act of a person on the web, however it became known: what reads visits and what judges them share it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.model.case import Participant
from connector.model.records import Ref

VisitForm = Literal["view", "form", "click"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A page opened, a form sent, or a link in a mail clicked.

    `record` and `field` say where it stands. `last_page`: only the last page of the visit is known; `more` pages were
    opened beside it. `who` is `None` where no person of the case has that address.
    """

    form: VisitForm
    at: datetime
    url: str | None
    title: str | None
    record: Ref
    field: str
    key: str
    who: Participant | None = None
    more: int = 0
    last_page: bool = False


def by_person(visits: Iterable[Visit]) -> dict[str, list[Visit]]:
    """The visits of each person, in the order given."""
    people: dict[str, list[Visit]] = {}
    for visit in visits:
        people.setdefault(visit.key, []).append(visit)
    return people


def in_time(visit: Visit) -> tuple[datetime, str]:
    """The order of time, the same every time."""
    return visit.at, str(visit.record)
