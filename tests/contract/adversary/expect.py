"""What every answer must leave unharmed: an error of ours, in words of ours, without a secret or a vendor's text."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector.clients.errors import AnswerLost
from connector.model.errors import OkoshiError

SECRETS = ("secret-token-of-ours", "secret-of-the-vendor", "山田")


def error_of(call: Callable[[], Any]) -> OkoshiError:
    """The error that `call` raises; it must be ours and tell no secret, nor may its causes."""
    with pytest.raises(OkoshiError) as caught:
        call()
    _tells_no_secret(caught.value)
    return caught.value


def outcome_of(call: Callable[[], Any]) -> Any:
    """What `call` answers, or the class of the error of ours that it raises."""
    try:
        return call()
    except OkoshiError as error:
        _tells_no_secret(error)
        return type(error)


def lost(call: Callable[[], Any]) -> AnswerLost:
    """The AnswerLost that `call` raises."""
    error = error_of(call)
    assert type(error) is AnswerLost
    return error


def _tells_no_secret(error: OkoshiError) -> None:
    told = " ".join(_chain(error))
    assert not [secret for secret in SECRETS if secret in told]


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{error} {error.args}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
