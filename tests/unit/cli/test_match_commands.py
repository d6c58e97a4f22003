"""`okoshi match` on a small base: what it lists, asks, keeps, explains and takes apart, without any vendor."""

import os
import subprocess
import sys

import pytest
from match_base import (
    ACME,
    AT,
    IRON,
    KABU,
    OSAKA,
    RECORDS,
    STEEL,
    TARO,
    TAROU,
    TOKYO,
    Base,
    account,
    at_a_terminal,
    person,
)
from rich.cells import cell_len

from connector.model.records import Ref
from connector.store import unmatched, verdicts
from connector.store.pairs import State


def test_without_a_terminal_the_doubtful_pairs_are_listed(base: Base) -> None:
    """Both records, why, and the command that answers; the likeliest first; nobody is asked."""
    shown = base.match("review")
    assert shown.index("さくら商事株式会社") >= 0
    for ref in (TOKYO, OSAKA, IRON, STEEL, TARO, TAROU):
        assert ref in shown.replace("\n", "")
    assert "okoshi match say" in shown
    assert ACME not in shown.replace("\n", "")
    english = base.match("review", "--language", "en", "--kind", "person")
    assert TARO in english.replace("\n", "")
    assert TOKYO not in english.replace("\n", "")
    assert "the given names" in english


def test_the_list_for_machines_has_both_records_and_the_evidence(base: Base) -> None:
    """Scores fall, weights add up to the score, and every finding has a sentence and what the records say."""
    found = base.document("review", "--kind", "account")
    assert found["doubtful"] == 2
    scores = [pair["score"] for pair in found["pairs"]]
    assert scores == sorted(scores, reverse=True)
    for pair in found["pairs"]:
        assert (pair["kind"], pair["state"]) == ("account", "doubtful")
        assert sum(piece["weight"] for piece in pair["evidence"]) == pytest.approx(pair["score"], abs=0.1)
        assert all(piece["text"] != piece["kind"] for piece in pair["evidence"])
        assert pair["why"]
        assert pair["left"]["ref"] < pair["right"]["ref"]
    far = next(pair for pair in found["pairs"] if pair["right"]["ref"] == TOKYO)
    address = next(piece for piece in far["evidence"] if piece["field"] == "address")
    assert address["written"] == ["大阪府大阪市北区梅田3-4-5", "東京都千代田区丸の内1-1-1"]
    assert far["right"]["link"] == "https://acme.my.salesforce.com/lightning/r/Account/001SAKURA/view"
    assert far["left"]["link"] is None


