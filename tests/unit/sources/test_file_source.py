"""Exported files as a source: what is read, what is set aside with its place, and when nothing is concluded."""

import csv
import gzip
import io
import json
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError, RetryLater, StopSync
from connector.model.records import Account, Opportunity, Person, Record, Ref, SetAside
from connector.model.sync import Batch
from connector.sources import FileSource
from connector.sources.files_place import Ids

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)

ACCOUNTS = {
    "kind": "account",
    "path": "exports/accounts-*.csv",
    "id": "番号",
    "modified": "更新日時",
    "fields": {"name": "会社名", "phone": "電話", "notes": "メモ"},
}


class Project:
    """A project directory with a system `kintone` that is read from files."""

    def __init__(self, folder: Path, **objects: Mapping[str, Any]) -> None:
        self.folder = folder
        self.map(**(objects or {"accounts": ACCOUNTS}))
        self._clock = 1_700_000_000

    def map(self, **objects: Mapping[str, Any]) -> None:
        """Says how the files are read."""
        path = self.folder / "mappings" / "files" / "kintone.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"objects": objects}, ensure_ascii=False), encoding="utf-8")
        self._mappings = load_mappings(self.folder)

    def write(self, name: str, content: str | bytes) -> Path:
        """An export, later than all before it."""
        path = self.folder / "exports" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self._clock += 60
        os.utime(path, (self._clock, self._clock))
        return path

    def source(self) -> FileSource:
        """The source as a new run makes it."""
        return FileSource("kintone", self.folder, self._mappings, "Asia/Tokyo")

    def read(self, cursor: str | None = None, stream: str = "accounts") -> "Reading":
        """One run's reading of a stream."""
        return Reading(cursor).take(self.source().read(stream, cursor, NOW))


class Reading:
    """What one reading handed over."""

    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor
        self.records: list[Any] = []
        self.set_aside: list[SetAside] = []
        self.batches = 0

    def take(self, batches: Iterator[Batch]) -> "Reading":
        """Keeps batches as the engine does."""
        for batch in batches:
            assert len(batch.records) + len(batch.set_aside) <= 2_000
            self.records += batch.records
            self.set_aside += batch.set_aside
            self.cursor = batch.cursor if batch.cursor is not None else self.cursor
            self.batches += 1
        return self

    @property
    def ids(self) -> list[str]:
        """Ids of the usable records, in order."""
        return [record.ref.id for record in self.records]

    @property
    def reasons(self) -> list[str]:
        """Why lines were set aside."""
        return [item.reason for item in self.set_aside]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with accounts from CSV."""
    return Project(tmp_path)


HEADER = "番号,会社名,電話,メモ,更新日時\n"


def test_a_line_becomes_a_record(project: Project) -> None:
    """The id names it, a time without a zone is the company's, and what the file does not say stays blank."""
    project.write("accounts-1.csv", HEADER + "A-1,アクメ商事,03-1234-5678,,2026/11/17 9:05\n")
    (account,) = project.read().records
    assert account == Account(
        ref=Ref("kintone", "accounts", "A-1"),
        modified_at=datetime(2026, 11, 17, 0, 5, tzinfo=UTC),
        name="アクメ商事",
        phone="03-1234-5678",
    )


def test_without_a_column_for_it_the_files_time_is_the_time_of_modification(project: Project) -> None:
    """Also where the column is blank: an export without stamps is common."""
    path = project.write("accounts-1.csv", HEADER + "A-1,アクメ,,,\n")
    assert project.read().records[0].modified_at == datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_what_is_unchanged_is_not_even_opened(project: Project) -> None:
    """Nothing comes, the cursor stays, and the content is not looked at: it could not be read now."""
    path = project.write("accounts-1.csv", HEADER + "A-1,アクメ,,,\n")
    first = project.read()
    opened: list[str] = []
    watching = [True]  # an audit hook stays for good
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" and watching else None)
    again = project.read(first.cursor)
    watching.clear()
    assert str(path) not in opened
    assert (again.records, again.batches, again.cursor) == ([], 0, first.cursor)


