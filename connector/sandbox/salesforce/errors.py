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

    def body(self, base: str = "") -> list[dict[str, Any]]:
        """The whole answer; `fields` is there when the refusal concerns fields of a record.

        `base` is the path of the API version that was asked: answers that name records give their addresses.
        """
        del base
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields or self.code in _WITH_FIELDS:
            error["fields"] = list(self.fields)
        return [error]

    def row(self) -> dict[str, Any]:
        """The same inside a collection's result, where the code is called `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


_WITH_FIELDS = frozenset(
    {
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "DUPLICATE_VALUE",
        "ENTITY_IS_DELETED",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "INACTIVE_OWNER_OR_USER",
        "MALFORMED_ID",
    }
)


class DuplicatesDetected(SalesforceError):
    """A duplicate rule found records like this one; real answers spell the key `duplicateResut`.

    `allow_save` says whether the rule only alerts, so that the header allowSave=true would let the record through.
    """

    def __init__(self, object_: str, found: Sequence[str], rule: tuple[str, str, str], *, allow_save: bool) -> None:
        name, match_rule, message = rule
        super().__init__(400, "DUPLICATES_DETECTED", message)
        self._object = object_
        self._found = tuple(found)
        self._rule = name
        self._match_rule = match_rule
        self._allow_save = allow_save

    def body(self, base: str = "") -> list[dict[str, Any]]:
        result = {
            "allowSave": self._allow_save,
            "duplicateRule": self._rule,
            "duplicateRuleEntityType": self._object,
            "errorMessage": self.message,
            "matchResults": [
                {
                    "entityType": self._object,
                    "errors": [],
                    "matchEngine": "ExactMatchEngine",
                    "matchRecords": [self._match(record_id, base) for record_id in self._found],
                    "rule": self._match_rule,
                    "size": len(self._found),
                    "success": True,
                }
            ],
        }
        return [{"duplicateResut": result, "errorCode": self.code, "message": self.message}]

    def _match(self, record_id: str, base: str) -> dict[str, Any]:
        attributes = {"type": self._object, "url": f"{base}/sobjects/{self._object}/{record_id}"}
        return {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": attributes, "Id": record_id},
        }


def not_found() -> SalesforceError:
    return SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
