"""`okoshi match say` and `take-back` where somebody answered before; what the list of `review` leaves off."""

import pytest
from match_base import ACME, IRON, KABU, OSAKA, STEEL, TARO, TAROU, TOKYO, Base, account

from connector.store import verdicts
from connector.store.verdicts import Verdict


def answer(base: Base, one: str, two: str) -> Verdict | None:
    """What stands."""
    with base.store.read() as tx:
        return verdicts.get(tx, one, two)


def test_an_answer_that_contradicts_one_needs_an_option(base: Base) -> None:
    """It shows who said what and when, and leaves it; so does "later", which replaces nothing even then."""
    base.match("say", TOKYO, OSAKA, "same", "--by", "tanaka", "--note", "登記で確認")
    before = answer(base, TOKYO, OSAKA)
    refused = base.match("say", TOKYO, OSAKA, "different", "--by", "佐藤", exit_code=2)
    assert "2026/11/18 10:00 に tanaka が「同じ」と答えています" in refused
    assert "--replace" in refused
    for more in ((), ("--replace",)):
        refused = base.match("say", TOKYO, OSAKA, "later", *more, exit_code=2)
        assert f"okoshi match take-back {OSAKA} {TOKYO}" in refused
    assert answer(base, TOKYO, OSAKA) == before
    assert base.together(TOKYO, OSAKA)
    shown = base.match("say", TOKYO, OSAKA, "different", "--by", "佐藤", "--replace")
    assert "それまでの回答「同じ」(tanaka、2026/11/18 10:00)を置き換えました" in shown
    assert not base.together(TOKYO, OSAKA)


def test_the_same_answer_again_leaves_the_first(base: Base) -> None:
    """With its note; who gave it may add one."""
    base.match("say", TOKYO, OSAKA, "same", "--by", "tanaka", "--note", "登記で確認")
    assert "すでに同じ回答「同じ」(tanaka、" in base.match(
        "say", OSAKA, TOKYO, "same", "--by", "佐藤", "--note", "電話"
    )
    base.match("say", OSAKA, TOKYO, "same", "--by", "tanaka")
    stands = answer(base, TOKYO, OSAKA)
    assert stands
    assert (stands.by, stands.note) == ("tanaka", "登記で確認")
    base.match("say", OSAKA, TOKYO, "same", "--by", "tanaka", "--note", "電話でも確認")
    stands = answer(base, TOKYO, OSAKA)
    assert stands
    assert stands.note == "電話でも確認"


def test_the_document_of_an_answer_tells_who_said_what(base: Base) -> None:
    """And what it replaced."""
    found = base.document("say", TOKYO, OSAKA, "same", "--by", "tanaka")
    assert (found["answer"], found["by"], found["kept"], found["replaced"]) == ("same", "tanaka", True, None)
    again = base.document("say", TOKYO, OSAKA, "same", "--by", "佐藤")
    assert (again["answer"], again["by"], again["kept"]) == ("same", "tanaka", False)
    other = base.document("say", TOKYO, OSAKA, "different", "--by", "佐藤", "--replace")
    assert (other["answer"], other["replaced"]["by"], other["in_effect"]) == ("different", "tanaka", True)


def test_taking_back_tells_which_answer_went(base: Base) -> None:
    """Whose it was and when."""
    base.match("say", TOKYO, OSAKA, "same", "--by", "tanaka")
    assert "回答「同じ」(tanaka、2026/11/18 10:00)を取り消しました" in base.match("take-back", TOKYO, OSAKA)
    base.match("say", TOKYO, OSAKA, "different", "--by", "tanaka")
    gone = base.document("take-back", TOKYO, OSAKA)["taken_back"]
    assert (gone["answer"], gone["by"]) == ("different", "tanaka")


def test_an_answer_tells_which_earlier_one_it_overrules(base: Base) -> None:
    """Of answers that contradict each other over a third record "different" holds, whichever came last."""
    one, two, three = TOKYO, IRON, STEEL
    base.match("say", one, two, "same", "--by", "tanaka")
    base.match("say", one, three, "same", "--by", "tanaka")
    shown = base.match("say", two, three, "different", "--by", "佐藤")
    assert shown.count("回答「同じ」(tanaka、2026/11/18 10:00)は、「別」の回答があるため効いていません") == 1
    lost = next(other for other in (two, three) if not base.together(one, other))
    assert lost in shown.replace("\n", "")
    marked = base.document("show", one)["answers"]
    assert [{said["left"], said["right"]} for said in marked if said["overruled"]] == [{one, lost}]
    assert base.match("show", one).count("「別」の回答があるため効いていません") == 1
    for _ in range(2):
        found = base.document("say", one, lost, "same")["overruled"]
        assert [{said["left"], said["right"]} for said in found] == [{one, lost}]
        base.match("take-back", one, lost)


def test_what_is_put_off_without_being_doubtful_is_said_never_to_show(base: Base) -> None:
    """Of two that are linked, as well as of two that nobody would ask about."""
    assert "同じ(結びつけ済)" in base.match("say", ACME, KABU, "later")
    assert "表示されません" in base.match("say", ACME, TOKYO, "later")
    assert "--later で再び表示" in base.match("say", TOKYO, OSAKA, "later")


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_below_one_is_wrong_use(base: Base, limit: str) -> None:
    """And says from where on it is none."""
    told = base.match("review", "--limit", limit, exit_code=2)
    assert "--limit" in told
    assert ">= 1" in told


def test_the_list_counts_what_it_leaves_off_apart_from_what_was_put_off(base: Base) -> None:
    """What no option but --later brings is not promised by another."""
    base.match("say", TOKYO, OSAKA, "later")
    found = base.document("review", "--limit", "1")
    assert (found["doubtful"], found["later"], found["left_off"], len(found["pairs"])) == (3, 1, 1, 1)
    shown = base.match("review", "--limit", "1")
    assert "他 1 組" in shown
    assert "ほかに後回し 1 組 → okoshi match review --later" in shown
    everything = base.document("review", "--later")
    assert (everything["left_off"], len(everything["pairs"])) == (0, 3)
    for one, two in ((IRON, STEEL), (TARO, TAROU)):
        base.match("say", one, two, "later")
    shown = base.match("review")
    assert "いま確認する組はありません" in shown
    assert "ほかに後回し 3 組" in shown
    nothing = base.document("review")
    assert (nothing["doubtful"], nothing["later"], nothing["left_off"], nothing["pairs"]) == (3, 3, 0, [])


def test_machines_get_every_pair_unless_they_limit_it(base: Base) -> None:
    """People get the first fifty, and how many more there are."""
    base.learn(*(account(f"hubspot:companies:9{number}", "みどり電機株式会社") for number in range(12)))
    found = base.document("review")
    assert found["doubtful"] == len(found["pairs"]) > 50
    assert found["left_off"] == 0
    assert f"他 {found['doubtful'] - 50} 組" in base.match("review")
    assert base.document("review", "--limit", "2")["left_off"] == found["doubtful"] - 2


def test_a_split_shows_the_answers_that_it_replaces(base: Base) -> None:
    """Before it asks."""
    base.match("say", TOKYO, OSAKA, "same", "--by", "tanaka")
    assert "回答「同じ」(tanaka、2026/11/18 10:00)を「別」に置き換えます" in base.match("split", TOKYO, "--yes")