@pytest.mark.parametrize("columns", ["80", "120"])
def test_pages_keep_to_the_width_and_no_value_steers_them(
    base: Base, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Full-width characters count as two; escape sequences and markup in a name are text."""
    monkeypatch.setenv("COLUMNS", columns)
    for arguments in (("review",), ("explain", IRON, STEEL), ("show", ACME), ("list",), ("explain", TARO, TAROU)):
        shown = base.match(*arguments)
        assert max(map(cell_len, shown.splitlines())) <= int(columns)
        assert not any(ord(character) < 32 and character != "\n" for character in shown)
    assert "[bold]ひかり製鉄" in base.match("explain", IRON, STEEL).replace("\n", "")


def test_an_answer_takes_effect_at_once_and_is_not_asked_again(base: Base) -> None:
    """Same makes one of two, different keeps them apart, both with who said it; the next run changes neither."""
    assert not base.together(TOKYO, OSAKA)
    assert "「同じ」と記録" in base.match("say", TOKYO, OSAKA, "same", "--by", "花子", "--note", "移転した")
    assert base.together(TOKYO, OSAKA)
    assert base.document("say", "001IRON", "13", "different")["in_effect"] is True
    assert base.state(IRON, STEEL) is State.APART
    with base.store.read() as tx:
        said = verdicts.get(tx, TOKYO, OSAKA)
    assert said
    assert (said.by, said.note, said.answer) == ("花子", "移転した", "same")
    with base.store.begin() as tx:
        unmatched.add(tx, said.kind, [TOKYO, OSAKA, IRON, STEEL])
    base.learn()
    assert base.together(TOKYO, OSAKA)
    assert base.state(IRON, STEEL) is State.APART
    assert base.document("review", "--kind", "account")["pairs"] == []


def test_an_answer_can_be_taken_back(base: Base) -> None:
    """Then the evidence decides again; where nothing was said there is nothing to take back."""
    base.match("say", TOKYO, OSAKA, "same")
    base.match("take-back", OSAKA, TOKYO)
    assert not base.together(TOKYO, OSAKA)
    assert base.state(TOKYO, OSAKA) is State.DOUBTFUL
    assert "についての回答はありません" in base.match("take-back", TOKYO, OSAKA, exit_code=2)


def test_what_was_put_off_is_shown_on_demand(base: Base) -> None:
    """Later is no answer: the pair stays doubtful and comes back with --later."""
    base.match("say", TOKYO, OSAKA, "later")

    def listed(*arguments: str) -> set[str]:
        return {pair["right"]["ref"] for pair in base.document("review", *arguments)["pairs"]}

    assert TOKYO not in listed()
    assert TOKYO in listed("--later")


def test_while_a_run_is_alive_an_answer_is_kept_for_the_next_one(base: Base) -> None:
    """Nothing is lost, and the page says so."""
    with base.store.lease("a run"):
        assert "次の実行で反映" in base.match("say", TOKYO, OSAKA, "same")
        assert not base.together(TOKYO, OSAKA)
    base.learn()
    assert base.together(TOKYO, OSAKA)


def test_explain_tells_every_finding_in_both_languages(base: Base) -> None:
    """Weights, sum, limits, both values, the answer of a person, and by which rules it was compared when."""
    japanese = base.match("explain", TOKYO, OSAKA)
    for part in (
        "所在地が離れています",
        "電話番号が同じです",
        "根拠の合計",
        "基準:",
        "確認待ち",
        "大阪府大阪市北区梅田3-4-5",
        "規則",
    ):
        assert part in japanese
    english = base.match("explain", TOKYO, OSAKA, "--language", "en")
    for part in ("different prefectures", "the phone numbers are the same", "Sum of the findings", "doubtful"):
        assert part in english
    base.match("say", TOKYO, OSAKA, "different", "--by", "花子")
    assert "人の回答: 別(花子、" in base.match("explain", TOKYO, OSAKA)
    found = base.document("explain", TOKYO, OSAKA)
    assert found["answers"][0]["by"] == "花子"
    assert found["rules"] == found["rules_now"]
    assert found["thresholds"]["linked_from"] > found["thresholds"]["shown_from"]


def test_explain_compares_what_was_never_kept(base: Base) -> None:
    """Why two were not even looked at together is a question as well; nothing is kept by asking."""
    found = base.document("explain", ACME, TOKYO)
    assert (found["state"], found["alone"], found["at"]) == (None, "new", None)
    assert any(piece["kind"] == "name_differs" for piece in found["evidence"])
    assert base.state(ACME, TOKYO) is None


def test_explain_gives_no_reason_for_a_doubt_that_nobody_has(base: Base) -> None:
    """What is linked needs none, and of what a person answered the answer is the reason."""
    linked = base.document("explain", ACME, KABU)
    assert (linked["state"], linked["reason"], linked["clusters"][ACME]) == ("linked", None, sorted([ACME, KABU]))
    assert "理由:" not in base.match("explain", ACME, KABU)
    base.match("say", IRON, STEEL, "different")
    answered = base.document("explain", IRON, STEEL)
    assert (answered["state"], answered["reason"]) == ("apart", None)


def test_of_two_near_equal_candidates_the_other_one_is_named(base: Base) -> None:
    """Why two that agree in everything are not linked: a third does so as well, and contradicts one of them."""
    place = {"address": "東京都港区海岸1-1-1", "domain": "minato.example.jp"}
    one, two, three = "hubspot:companies:31", "hubspot:companies:32", "salesforce:Account:001MINATO"
    base.learn(
        account(one, "みなと海運株式会社", corporate_number="7000012050002", **place),
        account(two, "みなと海運株式会社", corporate_number="8000012010038", **place),
        account(three, "みなと海運株式会社", **place),
    )
    found = base.document("explain", two, three)
    assert (found["alone"], found["state"]) == ("auto", "doubtful")
    assert found["reason"] == "identity.near_equal"
    assert {found["runner_up"]["left"], found["runner_up"]["right"]} == {one, three}
    assert found["margin"] < found["thresholds"]["margin"]
    assert "次点:" in base.match("explain", two, three)


@pytest.mark.parametrize(
    "given",
    [
        "salesforce:Account:001SAKURA",
        "001SAKURA",
        "https://acme.lightning.force.com/lightning/r/Account/001SAKURA/view",
    ],
)
def test_a_record_may_be_named_in_any_way_that_is_at_hand(base: Base, given: str) -> None:
    """Its reference, its id, the address in the browser."""
    assert base.document("show", given)["record"]["ref"] == TOKYO


@pytest.mark.parametrize(
    ("given", "ref"),
    [
        ("https://app-na2.hubspot.com/contacts/4567/record/0-2/11?x=1", KABU),
        ("https://app.hubspot.com/contacts/4567/company/11/", KABU),
        ("https://app.hubspot.com/contacts/4567/record/0-1/21", TAROU),
    ],
)
def test_hubspot_s_addresses_old_and_new_name_a_record(base: Base, given: str, ref: str) -> None:
    """By type number or by word, in whatever data centre."""
    assert base.document("show", given)["record"]["ref"] == ref


def test_salesforce_s_short_ids_are_ids(base: Base) -> None:
    """Fifteen characters as reports show them are the eighteen that the interface uses."""
    base.learn(account("salesforce:Account:0015g00000ABcdeAAD", "みどり電機株式会社"))
    assert base.document("show", "0015g00000ABcde")["record"]["ref"] == "salesforce:Account:0015g00000ABcdeAAD"


@pytest.mark.parametrize(
    ("arguments", "japanese", "english"),
    [
        (("show", "001NOBODY"), "「001NOBODY」に当たる会社または人", "No company or person of this id was read yet"),
        (("show", "salesforce:User:005A"), "まだ読み込まれていません", "No company or person"),
        (("explain", TOKYO, TARO), "会社と人です", "a company and a person"),
        (("explain", TOKYO, "001SAKURA"), "2回指定されています", "named twice"),
        (("say", TOKYO, OSAKA, "perhaps"), "perhaps", "perhaps"),
        (("split", TOKYO), "切り離すものがありません", "linked with no other record"),
        (("split", ACME), "--yes を付けてください", "add --yes"),
        (("merge", TOKYO, OSAKA), "どのシステムでもマージできません", "two systems"),
        (("merge", KABU, "12", "--yes"), f"{KABU} {OSAKA} --yes", "by reference"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    base: Base, arguments: tuple[str, ...], japanese: str, english: str
) -> None:
    """Exit 2 as wrong use, with a sentence in the reader's language, never a traceback."""
    shown = base.match(*arguments, exit_code=2)
    assert japanese in shown
    assert "使い方の誤り" in shown
    assert "Traceback" not in shown
    assert english in base.match(*arguments, "--language", "en", exit_code=2)


def test_a_bare_id_of_two_records_is_the_one_of_the_other_record_s_kind(base: Base) -> None:
    """A company and a contact may have one number; with a company beside it the company is meant."""
    base.learn(account("hubspot:companies:1254", "みどり電機"), person("hubspot:contacts:1254", "緑 一郎"))
    assert base.document("explain", "1254", "001SAKURA")["kind"] == "account"
    assert base.document("explain", "003TARO", "1254")["kind"] == "person"
    told = base.match("show", "1254", exit_code=2)
    assert "hubspot:companies:1254, hubspot:contacts:1254" in told
    assert "hubspot:companies:1254" in base.match("explain", "1254", "001SAKURA").replace("\n", "")


def test_show_tells_what_links_a_record(base: Base) -> None:
    """Each member with the surest pair, its findings, rules and time; and what else looks like it."""
    shown = base.match("show", ACME)
    for part in ("㈱アクメ", KABU, "住所が番地まで同じです", "規則"):
        assert part in shown
    found = base.document("show", KABU)
    assert {member["ref"] for member in found["members"]} == {ACME, KABU}
    assert all(member["link"]["rules"] and member["link"]["at"] for member in found["members"])
    lone = base.document("show", TOKYO)
    assert [other["state"] for other in lone["others"]] == ["doubtful"]
    assert "ほかのレコードと結びついていません" in base.match("show", TOKYO)


def test_a_record_can_be_taken_out_of_its_cluster_for_good(base: Base) -> None:
    """It is said to be different from each of the others; the next run does not bring them together again."""
    base.learn(account("hubspot:companies:14", "㈱アクメ", address="東京都港区芝1-2-3", domain="acme.example.jp"))
    assert base.together(ACME, "hubspot:companies:14")
    found = base.document("split", KABU, "--yes", "--by", "花子")
    assert found["in_effect"] is True
    for _ in range(2):
        assert not base.together(ACME, KABU)
        assert base.together(ACME, "hubspot:companies:14")
        with base.store.begin() as tx:
            unmatched.add_all(tx, RECORDS[1].kind)
        base.learn()


def test_what_was_merged_in_the_vendor_goes_with_its_survivor(base: Base) -> None:
    """A tombstone is no answer of its own: only living records are said to be different."""
    gone = account("hubspot:companies:10", "㈱アクメ", deleted=True, same_as=(Ref.parse(KABU),))
    base.learn(gone)
    assert base.together(str(gone.ref), ACME)
    base.match("split", KABU, "--yes")
    assert base.together(str(gone.ref), KABU)
    assert not base.together(str(gone.ref), ACME)


def test_the_overview_counts_companies_and_people(base: Base) -> None:
    """Two companies are one, two pairs of companies and one of people are doubtful."""
    found = base.document("list")
    assert (found["account"]["linked"], found["account"]["groups"], found["account"]["doubtful"]) == (2, 1, 2)
    assert found["person"]["doubtful"] == 1
    assert "名寄せの状況" in base.match("list")


def test_at_a_terminal_one_pair_after_the_other_is_asked_about(base: Base) -> None:
    """Japanese and English answers, a word that is not understood, undo, and the end of the questions."""
    shown = at_a_terminal(base, "よくわからない", "同", "u", "別", "later", "後で")
    assert "残り 3 組" in shown
    assert "取り消しました" in shown
    assert "今回の回答: 1 組(ほかに後回し 2 組)" in shown
    assert "[大阪府" in shown
    with base.store.read() as tx:
        said = list(verdicts.of(tx, [TOKYO, OSAKA, IRON, STEEL, TARO, TAROU]).values())
    assert sorted(verdict.answer.value for verdict in said) == ["different", "later", "later"]
    assert {verdict.by for verdict in said} == {"花子"}


def test_at_a_terminal_the_end_can_come_at_any_time(base: Base) -> None:
    """q ends without an answer, as does the end of input; undo with nothing answered does nothing."""
    shown = at_a_terminal(base, "u", "q", arguments=("--kind", "person", "--language", "en"))
    assert "There is nothing to undo." in shown
    assert "Answered now: 0" in shown
    at_a_terminal(base, "\x04", arguments=("--limit", "1"))
    with base.store.read() as tx:
        assert verdicts.of(tx, [TOKYO, OSAKA, IRON, STEEL, TARO, TAROU]) == {}


@pytest.mark.parametrize(("answer", "leaves"), [("はい", True), ("n", False), ("\x04", False)])
def test_at_a_terminal_a_record_leaves_its_cluster_only_if_somebody_agrees(
    base: Base, answer: str, leaves: bool
) -> None:
    """Another word, or the end of the input, leaves all as it is."""
    shown = at_a_terminal(base, answer, of=("split", ACME), prompt=b"[y/N]?")
    assert ("何も変えていません。" in shown) is not leaves
    assert base.together(ACME, KABU) is not leaves


def test_the_piped_list_marks_what_differs_and_pads_nothing(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapped reason stands under its beginning."""
    monkeypatch.setenv("COLUMNS", "70")
    lines = base.match("review").splitlines()
    assert any("[高]橋 [智子]  hubspot:contacts:21" in line for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []
    first = next(place for place, line in enumerate(lines) if "└所在地が離れている" in line)
    assert lines[first + 1].startswith(" " * cell_len(f"{lines[first].partition('└')[0]}└"))
    assert lines[first + 1].endswith("の可能性)")


def test_what_the_terminal_cannot_show_is_escaped(base: Base) -> None:
    """Instead of a failure."""
    command_line = [sys.executable, "-m", "connector.cli", "match", "review", "--limit", "1", "--quiet"]
    command_line += ["--project-dir", str(base.folder), "--now", AT.isoformat()]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command_line, env=environment, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert rb"\u3072\u304b\u308a" in ended.stdout
