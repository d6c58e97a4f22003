"""Whether 漢字 of a name can be read as is told."""

import pytest

from connector.identity.character_readings import can_be_read
from connector.identity.name_sounds import sound_of_latin
from connector.identity.usual_names import Part


@pytest.mark.parametrize(
    ("part", "name", "told"),
    [
        ("given", "雅亮", "Masaaki"),
        ("given", "慎之介", "Shinnosuke"),
        ("given", "一平", "Ippei"),
        ("given", "準一", "Jun'ichi"),
        ("given", "弘生", "Hiroo"),
        ("given", "夕起雄", "Yukio"),
        ("given", "嵩", "Takashi"),
        ("given", "奈々緒", "Nanao"),
        ("given", "ゆう子", "Yuko"),
        ("family", "草彅", "Kusanagi"),
        ("family", "佐東", "Sato"),
        ("family", "南條", "Nanjo"),
        ("family", "井之頭", "Inogashira"),
    ],
)
def test_characters_are_read_as_in_other_names(part: Part, name: str, told: str) -> None:
    """Voiced within a name, doubled before k, s, t and p, with long vowels short."""
    assert can_be_read(part, name, sound_of_latin(told)) is not False


@pytest.mark.parametrize(
    ("part", "name", "told"),
    [
        ("given", "龍之進", "Ryuta"),
        ("given", "雅亮", "Masa"),
        ("given", "雅亮", "Masaakira Taro"),
        ("given", "嵩", "Hanako"),
        ("family", "南條", "Tanaka"),
        ("family", "佐東", "Kato"),
    ],
)
def test_what_leaves_a_character_over_is_no_reading(part: Part, name: str, told: str) -> None:
    """Nor what goes on behind it."""
    assert can_be_read(part, name, sound_of_latin(told)) is False


def test_a_character_of_no_table_may_be_read_in_any_way() -> None:
    """The others still count."""
    assert can_be_read("given", "㐂一", "kiichi") is None
    assert can_be_read("given", "㐂一", "hanako") is False
