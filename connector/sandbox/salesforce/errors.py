"""Refusals of the Salesforce API in the vendor's shape: a list of {message, errorCode, fields}.

Raised by every Salesforce room of the sandbox; turned into an answer by the application, or into a row of a
collection's result.
"""

from collections.abc import Sequence
from typing import Any


class SalesforceError(Exception):
    """One refusal: HTTP status, the vendor's code and message, and the fields at fault."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = tuple(fields)

    def body(self) -> list[dict[str, Any]]:
        """The whole answer; `fields` is there when the refusal concerns fields of a record."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields or self.code in _WITH_FIELDS:
            error["fields"] = list(self.fields)
        return [error]

    def row(self) -> dict[str, Any]:
        """The same inside a collection's result, where the code is called `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


_WITH_FIELDS = frozenset({"DUPLICATE_VALUE", "INACTIVE_OWNER_OR_USER", "ENTITY_IS_DELETED", "MALFORMED_ID"})


def not_found() -> SalesforceError:
    return SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