def test_a_file_that_was_written_anew_is_read_anew(project: Project) -> None:
    """Even with the same size and time: whoever copies with times kept has written it all the same."""
    path = project.write("accounts-1.csv", HEADER + "A-1,アクメ,,,\n")
    first = project.read()
    times = path.stat()
    path.write_text(HEADER + "A-1,アクネ,,,\n", encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert [record.name for record in project.read(first.cursor).records] == ["アクネ"]


def test_every_file_adds_changes_and_the_newer_one_wins(project: Project) -> None:
    """Without `snapshot` nothing is gone because it is not in a file, and a new file alone is read."""
    project.write("accounts-10.csv", HEADER + "A-1,古い,,,\nA-2,二,,,\n")
    project.write("accounts-9.csv", HEADER + "A-1,新しい,,,\n")
    first = project.read()
    assert [(record.ref.id, record.name) for record in first.records] == [
        ("A-1", "古い"),
        ("A-2", "二"),
        ("A-1", "新しい"),
    ]
    assert not project.source().complete("accounts")
    project.write("accounts-11.csv", HEADER + "A-3,三,,,\n")
    second = project.read(first.cursor)
    assert second.ids == ["A-3"]
    for path in (project.folder / "exports").iterdir():
        path.unlink()
    assert project.read(second.cursor).batches == 0


def test_of_snapshots_only_the_newest_is_read(project: Project) -> None:
    """It is the whole; the engine finds out by it what is gone."""
    project.map(accounts={**ACCOUNTS, "snapshot": True})
    project.write("accounts-1.csv", HEADER + "A-1,一,,,\nA-2,二,,,\n")
    project.write("accounts-2.csv", HEADER + "A-2,二,,,\n")
    assert project.read().ids == ["A-2"]
    assert project.source().complete("accounts")


@pytest.mark.parametrize("how", ["gone", "header only", "nothing at all"])
def test_nothing_is_concluded_from_a_snapshot_that_lost_all_its_lines(project: Project, how: str) -> None:
    """A failed export must not look as if the company had no customers any more."""
    project.map(accounts={**ACCOUNTS, "snapshot": True})
    path = project.write("accounts-1.csv", HEADER + "A-1,一,,,\nA-2,二,,,\n")
    first = project.read()
    path.unlink()
    if how != "gone":
        project.write("accounts-1.csv", HEADER if how == "header only" else "")
    assert project.source().missing() == []
    with pytest.raises(StopSync, match=r"2 lines of accounts were read until now.*Put the export back"):
        project.read(first.cursor)


def test_a_file_that_was_never_there_is_told(project: Project) -> None:
    """A wrong path must not look like a company without customers."""
    with pytest.raises(ConfigurationError, match=r"accounts-\*\.csv.*correct `path` in mappings/files/kintone.yaml"):
        project.read()


@pytest.mark.parametrize(
    ("line", "id_", "reason"),
    [
        ("A-2,二", "A-2", "accounts-1.csv:3: has 2 values for 5 columns"),
        ("A-2,二,1,2,3,4", "A-2", "accounts-1.csv:3: has 6 values for 5 columns"),
        ('A-2,"二"二,,,', "exports/accounts-1.csv:3", ":3: has a quotation mark"),
        (",二,,,", "exports/accounts-1.csv:3", ":3: has no readable `番号`"),
        ("A-2,二,,,いつか", "A-2", "accounts-1.csv:3: accounts"),
        ("A-2,二\x00,,,", "A-2", ":3: column `会社名` holds a NUL character"),
        ("A-2,二,,,2026-02-30", "A-2", "(mappings/files/kintone.yaml)"),
    ],
)
def test_a_bad_line_is_set_aside_with_its_place_and_the_rest_goes_on(
    project: Project, line: str, id_: str, reason: str
) -> None:
    """Whoever corrects it is told file and line; what it says is not repeated."""
    project.write("accounts-1.csv", HEADER + f"A-1,一,,,\n{line}\nA-3,三,,,\n")
    found = project.read()
    assert found.ids == ["A-1", "A-3"]
    assert [item.ref for item in found.set_aside] == [Ref("kintone", "accounts", id_)]
    assert reason in found.reasons[0]
    assert "二" not in found.reasons[0].replace("`会社名`", "")


def test_a_value_of_the_wrong_kind_is_set_aside_by_line(tmp_path: Path) -> None:
    """An amount that is no number, among one that Excel wrote with commas."""
    deals = {"kind": "opportunity", "path": "exports/deals.csv", "id": "id", "fields": {"amount": "金額"}}
    project = Project(tmp_path, deals=deals)
    project.write("deals.csv", 'id,金額\n1,"1,234,567"\n2,約百万\n3,1e999999999\n4,-5.5\n')
    found = project.read(stream="deals")
    assert [record.amount for record in found.records] == [Decimal(1234567), Decimal("-5.5")]
    assert ["deals.csv:3: deals.金額 (`amount`)" in reason for reason in found.reasons] == [True, False]
    assert "deals.csv:4" in found.reasons[1]


def test_the_second_line_of_one_id_is_set_aside_in_a_snapshot(project: Project) -> None:
    """Which of the two holds cannot be told, and an export that doubles records should be looked at."""
    project.map(accounts={**ACCOUNTS, "snapshot": True})
    project.write("accounts-1.csv", HEADER + "A-1,一,,,\nA-2,二,,,\nA-1,壱,,,\n")
    found = project.read()
    assert [record.name for record in found.records] == ["一", "二"]
    assert "accounts-1.csv:4: has the `番号` of a line before it" in found.reasons[0]


def test_nothing_is_gone_while_a_line_of_the_snapshot_tells_no_id(project: Project) -> None:
    """Any record may be behind that line."""
    project.map(accounts={**ACCOUNTS, "snapshot": True})
    project.write("accounts-1.csv", HEADER + "A-1,一,,,\n,二,,,\n")
    source = project.source()
    assert source.complete("accounts")
    first = Reading(None).take(source.read("accounts", None, NOW))
    assert not source.complete("accounts")
    later = project.source()
    assert Reading(first.cursor).take(later.read("accounts", first.cursor, NOW)).batches == 0
    assert not later.complete("accounts")
    project.write("accounts-2.csv", HEADER + "A-1,一,,,\nA-2,二,,,\n")
    Reading(None).take(source.read("accounts", first.cursor, NOW))
    assert source.complete("accounts")


def test_text_that_looks_like_a_formula_is_text(project: Project) -> None:
    """Nothing is reckoned, and nothing is taken off."""
    project.write("accounts-1.csv", HEADER + '=1+1,+81-3,"@SUM(A1)",\'-2,\n')
    (account,) = project.read().records
    assert (account.ref.id, account.name, account.phone, account.notes) == ("=1+1", "+81-3", "@SUM(A1)", "'-2")


def test_blank_lines_and_other_line_ends_mean_nothing(project: Project) -> None:
    """Excel ends a sheet with lines of separators; a value may hold line breaks, and the count of lines stays true."""
    text = "\r\n" + HEADER.replace("\n", "\r\n") + 'A-1,"一\r\n二",,,\r\n,,,,\r\n\r\n,三,,,\r\n'
    project.write("accounts-1.csv", text)
    found = project.read()
    assert [record.name for record in found.records] == ["一\r\n二"]
    assert "accounts-1.csv:7: " in found.reasons[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "euc_jp"])
