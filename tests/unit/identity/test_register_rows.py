"""What the rows of a register say, and what is known of a company after all of them."""

import csv
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.identity.corporate_number import check_digit
from connector.identity.reference import Registered, merged
from connector.identity.reference_rows import (
    PUBLICATION,
    Gone,
    Layout,
    fields_given,
    layout_by_places,
    layout_of,
    publication_layout,
)
from connector.model.errors import ConfigurationError, SkipRecord

NUMBER = "7000012050002"
NAMES = ("アクメ", "旧アクメ", "新アクメ", "")


def folded(rows: list[Registered], known: Registered | None = None) -> Registered | None:
    """What is known after these rows."""
    for row in rows:
        known = merged(known, row)
    return known


def published(**values: str) -> list[str]:
    """One row of the publication."""
    row = dict.fromkeys(PUBLICATION, "")
    row |= {"corporateNumber": NUMBER, "name": "株式会社アクメ", "latest": "1", "process": "01", "hihyoji": "0"}
    row |= {
        "prefectureName": "東京都",
        "cityName": "千代田区",
        "streetNumber": "霞が関３丁目１番１号",
        "postCode": "1000013",
    }
    return list((row | values).values())


def layout(*header: str, **given_: str) -> Layout:
    """The layout that a header tells."""
    found = layout_of(header, given_)
    assert found is not None
    return found


rows = st.builds(
    Registered,
    number=st.just(NUMBER),
    name=st.sampled_from(NAMES),
    kana=st.sampled_from(("", "アクメ", "キュウアクメ")),
    english=st.sampled_from(("", "Acme")),
    former_names=st.sampled_from(((), ("大昔商店",))),
    address=st.sampled_from(("", "東京都港区", "大阪市北区")),
    postal_code=st.sampled_from(("", "1000013")),
    told=st.sampled_from(("", "2019-01-01|0|", "2020-01-01|1|", "2021-01-01|1|")),
    closed_on=st.sampled_from(("", "2022-03-31")),
    hidden=st.booleans(),
)


@given(st.lists(rows, min_size=1, max_size=6))
def test_rows_that_come_again_give_no_other_names(told: list[Registered]) -> None:
    """A second load may fill a blank from a row whose name has come back; then nothing changes any more."""
    once = folded(told)
    twice = folded(told, once)
    assert once is not None
    assert twice is not None
    assert (twice.name, twice.former_names) == (once.name, once.former_names)
    assert folded(told, twice) == twice


@given(st.lists(rows.map(lambda row: row.model_copy(update={"name": row.name and "アクメ", "told": ""})), min_size=1))
def test_a_list_of_one_name_a_company_changes_nothing_the_second_time(told: list[Registered]) -> None:
    """The usual file."""
    once = folded(told)
    assert folded(told, once) == once


@given(
    st.lists(rows.filter(lambda row: row.name), min_size=1, max_size=6, unique_by=lambda row: row.told), st.randoms()
)
def test_dated_rows_give_one_name_in_any_order(told: list[Registered], shuffling: random.Random) -> None:
    """The row that was told last names the company; all other names are former ones."""
    told = [row.model_copy(update={"told": row.told or "2018-01-01||"}) for row in told]
    shuffled = list(told)
    shuffling.shuffle(shuffled)
    one, two = folded(told), folded(shuffled)
    assert one is not None
    assert two is not None
    assert one.name == two.name == max(told, key=lambda row: row.told).name
    assert one.former_names == two.former_names
    assert one.name not in one.former_names


def test_kana_and_english_do_not_outlive_the_name_they_belong_to() -> None:
    """A renamed company has not the kana of its old name."""
    known = Registered(number=NUMBER, name="アクメ", kana="アクメ", english="Acme", told="2019||", address="東京都港区")
    now = merged(known, Registered(number=NUMBER, name="新風", told="2020||"))
    assert (now.name, now.kana, now.english, now.former_names) == ("新風", "", "", ("アクメ",))
    assert now.address == "東京都港区"


