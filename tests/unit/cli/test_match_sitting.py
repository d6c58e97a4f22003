"""A sitting of `okoshi match review` while others answer, interrupt it or use the database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from io import StringIO

import pytest
from match_base import AT, IRON, OSAKA, STEEL, TARO, TAROU, TOKYO, Base
from rich.console import Console

from connector.cli.match_asked import Asked
from connector.cli.match_desk import opened
from connector.cli.match_sitting import Sitting
from connector.cli.options import Common
from connector.store import database, verdicts
from connector.store.pairs import State
from connector.store.verdicts import Verdict

Typed = str | Callable[[], object]
PAIRS = ((TOKYO, OSAKA), (IRON, STEEL), (TARO, TAROU))


def sitting(base: Base, *typed: Typed, by: str = "花子", asked: Asked | None = None) -> str:
    """What is shown to somebody who types these lines; what is no line happens while the question is on screen."""
    lines, shown = iter([*typed, "q"]), StringIO()

    def ask(prompt: str) -> str:
        shown.write(prompt)
        for line in lines:
            if isinstance(line, str):
                return f"{line}\n"
            line()
        raise EOFError

    with opened(Common(project_dir=base.folder, now=AT.isoformat(), quiet=True)) as desk:
        Sitting(desk, Console(file=shown, width=120), ask, by, asked or Asked()).hold()
    return shown.getvalue()


def answer(base: Base, one: str, two: str) -> Verdict | None:
    """What stands."""
    with base.store.read() as tx:
        return verdicts.get(tx, one, two)


def first(base: Base) -> tuple[str, str]:
    """The pair that is asked about first."""
    pair = base.document("review")["pairs"][0]
    return pair["left"]["ref"], pair["right"]["ref"]


@pytest.mark.parametrize("mine", ["d", "l", "s"])
def test_an_answer_that_somebody_gave_meanwhile_is_not_overwritten(base: Base, mine: str) -> None:
    """Neither by another one nor by "later"; it is shown, and the sitting goes on with the next pair."""
    key = first(base)
    shown = sitting(
        base, lambda: base.match("say", *key, "same", "--by", "tanaka", "--note", "登記で確認"), mine, by="佐藤"
    )
    assert "この組は 2026/11/18 10:00 に tanaka が「同じ」と答えました" in shown
    assert "今回の回答: 0 組" in shown
    assert shown.count("同じですか [s/d/l/u/q]") == 2
    stands = answer(base, *key)
    assert stands
    assert (stands.answer, stands.by, stands.note) == ("same", "tanaka", "登記で確認")
    assert base.together(*key)


def test_undo_takes_back_nothing_but_ones_own_answer(base: Base) -> None:
    """What somebody put in its place meanwhile stays, and is shown."""
    key = first(base)
    shown = sitting(base, "d", lambda: base.match("say", *key, "same", "--by", "佐藤", "--replace"), "u", "u")
    assert "この組はその後 2026/11/18 10:00 に 佐藤 が「同じ」と答えたため、取り消していません" in shown
    assert "取り消す回答はありません" in shown
    stands = answer(base, *key)
    assert stands
    assert (stands.answer, stands.by) == ("same", "佐藤")


def test_undo_tells_what_it_took_back_and_puts_back_what_was_put_off(base: Base) -> None:
    """Who had put it off, and when, stays as it was."""
    key = first(base)
    base.match("say", *key, "later", "--by", "tanaka", "--note", "登記待ち")
    put_off = answer(base, *key)
    shown = sitting(base, "s", "u", asked=Asked(later=True))
    assert "回答「同じ」(花子、2026/11/18 10:00)を取り消しました" in shown
    assert answer(base, *key) == put_off
    assert put_off
    assert put_off.note == "登記待ち"


def test_what_will_be_asked_is_counted_and_what_was_put_off_is_told(base: Base) -> None:
    """At the head of each question and at the end, where what was put off is no answer."""
    shown = sitting(base, "l", "s", "l")
    assert [f"残り {count} 組" in shown for count in (3, 2, 1)] == [True] * 3
    assert "今回の回答: 1 組(ほかに後回し 2 組)" in shown
    assert "ほかに後回し 2 組 → okoshi match review --later" in shown
    again = sitting(base, "l")
    assert "いま確認する組はありません" in again
    assert "確認が必要な組はありません" not in again
    all_of_them = sitting(base, "l", "l", asked=Asked(later=True))
    assert [f"残り {count} 組" in all_of_them for count in (2, 1)] == [True] * 2
    assert "残り 0 組" not in all_of_them
    assert "ほかに後回し" in all_of_them


def test_what_waits_for_its_effect_is_not_asked_about_again(base: Base) -> None:
    """While a run is under way an answer is kept, and the pair is still doubtful."""
    key = first(base)
    with base.store.lease("a run"):
        base.match("say", *key, "same")
        assert base.state(*key) is State.DOUBTFUL
        assert first(base) != key
        assert base.document("review")["left_off"] == 0
        assert "残り 2 組" in sitting(base)


def test_full_width_letters_are_answers(base: Base) -> None:
    """As an input method for Japanese types them."""
    sitting(base, "ｓ", "ｄ", "ｕ", "Ｌ", "ｑ")
    with base.store.read() as tx:
        said = verdicts.of(tx, [ref for pair in PAIRS for ref in pair]).values()
    assert sorted(one.answer.value for one in said) == ["later", "same"]


def test_while_another_program_writes_the_question_stays(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is not kept, which is said; given again it is, and so is the undo of it."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    key = first(base)
    with closing(sqlite3.connect(base.folder / "okoshi.db", isolation_level=None)) as other:
        shown = sitting(
            base,
            lambda: other.execute("BEGIN IMMEDIATE"),
            "s",
            lambda: other.execute("ROLLBACK"),
            "s",
            lambda: other.execute("BEGIN IMMEDIATE"),
            "u",
            lambda: other.execute("ROLLBACK"),
        )
    assert shown.count("まだ記録していません") == 2
    assert "今回の回答: 1 組" in shown
    assert base.together(*key)


@pytest.mark.parametrize(("ending", "told"), [(EOFError, ""), (KeyboardInterrupt, "ここまでの回答は保存済みです。\n")])
def test_a_sitting_that_is_broken_off_ends_the_line_and_tells_what_is_kept(
    base: Base, ending: type[BaseException], told: str
) -> None:
    """The end of the input is an ordinary end; an interruption says that answers are kept, and goes on as one."""
    shown = StringIO()
    lines = iter(["s"])

    def ask(prompt: str) -> str:
        shown.write(prompt)
        for line in lines:
            return line
        raise ending

    with opened(Common(project_dir=base.folder, now=AT.isoformat(), quiet=True)) as desk:
        held = Sitting(desk, Console(file=shown, width=120), ask, "花子", Asked())
        with nullcontext() if ending is EOFError else pytest.raises(KeyboardInterrupt):
            assert held.hold() == 0
    assert shown.getvalue().endswith(f"? \n{told}今回の回答: 1 組(ほかに後回し 0 組)\n")
