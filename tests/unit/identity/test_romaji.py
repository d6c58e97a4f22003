"""Kana has one skeleton in Latin letters, however it is found."""

from hypothesis import example, given
from hypothesis import strategies as st

from connector.identity.romaji import kana_to_romaji, skeleton_of_kana, skeleton_of_romaji

KANA = st.text(
    st.sampled_from("アイウエオカキクコサシスチツテトニフホミンジヂヅヴヤユヨワヲヮァィゥェォャュョッーab漢 "),
    max_size=8,
)


@given(KANA)
@example("シャチョウ")
@example("ッチャ")
@example("ヴァイオリン")
@example("cチェ")
@example("ァー")
def test_it_is_that_of_its_romaji(text: str) -> None:
    """Also where small kana, doubled consonants and other letters stand between."""
    assert skeleton_of_kana(text) == skeleton_of_romaji(kana_to_romaji(text))
