"""Which cases must be looked at: the way from records that changed to the deals, companies and people they bear on.

Called by the engine. Mirrors `cases.load`: whatever is part of a case leads back to it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import and_, delete, func, select, text, update

from connector.store import figures
from connector.store.schema import dirty, link, marked, member, mirror, standing
from connector.store.sql import bulk, listed
from connector.store.store import Transaction

WHOLE = 100_000
"""With more changed records than this (a first load) every case is marked, which is cheaper than finding out which."""

# From the changed records to the cases that they bear on. Every step starts from the few (CROSS JOIN fixes the order in
# SQLite): its cost depends on what changed, not on what there is.
_SPREAD = text("""
INSERT INTO marked (case_ref)
WITH RECURSIVE
-- a deal that changed, in either system, is an "other deal" to everybody who has an activity on it
people_seen(ref) AS (
    SELECT ref FROM dirty WHERE kind = 'person'
    UNION SELECT l.target FROM dirty d CROSS JOIN link l
        WHERE d.kind IN ('activity', 'engagement', 'membership', 'contact_role') AND l.source = d.ref
        AND l.role IN ('activity.person', 'engagement.person', 'membership.person', 'contact_role.person')
    UNION SELECT p.target FROM dirty d CROSS JOIN link a CROSS JOIN link p
        WHERE d.kind = 'opportunity' AND a.target = d.ref AND a.role = 'activity.opportunity'
        AND p.source = a.source AND p.role = 'activity.person'
    UNION SELECT p.target FROM dirty d CROSS JOIN link r CROSS JOIN link p
        WHERE d.kind = 'opportunity' AND r.target = d.ref AND r.role = 'contact_role.opportunity'
        AND p.source = r.source AND p.role = 'contact_role.person'
),
-- all records of those people
people(ref) AS (
    SELECT ref FROM people_seen
    UNION SELECT other.ref FROM people_seen p CROSS JOIN member own CROSS JOIN member other
        WHERE own.ref = p.ref AND other.kind = own.kind AND other.cluster = own.cluster
),
staff(ref) AS (
    SELECT ref FROM dirty WHERE kind = 'user'
    UNION SELECT l.source FROM dirty d CROSS JOIN link l
        WHERE d.kind = 'user' AND l.target = d.ref AND l.role = 'user.manager'
),
companies_seen(ref) AS (
    SELECT ref FROM dirty WHERE kind = 'account'
    UNION SELECT l.source FROM staff s CROSS JOIN link l WHERE l.target = s.ref AND l.role = 'account.owner'
    UNION SELECT l.target FROM dirty d CROSS JOIN link l
        WHERE d.kind IN ('activity', 'opportunity') AND l.source = d.ref
        AND l.role IN ('activity.account', 'opportunity.account')
),
companies(ref) AS (
    SELECT ref FROM companies_seen
    UNION SELECT other.ref FROM companies_seen c CROSS JOIN member own CROSS JOIN member other
        WHERE own.ref = c.ref AND other.kind = own.kind AND other.cluster = own.cluster
),
deals_seen(ref) AS (
    SELECT ref FROM dirty WHERE kind = 'opportunity'
    UNION SELECT l.target FROM dirty d CROSS JOIN link l
        WHERE d.kind IN ('activity', 'contact_role', 'deal_history') AND l.source = d.ref
        AND l.role IN ('activity.opportunity', 'contact_role.opportunity', 'deal_history.opportunity')
    UNION SELECT o.target FROM people p CROSS JOIN link r CROSS JOIN link o
        WHERE r.target = p.ref AND r.role = 'contact_role.person'
        AND o.source = r.source AND o.role = 'contact_role.opportunity'
    UNION SELECT l.source FROM people p CROSS JOIN link l
        WHERE l.target = p.ref AND l.role = 'opportunity.approach_person'
    UNION SELECT l.source FROM companies c CROSS JOIN link l WHERE l.target = c.ref AND l.role = 'opportunity.account'
    UNION SELECT l.source FROM staff s CROSS JOIN link l WHERE l.target = s.ref AND l.role = 'opportunity.owner'
),
deals(ref) AS (
    SELECT ref FROM deals_seen
    UNION SELECT CASE l.source WHEN d.ref THEN l.target ELSE l.source END FROM deals d CROSS JOIN link l
        WHERE (l.source = d.ref AND l.role = 'opportunity.same_as')
        OR (l.target = d.ref AND l.role = 'opportunity.same_as')
),
-- companies whose deals or people something happened with
companies_of(ref) AS (
    SELECT ref FROM companies
    UNION SELECT l.target FROM people p CROSS JOIN link l WHERE l.source = p.ref AND l.role = 'person.account'
    UNION SELECT l.target FROM deals d CROSS JOIN link l WHERE l.source = d.ref AND l.role = 'opportunity.account'
),
all_companies(ref) AS (
    SELECT ref FROM companies_of
    UNION SELECT other.ref FROM companies_of c CROSS JOIN member own CROSS JOIN member other
        WHERE own.ref = c.ref AND other.kind = own.kind AND other.cluster = own.cluster
),
people_of(ref) AS (
    SELECT ref FROM people
    UNION SELECT l.source FROM companies c CROSS JOIN link l WHERE l.target = c.ref AND l.role = 'person.account'
),
all_people(ref) AS (
    SELECT ref FROM people_of
    UNION SELECT other.ref FROM people_of p CROSS JOIN member own CROSS JOIN member other
        WHERE own.ref = p.ref AND other.kind = own.kind AND other.cluster = own.cluster
),
-- who changed or was on the web: of the deals of the whole company that a signal can be about, whoever has part in them
visitors_seen(ref) AS (
    SELECT ref FROM dirty WHERE kind = 'person'
    UNION SELECT l.target FROM dirty d CROSS JOIN link l
        WHERE d.kind = 'engagement' AND l.source = d.ref AND l.role = 'engagement.person'
),
visitors(ref) AS (
    SELECT ref FROM visitors_seen
    UNION SELECT other.ref FROM visitors_seen v CROSS JOIN member own CROSS JOIN member other
        WHERE own.ref = v.ref AND other.kind = own.kind AND other.cluster = own.cluster
),
employers_seen(ref) AS (
    SELECT l.target FROM visitors v CROSS JOIN link l WHERE l.source = v.ref AND l.role = 'person.account'
),
employers(ref) AS (
    SELECT ref FROM employers_seen
    UNION SELECT other.ref FROM employers_seen e CROSS JOIN member own CROSS JOIN member other
        WHERE own.ref = e.ref AND other.kind = own.kind AND other.cluster = own.cluster
),
watched(ref) AS (
    SELECT l.source FROM employers e CROSS JOIN link l WHERE l.target = e.ref AND l.role = 'opportunity.account'
)
SELECT m.ref FROM deals d CROSS JOIN mirror m WHERE m.ref = d.ref AND m.kind = 'opportunity' AND m.system = :sfa
UNION SELECT m.ref FROM watched w CROSS JOIN mirror m
    WHERE m.ref = w.ref AND m.kind = 'opportunity' AND m.system = :sfa AND m.body NOT LIKE '%"is_won"\\:true%'