def test_an_encoding_is_read_as_it_is_said(project: Project, encoding: str) -> None:
    """A byte order mark belongs to no column's name."""
    project.map(accounts={**ACCOUNTS, "encoding": encoding.removesuffix("-sig")})
    project.write("accounts-1.csv", (HEADER + "A-1,アクメ㈱ｱｲｳ髙橋,,,\n").encode(encoding, errors="replace"))
    assert project.read().records[0].name.startswith("アクメ")


@pytest.mark.parametrize(("encoding", "hint"), [("cp932", "encoding: cp932"), ("utf-16", "encoding: utf-16")])
def test_another_encoding_than_said_is_told_with_the_one_that_it_seems_to_be(
    project: Project, encoding: str, hint: str
) -> None:
    """Excel in Japan writes cp932; nobody should have to guess."""
    project.write("accounts-1.csv", (HEADER + "A-1,アクメ商事株式会社,,,\n" * 50).encode(encoding))
    for look in (project.read, project.source().missing):
        with pytest.raises(ConfigurationError, match=f"accounts-1.csv is not utf-8; .*`{hint}`"):
            look()


def test_a_wrong_byte_far_below_is_told_too(project: Project) -> None:
    """What came before it was handed over with its cursor and stays."""
    lines = "".join(f"A-{number},名,,,\n" for number in range(5_000))
    project.write("accounts-1.csv", (HEADER + lines).encode() + b"\xff\xfe\n")
    reading = Reading(None)
    with pytest.raises(ConfigurationError, match=r"accounts-1\.csv is not utf-8"):
        reading.take(project.source().read("accounts", None, NOW))
    assert len(reading.records) == 4_000


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("accounts-1.csv", "A-1,一,,,\n", r"accounts-\*\.csv has no column `番号`.*first line of a CSV file must name"),
        ("accounts-1.csv", "番号,会社名,会社名,更新日時\nA-1,一,二,\n", "has the column 会社名 twice"),
        (
            "accounts-1.csv.gz",
            gzip.compress((HEADER + "A-1,一,,,\n" * 999).encode(), mtime=0)[:-20],
            "is cut off or no gzip file",
        ),
        ("accounts-1.csv.gz", HEADER.encode(), "is cut off or no gzip file"),
        ("accounts-1.jsonl", '[{"番号": "A-1"},\n{"番号": "A-2"}]', "is one JSON list; export it as JSON Lines"),
        ("accounts-1.jsonl", '{"id": "A-1"}\n', "has no column `番号`"),
        ("accounts-1.parquet", b"PAR1 not really", "is cut off or no Parquet file"),
    ],
    ids=["no id column", "a column twice", "gzip cut off", "no gzip", "a JSON list", "no id key", "no Parquet"],
)
def test_a_file_that_cannot_be_read_is_told_with_its_name_and_a_remedy(
    project: Project, name: str, content: str | bytes, expected: str
) -> None:
    """A person has to do something about it; nothing is read past it."""
    project.map(accounts={**ACCOUNTS, "path": f"exports/accounts-*{name.removeprefix('accounts-1')}"})
    project.write(name, content)
    with pytest.raises(ConfigurationError, match=expected):
        project.read()


