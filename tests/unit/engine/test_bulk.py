"""A whole base at once: the same outcome as record by record, whatever the order, the file and the engine."""

import csv
import json
import os
import random
import shutil
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from bulk_base import by_the_core, companies, people
from pyarrow import parquet

from connector.identity.bulk import COMPANIES, PEOPLE, Columns
from connector.identity.clusters import State
from connector.identity.records import Company
from connector.mapping.identity import IdentityRules
from connector.model.errors import ConfigurationError

pytest.importorskip("splink", reason="needs the extra okoshi[splink], which `make test` installs")

from connector.engine.bulk import OUTCOMES, Told, on_files
from connector.engine.bulk_duckdb import DuckDBBench

pytestmark = pytest.mark.xdist_group("bulk")  # each engine takes all processors


def written(path: Path, raws: Sequence[Any]) -> Path:
    """The records as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(raws[0])))
        writer.writeheader()
        for raw in raws:
            values = asdict(raw)
            writer.writerow(
                {name: ";".join(value) if isinstance(value, tuple) else value for name, value in values.items()}
            )
    return path


class Run:
    """One run on files."""

    def __init__(self, folder: Path, columns: Columns[Any, Any], source: Path, parameters: Path | None = None) -> None:
        self.output = folder / "pairs.csv"
        with closing(DuckDBBench()) as bench:
            self.told: Told = on_files(bench, columns, IdentityRules(), source, self.output, parameters)
        with self.output.open(encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))

    def outcomes(self) -> dict[tuple[str, str], str]:
        """Of each pair that the rule keeps."""
        return {(row["left"], row["right"]): row["outcome"] for row in self.rows if row["outcome"] != "new"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A run on companies, whose trained figures are kept."""
    folder = tmp_path_factory.mktemp("bulk")
    return folder, Run(folder, COMPANIES, written(folder / "in.csv", companies(150)), folder / "figures.json")


def expected(columns: Columns[Any, Any], raws: Sequence[Any]) -> dict[tuple[str, str], str]:
    """What the core finds, in the words of the file."""
    return {key: OUTCOMES[state] for key, state in by_the_core(columns, raws).items()}


def test_companies_get_the_outcome_of_the_core(base: tuple[Path, Run]) -> None:
    """Every link and doubt is the one that is found record by record."""
    _, run = base
    wanted = expected(COMPANIES, companies(150))
    assert run.outcomes() == wanted
    assert "auto" in wanted.values()
    assert "review" in wanted.values()


def test_people_get_the_outcome_of_the_core(tmp_path: Path) -> None:
    """Swapped names and missing mails too."""
    base = people(150)
    run = Run(tmp_path, PEOPLE, written(tmp_path / "in.csv", base))
    wanted = expected(PEOPLE, base)
    assert run.outcomes() == wanted
    assert "auto" in wanted.values()


def test_the_figures_tell_the_same_as_the_file(base: tuple[Path, Run]) -> None:
    """Counts of outcomes, of records that are linked, and of where Splink's probability says otherwise."""
    _, run = base
    assert run.told.records == len(companies(150))
    assert run.told.trained
    for outcome, count in run.told.outcomes.items():
        assert count == sum(row["outcome"] == outcome for row in run.rows)
    linked = {row[side] for row in run.rows if row["outcome"] == "auto" for side in ("left", "right")}
    assert run.told.linked == len(linked)
    likely = [row for row in run.rows if float(row["probability"]) >= 0.95]
    assert run.told.only_splink == sum(row["outcome"] != "auto" for row in likely)
    assert run.told.groups == len({row["cluster"] for row in run.rows if row["outcome"] == "auto"})


def test_training_gives_the_same_figures_again(base: tuple[Path, Run], tmp_path: Path) -> None:
    """Sampling is seeded, and threads add up in no order."""
    folder, run = base
    again = Run(tmp_path, COMPANIES, folder / "in.csv", tmp_path / "figures.json")
    assert (tmp_path / "figures.json").read_text() == (folder / "figures.json").read_text()
    assert again.rows == run.rows