UNION SELECT m.ref FROM all_companies c CROSS JOIN mirror m
    WHERE m.ref = c.ref AND m.kind = 'account' AND m.system = :sfa
UNION SELECT m.ref FROM all_people p CROSS JOIN mirror m WHERE m.ref = p.ref AND m.kind = 'person'
-- whoever was given a task of ours and may have left since
UNION SELECT given.case_ref FROM ledger given
    WHERE EXISTS (SELECT 1 FROM dirty WHERE kind = 'user')
    AND given.effect = 'task' AND given.state = 'done'
    AND EXISTS (SELECT 1 FROM dirty WHERE ref = given.system || ':' || :users || ':' || given.assignee)
ON CONFLICT DO NOTHING
""")

_ALL = text("""
INSERT INTO marked (case_ref)
SELECT ref FROM mirror WHERE kind = 'person' OR (kind IN ('opportunity', 'account') AND system = :sfa)
ON CONFLICT DO NOTHING
""")


def spread(tx: Transaction, sfa: str = "salesforce", users: str = "User") -> int:
    """Mark every case that a changed record bears on, and forget the changes. Returns how many were newly marked.

    Cases are the opportunities and accounts of the system `sfa`, which calls its users `users`, and all people.
    """
    changed = tx.connection.execute(select(func.count()).select_from(dirty)).scalar_one()
    if not changed:
        return 0
    statement = _ALL.bindparams(sfa=sfa) if changed > WHOLE else _SPREAD.bindparams(sfa=sfa, users=users)
    count = tx.connection.execute(statement).rowcount
    tx.connection.execute(delete(dirty))
    if changed > figures.MANY:
        # Else the few of the next time would be taken for as many; and after a first load all tables for small ones.
        read = (mirror, link, member) if figures.outgrown(tx, mirror, changed) else ()
        figures.renew(tx, dirty, *read)
    return count


def mark(tx: Transaction, cases: Iterable[str]) -> None:
    """These cases must be looked at."""
    bulk(tx.connection, "INSERT INTO marked (case_ref) VALUES (?) ON CONFLICT DO NOTHING", [(case,) for case in cases])


def mark_all(tx: Transaction, sfa: str = "salesforce") -> int:
    """Every case must be looked at: settings changed. Returns how many were newly marked."""
    return tx.connection.execute(_ALL, {"sfa": sfa}).rowcount


def count(tx: Transaction) -> int:
    """How many cases wait to be looked at."""
    return tx.connection.execute(select(func.count()).select_from(marked)).scalar_one()


def due(tx: Transaction, now: datetime, limit: int) -> list[str]:
    """Cases to look at, always in the same order. Those whose time has come are marked first, so none is met twice.

    A case that was judged at this very moment is not woken by it: time that stands still changes no answer.
    """
    awake = and_(standing.c.wake_at <= now, standing.c.updated_at < now)
    woken = list(
        tx.connection.scalars(update(standing).where(awake).values(wake_at=None).returning(standing.c.case_ref))
    )
    mark(tx, woken)
    return list(tx.connection.scalars(select(marked.c.case_ref).order_by(marked.c.case_ref).limit(limit)))


def clear(tx: Transaction, cases: Collection[str]) -> None:
    """These cases have been looked at. Belongs into the transaction that stores what followed."""
    tx.connection.execute(delete(marked).where(marked.c.case_ref.in_(listed(tx.connection, cases))))
