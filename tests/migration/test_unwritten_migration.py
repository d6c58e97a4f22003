"""From schema 0005 with companies in it: what they no longer have is taken out, the rest of them stays as it was."""

import json

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from connector.model.records import Account
from connector.store import Store, database, migrations, mirror

_BODIES = {
    "salesforce:Account:1": {
        "ref": ["salesforce", "Account", "1"],
        "name": "山田商事",
        "signal": "3人が価格を閲覧",
        "signal_at": "2026-11-18T01:00:00Z",
    },
    "salesforce:Account:2": {"ref": ["salesforce", "Account", "2"], "name": "signal"},
}


def _older(url: str) -> None:
    """A database as version 0005 left it."""
    engine = database.connect(database.parse(url))
    config = Config()
    config.set_main_option("script_location", str(next(iter(migrations.__path__))))
    insert = "INSERT INTO mirror VALUES (:ref, 'account', 'salesforce', 'h', '2026-11-18T01:00:00Z', false, :body)"
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for ref, body in _BODIES.items():
            connection.execute(text(insert), {"ref": ref, "body": json.dumps(body, ensure_ascii=False)})
    engine.dispose()


def test_companies_lose_their_signal_and_nothing_else(database_url: str) -> None:
    """Else no company that somebody gave a signal could be read any more."""
    _older(database_url)
    store = Store.open(database_url)
    with store.read() as tx:
        found = mirror.load(tx, list(_BODIES))
    store.close()
    names = {ref: row.record.name for ref, row in found.items() if isinstance(row.record, Account)}
    assert names == {"salesforce:Account:1": "山田商事", "salesforce:Account:2": "signal"}
