"""Mail addresses: what is one mailbox, however it was typed, and what is none."""

import pytest

from connector.identity.mail import normalised_address


@pytest.mark.parametrize(
    "spelling",
    [
        "taro@acme.co.jp",
        " Taro@ACME.co.jp\u3000",
        "ｔａｒｏ＠ａｃｍｅ．ｃｏ．ｊｐ",
        "\ufefftaro@acme.co.jp\u200b",
        "\u200etaro@acme.co.jp",
        *("taro@ acme.co.jp", "mailto:taro@acme.co.jp", "<taro@acme.co.jp>", "taro@acme.co.jp.", "taro @acme.co.jp"),
    ],
)
def test_the_same_mailbox_typed_differently_is_one(spelling: str) -> None:
    """Full-width letters, case, spaces and invisible characters do not make another person."""
    assert normalised_address(spelling) == "taro@acme.co.jp"


@pytest.mark.parametrize(
    "typed",
    [
        *("山田太郎 <t.yamada@x.co.jp>", '"山田, 太郎" <t.yamada@x.co.jp>', "山田　太郎＜t.yamada@x.co.jp＞"),
        *("t.yamada@x.co.jp(退職)", "t.yamada@x.co.jp（退職）", "t.yamada@x.co.jp (2024年まで)"),
        *("t.yamada@x.co.jp; b@y.jp", "なし；t.yamada@x.co.jp", "t.yamada@x.co.jp; "),
        "山田太郎 <t.yamada@x.co.jp>; 鈴木 <b@y.jp>",
    ],
)
def test_an_address_is_found_in_what_stands_around_it(typed: str) -> None:
    """Mail programs put a name before it and semicolons between several, people a remark behind it."""
    assert normalised_address(typed) == "t.yamada@x.co.jp"


@pytest.mark.parametrize(
    "address", [None, "", "  ", "なし", "-", "taro@", "@acme.co.jp", "a@b", "a@b.jp, c@d.jp", "a b@c.jp", "x@y..jp"]
)
def test_an_empty_or_wrong_address_is_none(address: str | None) -> None:
    """Else everybody with 「なし」 in the field would be one person."""
    assert normalised_address(address) is None


def test_every_dash_is_a_hyphen() -> None:
    """Typographers and telephones make others of it."""
    assert normalised_address("t\u2010yamada@acme\u2011k.jp") == "t-yamada@acme-k.jp"