def test_a_file_that_is_being_written_is_left_for_later(project: Project) -> None:
    """Half an export would tell lies about the other half; the next run reads it whole."""
    path = project.write("accounts-1.csv", HEADER + "".join(f"A-{number},名,,,\n" for number in range(2_500)))
    batches = project.source().read("accounts", None, NOW)
    first = next(batches)
    with path.open("a", encoding="utf-8") as file:
        file.write("A-9999,遅い,,,\n")
    with pytest.raises(RetryLater, match="changed while it was read"):
        next(batches)
    assert "A-9999" in project.read(first.cursor).ids


def test_an_interrupted_reading_goes_on_where_it_was(project: Project) -> None:
    """Each batch comes with its cursor; a doubled id is seen though its first line was read before."""
    project.map(accounts={**ACCOUNTS, "snapshot": True})
    lines = [f"A-{number},名,,,\n" for number in range(4_999)]
    project.write("accounts-1.csv", HEADER + "".join([*lines, "A-0,二度,,,\n"]))
    whole, kept = project.read(), Reading(None)
    while True:
        source = project.source()
        batch = next(iter(source.read("accounts", kept.cursor, NOW)), None)
        if batch is None:
            break
        kept.take(iter([batch]))
    assert kept.ids == whole.ids == [f"A-{number}" for number in range(4_999)]
    assert kept.reasons == whole.reasons
    assert kept.cursor == whole.cursor


def test_another_mapping_reads_everything_again(project: Project) -> None:
    """A column that is mapped anew is missing in all that was read before."""
    project.write("accounts-1.csv", HEADER + "A-1,一,,,\n")
    first = project.read()
    project.map(accounts={**ACCOUNTS, "fields": {"name": "会社名", "status": "メモ"}})
    assert project.read(first.cursor).ids == ["A-1"]


def test_a_column_that_the_file_lacks_is_reported_by_the_pattern(project: Project) -> None:
    """Not by the file of the day, whose name would make the same report a new one every morning."""
    project.write("accounts-1.csv", "番号,会社名,更新日時\nA-1,一,\n")
    first = project.source().missing()
    assert first == [f"exports/accounts-*.csv has no column `{name}`; `{property_}` is read without it."
                     for name, property_ in (("電話", "phone"), ("メモ", "notes"))]  # fmt: skip
    project.write("accounts-2.csv", "番号,会社名,更新日時\nA-1,一,\n")
    assert project.source().missing() == first
    assert project.read().records[0].name == "一"
    project.map(accounts={**ACCOUNTS, "required": ["電話"]})
    with pytest.raises(ConfigurationError, match=r"has no column `電話`.*accounts-2.csv was looked at"):
        project.source().missing()


