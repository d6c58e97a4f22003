"""From schema 0002 with records in it: everybody waits for a place, who was linked is looked at, old keys are gone."""

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, text

from connector.model.records import Kind
from connector.store import Store, database, migrations, unmatched
from connector.store.schema import HEAD, dirty

_RECORDS = (
    ("salesforce:Account:1", "account", False),
    ("salesforce:Account:2", "account", True),
    ("hubspot:companies:1", "account", False),
    ("salesforce:Account:9", "account", False),
    ("salesforce:Contact:1", "person", False),
    ("hubspot:contacts:1", "person", False),
    ("salesforce:Contact:9", "person", False),
    ("salesforce:Opportunity:1", "opportunity", False),
    ("salesforce:Task:1", "activity", False),
)
_KEYS = (
    ("id:salesforce:Contact:1", "salesforce:Contact:1"),
    ("mail:a@example.jp", "salesforce:Contact:1"),
    ("mail:a@example.jp", "hubspot:contacts:1"),
    ("mail:z@example.jp", "salesforce:Contact:9"),
)
_LINKS = (
    ("hubspot:companies:1", "account.same_as", "salesforce:Account:1"),
    ("salesforce:Opportunity:1", "opportunity.account", "salesforce:Account:9"),
)


def _older(url: str) -> None:
    """A database as version 0002 left it."""
    engine = database.connect(database.parse(url))
    config = Config()
    config.set_main_option("script_location", str(next(iter(migrations.__path__))))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for ref, kind, deleted in _RECORDS:
            values = {"ref": ref, "kind": kind, "system": ref.partition(":")[0], "deleted": deleted}
            connection.execute(
                text("INSERT INTO mirror VALUES (:ref, :kind, :system, 'h', '2025-06-02T00:00:00Z', :deleted, '{}')"),
                values,
            )
        for key, ref in _KEYS:
            connection.execute(text("INSERT INTO record_key VALUES (:key, :ref)"), {"key": key, "ref": ref})
        for source, role, target in _LINKS:
            values = {"source": source, "role": role, "target": target}
            connection.execute(text("INSERT INTO link VALUES (:source, :role, :target)"), values)
    engine.dispose()


def test_an_older_database_is_taken_over(database_url: str) -> None:
    """Companies and people, tombstones too, must be unified; whoever was linked by the old keys is looked at again."""
    _older(database_url)
    store = Store.open(database_url)
    with store.read() as tx:
        assert migrations.revision(tx.connection) == HEAD
        for kind in (Kind.ACCOUNT, Kind.PERSON):
            waiting = sorted(ref for ref, of, _ in _RECORDS if of == kind)
            assert sorted(unmatched.take(tx, kind, 99)) == waiting
        assert {(row.ref, row.kind) for row in tx.connection.execute(select(dirty))} == {
            ("salesforce:Contact:1", "person"),
            ("hubspot:contacts:1", "person"),
            ("salesforce:Account:1", "account"),
            ("hubspot:companies:1", "account"),
        }
        assert not inspect(tx.connection).has_table("record_key")
    store.close()
