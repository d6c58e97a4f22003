"""The mirror: only what differs is written, tombstones keep what was known, and bad records stand aside."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from store_records import NOW, account, activity, deal, hs, person, sf, user

from connector.model.records import Kind, Ref, SetAside
from connector.store import Store, Transaction, mirror, unmatched
from connector.store.schema import dirty, link


def _dirty(tx: Transaction) -> set[str]:
    return set(tx.connection.scalars(select(dirty.c.ref)))


def _forget(tx: Transaction) -> None:
    tx.connection.execute(dirty.delete())


def test_records_come_back_as_they_were_saved(store: Store) -> None:
    """Every property survives, amounts and Japanese text included."""
    records = [
        deal(1, amount=Decimal("1200000.50"), close_date=NOW.date(), account=sf("Account", 1), name="基幹刷新 '25"),
        person(hs("contacts", 7), email="a@example.jp", same_as=(sf("Contact", 3),), last_visit_at=NOW),
        user(5, manager=sf("User", 6)),
    ]
    with store.begin() as tx:
        assert mirror.save(tx, records) == 3
        assert [mirror.get(tx, record.ref) for record in records] == records
        assert mirror.get(tx, Ref("salesforce", "Account", "none")) is None
        assert mirror.count(tx) == {
            "hubspot person": 1,
            "salesforce opportunity": 1,
            "salesforce user": 1,
        }


def test_a_touched_stamp_and_another_order_are_no_change(store: Store) -> None:
    """An echo of our own write, or people listed in another order, leads to nothing."""
    seen = activity(1, people=(sf("Contact", 1), sf("Contact", 2)))
    echo = seen.model_copy(
        update={"modified_at": NOW + timedelta(hours=1), "people": (sf("Contact", 2), sf("Contact", 1))}
    )
    with store.begin() as tx:
        mirror.save(tx, [seen])
        _forget(tx)
        assert mirror.save(tx, [echo, echo]) == 0
        assert _dirty(tx) == set()
        assert mirror.save(tx, [seen.model_copy(update={"subject": "架電"})]) == 1
        assert _dirty(tx) == {str(seen.ref)}


def test_the_last_of_two_versions_in_one_batch_counts(store: Store) -> None:
    """A window that overlaps may bring a record twice."""
    with store.begin() as tx:
        assert mirror.save(tx, [deal(1, stage="A"), deal(1, stage="B")]) == 1
        assert mirror.get(tx, sf("Opportunity", 1)) == deal(1, stage="B")


def test_a_deal_that_an_activity_leaves_has_changed_too(store: Store) -> None:
    """The old target of a link is looked at again, the links follow the record."""
    with store.begin() as tx:
        mirror.save(tx, [activity(1, opportunities=(sf("Opportunity", 1),), people=(sf("Contact", 1),))])
        _forget(tx)
        mirror.save(tx, [activity(1, opportunities=(sf("Opportunity", 2),), people=(sf("Contact", 1),))])
        assert _dirty(tx) == {"salesforce:Task:1", "salesforce:Opportunity:1"}
        links = {(row.role, row.target) for row in tx.connection.execute(select(link))}
        assert links == {
            ("activity.opportunity", "salesforce:Opportunity:2"),
            ("activity.person", "salesforce:Contact:1"),
        }


def test_companies_and_people_that_changed_must_find_their_place_again(store: Store) -> None:
    """Tombstones too; deals, users and what did not change need none."""
    with store.begin() as tx:
        mirror.save(tx, [account(1), account(2), person(1), deal(1), user(1)])
        assert unmatched.take(tx, Kind.ACCOUNT, 9) == ["salesforce:Account:1", "salesforce:Account:2"]
        assert unmatched.take(tx, Kind.PERSON, 9) == ["salesforce:Contact:1"]
        unmatched.done(tx, ["salesforce:Account:1", "salesforce:Account:2", "salesforce:Contact:1"])
        mirror.save(tx, [account(1), account(2, name="株式会社B"), person(1, deleted=True)])
        assert unmatched.take(tx, Kind.ACCOUNT, 9) == ["salesforce:Account:2"]
        assert unmatched.take(tx, Kind.PERSON, 9) == ["salesforce:Contact:1"]


def test_a_tombstone_keeps_body_and_links(store: Store) -> None:
    """What a vendor says of a deleted record is little; what was known of it stays, and it is said to be deleted."""
    seen = activity(1, subject="打合せ", opportunities=(sf("Opportunity", 1),))
    gone = activity(1, deleted=True, modified_at=NOW + timedelta(days=1))
    with store.begin() as tx:
        mirror.save(tx, [seen])
        _forget(tx)
        assert mirror.save(tx, [gone]) == 1
        assert mirror.save(tx, [gone]) == 0
        kept = mirror.get(tx, seen.ref)
        assert kept == seen.model_copy(update={"deleted": True, "modified_at": gone.modified_at})
        assert tx.connection.scalar(select(link.c.target)) == "salesforce:Opportunity:1"
        assert _dirty(tx) == {"salesforce:Task:1"}
        assert mirror.count(tx) == {}
        assert mirror.save(tx, [seen]) == 1, "an undeleted record is as it was"
        assert mirror.get(tx, seen.ref) == seen


def test_a_tombstone_of_a_record_never_seen_is_kept(store: Store) -> None:
    """A look-up of our own write must find that it was deleted meanwhile."""
    with store.begin() as tx:
        assert mirror.save(tx, [activity(9, deleted=True)]) == 1
        kept = mirror.get(tx, sf("Task", 9))
        assert kept is not None
        assert kept.deleted


def test_a_record_stands_aside_until_it_can_be_used(store: Store) -> None:
    """The newest reason is shown; a good version, even an unchanged one, ends it."""
    good = account(1)
    with store.begin() as tx:
        mirror.save(tx, [good])
        mirror.set_aside(tx, [SetAside(ref=good.ref, reason="old"), SetAside(ref=sf("Account", 2), reason="x")], NOW)
        mirror.set_aside(tx, [SetAside(ref=good.ref, reason="new")], NOW)
        assert [item.reason for item in mirror.list_set_aside(tx)] == ["new", "x"]
        assert mirror.get(tx, good.ref) == good, "what was known stays"
        mirror.save(tx, [good])
        assert [item.ref for item in mirror.list_set_aside(tx)] == [sf("Account", 2)]


def test_many_references_need_no_special_care(store: Store) -> None:
    """More of them than a statement may have parameters."""
    with store.begin() as tx:
        mirror.save(tx, [account(1), account(69_999)])
        assert len(mirror.load(tx, [str(sf("Account", number)) for number in range(70_000)])) == 2
