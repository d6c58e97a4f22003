"""Telephone numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.identity.phone import phones


def numbers(text: str) -> list[str]:
    """The E.164 forms found in a text."""
    return [phone.number for phone in phones(text)]


@pytest.mark.parametrize(
    "typed",
    [
        "03-1234-5679",
        "０３－１２３４－５６７９",
        "(03)1234-5679",
        "+81-3-1234-5679",
        "+81 (0)3 1234 5679",
        "03 1234 5679(代)",
        "０３（１２３４）５６７９（代表）",
        "0312345679",
        "03ー1234ー5679",
    ],
)
def test_one_number_in_any_spelling_is_one(typed: str) -> None:
    """Width, brackets, country code and switchboard marks do not make another number."""
    assert numbers(typed) == ["+81312345679"]


def test_an_extension_is_kept_apart_from_the_number() -> None:
    """Two people behind one switchboard have the number, not the extension, in common."""
    (phone,) = phones("03-1234-5679 内線 12")
    assert (phone.number, phone.extension) == ("+81312345679", "12")


def test_a_switchboard_and_a_toll_free_number_are_shared() -> None:
    """（代） and 0120 belong to a firm, a bare line may be a desk's."""
    assert [phone.shared for phone in phones("03-1234-5679（代）/ 0120-345-679 / 03-1234-5670")] == [True, True, False]


@pytest.mark.parametrize("typed", ["090-1234-5679", "+81 80-1234-5679", "07012345679"])
def test_a_mobile_number_is_told_from_a_line(typed: str) -> None:
    """A mobile number is a person's own."""
    assert phones(typed)[0].mobile
    assert not phones("03-1234-5679")[0].mobile


@pytest.mark.parametrize("typed", ["", "-", "不明", "000-0000-0000", "03-0000-0000", "1", "ext 5", "03-1234"])
def test_what_stands_for_no_number_is_none(typed: str) -> None:
    """Placeholders would otherwise make one person of all who have them."""
    assert phones(typed) == ()


def test_a_foreign_number_keeps_its_country() -> None:
    """Only numbers without a country are Japanese."""
    assert numbers("+1 415 555 2671") == ["+14155552671"]


@given(st.text(max_size=40))
def test_any_text_can_be_read_and_its_numbers_are_stable(text: str) -> None:
    """A number that was found is found again in its own normal form."""
    for phone in phones(text):
        assert numbers(phone.number) == [phone.number]


@pytest.mark.parametrize("typed", ["0800-123-4321", "+81 800 123 4321"])
def test_a_toll_free_number_is_no_mobile(typed: str) -> None:
    """0800 begins like 080."""
    (phone,) = phones(typed)
    assert phone.shared
    assert not phone.mobile


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("03-3452-6789 (090-2345-6781)", ["+81334526789", "+819023456781"]),
        ("090-2345-6781 03-3452-6789", ["+819023456781", "+81334526789"]),
        ("03-3452-6789（携帯090-2345-6781）", ["+81334526789", "+819023456781"]),
        ("+81-3-5217-4321 +81-90-2345-6781", ["+81352174321", "+819023456781"]),
        ("03-1234-5679 内線 12 090-2345-6781", ["+81312345679", "+819023456781"]),
        ("+1 415 555 2671 03-3452-6789", ["+81334526789"]),
    ],
)
def test_several_numbers_in_one_field_are_several(typed: str, found: list[str]) -> None:
    """Whatever stands between them, and not one long number."""
    assert numbers(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("TEL 03-3452-6789 FAX 03-3452-6780 携帯 090-2345-6781", ["+81334526789", "+819023456781"]),
        ("03-3452-6789(TEL) 03-3452-6780(FAX)", ["+81334526789"]),
        ("FAX 03-3452-6780", []),
        ("Fax: +1 415 555 2671", []),
        ("TEL/FAX 03-3452-6789", ["+81334526789"]),
        ("電話・FAX：03-3452-6789", ["+81334526789"]),
    ],
)
def test_a_fax_is_no_line_unless_it_is_both(typed: str, found: list[str]) -> None:
    """A whole building may share one."""
    assert numbers(typed) == found


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        *(("03-5217-4321〜4325", "+81352174321"), ("03-5217-4321～25", "+81352174321")),
        *(("0081-3-5217-4321", "+81352174321"), ("010-81-3-5217-4321", "+81352174321")),
        *(("+81+90-2345-6781", "+819023456781"), ("090-2345-6781.0", "+819023456781")),
        *(("9023456781.0", "+819023456781"), ("03-5217-4321 (10:00-18:00)", "+81352174321")),
        *(("〒530-0123 06-1234-5698", "+81612345698"), ("010-82-2-1234-5698", "+82212345698")),
    ],
)
def test_what_stands_around_a_number_is_no_part_of_it(typed: str, number: str) -> None:
    """Further lines, hours, postal codes, the dialling of another country, what a spreadsheet adds."""
    assert numbers(typed) == [number]


def test_a_fourth_part_is_an_extension() -> None:
    """A Japanese number has three."""
    (phone,) = phones("03-3452-6789-123")
    assert (phone.number, phone.extension) == ("+81334526789", "123")


@pytest.mark.parametrize(
    ("typed", "shared"),
    [
        ("03-1111-2223（代） 090-2345-6781", [True, False]),
        ("代表 03-1111-2223 直通 03-3333-4445", [True, False]),
        ("直通 03-1111-2223 代表 03-3333-4445", [False, True]),
    ],
)
def test_each_of_several_numbers_has_its_own_switchboard_mark(typed: str, shared: list[bool]) -> None:
    """In brackets behind it, or before it."""
    assert [phone.shared for phone in phones(typed)] == shared


@given(st.text(alphabet="0123456789+-() .〜代内線faxtel０９", max_size=60))
def test_numbers_of_any_make_are_stable(text: str) -> None:
    """Each is found again in its own normal form, alone."""
    for phone in phones(text):
        assert numbers(phone.number) == [phone.number]
