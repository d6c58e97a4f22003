"""`okoshi match` before anything was read or matched: nothing is called done that was never begun."""

from pathlib import Path

import pytest
from match_base import RECORDS, Base

from connector.model.records import Kind
from connector.store import mirror, unmatched
from connector.store.store import Store


@pytest.fixture
def bare(base: Base, tmp_path: Path) -> Base:
    """A project of which nothing was read; its store is there."""
    folder = tmp_path / "bare"
    folder.mkdir()
    return Base(folder, base.capsys)


@pytest.mark.parametrize("command", [("list",), ("review",), ("show", "11"), ("say", "11", "12", "same")])
def test_where_there_is_no_database_none_is_made(base: Base, tmp_path: Path, command: tuple[str, ...]) -> None:
    """It is said what to do instead."""
    empty = tmp_path / "empty"
    empty.mkdir()
    base.folder = empty
    told = base.match(*command, exit_code=2)
    assert "まだ何も読み込まれていないか、フォルダが違います" in told
    assert "okoshi.db" in told
    assert list(empty.iterdir()) == []


def test_where_nothing_was_read_nobody_is_told_that_all_is_done(bare: Base) -> None:
    """The list and the questions say what to do first."""
    for command in ("list", "review"):
        shown = bare.match(command)
        assert "まだ何も読み込まれていません" in shown
        assert "確認が必要な組はありません" not in shown
    assert bare.document("review")["records"] == 0


def test_what_was_read_but_not_compared_is_counted_apart(bare: Base) -> None:
    """It is nobody's fellow only because nobody looked; once compared it counts as what was found."""
    with bare.store.begin() as tx:
        mirror.save(tx, RECORDS)
        unmatched.keyed(tx, {"hubspot:companies:13": "as a first load leaves it that was stopped"})
    found = bare.document("list")["account"]
    assert (found["linked"], found["new"], found["unmatched"]) == (0, 0, 6)
    assert "未照合" in bare.match("list")
    assert "8 件はまだ照合していません" in bare.match("review")
    assert bare.document("review")["unmatched"] == 8
    assert bare.document("review", "--kind", "person")["unmatched"] == 2
    bare.learn()
    found = bare.document("list")["account"]
    assert (found["linked"], found["new"], found["unmatched"]) == (2, 4, 0)
    assert "照合していません" not in bare.match("review")


def test_what_waits_to_be_compared_again_is_what_it_was(base: Base) -> None:
    """A change, or other rules, make nobody unknown."""
    before = base.document("list")
    with base.store.begin() as tx:
        unmatched.add_all(tx, Kind.ACCOUNT)
    assert base.document("list") == before


def test_a_store_is_not_made_where_none_is_asked_for(base: Base) -> None:
    """One that is there is opened."""
    Store.open(base.settings.database_url, create=False).close()
