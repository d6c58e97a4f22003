"""How a failure is told: in the reader's language, with what to do and when, and to a machine in members of its own."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.cli.failing import explain, unexpected
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError, ConflictingPlan, OkoshiError, RetryLater, StopSync

CODES = [key.removeprefix("cli.failure.") for key in load_mappings(None).texts["ja"] if key.startswith("cli.failure.")]
DETAILS = {
    "user": "U",
    "count": 31,
    "most": 30,
    "eligible": 40,
    "path": "register.csv",
    "rows": 5,
    "line": 2,
    "problem": "columns",
    "columns": "a, b",
    "missing": "c",
    "at": "09:17",
    "by": "佐藤",
    "answer": "別",
    "remedy": "--replace を付けてください。",
    "given": "1254",
    "refs": "hubspot:companies:1254, hubspot:contacts:1254",
    "one": "hubspot:companies:11",
    "two": "hubspot:companies:12",
    "state": "別",
    "bits": "-9.0",
}


@pytest.fixture(autouse=True)
def _in_an_empty_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OKOSHI_LOCALE__LANGUAGE", raising=False)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_japanese_sentence(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The heading alone does not help; the sentence comes first and the English detail after it."""
    explain([], StopSync("what and where", code=code, details=DETAILS))
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.startswith("okoshi: 停止しました: ")
    assert first.endswith("。")
    assert rest in ([], ["what and where"])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConfigurationError("x"), "次の内容を確認してください"),
        (RetryLater("x"), "接続先が処理できませんでした"),
        (ConflictingPlan("x"), "計画を作り直してください"),
        (StopSync("x"), "このまま続けられないため停止しました"),
        (OkoshiError("x", code="INVALID_FIELD"), "処理を完了できませんでした"),
    ],
)
def test_an_error_without_a_text_of_its_own_has_that_of_its_kind(
    error: OkoshiError, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No error is told in English alone to a Japanese reader."""
    explain([], error)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("delay", "japanese", "english"),
    [
        (timedelta(seconds=20), "約1分後に再実行してください", "try again in about a minute"),
        (timedelta(minutes=5), "約5分後に再実行してください", "try again in about 5 minutes"),
        (timedelta(hours=2), "約2時間後に再実行してください", "try again in about 2 hours"),
    ],
)
def test_how_long_to_wait_is_said_in_words(
    delay: timedelta, japanese: str, english: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never as 0:05:00."""
    for tokens, hint in (([], japanese), (["--language", "en"], english)):
        explain(tokens, RetryLater("HubSpot is busy", delay))
        assert capsys.readouterr().err.endswith(f"\n→ {hint}\n")


def test_when_to_go_on_is_told_in_local_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The zone and the language are those of the project's settings; machines get the moment as it is."""
    moment = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
    error = StopSync("HubSpot: the day's calls are used up", moment, code="daily_limit")
    explain(["plan"], error)
    assert "→ 2026年11月19日 00:00(Asia/Tokyo)以降に再実行してください" in capsys.readouterr().err
    (tmp_path / "okoshi.yaml").write_text("locale: {language: en, timezone: Europe/Berlin}\n")
    explain(["plan", "--json"], error)
    told = capsys.readouterr()
    assert "→ try again after 18 November 2026, 16:00 (Europe/Berlin)" in told.err
    assert json.loads(told.out)["error"] == {
        "kind": "stopped",
        "code": "daily_limit",
        "message": "HubSpot: the day's calls are used up",
        "exit_code": 3,
        "resume_at": "2026-11-18T15:00:00+00:00",
    }


def test_broken_settings_do_not_keep_an_error_from_being_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are often the error itself."""
    (tmp_path / "okoshi.yaml").write_text("locale: [")
    explain(["--language=en"], ConfigurationError("okoshi.yaml:1:10: not YAML", code="setting_wrong"))
    assert capsys.readouterr().err == "okoshi: wrong configuration: okoshi.yaml:1:10: not YAML\n"


def test_a_fault_of_ours_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """That it is not the reader's, that nothing is lost, and how to get the traceback; never the error's own text."""
    for tokens, parts in (
        ([], ("Okoshi の不具合です", "失われたものはありません", "--debug")),
        (["--language", "en"], ("a fault of Okoshi itself", "Nothing is lost", "--debug")),
    ):
        error = KeyError("山田 太郎")
        unexpected(tokens, KeyError, error, None)
        told = capsys.readouterr().err
        assert all(part in told for part in parts)
        assert "山田" not in told
