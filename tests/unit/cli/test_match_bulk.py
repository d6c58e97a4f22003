"""`okoshi match bulk`: what it refuses, what it says without its extra, and a run on a file."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from connector.cli.app import command

CSV = """ref,name,address,website
a1,株式会社アクメ,東京都港区芝1-2-3,acme.example.co.jp
a2,㈱アクメ,東京都港区芝1丁目2番3号,https://www.acme.example.co.jp/
a3,さくら商事株式会社,大阪府大阪市北区梅田3-4-5,
"""


def okoshi(folder: Path, *options: object) -> int:
    """The command in an empty project."""
    return command(["match", "bulk", *map(str, options), "--project-dir", str(folder), "--language", "en", "--quiet"])


@pytest.mark.parametrize(
    ("engine", "missing", "extra"), [("duckdb", "duckdb", "okoshi[splink]"), ("spark", "pyspark", "okoshi[spark]")]
)
def test_without_its_extra_it_says_how_to_install_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    engine: str,
    missing: str,
    extra: str,
) -> None:
    """The default install has neither Splink nor Spark: exit 2, with the command that installs them."""
    for name in [name for name in sys.modules if name.partition(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, f"connector.engine.bulk_{engine}", raising=False)
    assert okoshi(tmp_path, "--engine", engine) == 2
    assert f'pip install "{extra}"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--input", "in.csv", "--kind", "account"), "--input and --output go together"),
        (("--output", "out.csv", "--kind", "account"), "--input and --output go together"),
        (("--input", "in.csv", "--output", "out.csv"), "--kind account or --kind person"),
        (("--parameters", "figures.json"), "--kind account or --kind person"),
    ],
)
def test_half_of_what_it_needs_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], told: str
) -> None:
    """Nothing is guessed: exit 2, with what is missing."""
    assert okoshi(tmp_path, *options) == 2
    assert told in capsys.readouterr().err


@pytest.mark.xdist_group("bulk")
def test_a_file_of_records_becomes_a_file_of_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same company typed twice is one, and figures are kept where they were asked for."""
    pytest.importorskip("splink", reason="needs the extra okoshi[splink], which `make test` installs")
    (tmp_path / "in.csv").write_text(CSV)
    figures, output = tmp_path / "figures.json", tmp_path / "out.csv"
    options: tuple[Any, ...] = ("--kind", "account", "--input", tmp_path / "in.csv", "--output", output)
    assert okoshi(tmp_path, *options, "--parameters", figures, "--json") == 0
    told = json.loads(capsys.readouterr().out)["account"]
    assert (told["records"], told["linked"], told["groups"], told["trained"]) == (3, 2, 1, True)
    with output.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["left"], row["right"], row["outcome"], row["cluster"]) == ("a1", "a2", "auto", "a1")
    assert okoshi(tmp_path, *options, "--parameters", figures) == 0
    said = capsys.readouterr().out
    assert "3 records; 2 of them are 1" in said
    assert "nothing was trained" in said
