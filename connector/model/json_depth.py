"""How deeply a JSON text may be nested. Told before it is parsed: a parser that fills the stack takes others along.

The standard parser ends a text without bounds by RecursionError. Whatever the garbage collector finalises until then
runs on a full stack too, fails, and is lost: connections that nobody closes any more.
"""

import re
from itertools import accumulate

DEEPEST = 64
"""Levels. Both vendors' answers have fewer than ten, the filters of a HubSpot list about twenty."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = [0] * 256
for _opening, _closing in zip(b"[{", b"]}", strict=True):
    _STEPS[_opening], _STEPS[_closing] = 1, -1


def is_too_deep(text: str | bytes) -> bool:
    """Whether a JSON text has more than DEEPEST lists and objects within each other. Linear in its length."""
    if isinstance(text, str):
        text = text.encode(errors="surrogatepass")
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    brackets = _STRING.sub(b"", text).translate(None, _ALL_BUT_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > DEEPEST
