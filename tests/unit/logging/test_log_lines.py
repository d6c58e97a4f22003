"""Log lines: form, run id, and that no personal data or secret gets into them."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from connector.logging import configure, masked


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leaves logging as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """The JSON lines on standard error; standard output must stay empty."""
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_every_line_carries_the_run_id_the_libraries_too(capsys: pytest.CaptureFixture[str]) -> None:
    """One run can be followed through all lines."""
    configure("auto", "INFO")
    structlog.contextvars.bind_contextvars(run_id="run-1")
    structlog.get_logger("connector.engine").info("observed", stream="Task", records=12)
    logging.getLogger("urllib3.connectionpool").warning("Retrying after %s", "timeout")
    logging.getLogger("urllib3.connectionpool").info("too much detail")
    own, foreign = lines(capsys)
    assert own["run_id"] == foreign["run_id"] == "run-1"
    assert own["records"] == 12
    assert own["level"] == "info"
    assert foreign["event"] == "Retrying after timeout"
    assert foreign["level"] == "warning"


def test_values_are_hidden_by_their_key_and_personal_data_in_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a caller passes by mistake, the line is fit to be shown."""
    configure("json", "INFO")
    structlog.get_logger().info(
        "refused for taro@acme.co.jp",
        subject="滞留商談掘り起こし 山田様",
        fields={"Email": "x@y.jp", "Phone": "03-1234-5678", "StageName": "提案"},
        reasons=["call 090-1234-5678", "Authorization: Bearer abcdef1234567890"],
        task="salesforce:Task:00T5g00000AAAAAAA0",
        due="2026-11-18",
    )
    (line,) = lines(capsys)
    text = json.dumps(line, ensure_ascii=False)
    for secret in ("taro@", "山田", "x@y.jp", "1234-5678", "abcdef1234567890"):
        assert secret not in text
    assert line["fields"] == {"Email": "***", "Phone": "***", "StageName": "提案"}
    assert line["task"] == "salesforce:Task:00T5g00000AAAAAAA0"
    assert line["due"] == "2026-11-18"


def test_a_trace_is_masked_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Exception texts of libraries may hold what a vendor answered."""
    configure("json", "INFO")
    try:
        int("row of hanako@example.jp")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("alembic").exception("failed there")
    own, foreign = lines(capsys)
    for line in (own, foreign):
        assert "hanako" not in str(line["exception"])
        assert "ValueError" in str(line["exception"])


def test_pretty_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """On request no JSON, and the level is respected."""
    configure("pretty", "WARNING")
    structlog.get_logger().info("unseen")
    structlog.get_logger().warning("seen", stream="Task")
    text = capsys.readouterr().err
    assert "seen" in text
    assert "unseen" not in text
    assert not text.startswith("{")


@pytest.mark.parametrize(
    "text",
    [
        "yamada.taro+x@sub.example.co.jp",
        "ｔａｒｏ＠ａｃｍｅ．ｃｏ．ｊｐ",
        "03-1234-5678",
        "(03)1234-5678",
        "０３－１２３４－５６７８",
        "09012345678",
        "+81 90-1234-5678",
        "+819012345678",
        "0120-123-456",
        "pat-jp1-12345678-abcd-1234",
        "00D5g0000000001!AQ8AQF.abc_def",
        "Bearer 00Dabcdefghijk",
        "client_secret=abc123",
        '"access_token": "abc"',
    ],
)
def test_personal_data_and_secrets_leave_only_asterisks(text: str) -> None:
    """Every shape in which they are seen in practice."""
    hidden = masked(f"before {text} after")
    assert "***" in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    for part in text.replace("=", " ").replace(":", " ").split():
        known_words = {"Bearer", "client_secret", '"access_token"', '"abc"'}
        assert part in known_words or part not in hidden.replace("***", "")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-18T10:00:00+09:00",
        "0065g00000ABCDEFGH",
        "hubspot:contacts:12345678901",
        "200 rows in 0.125 s",
        "10-20-3000",
        "127.0.0.1:8080",
    ],
)
def test_what_is_needed_to_find_a_fault_stays(text: str) -> None:
    """Times, ids and figures are no personal data."""
    assert masked(text) == text


def test_a_database_password_is_hidden_and_the_host_stays() -> None:
    """The address of the database is needed to mend it; its password is not."""
    assert masked("postgresql://okoshi:pass@db.example:5432/okoshi") == "postgresql://okoshi:***@db.example:5432/okoshi"
