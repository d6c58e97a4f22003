"""What an alert's text becomes in each channel: whatever stands in a CRM stays text."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clients.messenger import Form, Format
from connector.sinks.alerts_text import CUT, composed, fitting, one_line, without_hashtags

LINK = (("Salesforceで開く", "https://acme.my.salesforce.com/lightning/r/Opportunity/006A/view"),)
HOSTILE = "㈱<!channel> <@U123> [見積](https://evil.example) <at>全員</at> **太字** @here\n- 一覧\n1. 番号 <b>&amp;</b>"
PIECES = [*"ab \n\r\t<>&@#*_[]()`\\-1.~|!\x00\u202e\u2028長", "@channel", "</b>", "](https://evil.example)"]
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
forms = st.builds(Form, st.sampled_from(Format), st.just(250), st.integers(300, 2_000))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_mail_shows_markup_as_text() -> None:
    """The only elements are our line ends and our link."""
    title, body = composed(Form(Format.HTML, 250, 30_000), HOSTILE, HOSTILE, LINK)
    parsed = _Tags()
    parsed.feed(body)
    assert set(parsed.tags) == {"br", "a"}
    assert "<!channel> <@U123> [見積]" in parsed.text
    assert "\n" not in title
    assert "&lt;" not in title


def test_a_card_shows_markdown_as_text() -> None:
    """No link, no mention, no list and no emphasis but ours; in the title too."""
    title, body = composed(Form(Format.MARKDOWN, 250, 1_000), HOSTILE, HOSTILE, LINK)
    assert "](https://evil" not in body.replace("\\](", "")
    assert "<at>" not in body + title
    assert "**" not in body
    assert "\n\n\\- 一覧\n\n\\1. 番号" in body
    assert body.endswith(f"[Salesforceで開く](<{LINK[0][1]}>)")
    assert "\\[見積\\]" in title


def test_plain_text_calls_nobody() -> None:
    """Some channels read @here and @channel even in plain text."""
    _, body = composed(Form(Format.TEXT, 250, 1_000), "t", "@here @channel @everyone ＠all taro@example.co.jp", LINK)
    assert not re.search(r"[@＠](here|channel|everyone|all)", body)
    assert "taro@example.co.jp" in body
    assert body.endswith(f"\nSalesforceで開く: {LINK[0][1]}")


def test_a_channel_without_titles_gets_the_title_as_its_first_line() -> None:
    """Nothing of the alert is lost."""
    assert composed(Form(Format.TEXT, 0, 500), "解約予兆", "至急", ()) == ("", "解約予兆\n至急")


def test_what_is_too_long_is_cut_and_the_link_stays() -> None:
    """The limit counts what is sent, after escaping."""
    title, body = composed(Form(Format.MARKDOWN, 20, 300), "*" * 100, "*" * 5_000, LINK)
    assert len(title) <= 20
    assert len(body) <= 300
    assert body.endswith(f"(<{LINK[0][1]}>)")
    assert CUT in body


@given(forms, texts, texts)
def test_no_text_breaks_out(form: Form, title: str, body: str) -> None:
    """Within the lengths, one line of title, no control characters; markup is markup of ours alone."""
    heading, text = composed(form, title, body, LINK)
    assert len(heading) <= form.title
    assert len(text) <= form.body
    assert not re.search(r"[\n\r\x00-\x08\u202e\u2028]", heading)
    assert not re.search(r"[\x00-\x08\r\u202e\u2028]", text)
    own = text[: text.rindex("\n")] if "\n" in text else ""
    if form.format is Format.HTML:
        parsed = _Tags()
        parsed.feed(own)
        assert set(parsed.tags) <= {"br"}
    if form.format is Format.MARKDOWN:
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]<>~]", own)


@given(texts, st.integers(1, 40))
def test_as_much_as_fits_is_kept(text: str, most: int) -> None:
    """One character more would have been too many."""
    shaped = fitting(text, html.escape, most)
    assert len(shaped) <= most
    if len(html.escape(text)) <= most:
        assert shaped == html.escape(text)


@pytest.mark.parametrize(
    ("given_", "line"), [("a\r\nBcc: x", "a Bcc: x"), (" a\x00b\u202ec ", "abc"), ("一\u2028二", "一 二")]
)
def test_a_header_is_one_line(given_: str, line: str) -> None:
    """Nothing starts another header."""
    assert one_line(given_) == line


def test_chatter_makes_no_topics_of_our_texts() -> None:
    """A product called #1 is no topic; the text stays as long as it was."""
    assert without_hashtags("#1 と C# と ＃済") == "＃1 と C# と ＃済"
