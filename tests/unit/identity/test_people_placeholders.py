"""What is hardly a name, and what stands for a firm: nothing of it links two people by itself."""

import pytest

from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
TOYOTA = {"company_name": "トヨタ自動車株式会社", "phone": "03-1234-5679(代)"}


def compared(one: dict[str, str], two: dict[str, str]) -> Pair:
    """The two as a pair."""
    left, right = (MATCHING.normalised(Individual(ref=ref, **fields)) for ref, fields in (("1", one), ("2", two)))
    return MATCHING.compared(left, right)


@pytest.mark.parametrize(
    "typed",
    [
        *({field: "佐藤"} for field in ("full_name", "family", "given", "family_kana", "kana")),
        {"full_name": "田中部長"},
        {"full_name": "佐藤様"},
        {"full_name": "サトウ"},
        *({"family": "早川", "given": given} for given in ("不明", "様", "？", "○○", "〇〇", "担当", "部長")),
        {"full_name": "山田○○"},
        {"full_name": "山田〇〇"},
        {"full_name": "佐久間"},
        {"full_name": "小山田"},
        {"full_name": "勘解由小路"},
        {"full_name": "太郎"},
    ],
    ids=str,
)
def test_half_a_name_in_one_firm_is_not_enough(typed: dict[str, str]) -> None:
    """However often it is typed so, and though switchboard and shared mailbox are the same."""
    one = {**typed, **TOYOTA, "mail": "info@toyota.co.jp"}
    assert compared(one, one | {"title": "部長"}).alone is not Outcome.AUTO
    assert "whole" not in {piece.field for piece in compared(one, one).evidence}


@pytest.mark.parametrize("typed", ["服部健太郎", "高橋隼幸", "勘解由小路資承", "タカハシリンタロウ", "佐々木朗希"])
def test_a_whole_name_in_one_field_is_a_whole_name(typed: str) -> None:
    """It parts into a family name and a rest, or is too long for a family name."""
    pair = compared({"full_name": typed, **TOYOTA}, {"full_name": typed, **TOYOTA})
    assert "person.whole.same" in {piece.kind for piece in pair.evidence}


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "個人",
            "フリーランス",
            "不明",
            "なし",
            "学生",
            "大学生",
            "主婦",
            "無職",
            "N/A",
            "-",
            "株式会社",
            "○○株式会社",
        ),
        *(
            "株式会社〇〇",
            "Self-employed",
            "個人事業主",
            "無所属",
            "退職",
            "転職活動中",
            "株式会社 不明",
            "個人(フリーランス)",
        ),
    ],
)
def test_what_stands_for_no_company_is_none(typed: str) -> None:
    """Thousands of 個人 are not colleagues."""
    one = {"family": "早川", "given": "凛", "company_name": typed}
    pair = compared(one, one | {"title": "部長"})
    assert pair.alone is not Outcome.AUTO
    assert "company" not in {piece.field for piece in pair.evidence}
    assert not [key for key in MATCHING.keys(MATCHING.normalised(Individual(ref="1", **one))) if key.startswith("at:")]


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "退職者",
            "退職済",
            "後任",
            "前任者",
            "新担当",
            "先方担当者",
            "Web担当",
            "システム管理者",
            "管理者",
            "事務員",
            "社員",
        ),
        *(
            "スタッフ",
            "名前なし",
            "氏名不明",
            "未確認",
            "確認中",
            "連絡先不明",
            "削除",
            "重複",
            "御中",
            "殿",
            "デモ太郎",
            "サンプル太郎",
        ),
        *("テスト太郎", "総務G", "第一営業部", "DX推進室", "本社", "大阪支店", "東京営業所"),
        *("総務部総務課", "先生", "空白", "下の名前不明", "ー", "メルマガ会員", "LINE友だち", "hoge hoge"),
        *("株式会社アクメ", "アクメ㈱", "taro@acme.co.jp", "https://www.acme.co.jp/", "www.acme.co.jp"),
    ],
)
def test_what_is_nobodys_name_is_none(typed: str) -> None:
    """Offices, notes, companies and addresses are typed where the name belongs."""
    name = MATCHING.normalised(Individual(ref="1", full_name=typed)).name
    assert not name.whole


def test_the_company_in_the_name_field_is_nobody() -> None:
    """The name of the firm says nothing of the person; a family name after which the firm is called does."""
    acme = Individual(ref="1", full_name="トヨタ自動車", company_name="トヨタ自動車株式会社")
    assert not MATCHING.normalised(acme).name.whole
    assert MATCHING.normalised(Individual(ref="1", full_name="本田", company_name="株式会社本田")).name.whole


@pytest.mark.parametrize(
    "typed", ["アクメ株式会社 山田太郎", "山田太郎(アクメ株式会社)", "山田太郎 taro@acme.jp", "(株)アクメ 山田太郎"]
)
def test_a_company_beside_the_name_leaves_the_name(typed: str) -> None:
    """As signatures are pasted."""
    assert MATCHING.normalised(Individual(ref="1", full_name=typed)).name.whole.written == "山田太郎"