def test_deleted_records_are_named_by_a_column(project: Project) -> None:
    """As the system writes it: true and false, or a value of its own."""
    project.map(accounts={**ACCOUNTS, "deleted": "削除"})
    project.write("accounts-1.csv", "番号,会社名,更新日時,削除\nA-1,一,,TRUE\nA-2,二,,\nA-3,三,,たぶん\n")
    found = project.read()
    assert [(record.ref.id, record.deleted) for record in found.records] == [("A-1", True), ("A-2", False)]
    assert "column `削除` is neither true nor false" in found.reasons[0]
    project.map(accounts={**ACCOUNTS, "deleted": {"field": "削除", "values": ["削除済", "TRUE"]}})
    assert [record.deleted for record in project.read().records] == [True, False, False]


def test_references_lead_to_other_systems_and_to_several_records(tmp_path: Path) -> None:
    """An id of Salesforce is a sure key in either of its forms; several ids stand in one column."""
    people = {
        "kind": "person",
        "path": "exports/people.csv",
        "id": "id",
        "fields": {
            "account": {"field": "会社", "object": "people"},
            "same_as": {"field": "SFDC", "system": "salesforce", "object": "Contact"},
        },
    }
    calls = {
        "kind": "activity",
        "path": "exports/calls.tsv",
        "id": "id",
        "fields": {"people": {"field": "相手", "object": "people"}, "starts_at": "日時"},
        "constants": {"form": "call"},
        "timezone": "UTC",
    }
    project = Project(tmp_path, people=people, calls=calls)
    project.write("people.csv", "id,会社,SFDC\n7,9,003000000000001\n8,,なし\n")
    project.write("calls.tsv", "id\t相手\t日時\n1\t7;8\t2026-11-17 10:00:00\n")
    person, other = project.read(stream="people").records
    assert isinstance(person, Person)
    assert person.same_as == (Ref("salesforce", "Contact", "003000000000001AAA"),)
    assert other.same_as == ()
    (call,) = project.read(stream="calls").records
    assert call.people == (Ref("kintone", "people", "7"), Ref("kintone", "people", "8"))
    assert call.starts_at == datetime(2026, 11, 17, 10, tzinfo=UTC)


def test_json_lines_may_nest_and_leave_out_what_is_blank(tmp_path: Path) -> None:
    """A dotted name leads into a value; a bad line is set aside; exact numbers stay exact."""
    deals = {
        "kind": "opportunity",
        "path": "exports/deals.jsonl.gz",
        "id": "id",
        "fields": {"name": "件名.value", "amount": "amount", "owner": {"field": "owner.id", "object": "deals"}},
    }
    project = Project(tmp_path, deals=deals)
    lines = [
        '{"id": 1.0, "件名": {"value": "更新"}, "amount": 0.1000000000000000055, "owner": {"id": 5}}',
        '{"id": 2}',
        "{",
        '["id"]',
        '{"id": 3, "amount": NaN}',
        '{"id": 4, "件名": {"value": {"a": 1}}}',
        '{"id": "5\\ud800"}',
        "",
        "[" * 100_000,
        '{"id":' * 99 + "6" + "}" * 99,
    ]
    project.write("deals.jsonl.gz", gzip.compress("\n".join(lines).encode()))
    found = project.read(stream="deals")
    first, second = found.records
    assert isinstance(first, Opportunity)
    assert (first.ref.id, first.name, first.amount) == ("1", "更新", Decimal("0.1000000000000000055"))
    assert first.owner == Ref("kintone", "deals", "5")
    assert (second.ref.id, second.name) == ("2", None)
    assert [reason.split(":")[1] for reason in found.reasons] == ["3", "4", "5", "6", "7", "9", "10"]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """Times with and without zone, days, decimals, ids that became floats, nested values, bytes."""
    deals = {
        "kind": "opportunity",
        "path": "exports/deals.parquet",
        "id": "id",
        "modified": "modified",
        "fields": {
            "name": "nested.name",
            "amount": "amount",
            "close_date": "close",
            "created_at": "created",
            "is_won": "won",
            "stage": "stage",
            "owner": {"field": "owner", "object": "deals"},
            "product": "lacking",
        },
    }
    project = Project(tmp_path, deals=deals)
    at = datetime(2026, 11, 17, 10, 0, 0, 123456)  # noqa: DTZ001 -- as a warehouse writes it
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "modified": pa.array([at, at, None], pa.timestamp("us", tz="UTC")),
            "created": pa.array([at, None, None], pa.timestamp("ns")),
            "amount": pa.array([Decimal("12.50"), None, None], pa.decimal128(12, 2)),
            "close": pa.array([at.date(), None, None], pa.date32()),
            "won": pa.array([True, None, False]),
            "owner": pa.array([5.0, None, float("nan")]),
            "stage": pa.array(["提案".encode(), b"\xff", None], pa.binary()),
            "nested": pa.array([{"name": "更新"}, None, {"name": None}]),
        }
    )
    path = project.write("deals.parquet", b"")
    parquet.write_table(table, path, row_group_size=1)
    found = project.read(stream="deals")
    assert project.source().missing() == [
        "exports/deals.parquet has no column `lacking`; `product` is read without it."
    ]
    first, third = found.records
    assert first == Opportunity(
        ref=Ref("kintone", "deals", "1"),
        modified_at=at.replace(tzinfo=UTC),
        created_at=datetime(2026, 11, 17, 1, 0, 0, 123456, tzinfo=UTC),
        name="更新",
        amount=Decimal("12.5"),
        close_date=at.date(),
        is_won=True,
        stage="提案",
        owner=Ref("kintone", "deals", "5"),
    )
    assert third.owner is None
    assert "deals.parquet:2: column `stage` holds bytes that are no text" in found.reasons[0]


