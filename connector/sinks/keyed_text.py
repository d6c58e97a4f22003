"""Finds an idempotency key in a text that people see and may have written around: a line `管理番号: <key>`.

Used by the look-up where a system has no field for the key. Texts may be HTML, as HubSpot keeps them.
"""

import html
import re

_BEFORE_KEY = frozenset(" \t:：　\xa0")
_LINE_END = re.compile(r"<br\b[^>]*>|</(?:p|div|li|h\d|tr)\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^>]*>")


def holds_key(text: str, key: str) -> bool:
    """Whether a line of this text, plain or HTML, ends with the key as a word of its own."""
    return any(_ends_with(line.strip(), key) for version in (text, plain(text)) for line in version.splitlines())


def plain(text: str) -> str:
    """HTML as the text that people see; a text without tags stays as it is, but for entities."""
    return html.unescape(_TAG.sub("", _LINE_END.sub("\n", text)))


def _ends_with(line: str, key: str) -> bool:
    return line == key or (line.endswith(key) and line[-len(key) - 1] in _BEFORE_KEY)
