"""`okoshi match reference` as a user gives it: what is loaded, what is left out and why, and how well it recognises."""

import csv
import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.cli.app import command
from connector.engine import reference, reference_load
from connector.identity.corporate_number import check_digit
from connector.identity.decide import Outcome
from connector.identity.from_records import company_of
from connector.identity.records import Company
from connector.identity.reference_rows import PUBLICATION
from connector.mapping import load_mappings
from connector.mapping.identity import IdentityRules
from connector.model.records import Account, Ref
from connector.store import mirror
from connector.store.store import Store

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
SETS = Path(__file__).parents[4] / "shared" / "data" / "identity"
Okoshi = Callable[..., Any]


def number(place: int) -> str:
    """A valid 法人番号."""
    twelve = f"{place:012}"
    return f"{check_digit(twelve)}{twelve}"


def published(place: int, name: str, **values: str) -> list[str]:
    """One row of the publication."""
    row = dict.fromkeys(PUBLICATION, "") | {
        "sequenceNumber": str(place),
        "corporateNumber": number(place),
        "name": name,
    }
    row |= {"process": "01", "correct": "0", "updateDate": "2018-04-02", "changeDate": "2015-10-05", "latest": "1"}
    row |= {"prefectureName": "東京都", "cityName": "港区", "streetNumber": f"赤坂{place}丁目１番", "hihyoji": "0"}
    return list((row | values).values())


def lines(rows: Sequence[Sequence[str]]) -> str:
    """Rows as the publication writes them: every value in quotes."""
    return "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)