def test_a_company_that_is_registered_again_is_open() -> None:
    """A later row without a day of closing (登記記録の復活) takes the day back; an untimed list does not."""
    closed = Registered(number=NUMBER, name="アクメ", told="2020|1|", closed_on="2020-03-31", successor=NUMBER)
    assert merged(closed, Registered(number=NUMBER, name="アクメ", told="2021|1|")).closed_on == ""
    assert merged(closed, Registered(number=NUMBER, name="アクメ", kana="アクメ")).closed_on == "2020-03-31"


def test_the_publications_rows_are_known_without_a_header() -> None:
    """Thirty columns, the second a valid 法人番号."""
    found = publication_layout(published(enName="Acme Inc.", furigana="アクメ", updateDate="2018-04-02"))
    assert found is not None
    assert found.publication
    row = found.read(published(enName="Acme Inc.", furigana="アクメ", updateDate="2018-04-02", changeDate="2015-10-05"))
    assert row == Registered(
        number=NUMBER,
        name="株式会社アクメ",
        kana="アクメ",
        english="Acme Inc.",
        address="東京都千代田区霞が関３丁目１番１号",
        postal_code="1000013",
        told="2018-04-02|1|2015-10-05",
    )
    assert publication_layout(published()[:-1]) is None
    assert publication_layout(published(corporateNumber="1234567890123")) is None


def test_the_publication_tells_closing_succession_hiding_and_deleting() -> None:
    """A closed company keeps its successor; one that was taken out is gone."""
    found = publication_layout(published())
    assert found is not None
    successor = f"{check_digit('010401012345')}010401012345"
    row = found.read(published(closeDate="2024-03-31", successorCorporateNumber=successor, hihyoji="1"))
    assert isinstance(row, Registered)
    assert (row.closed_on, row.successor, row.hidden) == ("2024-03-31", successor, True)
    assert found.read(published(process="99", name="")) == Gone(NUMBER)
    abroad = published(prefectureName="", cityName="", streetNumber="", addressOutside="アメリカ合衆国デラウェア州")
    row = found.read(abroad)
    assert isinstance(row, Registered)
    assert row.address == "アメリカ合衆国デラウェア州"


@pytest.mark.parametrize(
    "header",
    [
        ("法人番号", "商号又は名称", "フリガナ", "商号又は名称（英語表記）", "所在地", "郵便番号"),
        ("提出者法人番号", "提出者名", "提出者名（ヨミ）", "提出者名（英字）", "所在地", "郵便番号"),
        ("entity_id", "name", "kana", "name_en", "addr", "zip"),
        ("\ufeffCorporate Number", "Company Name", "Name Kana", "English Name", "ADDRESS", "Postal Code"),
    ],
)
def test_usual_headers_are_known(header: tuple[str, ...]) -> None:
    """Width, case, spaces and punctuation of a header do not matter."""
    row = layout(*header).read((NUMBER, "株式会社アクメ", "アクメ", "Acme", "東京都港区", "060-0001"))
    expected = Registered(
        number=NUMBER, name="株式会社アクメ", kana="アクメ", english="Acme", address="東京都港区", postal_code="0600001"
    )
    assert row == expected


def test_a_column_that_is_not_known_can_be_named() -> None:
    """By its header or its place; without header only by place."""
    row = ("x", f"T{NUMBER}", "アクメ")
    assert layout("a", "登録番号", "屋号", number="登録番号", name="3").read(row) == Registered(
        number=NUMBER, name="アクメ"
    )
    by_places = layout_by_places({"number": "2", "name": "3"})
    assert by_places is not None
    assert by_places.read(row) == Registered(number=NUMBER, name="アクメ")
    assert layout_of(("a", "登録番号", "屋号")) is None
    assert layout_of(("a", "b"), {"number": "登録番号"}) is None
    assert layout_by_places({"number": "登録番号", "name": "3"}) is None


