"""How common names are, and how they are read."""

from math import log2

import pytest

from connector.identity.usual_family_names import FAMILY_NAMES
from connector.identity.usual_given_names import GIVEN_NAMES
from connector.identity.usual_names import readings, share, whole_share


@pytest.mark.parametrize("name", ["佐藤", "サトウ", "satou", "Sato", "サトー"])
def test_a_name_is_as_common_in_every_script(name: str) -> None:
    """Romaji and kana count for all who are called so; 佐藤 is hardly more."""
    assert -log2(share("family", name)) == pytest.approx(6.05, abs=0.1)


def test_variants_of_a_name_are_counted_together() -> None:
    """斎藤, 斉藤 and 齋藤 are taken for each other, so each is as common as all."""
    assert share("family", "斎藤") > (546 + 325) / 125_000


def test_a_name_in_kana_is_more_common_than_each_way_of_writing_it() -> None:
    """ヒロシ is 博, 浩 and many more."""
    assert share("given", "ヒロシ") > 3 * share("given", "博") > 0


@pytest.mark.parametrize("name", ["勘解由小路", "", "x", "Smith"])
def test_what_is_not_common_has_no_share(name: str) -> None:
    """And no reading."""
    assert share("family", name) == 0
    assert readings("family", name) == ()


def test_a_whole_name_is_as_common_as_its_parts() -> None:
    """田中一郎 is parted where a common family name ends; a rare one does not begin with a common one by chance."""
    assert whole_share("田中一郎") == pytest.approx(share("family", "田中") * share("given", "一郎"))
    assert whole_share("タナカイチロウ") > whole_share("田中一郎")
    assert whole_share("勘解由小路資承") == 0


def test_names_with_two_readings_know_both() -> None:
    """中島 is Nakajima more often than Nakashima; 裕子 is Yuko or Hiroko."""
    assert readings("family", "中島") == ("nakajima", "nakashima")
    assert set(readings("given", "裕子")) == {"yuko", "hiroko"}


def test_the_tables_stay_plausible() -> None:
    """No more people than there are, no name listed twice as written."""
    names = [entry.rstrip("0123456789・ァアイウエオヴーカ-ヶ") for entry in FAMILY_NAMES.split()]
    assert len(set(names)) == len(names) == 1_000
    written = {entry[:-1] for line in GIVEN_NAMES.strip().splitlines() for entry in line.split()[1:]}
    assert sum(share("given", name) for name in written) < 0.8
