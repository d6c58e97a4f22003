"""Parts of the command that need no vendor: where options may stand, and what text may reach the screen."""

import pytest

from connector.cli.app import globals_last
from connector.cli.output import amount, clean, clean_lines, day
from connector.cli.run import survived
from connector.logging import configure


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("--env-file F run", "run --env-file F"),
        ("--quiet --language en plan --json", "plan --json --quiet --language en"),
        ("--project-dir=P config show", "config show --project-dir=P"),
        ("run --env-file F", "run --env-file F"),
        ("--help", "--help"),
        ("--env-file", "--env-file"),
    ],
)
def test_options_of_every_command_may_stand_before_its_name(given: str, expected: str) -> None:
    """`okoshi --env-file F run` is `okoshi run --env-file F`."""
    assert globals_last(given.split()) == expected.split()


def test_values_of_unknown_origin_cannot_steer_the_terminal() -> None:
    """Escape sequences, line breaks and characters that turn a line around are made harmless; Japanese stays."""
    assert clean("株式会社アクメ\x1b[31m\r\nBcc: x") == "株式会社アクメ�[31m  Bcc: x"
    assert clean("invoice\u202egpj.exe") == "invoice�gpj.exe"
    assert clean("half a pair \ud83d") == "half a pair �"
    assert clean(None) == ""
    assert clean_lines("一行目\n\n二行目\x07") == "一行目\n\n二行目�"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("12000000", "12,000,000"), (1234.5, "1,234.50"), (None, "–"), ("approx. 5", "approx. 5")],
)
def test_amounts_are_readable(value: object, shown: str) -> None:
    """Thousands are set apart; what is no number is shown as it is."""
    assert amount(value) == shown


def test_days_are_read_alike_in_both_languages() -> None:
    """An ISO date as year, month and day; nothing for no date."""
    assert day("2026-11-18") == "2026/11/18"
    assert day(None) == "–"


def test_the_loop_outlives_whatever_one_cycle_meets(capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nobody foresaw ends the cycle, not the schedule, and its text does not get into the log."""

    configure()  # as the command does: lines go where standard error is now

    def once() -> int:
        raise OverflowError("山田 太郎")

    assert survived(once) == 1
    assert "山田" not in capsys.readouterr().err