def test_kept_figures_are_used_and_left_as_they_are(base: tuple[Path, Run], tmp_path: Path) -> None:
    """A second run trains nothing and finds the same."""
    folder, run = base
    before = (folder / "figures.json").read_bytes()
    again = Run(tmp_path, COMPANIES, folder / "in.csv", folder / "figures.json")
    assert not again.told.trained
    assert again.rows == run.rows
    assert (folder / "figures.json").read_bytes() == before


def test_the_order_of_records_changes_nothing(base: tuple[Path, Run], tmp_path: Path) -> None:
    """Nor does the kind of file: Parquet, in another order, gives the same pairs."""
    folder, run = base
    shuffled = companies(150)
    random.Random(3).shuffle(shuffled)
    rows = [asdict(one) | {"former_names": list(one.former_names), "parents": list(one.parents)} for one in shuffled]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    again = Run(tmp_path, COMPANIES, tmp_path / "in.parquet", folder / "figures.json")
    assert again.rows == run.rows


def test_two_numbers_are_never_linked(tmp_path: Path) -> None:
    """Two valid 法人番号 are two companies, however sure Splink is of the rest."""
    numbers = ("7000012050002", "2180001135973")
    base = [
        *companies(60),
        *(
            Company(ref=f"n{number}", name="株式会社ひとつ", website="hitotsu.co.jp", corporate_number=number)
            for number in numbers
        ),
    ]
    outcomes = Run(tmp_path, COMPANIES, written(tmp_path / "in.csv", base)).outcomes()
    assert outcomes.get(("n2180001135973", "n7000012050002")) != OUTCOMES[State.LINKED]


def test_names_alone_can_be_compared(tmp_path: Path) -> None:
    """Nothing to train on is no failure: the figures of the model stand."""
    base = [Company(ref=str(number), name=one.name) for number, one in enumerate(companies(40))]
    run = Run(tmp_path, COMPANIES, written(tmp_path / "in.csv", base))
    assert run.outcomes() == expected(COMPANIES, base)


def test_an_empty_file_gives_an_empty_one(tmp_path: Path) -> None:
    """Only the line of names comes out."""
    (tmp_path / "in.csv").write_text("ref,name\n")
    run = Run(tmp_path, COMPANIES, tmp_path / "in.csv")
    assert run.rows == []
    assert run.told.records == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,name\n1,アクメ\n", "has no column `ref`"),
        ("ref,name\n1,アクメ\n1,さくら\n", "1 records have the `ref` of another"),
        ("", "cannot be read as CSV"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """The message names the file and what is wrong with it."""
    (tmp_path / "in.csv").write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        Run(tmp_path, COMPANIES, tmp_path / "in.csv")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Run(tmp_path, COMPANIES, tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda figures: figures | {"kind": "person"}, "trained on records of the kind person"),
        (lambda figures: figures | {"rates": {}}, "has no figures for"),
        (lambda figures: {"something": "else"}, "does not hold trained parameters"),
    ],
)
def test_figures_that_do_not_fit_are_refused(base: tuple[Path, Run], tmp_path: Path, change: Any, told: str) -> None:
    """Never used as if they did, and never written over."""
    folder, _ = base
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(change(json.loads((folder / "figures.json").read_text()))))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=told):
        Run(tmp_path, COMPANIES, folder / "in.csv", path)
    assert path.read_bytes() == before


@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_spark_finds_the_same(base: tuple[Path, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same figures give the same pairs on a cluster."""
    pytest.importorskip("pyspark", reason="needs the extra okoshi[spark]")
    from connector.engine.bulk_spark import SparkBench  # noqa: PLC0415 -- with its extra only

    options = "--master local[2] --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2 pyspark-shell"
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", options)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_DIRS", os.fspath(tmp_path))
    folder, run = base
    with closing(SparkBench()) as bench:
        told = on_files(
            bench, COMPANIES, IdentityRules(), folder / "in.csv", tmp_path / "pairs.csv", folder / "figures.json"
        )
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == run.rows
    assert told.outcomes == run.told.outcomes
