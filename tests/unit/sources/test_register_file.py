"""Register files as rows: however they are packed and written, and whatever is wrong with them."""

import gzip
import json
import tracemalloc
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from connector.model.errors import ConfigurationError
from connector.sources.register_file import FileRow, opened

TEXT = "法人番号,会社名\n7000012050002,株式会社アクメ\n"
ROWS = [["法人番号", "会社名"], ["7000012050002", "株式会社アクメ"]]


def read(path: Path, encoding: str | None = None) -> list[FileRow]:
    """Every row of every part."""
    with opened(path, encoding) as file:
        return [row for part in file.parts for row in part.rows]


def cells(path: Path, encoding: str | None = None) -> list[list[object]]:
    """The rows' cells."""
    return [list(row.cells) for row in read(path, encoding)]


def written(folder: Path, content: bytes, name: str = "register.csv") -> Path:
    """A file of this content."""
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_the_encoding_is_told_by_the_text(tmp_path: Path, encoding: str) -> None:
    """With and without byte order mark; what is told wins over what is seen."""
    assert cells(written(tmp_path, TEXT.encode(encoding))) == ROWS
    assert cells(written(tmp_path, TEXT.encode(encoding)), encoding) == ROWS


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_the_separator_is_told_by_the_first_line(tmp_path: Path, separator: str) -> None:
    """Excel writes tabs and semicolons too."""
    assert cells(written(tmp_path, TEXT.replace(",", separator).encode())) == ROWS


def test_packed_files_are_read_by_what_they_are(tmp_path: Path) -> None:
    """A gzip or zip by any name; of a zip each table, and nothing else."""
    assert cells(written(tmp_path, gzip.compress(TEXT.encode("cp932")), "a.bin")) == ROWS
    path = tmp_path / "00_zenkoku_all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("01_hokkaido.csv", TEXT)
        archive.writestr("signature.asc", "-----BEGIN")
        archive.writestr("02_aomori.CSV", TEXT.encode("cp932"))
    assert cells(path) == ROWS * 2
    with opened(path) as file:
        assert [part.name for part in file.parts] == [f"{path.name}/01_hokkaido.csv", f"{path.name}/02_aomori.CSV"]


def test_json_lines_and_parquet_give_cells_in_the_order_of_their_columns(tmp_path: Path) -> None:
    """A key that a line leaves out is a blank."""
    lines = [{"number": "7000012050002", "name": "アクメ"}, {"number": "1"}, [1], {"kana": "ア", "number": 2}]
    nested = '{"number":' * 99 + "1" + "}" * 99
    path = written(tmp_path, "\n".join([*map(json.dumps, lines), nested]).encode(), "a.jsonl")
    with opened(path) as file:
        (part,) = file.parts
        assert part.columns == ["number", "name", "kana"]
        assert [row.cells for row in part.rows if not row.problem] == [
            ["7000012050002", "アクメ", None],
            ["1", None, None],
            [2, None, "ア"],
        ]
    assert [(row.line, row.problem) for row in read(path) if row.problem] == [(3, "json"), (5, "json")]

    parquet.write_table(pa.table({"number": [7000012050002], "name": ["アクメ"]}), tmp_path / "a.parquet")
    with opened(tmp_path / "a.parquet") as file:
        (part,) = file.parts
        assert part.columns == ["name", "number"]
        assert [list(row.cells) for row in part.rows] == [["アクメ", 7000012050002]]


def test_a_wrong_byte_spoils_its_row_only(tmp_path: Path) -> None:
    """It is kept as half a character, by which the row is known to be unreadable."""
    text = "法人番号,会社名\n" + "7000012050002,株式会社アクメ\n" * 3
    for encoding, wrong in (("utf-8", b"\xff"), ("cp932", b"\x81\x00"[:1] + b"\n")):
        content = text.encode(encoding).split(b"\n")
        content[2] += wrong.rstrip(b"\n")
        found = cells(written(tmp_path, b"\n".join(content)))
        assert found[1] == found[3] == ROWS[1]
        assert any("\ud800" <= letter <= "\udfff" for letter in str(found[2][1]))


def test_a_quotation_mark_in_the_wrong_place_is_named_by_its_line(tmp_path: Path) -> None:
    """The rows behind it are read."""
    path = written(tmp_path, b'a,b\n1,"x"y\n2,z\n')
    assert [(row.line, list(row.cells), row.problem) for row in read(path)] == [
        (1, ["a", "b"], ""),
        (2, [], "quotes"),
        (3, ["2", "z"], ""),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(TEXT.encode() * 5_000)[:-20], "cut off or damaged"),
        (b"PK\x03\x04 no zip", "cut off or damaged"),
        (b"PAR1 no parquet", "no Parquet file"),
        (b'<?xml version="1.0"?><corporations/>', "XML or a web page"),
        (b'[{"name": "x"}]', "one JSON list"),
        (b"\x00\x01\x02\x03" * 100, "no text file"),
        ("法人番号,会社名\n1,".encode() + b"x" * (17 * 1024 * 1024), "line of"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_register_is_refused_with_a_remedy(tmp_path: Path, content: bytes, told: str) -> None:
    """The file is named, its content is not."""
    with pytest.raises(ConfigurationError, match=told) as raised:
        read(written(tmp_path, content))
    assert "register.csv" in str(raised.value)
    assert len(str(raised.value)) < 300 + len(str(tmp_path))


def test_a_workbook_and_a_zip_without_tables_are_told_apart(tmp_path: Path) -> None:
    """The remedy differs."""
    for name, told in (("[Content_Types].xml", "Excel workbook"), ("readme.pdf", "holds no CSV")):
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(ConfigurationError, match=told):
            read(path)


def test_a_file_that_is_not_there_and_a_wrong_encoding_are_explained(tmp_path: Path) -> None:
    """Neither is a fault of ours."""
    with pytest.raises(ConfigurationError, match="No such file"):
        read(tmp_path / "nothing.csv")
    with pytest.raises(ConfigurationError, match="directory"):
        read(tmp_path)
    with pytest.raises(ConfigurationError, match="no encoding"):
        read(written(tmp_path, TEXT.encode()), "shift")


def test_memory_stays_flat(tmp_path: Path) -> None:
    """A file of a hundred thousand rows is not held."""
    path = written(tmp_path, gzip.compress(("法人番号,会社名\n" + "7000012050002,株式会社アクメ\n" * 100_000).encode()))
    tracemalloc.start()
    with opened(path) as file:
        count = sum(1 for part in file.parts for _ in part.rows)
        share = file.share()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_001
    assert share == 1
    assert peak < 4 * 1024 * 1024
