"""People who changed firm, title, line or mobile, and kept a mailbox or a mobile of their own."""

import pytest

from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
MOBILE = {"mobile": "090-2345-6781"}
MAIL = {"mail": "kensato85@gmail.com"}
BEFORE = {"company_name": "A商事株式会社", "title": "課長", "phone": "03-3452-6789"}
AFTER = {"company_name": "株式会社ベータ", "title": "部長", "phone": "06-6345-1234"}


def compared(one: dict[str, str], two: dict[str, str]) -> Pair:
    """The two as a pair."""
    left, right = (MATCHING.normalised(Individual(ref=ref, **fields)) for ref, fields in (("1", one), ("2", two)))
    return MATCHING.compared(left, right)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (BEFORE | MOBILE, AFTER | MOBILE),
        (BEFORE | MAIL | MOBILE, AFTER | MAIL | {"mobile": "080-8765-4321"}),
        (BEFORE | MOBILE | {"mail": "sato.k@acme.co.jp"}, AFTER | MOBILE | {"mail": "ken.sato@acme.co.jp"}),
        (BEFORE | MAIL | {"company_ref": "1"}, AFTER | MAIL | MOBILE | {"company_ref": "2"}),
    ],
    ids=["mobile", "mail", "new mailbox", "refs"],
)
def test_a_new_job_makes_nobody_else(one: dict[str, str], two: dict[str, str]) -> None:
    """The full name and what is one's own are the same; the score still shows every difference."""
    sato = {"family": "佐藤", "given": "健"}
    for mine, theirs in ((one, two), (two, one)):
        pair = compared(sato | mine, sato | theirs)
        assert pair.alone is Outcome.AUTO
        assert pair.score == pytest.approx(sum(piece.weight for piece in pair.evidence))


@pytest.mark.parametrize(
    "other", [{"family": "佐藤"}, {"family": "佐藤", "given": "K"}, {"full_name": "高橋 健"}], ids=str
)
def test_half_a_name_in_another_job_is_shown(other: dict[str, str]) -> None:
    """A number of the firm's goes to the next one."""
    pair = compared({"family": "佐藤", "given": "健", **BEFORE, **MOBILE}, other | AFTER | MOBILE)
    assert pair.alone is Outcome.REVIEW
