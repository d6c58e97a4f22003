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
    ("engine", "missing", "extra"), [("duckdb", "duckdb", "splink"), ("spark", "pyspark", "spark")]
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
    told = capsys.readouterr().err
    assert f'pip install "okoshi[{extra}]"' in told
    assert f'pip install ".[{extra}]"' in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--input", "in.csv", "--kind", "account"), "--input and --output go together"),
        (("--output", "out.csv", "--kind", "account"), "--input and --output go together"),
        (("--input", "in.csv", "--output", "out.csv"), "--kind account or --kind person"),
        (("--parameters", "figures.json"), "--kind account or --kind person"),
        (("--force",), "name one"),
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


@pytest.mark.parametrize("way", ["name", "symbolic link", "hard link", "another way to it"])
def test_the_input_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str], way: str) -> None:
    """Not even by --force, nor under another name of the same file."""
    pytest.importorskip("splink", reason="needs the extra okoshi[splink], which `make test` installs")
    given = tmp_path / "in.csv"
    given.write_text(CSV)
    output = given if way == "name" else tmp_path / "out.csv"
    if way == "symbolic link":
        output.symlink_to(given)
    elif way == "hard link":
        output.hardlink_to(given)
    elif way == "another way to it":
        (tmp_path / "x").mkdir()
        output = tmp_path / "x" / ".." / "in.csv"
    assert okoshi(tmp_path, "--kind", "account", "--input", given, "--output", output, "--force") == 2
    assert "are one file" in capsys.readouterr().err
    assert given.read_text() == CSV


@pytest.mark.xdist_group("bulk")
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_file_that_is_no_earlier_output_is_replaced_only_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """An earlier output is replaced, as a plan is; whatever else stands there stays. Nothing half is left beside it."""
    pytest.importorskip("splink", reason="needs the extra okoshi[splink], which `make test` installs")
    given, output = tmp_path / "in.csv", tmp_path / name
    given.write_text(CSV)
    output.write_text("ref,name\n1,大切\n")
    options: tuple[Any, ...] = ("--kind", "account", "--input", given, "--output", output)
    assert okoshi(tmp_path, *options) == 2
    assert "--force" in capsys.readouterr().err
    assert output.read_text() == "ref,name\n1,大切\n"
    assert okoshi(tmp_path, *options, "--force") == 0
    written = output.read_bytes()
    assert okoshi(tmp_path, *options) == 0
    assert output.read_bytes() == written
    assert not list(tmp_path.glob(".out*"))


def test_an_output_of_unknown_kind_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the endings that are known."""
    pytest.importorskip("splink", reason="needs the extra okoshi[splink], which `make test` installs")
    (tmp_path / "in.csv").write_text(CSV)
    paths = ("--input", tmp_path / "in.csv", "--output", tmp_path / "pairs.txt")
    assert okoshi(tmp_path, "--kind", "account", *paths) == 2
    assert ".csv, .parquet, .pq" in capsys.readouterr().err


@pytest.mark.xdist_group("bulk")
def test_a_file_without_records_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was trained, and no kept figures were used either."""
    pytest.importorskip("splink", reason="needs the extra okoshi[splink], which `make test` installs")
    (tmp_path / "in.csv").write_text(CSV.splitlines()[0] + "\n")
    options = ("--kind", "account", "--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv")
    assert okoshi(tmp_path, *options) == 0
    said = capsys.readouterr().out
    assert "no records to compare" in said
    assert "figures" not in said
