"""Differing characters are marked so that they are seen without colour, and nothing else about a value changes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.cli.match_diff import BRACKETS, marked
from connector.cli.output import clean


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [
        ("アクメ", "アクメ販売", ("アクメ", "アクメ[販売]")),
        ("齋藤 一郎", "斎藤 一郎", ("[齋]藤 一郎", "[斎]藤 一郎")),
        ("株式会社アクメ", "アクメ株式会社", ("株式会社[アクメ]", "[アクメ]株式会社")),
        ("ヤマト運輸", "ヤマト運輸", ("ヤマト運輸", "ヤマト運輸")),
        ("東京都港区", "", ("東京都港区", "")),
        ("東京都港区", "大阪市北区梅田", ("[東京都港区]", "[大阪市北区梅田]")),
        ("アクメ[本社]", "アクメ[支社]", ("アクメ[{本}社]", "アクメ[{支}社]")),
        ("山田\u3000太郎", "山田太郎", ("山田[□]太郎", "山田太郎")),
        ("０４８－１ ＡＢ", "048-1\u3000AC", ("０４８－１ Ａ[Ｂ]", "048-1\u3000A[C]")),
        ("アクメ商事\u200b", "アクメ商事", ("アクメ商事[U+200B]", "アクメ商事")),
        ("mirume.example", "nagigane.example", ("[mirum]e.example", "[nagigan]e.example")),
        (None, None, ("", "")),
    ],
)
def test_what_differs_stands_in_brackets(left: str | None, right: str | None, shown: tuple[str, str]) -> None:
    """Few differing characters are marked one by one, wholly different values as a whole, width not at all."""
    ours, theirs = marked(left, right)
    assert (ours.plain, theirs.plain) == shown


def test_marks_are_styled_too_and_are_no_markup() -> None:
    """Where there are styles the marks are underlined; square brackets never become one."""
    ours, _ = marked("[red]アクメ", "[red]アクミ")
    assert ours.plain == "[red]アク{メ}"
    assert [str(span.style) for span in ours.spans] == ["bold underline"]


TEXT = st.text(alphabet=st.sampled_from("株式会社アクメ販売ACMEＡＣ 123髙高"), max_size=12)


@given(TEXT, TEXT)
def test_marking_loses_nothing_and_marks_what_differs(left: str, right: str) -> None:
    """Without its marks each side is the value that was given; there are marks just where more than width differs."""
    ours, theirs = marked(left, right)
    for side, value in ((ours, left), (theirs, right)):
        bare = side.plain.translate({ord(mark): None for pair in BRACKETS for mark in pair}).replace("␣", " ")
        assert bare == clean(value)
    one, two = (unicodedata.normalize("NFKC", clean(value)) for value in (left, right))
    assert bool(ours.spans or theirs.spans) == (one != two and bool(one) and bool(two))
