"""An alert's text as one channel reads it: nothing that came out of a CRM can call people, link, or change the layout.

Used by the sink of alerts and by the posts in Salesforce. Pure.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Sequence

from connector.clients.messenger import Form, Format

CUT = "…"
JOINER = "\u2060"
"""Takes no room and keeps its neighbours from being read as one word with a meaning."""

_CALLS = re.compile(r"([@＠])(?=(?:all|channel|everyone|here|team)\b)", re.IGNORECASE)
_HASHTAG = re.compile(r"#(?=\w)")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>~#|])")
_LIST = re.compile(r"^(\s*)([-+](?=\s)|\d+(?=[.)]\s))", re.MULTILINE)
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of what follows, so that a text shows something else than it says."""

Links = Sequence[Sequence[str]]
"""(label, address) of each."""


def composed(form: Form, title: str, body: str, links: Links) -> tuple[str, str]:
    """Title and body in the channel's format, escaped and within its lengths; the links are never cut."""
    escape, line_end = _WAYS[form.format]
    heading = fitting(_calling_nobody(one_line(title)), _title_of(form), form.title) if form.title else ""
    tail = line_end.join(_link(form.format, label, url) for label, url in links)
    tail = f"{line_end}{tail}" if tail else ""
    text = _calling_nobody(visible(body) if heading or not title else f"{one_line(title)}\n{visible(body)}")

    def shaped(part: str) -> str:
        return line_end.join(escape(line) for line in part.split("\n"))

    return heading, fitting(text, shaped, max(form.body - len(tail), 0)) + tail


def visible(text: str) -> str:
    """Without control characters and turned directions, lines ended by a line feed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = (one for one in lines if one in "\n\t" or not (unicodedata.category(one) == "Cc" or one in _OVERRIDES))
    return "".join(kept)


def one_line(text: str) -> str:
    """The same as one line, for what goes into a header."""
    return " ".join(visible(text).split())


def without_hashtags(text: str) -> str:
    """A text in which Chatter finds no topics: it makes one of every #word, whoever wrote it. As long as before."""
    return _HASHTAG.sub("＃", text)


def _calling_nobody(text: str) -> str:
    """A text whose @channel and the like are words: some channels read them even where nothing marks them."""
    return _CALLS.sub(rf"\1{JOINER}", text)


def fitting(text: str, shape: Callable[[str], str], most: int) -> str:
    """`shape` of the text, or of so much of it that the result has at most `most` characters."""
    if len(shape(text)) <= most:
        return shape(text)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if len(shape(text[:middle].rstrip() + CUT)) <= most:
            low = middle
        else:
            high = middle - 1
    return shape(text[:low].rstrip() + CUT)[:most]


def _title_of(form: Form) -> Callable[[str], str]:
    """A title is plain text in a mail's subject and for Slack, which escapes it itself; a card reads it as Markdown."""
    return _markdown if form.format is Format.MARKDOWN else str


def _markdown(text: str) -> str:
    return _LIST.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", text))


def _link(form: Format, label: str, url: str) -> str:
    match form:
        case Format.HTML:
            return f'<a href="{html.escape(url)}">{html.escape(label)}</a>'
        case Format.MARKDOWN:
            return f"[{_markdown(label)}](<{url}>)"
        case Format.TEXT:
            return f"{label}: {url}"


_WAYS: dict[Format, tuple[Callable[[str], str], str]] = {
    Format.TEXT: (str, "\n"),
    Format.HTML: (html.escape, "<br/>\n"),
    Format.MARKDOWN: (_markdown, "\n\n"),
}
"""How a line is escaped, and how lines are parted. What takes plain text is escaped by the library where it must be."""