def test_without_what_reads_parquet_the_remedy_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra, as most companies export CSV."""
    project.map(accounts={**ACCOUNTS, "path": "exports/accounts-1.parquet"})
    parquet.write_table(pa.table({"番号": ["A-1"]}), project.write("accounts-1.parquet", b""))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "connector.sources.files_parquet", raising=False)
    with pytest.raises(ConfigurationError, match=r"pip install 'okoshi\[parquet\]'"):
        project.read()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20) | st.sampled_from(
    [
        '"',
        '""',
        "\r\n",
        "\r",
        ",",
        ";",
        "\ufeff",
        "㈱ｱｲｳｴｵ",
        "👩‍👩‍👧",
        "=1+1",
        "\u2028",
        "\\",
        "'",
        "\x1a",
        "NULL",
        "null",
    ]
)
ROW = st.fixed_dictionaries({"name": TEXT, "phone": TEXT, "notes": TEXT})


def _csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["id", "name", "phone", "notes"])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _jsonl(rows: Sequence[Mapping[str, str]]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=index % 2 == 0) for index, row in enumerate(rows)).encode()


def _parquet(rows: Sequence[Mapping[str, str]]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()


WRITERS: dict[str, Callable[[Sequence[Mapping[str, str]]], bytes]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=8))
def test_whatever_is_in_it_a_text_is_read_back_as_it_was(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    """Records written to each format and read back are the same records, in all three."""
    numbered = [{"id": f"No.{number}", **row} for number, row in enumerate(rows)]
    fields = {name: name for name in ("name", "phone", "notes")}
    project = Project(
        tmp_path,
        **{
            format_: {"kind": "account", "path": f"exports/a.{format_}", "id": "id", "fields": fields}
            for format_ in WRITERS
        },
    )
    expected = [_blanks_left_out(row) for row in numbered]
    for format_, write in WRITERS.items():
        project.write(f"a.{format_}", write(numbered))
        found = project.read(stream=format_)
        assert not found.set_aside
        assert [_said(record) for record in found.records] == expected, format_


def _blanks_left_out(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value.strip()}


def _said(record: Record) -> dict[str, str]:
    told = record.model_dump(include={"name", "phone", "notes"}, exclude_none=True)
    return {"id": record.ref.id, **told}


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_memory_stays_flat(tmp_path: Path, format_: str) -> None:
    """Four times the lines need hardly more memory: a warehouse's export is larger than this computer's."""
    mapping = {"kind": "account", "path": f"exports/a.{format_}", "id": "id", "fields": {"name": "name"}}
    project = Project(tmp_path, accounts={**mapping, "snapshot": True})
    peaks = []
    for count in (4_000, 16_000):
        rows = [{"id": f"No.{number}", "name": "名" * 50, "phone": "", "notes": ""} for number in range(count)]
        project.write(f"a.{format_}", WRITERS[format_](rows))
        del rows
        tracemalloc.start()
        assert sum(len(batch.records) for batch in project.source().read("accounts", None, NOW)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_500_000, peaks


def test_ids_are_told_apart_in_little_memory() -> None:
    """However many: each is new once."""
    ids = Ids()
    assert all(ids.add(f"No.{number}") for number in range(50_000))
    assert not any(ids.add(f"No.{number}") for number in range(0, 50_000, 7))