def test_a_wrong_field_is_refused_with_those_that_there_are() -> None:
    """`--column` names the field and the column."""
    assert fields_given(["number=登録番号", "name = 屋号"]) == {"number": "登録番号", "name": "屋号"}
    for wrong in ("title=屋号", "name", "name="):
        with pytest.raises(ConfigurationError, match="number, name, kana"):
            fields_given([wrong])


def test_rows_of_one_name_each_are_gathered() -> None:
    """A list with `form` and `text`; typed forms are no register's."""
    found = layout("entity_id", "form", "text", "source")
    told = [
        ("kana", "アクメ"),
        ("ja", "株式会社アクメ"),
        ("ja_former", "旧アクメ"),
        ("en", "Acme"),
        ("ja_typed", "㈱アクメ"),
    ]
    read = [found.read((NUMBER, form, text, "")) for form, text in told]
    assert read[-1] is None
    known = folded([row for row in read if isinstance(row, Registered)])
    assert known == Registered(
        number=NUMBER, name="株式会社アクメ", kana="アクメ", english="Acme", former_names=("旧アクメ",)
    )


@pytest.mark.parametrize(
    ("number", "name", "problem"),
    [
        ("", "アクメ", "number_missing"),
        ("12345", "アクメ", "number_digits"),
        ("1234567890123", "アクメ", "number_check"),
        ("7.00001E+12", "アクメ", "number_excel"),
        (NUMBER, "", "name_missing"),
        (NUMBER, '=HYPERLINK("http://x")', "formula"),
        (NUMBER, "ア" * 1_001, "too_long"),
        (NUMBER, "ア\x00", "unreadable"),
        (NUMBER, "ア\udc81", "unreadable"),
        (NUMBER, True, "no_text"),
        (NUMBER, ["アクメ"], "no_text"),
        (NUMBER, b"\x83A", "no_text"),
        (float("nan"), "アクメ", "number_missing"),
    ],
)
def test_what_is_wrong_with_a_row_is_named(number: object, name: object, problem: str) -> None:
    """Each problem has a text of its own."""
    with pytest.raises(SkipRecord, match=f"^{problem}$"):
        layout("法人番号", "会社名").read((number, name))


@pytest.mark.parametrize(
    "number", [NUMBER, int(NUMBER), float(NUMBER), f'="{NUMBER}"', f"T{NUMBER}", "７０００-0120-50002"]
)
def test_a_number_is_read_however_it_is_written(number: object) -> None:
    """As text, number, spreadsheet's text formula, invoice number, full width, with hyphens."""
    assert layout("法人番号", "会社名").read((number, "アクメ")) == Registered(number=NUMBER, name="アクメ")


def test_several_former_names_stand_in_one_cell() -> None:
    """Parted by ; or 、 or a line."""
    row = layout("法人番号", "会社名", "旧商号").read((NUMBER, "アクメ", "旧アクメ；大昔商店\n旧アクメ"))
    assert isinstance(row, Registered)
    assert row.former_names == ("大昔商店", "旧アクメ")


def test_a_short_row_lacks_its_last_fields() -> None:
    """Whether that is a mistake is judged by the reader of the file."""
    assert layout("法人番号", "会社名", "住所").read((NUMBER, "アクメ")) == Registered(number=NUMBER, name="アクメ")


@pytest.mark.skipif(not Path("../shared/data/identity").exists(), reason="the shared data is not there")
@pytest.mark.parametrize("name", ["t1_typed_to_master/master.csv", "t2_edinet_to_register/register.csv"])
def test_real_registers_are_read_without_a_bad_row(name: str) -> None:
    """Headers of lists that people made."""
    with Path("../shared/data/identity", name).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        found = layout(*next(lines))
        assert all(isinstance(found.read(row), Registered) for _, row in zip(range(2_000), lines, strict=False))
