"""Whose mailbox an address is."""

import pytest

from connector.identity.mail import mailbox


@pytest.mark.parametrize(
    "address",
    [
        *("info@acme.jp", "Sales-Tokyo@acme.jp", "soumu@acme.jp", "info2@acme.jp", "no-reply@acme.jp", "hr@acme.jp"),
        *("kaikei@acme.jp", "keieikikaku@acme.jp", "honbu@acme.jp", "tantou@acme.jp", "jimusho@acme.jp"),
        *("kanribu@acme.jp", "soumuka@acme.jp", "eigyo-1ka@acme.jp", "soumu-g@acme.jp", "keiriteam@acme.jp"),
        *("contact-us@acme.jp", "madoguchi@acme.jp", "ec@acme.jp", "partners@acme.jp", "fax@acme.jp"),
    ],
)
def test_a_mailbox_named_after_a_task_is_nobodys_own(address: str) -> None:
    """Everybody in the department reads it."""
    box = mailbox(address)
    assert box is not None
    assert box.role


@pytest.mark.parametrize(
    "address", ["taro.yamada@acme.jp", "t-yamada@acme.jp", "tokyo.taro@acme.jp", "salesman@acme.jp", "tanaka@acme.jp"]
)
def test_a_mailbox_named_after_a_person_is_their_own(address: str) -> None:
    """A name beside a word for a place, or a word that only begins like a task, is a name."""
    box = mailbox(address)
    assert box is not None
    assert not box.role


def test_a_company_can_name_its_own_shared_mailboxes() -> None:
    """What is a person's name elsewhere can be a works' name here."""
    box = mailbox("himeji@acme.jp", more_roles=("himeji",))
    assert box is not None
    assert box.role


def test_case_width_and_tags_make_no_other_mailbox() -> None:
    """The part behind a plus sorts mail, it does not tell people apart."""
    boxes = [mailbox(address) for address in ("Taro@Acme.jp", "ｔａｒｏ@acme.jp", "taro+news@acme.jp")]
    assert {box.address for box in boxes if box} == {"taro@acme.jp"}
    assert None not in boxes


def test_dots_tell_no_mailboxes_of_gmail_apart() -> None:
    """Nor do its two domains; elsewhere they do. The words of the name stay as they were typed."""
    boxes = [mailbox(address) for address in ("taro.yamada85@gmail.com", "taroyamada85+a.b@googlemail.com")]
    assert {(box.address, box.local, box.domain) for box in boxes if box} == {
        ("taroyamada85@gmail.com", "taroyamada85", "gmail.com")
    }
    assert boxes[0] is not None
    assert boxes[0].words == ("taro", "yamada")
    assert mailbox("taro.yamada@acme.jp") != mailbox("taroyamada@acme.jp")


@pytest.mark.parametrize("address", [None, "", "taro", "taro@acme", "a@b.jp, c@d.jp", "なし"])
def test_what_is_no_address_is_no_mailbox(address: str | None) -> None:
    """A wrong address proves nothing."""
    assert mailbox(address) is None


@pytest.mark.parametrize("address", ["none@acme.jp", "nomail@acme.jp", "fumei@acme.jp", "unknown@acme.jp"])
def test_a_mailbox_that_was_made_up_is_nobodys_own(address: str) -> None:
    """Forms that want an address get one."""
    box = mailbox(address)
    assert box is not None
    assert box.role
