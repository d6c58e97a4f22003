"""What the people of a company did on the web lately, for cases of deals: they count as further people of a signal.

Read by `case_reading`, a chunk at a time. It knows neither parts in deals nor what a signal is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from connector.model.case import ON_THE_WEB
from connector.model.records import Engagement, Person
from connector.store.neighbours import Neighbours
from connector.store.schema import link, mirror
from connector.store.sql import listed
from connector.store.store import Transaction


@dataclass(frozen=True, slots=True)
class CompanyWeb:
    """The people that name each record of a company as theirs, and what each record of a person did since."""

    since: datetime
    staff: Neighbours
    acts: Neighbours

    def staff_of(self, company: Collection[str]) -> set[str]:
        """The people that name these records of a company as theirs."""
        return set().union(*(self.staff.get(ref, ()) for ref in company))

    def counts(self, act: Engagement) -> bool:
        """Whether this was done on the web, and not too long ago."""
        return act.form in ON_THE_WEB and act.at >= self.since

    def was_seen(self, record: Person) -> bool:
        """Whether the person's own record tells of a visit or a form since; not every edition has more than that."""
        return any(at is not None and at >= self.since for at in (record.last_visit_at, record.last_form_at))


def engagements_since(tx: Transaction, people: Collection[str], since: datetime) -> Neighbours:
    """The engagements of each of these records of people, those of long ago left out.

    Some that are older may be among them: an engagement is never changed before it happened, and the stamp of its
    change is all that can be asked for.
    """
    earliest = (since - timedelta(days=2)).date().isoformat()  # a stamp may be in any zone
    query = (
        select(link.c.target, link.c.source)
        .join(mirror, mirror.c.ref == link.c.source)
        .where(
            link.c.target.in_(listed(tx.connection, people)),
            link.c.role == "engagement.person",
            mirror.c.modified_at >= earliest,
        )
    )
    found: Neighbours = {}
    for target, source in tx.connection.execute(query):
        found.setdefault(target, set()).add(source)
    return found
