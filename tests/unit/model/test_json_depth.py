"""How deeply a JSON text is nested is told without parsing it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.json_depth import DEEPEST, is_too_deep

VALUES = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\あ', max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('[]{}"\\', max_size=3), inner, max_size=4),
    max_leaves=20,
)


def depth(value: object) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def wrapped(value: object, levels: int) -> object:
    for level in range(levels):
        value = ["]", value, 5] if level % 2 else {"[": "\\", '"}': value}
    return value


@given(VALUES, st.booleans())
def test_as_deep_as_is_taken_and_no_deeper(value: object, ascii_only: bool) -> None:
    levels = DEEPEST - depth(value)
    for more in (0, 1):
        text = json.dumps(wrapped(value, levels + more), ensure_ascii=ascii_only)
        assert is_too_deep(text) == is_too_deep(text.encode()) == (more == 1)


@pytest.mark.parametrize("text", ["[" * 65, "[" * 65 + "]" * 70, "{" * 65 + '"', '"a"' + "[1," * 65])
def test_a_broken_text_has_a_depth_too(text: str) -> None:
    assert is_too_deep(text)


@pytest.mark.parametrize("text", ["", '"' + "[" * 99, "]" * 99, "[]" * 99, '"\udcff"' + "{}" * 99, '"\\"' + "[" * 99])
def test_brackets_that_are_not_nested(text: str) -> None:
    assert not is_too_deep(text)
