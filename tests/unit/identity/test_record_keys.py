"""Sure keys: who is the same person without any guess."""

from datetime import UTC, datetime

import pytest

from connector.identity.keys import normalised_address, record_keys
from connector.model.records import Account, Person, Ref

NOW = datetime(2026, 11, 18, tzinfo=UTC)


def person(**values: object) -> Person:
    """A HubSpot contact."""
    return Person.model_validate({"ref": Ref("hubspot", "contacts", "7"), "modified_at": NOW, **values})


def test_a_record_is_known_by_its_own_id_and_every_id_it_names_as_itself() -> None:
    """Vendor ids that one system holds of the other are sure keys."""
    twin = Ref("salesforce", "Contact", "0035g00000AAAAAAA0")
    assert record_keys(person(same_as=(twin,))) == {"id:hubspot:contacts:7", f"id:{twin}"}


def test_the_same_mailbox_typed_differently_is_one_key() -> None:
    """Full-width letters, case, spaces and invisible characters do not make another person."""
    spellings = [
        "taro@acme.co.jp",
        " Taro@ACME.co.jp\u3000",
        "ｔａｒｏ＠ａｃｍｅ．ｃｏ．ｊｐ",
        "\ufefftaro@acme.co.jp\u200b",
    ]
    assert {frozenset(record_keys(person(email=text))) for text in spellings} == {
        frozenset({"id:hubspot:contacts:7", "mail:taro@acme.co.jp"})
    }


@pytest.mark.parametrize(
    "address", [None, "", "  ", "なし", "-", "taro@", "@acme.co.jp", "a@b", "a@b.jp, c@d.jp", "a b@c.jp", "x@y..jp"]
)
def test_an_empty_or_wrong_address_gives_no_key(address: str | None) -> None:
    """Else everybody with 「なし」 in the field would be one person."""
    assert normalised_address(address) is None
    assert record_keys(person(email=address)) == {"id:hubspot:contacts:7"}


def test_a_company_has_no_mail_key() -> None:
    """Only a person's address is a key; companies are linked by ids."""
    account = Account(ref=Ref("salesforce", "Account", "001"), modified_at=NOW, name="info@acme.co.jp")
    assert record_keys(account) == {"id:salesforce:Account:001"}
