"""Names in each other's fields and names of one letter: rare as neither, and the same whichever record comes first."""

import pytest

from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.people_matching import PeopleMatching
from connector.identity.person_name import person_name
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
TOYOTA = {"company_name": "トヨタ自動車株式会社"}


def compared(one: dict[str, str], two: dict[str, str]) -> Pair:
    """The two as a pair."""
    left, right = (MATCHING.normalised(Individual(ref=ref, **fields)) for ref, fields in (("1", one), ("2", two)))
    return MATCHING.compared(left, right)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"family": "健", "given": "佐藤"}, {"family": "健", "given": "佐藤"}),
        ({"family": "健", "given": "佐藤"}, {"family": "佐藤", "given": "健"}),
        ({"family": "ケン", "given": "サトウ"}, {"family": "ケン", "given": "サトウ"}),
        ({"full_name": "SATO KEN"}, {"full_name": "SATO KEN"}),
        ({"full_name": "Ken Sato"}, {"full_name": "SATO KEN"}),
        ({"family": "佐藤", "given": "K"}, {"family": "佐藤", "given": "K"}),
        ({"family": "佐藤", "given": "K."}, {"family": "佐藤", "given": "Ｋ"}),
        ({"full_name": "K. Sato"}, {"full_name": "K. Sato"}),
        *(
            ({"family": "佐藤", "given": given},) * 2
            for given in ("大地", "加奈子", "里奈", "恭平", "真一郎", "翔平", "明日香")
        ),
    ],
    ids=str,
)
def test_a_common_name_is_common_in_either_field(one: dict[str, str], two: dict[str, str]) -> None:
    """佐藤 健 of one firm can be two people however the fields are filled in, and whichever record comes first."""
    assert compared(one | TOYOTA, two | TOYOTA).alone is Outcome.REVIEW
    assert compared(two | TOYOTA, one | TOYOTA).alone is Outcome.REVIEW


@pytest.mark.parametrize("given", ["K", "K."])
def test_an_initial_that_agrees_is_an_initial(given: str) -> None:
    """It says no more than one beside the name that it may stand for."""
    sato = {"family": "佐藤", "given": given, **TOYOTA}
    assert "person.given.initial" in {piece.kind for piece in compared(sato, sato).evidence}


@pytest.mark.parametrize("full", ["SATO KEN", "Sato Ken", "Ken Sato", "KEN SATO", "Ken SATO"])
def test_a_common_family_name_is_found_in_front(full: str) -> None:
    """Latin letters put it last, unless only the first word is one."""
    name = person_name(Individual(ref="1", full_name=full))
    assert (name.family.sound, name.given.sound) == ("sato", "ken")


@pytest.mark.parametrize("shared", [TOYOTA, {"mobile": "090-2345-6781"}, {"mail": "x@a.co.jp"}], ids=str)
@pytest.mark.parametrize("other", [{"full_name": "K. Sato"}, {"family": "Sato", "given": "K"}], ids=str)
def test_no_ref_tells_whether_the_fields_are_swapped(other: dict[str, str], shared: dict[str, str]) -> None:
    """An initial beside names and kana in each other's fields."""
    swapped = {"family": "健", "given": "佐藤", "family_kana": "ケン", "given_kana": "サトウ"}
    one, two = compared(swapped | shared, other | shared), compared(other | shared, swapped | shared)
    assert (one.score, one.alone, one.reason) == (two.score, two.alone, two.reason)


def test_swapped_names_are_found_and_read_across_scripts() -> None:
    """山田 in the given name's field is read as the family name that it is."""
    swapped, straight = {"family": "太郎", "given": "山田"}, {"family": "Yamada", "given": "Taro"}
    mobile = {"mobile": "090-2345-6781"}
    assert compared(swapped | mobile, straight | mobile).alone is Outcome.AUTO
    assert compared(straight | mobile, swapped | mobile).alone is Outcome.AUTO
    keys = [
        set(MATCHING.keys(MATCHING.normalised(Individual(ref="1", **(one | TOYOTA))))) for one in (swapped, straight)
    ]
    assert keys[0] & keys[1]