@pytest.fixture
def okoshi(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Okoshi:
    """The command in an empty project; answers its JSON document."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, exit_code: int = 0) -> Any:
        capfd.readouterr()
        ended = command(["--quiet", "match", "reference", *map(str, arguments), "--json"])
        out, err = capfd.readouterr()
        assert ended == exit_code, out + err
        return json.loads(out)

    return run


def test_the_publication_is_loaded_as_it_comes(okoshi: Okoshi, tmp_path: Path) -> None:
    """A zip of a cp932 file without header; the file of the whole nation is complete."""
    path = tmp_path / "00_zenkoku_all_20261030.zip"
    rows = [published(place, f"株式会社会社{place}", enName=f"Company {place}") for place in range(1, 40)]
    closed = published(40, "株式会社解散", closeDate="2024-03-31", closeCause="11", successorCorporateNumber=number(1))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("00_zenkoku_all_20261030.csv", lines([*rows, closed]).encode("cp932"))
        archive.writestr("00_zenkoku_all_20261030.csv.asc", "signature")
    loaded = okoshi(path)
    assert (loaded["rows"], loaded["added"], loaded["bad"], loaded["complete"]) == (40, 40, 0, True)
    again = okoshi(path)
    assert (again["added"], again["changed"], again["removed"], again["waiting"]) == (0, 0, 0, 0)

    changes = tmp_path / "diff_20261118.csv"
    renamed = published(1, "株式会社新社名", process="11", updateDate="2026-11-18", changeDate="2026-11-10")
    deleted = published(2, "", process="99", updateDate="2026-11-18")
    changes.write_text(lines([renamed, deleted]), encoding="utf-8")
    loaded = okoshi(changes)
    assert (loaded["changed"], loaded["removed"], loaded["companies"], loaded["complete"]) == (1, 1, 39, True)
    status = okoshi("--status")
    assert (status["loaded"]["companies"], status["loaded"]["file"], status["problem"]) == (39, changes.name, None)
    assert okoshi()["loaded"] == status["loaded"]


def test_bad_rows_are_named_with_line_and_remedy_and_the_rest_is_loaded(okoshi: Okoshi, tmp_path: Path) -> None:
    """Numbers, formulas, endless cells, lost quotes, wrong bytes."""
    good = [f"{number(place)},株式会社良{place},東京都港区" for place in range(1, 4)]
    bad = {
        "1234567890123,株式会社検査,": "number_check",
        ",株式会社番号なし,": "number_missing",
        "7.00001E+12,株式会社指数,": "number_excel",
        f"{number(5)},=cmd|' /C calc'!A0,": "formula",
        f"{number(6)},{'長' * 10_000_000},": "too_long",
        f"{number(7)},\x00,": "unreadable",
        f'{number(8)},"株式"会社,': "quotes",
        f"{number(9)},株式会社,住所,多い": "columns",
        f"{number(10)},,": "name_missing",
    }
    path = tmp_path / "名簿.csv"
    text = "\n".join(["\ufeff法人番号,会社名,住所", good[0], *bad, good[1], good[0], good[2]])
    path.write_bytes(text.encode() + b"\n" + number(11).encode() + b",\xff\xfe,x\n")
    loaded = okoshi(path)
    assert (loaded["rows"], loaded["added"], loaded["bad"], loaded["companies"]) == (14, 3, 10, 3)
    expected = [(line, problem) for line, problem in enumerate(bad.values(), 3)] + [(15, "unreadable")]
    assert [(row["line"], row["problem"]) for row in loaded["bad_rows"]] == expected
    texts = load_mappings(None).texts["ja"]
    assert all(row["text"] == texts[f"cli.reference.problem.{row['problem']}"] for row in loaded["bad_rows"])
    assert not loaded["complete"]


def test_people_are_told_in_their_language(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was loaded, which lines were left out, and what is missing."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "r.csv"
    path.write_text(f"法人番号,会社名\n{number(1)},アクメ\n123,\x1b[31mだめ\n", encoding="utf-8")
    for language, told in (("ja", "法人番号が13桁の数字ではありません"), ("en", "not thirteen digits")):
        assert command(["match", "reference", str(path), "--language", language, "--quiet"]) == 0
        out = capfd.readouterr().out
        assert "r.csv:3: " in out
        assert told in out
        assert "\x1b[31mだ" not in out
        assert command(["match", "reference", "--language", language, "--quiet"]) == 0
        assert "r.csv" in capfd.readouterr().out
        assert command(["match", "reference", "--doubtful", "--language", language, "--quiet"]) == 0
        assert command(["match", "reference", "--rebuild", "--language", language, "--quiet"]) == 0
        capfd.readouterr()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "register_empty"),
        ("header.csv", "法人番号,会社名\n".encode(), "register_empty"),
        ("wrong.csv", b"id,title\n1,x\n", "register_columns"),
        ("hopeless.csv", "法人番号,会社名\n1,x\n2,y\n".encode(), "register_hopeless"),
        ("long.csv", "法人番号,会社名\n".encode() + b"1,x\n" * 2_000, "register_hopeless"),
        ("cut.csv.gz", gzip.compress("法人番号,会社名\n".encode() + b"1,x\n" * 9_000)[:-9], "register_hopeless"),
        ("book.xlsx", b"PK\x03\x04", None),
        ("page.csv", b"<html></html>", None),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_file_that_tells_no_company_changes_nothing(
    okoshi: Okoshi, tmp_path: Path, name: str, content: bytes, code: str | None
) -> None:
    """Not even with --replace: what is loaded stays loaded."""
    good = tmp_path / "good.csv"
    good.write_text(f"法人番号,会社名\n{number(1)},アクメ\n", encoding="utf-8")
    okoshi(good, "--complete")
    before = okoshi("--status")
    (tmp_path / name).write_bytes(content)
    error = okoshi(tmp_path / name, "--replace", exit_code=2)["error"]
    assert (error["kind"], error["code"]) == ("configuration", code)
    assert okoshi("--status") == before


def test_a_file_that_is_cut_off_is_told_and_stays_to_be_finished(
    okoshi: Okoshi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read by then is kept, and that the load did not end."""
    monkeypatch.setattr(reference_load, "ROWS_AT_ONCE", 500)
    rows = [f"{number(place)},株式会社会社{place}" for place in range(1, 3_001)]
    whole = gzip.compress("\n".join(["法人番号,会社名", *rows]).encode())
    path = tmp_path / "register.csv.gz"
    path.write_bytes(whole[:-500])
    assert "cut off" in okoshi(path, "--complete", exit_code=2)["error"]["message"]
    assert okoshi("--status")["problem"] == "broken_off"
    path.write_bytes(whole)
    assert okoshi(path, "--complete")["companies"] == 3_000
    assert okoshi("--status")["problem"] is None


def test_the_state_is_told_while_the_first_load_goes_on_and_after_it_broke_off(
    okoshi: Okoshi, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both to people and to programs; a load that is alive is not called broken off, and a run beside it is no load."""
    path = tmp_path / "名簿.csv"
    path.write_text(f"法人番号,会社名\n{number(1)},アクメ\n", encoding="utf-8")
    texts = load_mappings(None).texts["ja"]
    seen: list[str] = []

    def told() -> tuple[str, str]:
        capfd.readouterr()
        assert command(["--quiet", "match", "reference"]) == 0
        shown = capfd.readouterr().out
        return okoshi()["problem"], "".join(shown.split())

    def breaking_off(*_: object) -> None:
        seen.extend(told())
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reference_load._Loading, "finish", breaking_off)
        capfd.readouterr()
        assert command(["--quiet", "match", "reference", str(path)]) == 130
        told_to_who_broke_it_off = "".join(capfd.readouterr().err.split())
    assert "".join(texts["cli.reference.interrupted"].split()) in told_to_who_broke_it_off
    assert seen[0] == "loading"
    assert "".join(texts["cli.reference.loading"].split()) in seen[1]
    assert "1法人" in seen[1]
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.lease("20261118T010000-abcdef"):
        problem, shown = told()
    store.close()
    assert problem == "broken_off"
    assert "".join(texts["cli.reference.broken_off"].format(file=path.name).split()) in shown
    okoshi(path)
    assert told()[0] is None


def test_what_is_loaded_can_be_called_complete_without_loading_it_again(
    okoshi: Okoshi, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And partial again; whoever it concerns is looked up again. Not while a load has not ended."""
    assert okoshi("--complete", exit_code=2)["error"]["code"] == "register_none"
    path = tmp_path / "r.csv"
    path.write_text(f"法人番号,会社名\n{number(1)},アクメ\n", encoding="utf-8")
    okoshi(path)
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.begin() as tx:
        mirror.save(tx, [Account(ref=Ref("crm", "Account", str(place)), modified_at=NOW) for place in range(3)])
        tx.connection.exec_driver_sql("DELETE FROM unmatched")
    store.close()
    assert okoshi("--complete") == {"companies": 1, "complete": True, "waiting": 3}
    assert okoshi("--complete") == {"companies": 1, "complete": True, "waiting": 0}
    assert okoshi()["loaded"]["complete"]
    capfd.readouterr()
    assert command(["--quiet", "match", "reference", "--no-complete", "--language", "en"]) == 0
    assert "holds some companies" in capfd.readouterr().out
    assert not okoshi()["loaded"]["complete"]

    def breaking_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reference_load._Loading, "finish", breaking_off)
        assert command(["--quiet", "match", "reference", str(path)]) == 130
    assert okoshi("--complete", exit_code=2)["error"]["code"] == "register_broken_off"


def test_records_that_wait_for_the_next_run_are_told(
    okoshi: Okoshi, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Right after a load nothing was looked up yet: three zeros alone would say that nothing is found."""
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.begin() as tx:
        mirror.save(tx, [Account(ref=Ref("crm", "Account", str(place)), modified_at=NOW) for place in range(3)])
    store.close()
    path = tmp_path / "r.csv"
    path.write_text(f"法人番号,会社名\n{number(1)},アクメ\n", encoding="utf-8")
    okoshi(path)
    assert okoshi()["waiting"] == 3
    assert command(["--quiet", "match", "reference"]) == 0
    assert load_mappings(None).texts["ja"]["cli.reference.waiting_now"].format(count=3) in capfd.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "columns", "code"),
    [
        ("people.csv", "佐藤太郎,090-1111-2222,taro@example.jp\n鈴木花子,,\n", (), "register_columns"),
        ("people.csv", "佐藤太郎,090-1111-2222,taro@example.jp\n", ("number=屋号",), "register_no_column"),
        ("people.jsonl", '{"佐藤太郎": "090-1111-2222", "taro@example.jp": 1}\n', (), "register_columns"),
        ("people.jsonl", '{"佐藤太郎": "090-1111-2222"\n{"taro\n', (), "register_json"),
    ],
)
def test_a_message_holds_nothing_of_the_file(
    okoshi: Okoshi,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
    content: str,
    columns: tuple[str, ...],
    code: str,
) -> None:
    """The first line of a file without header is a customer's; what was asked for on the command line may be named."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    options = [part for column in columns for part in ("--column", column)]
    error = okoshi(path, *options, exit_code=2)["error"]
    assert error["code"] == code
    told = error["message"]
    for language in ("ja", "en"):
        assert command(["match", "reference", str(path), *options, "--language", language, "--quiet"]) == 2
        told += capfd.readouterr().err
    assert not [secret for secret in ("佐藤", "太郎", "1111", "taro", "「」", "“”") if secret in told]
    assert ("屋号" in told) == (code == "register_no_column")


def test_columns_and_encoding_can_be_told(okoshi: Okoshi, tmp_path: Path) -> None:
    """By name, and by place where there is no header."""
    path = tmp_path / "list.csv"
    path.write_text(f"登録番号,屋号\nT{number(1)},アクメ\n", encoding="cp932")
    told = okoshi(path, "--column", "number=登録番号", "--column", "name=屋号", "--encoding", "cp932")
    assert told["added"] == 1
    path.write_text(f"x,アクメ,{number(2)}\n", encoding="utf-8")
    assert okoshi(path, "--column", "number=3", "--column", "name=2")["added"] == 1


def test_wrong_use_is_refused(okoshi: Okoshi, tmp_path: Path) -> None:
    """Exit 2, with what to write instead."""
    for arguments in (
        ("--replace",),
        ("--complete", "--status"),
        ("--status", "--doubtful"),
        (tmp_path / "x.csv", "--status"),
        (tmp_path / "x.csv", "--column", "title=x"),
        (tmp_path / "nothing.csv",),
        ("--rebuild",),
    ):
        assert okoshi(*arguments, exit_code=2)["error"]["kind"] == "configuration"


def test_a_run_that_is_alive_keeps_the_register_as_it_is(okoshi: Okoshi, tmp_path: Path) -> None:
    """Two that write at once would each see half of the other."""
    path = tmp_path / "r.csv"
    path.write_text(f"法人番号,会社名\n{number(1)},アクメ\n", encoding="utf-8")
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.lease("other"):
        assert okoshi(path, exit_code=3)["error"]["kind"] == "stopped"
    store.close()
    assert okoshi(path)["added"] == 1


def test_doubtful_records_are_listed_with_the_company_that_they_may_be(
    okoshi: Okoshi, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the reason in words; a record that is gone is not asked about."""
    path = tmp_path / "r.csv"
    path.write_text(f"法人番号,会社名,住所\n{number(1)},株式会社アクメ,東京都港区赤坂1-2-3\n", encoding="utf-8")
    okoshi(path)
    assert okoshi("--doubtful") == []
    accounts = [
        Account(ref=Ref("crm", "Account", str(place)), name="㈱アクメ", modified_at=NOW, deleted=place == 2)
        for place in (1, 2)
    ]
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.begin() as tx:
        mirror.save(tx, accounts)
        reference.completed(tx, [company_of(account) for account in accounts], IdentityRules(), NOW)
    store.close()
    (found,) = okoshi("--doubtful")
    assert (found["ref"], found["name"], found["number"]) == ("crm:Account:1", "㈱アクメ", number(1))
    assert (found["registered_name"], found["reason"]) == ("株式会社アクメ", "identity.too_little")
    assert okoshi("--status")["records"] == {"review": 2}
    assert command(["match", "reference", "--doubtful", "--quiet"]) == 0
    shown = capfd.readouterr().out
    assert "株式会社アクメ" in shown
    assert "identity." not in shown


def test_a_reference_is_never_broken(
    okoshi: Okoshi, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies it from a narrow window gets the whole."""
    path = tmp_path / "r.csv"
    path.write_text(f"法人番号,会社名,住所\n{number(1)},株式会社アクメ,東京都港区赤坂1-2-3\n", encoding="utf-8")
    okoshi(path)
    account = Account(ref=Ref("salesforce", "Account", "0015h00000GZAAYAA4"), name="㈱アクメ", modified_at=NOW)
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.begin() as tx:
        mirror.save(tx, [account])
        reference.completed(tx, [company_of(account)], IdentityRules(), NOW)
    store.close()
    for width in ("80", "24"):
        monkeypatch.setenv("COLUMNS", width)
        assert command(["match", "reference", "--doubtful", "--quiet"]) == 0
        assert str(account.ref) in capfd.readouterr().out


def test_every_problem_has_its_text(okoshi: Okoshi) -> None:
    """In both languages, for every key that the code names."""
    rooms = Path(reference.__file__).parents[1]
    code = "".join(
        (rooms / name).read_text(encoding="utf-8")
        for name in ("identity/reference_cells.py", "identity/reference_rows.py", "sources/register_file.py")
    )
    texts = load_mappings(None).texts
    known = {
        key.removeprefix("cli.reference.problem.") for key in texts["ja"] if key.startswith("cli.reference.problem.")
    }
    assert known - {"nothing"} >= {part.split('"')[1] for part in code.split("SkipRecord(")[1:] if '"' in part[:20]}
    assert known >= {"columns", "quotes", "json"}
    assert all(f'"{key}"' in code or key in ("columns", "nothing") for key in known)


@pytest.mark.skipif(not SETS.is_dir(), reason="the sets of ../shared/data/identity are not here")
def test_reporting_companies_are_recognised(okoshi: Okoshi, tmp_path: Path) -> None:
    """EDINET's list against the register through the store: as precise and as complete as the core alone."""
    loaded = okoshi(SETS / "t2_edinet_to_register" / "register.csv", "--complete")
    assert (loaded["bad"], loaded["companies"]) == (0, 42_299)
    with (SETS / "t2_edinet_to_register" / "edinet.csv").open(encoding="utf-8", newline="") as file:
        reports = list(csv.DictReader(file))
    companies = [
        Company(
            ref=row["edinet"], name=row["name"], name_kana=row["kana"], name_english=row["name_en"], address=row["addr"]
        )
        for row in reports
    ]
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.begin() as tx:
        completed = reference.completed(tx, companies, IdentityRules(), NOW)
        found = reference.known(tx, [company.ref for company in companies])
        registered = set(reference.reference.load(tx, [row["entity_id"] for row in reports]))
    store.close()
    sure = {ref: one.match.number for ref, one in found.items() if one.match.outcome is Outcome.AUTO}
    assert {company.ref: company.corporate_number for company in completed if company.corporate_number} == sure
    truth = {row["edinet"]: row["entity_id"] for row in reports}
    right = sum(truth[ref] == number_ for ref, number_ in sure.items())
    assert right / len(sure) >= 0.985
    assert right / sum(number_ in registered for number_ in truth.values()) >= 0.95


@pytest.mark.skipif(not SETS.is_dir(), reason="the sets of ../shared/data/identity are not here")
def test_former_and_english_names_come_from_a_list_of_forms(okoshi: Okoshi, tmp_path: Path) -> None:
    """t3: a form a row; what people typed is passed over."""
    forms = (SETS / "t3_name_forms" / "forms.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "forms.csv"
    path.write_text("\n".join(forms[:6_000]), encoding="utf-8")
    loaded = okoshi(path)
    assert (loaded["rows"], loaded["bad"]) == (5_999, 0)
    assert loaded["passed"] > 1_000
    assert loaded["added"] == loaded["companies"] > 1_000
    again = okoshi(path)
    assert (again["added"], again["changed"]) == (0, 0)
