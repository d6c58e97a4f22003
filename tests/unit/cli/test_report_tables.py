"""Tables on the screen, as CSV and as JSON: every word in both languages, and nothing that a spreadsheet would run."""

import csv
import io
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from office import scope_of

from connector.cli.output import Labels
from connector.cli.report_files import FORMULA, as_csv, guarded, to_folder
from connector.cli.report_screen import Words
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError
from connector.reporting.quality import quality
from connector.reporting.report import report
from connector.reporting.scope import Month
from connector.reporting.table import table
from connector.store import Store

TEXTS = load_mappings(None).texts


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_table_and_column_has_its_words(store: Store, language: str) -> None:
    """Titles and column names, in both languages."""
    with scope_of(store) as scope:
        found = {"report": list(report(scope)), "quality": list(quality(scope))}
    for command, tables in found.items():
        names = {f"cli.{command}.table.{one.name}" for one in tables}
        names |= {f"cli.report.column.{column.key}" for one in tables for column in one.columns}
        assert names <= TEXTS[language].keys(), names - TEXTS[language].keys()


@given(st.text())
@example("  =1+1")
@example("\t@SUM(A1)")
def test_no_cell_begins_like_a_formula(text: str) -> None:
    """Whatever a customer is called."""
    assert not guarded(text).startswith(FORMULA)


def test_csv_guards_texts_and_leaves_figures(tmp_path: Path) -> None:
    """A name that is a formula gets a quote mark; a negative number stays one; the file is its owner's alone."""
    one = table("open_deals", "name:text moves:count", [("=1+1", -3), ('a"b, c', 0), (None, None)])
    words = Words(Labels(TEXTS["en"]), "quality")
    assert list(csv.reader(io.StringIO(as_csv(one, words)))) == [
        ["Name", "Moves (number)"],
        ["'=1+1", "-3"],
        ['a"b, c', "0"],
        ["", ""],
    ]
    (file,) = to_folder(tmp_path / "out", [one], words)
    assert file.name == "open_deals.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbfName")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_codes_are_told_in_the_readers_language() -> None:
    """A code of ours has a word; what is none, such as a picklist's own value, stays as it is."""
    one = table("excluded", "program:code reason:code cases:count", [("stalled", "do_not_call", 1)])
    assert Words(Labels(TEXTS["ja"]), "report").cells(one, one.rows[0]) == ["滞留商談", "架電NG", "1"]
    reasons = table("loss_reasons", "lost_reason:code", [("price",), ("社内政治",)])
    told = [Words(Labels(TEXTS["ja"]), "report").cells(reasons, row)[0] for row in reasons.rows]
    assert told == ["価格懸念", "社内政治"]


def test_months() -> None:
    """Over the turn of the year, both ways; what is no month is refused."""
    assert str(Month.parse("2026-01").moved(-2)) == "2025-11"
    assert str(Month.parse("2026-11").moved(2)) == "2027-01"
    for wrong in ("2026-13", "2026", "November"):
        with pytest.raises(ConfigurationError, match="--month 2026-11"):
            Month.parse(wrong)
