"""The invocable action that rings somebody's bell in Salesforce: a custom notification.

Called by the application. A notification is no record that could be queried: it is seen in the world's journal alone,
as a `CustomNotification` that was created.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.salesforce.call import Call, answer
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.ids import normalise_id, salesforce_id
from connector.sandbox.salesforce.schema import object_of_id

ACTION: Final = "customNotificationAction"
NOTIFICATION: Final = "CustomNotification"
MAX_RECIPIENTS: Final = 500
LONGEST: Final[Mapping[str, int]] = {"title": 250, "body": 750}
Handler = Callable[[Call], Response]
Result = dict[str, Any]
_INPUTS: Final = (
    ("customNotifTypeId", "REFERENCE", True),
    ("recipientIds", "REFERENCE", True),
    ("senderId", "REFERENCE", False),
    ("title", "STRING", True),
    ("body", "STRING", True),
    ("targetId", "REFERENCE", False),
    ("targetPageRef", "STRING", False),
)


def routes() -> tuple[tuple[str, Mapping[str, Handler]], ...]:
    return ((f"/actions/standard/{ACTION}", {"GET": describe, "POST": partial(notify, count(1))}),)


def describe(call: Call) -> Response:
    """GET: what the action takes."""
    call.name("describeAction")
    inputs = [
        {"name": name, "type": kind, "required": required, "maxOccurs": MAX_RECIPIENTS if name == "recipientIds" else 1}
        for name, kind, required in _INPUTS
    ]
    outputs = [{"name": "SuccessMessage", "type": "STRING", "maxOccurs": 1}]
    label = "Send Custom Notification"
    return answer({"name": ACTION, "label": label, "standard": True, "inputs": inputs, "outputs": outputs})


def notify(numbers: "count[int]", call: Call) -> Response:
    """POST {"inputs": [{customNotifTypeId, recipientIds, title, body, targetId | targetPageRef}]}: one result each.

    HTTP 200 when all were sent, 400 when none was, 207 in between.
    """
    call.name(ACTION)
    inputs = call.json_object().get("inputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) for one in inputs):
        raise SalesforceError(400, "INVALID_INPUT", "inputs must be a list of objects")
    results = [_one(numbers, call, given) for given in inputs]
    sent = sum(result["isSuccess"] for result in results)
    return answer(results, 200 if sent == len(results) else 207 if sent else 400)


def _one(numbers: "count[int]", call: Call, given: Mapping[str, Any]) -> Result:
    try:
        after = _checked(call, given)
    except SalesforceError as error:
        return _result(errors=[error.row()])
    with call.world.lock:
        record_id = salesforce_id("0Mn", next(numbers))
        call.world.record("salesforce", "create", NOTIFICATION, record_id, ({}, after, call.user_id))
    return _result({"SuccessMessage": "Your custom notification is processed successfully."})


def _result(outputs: dict[str, str] | None = None, errors: list[Result] | None = None) -> Result:
    return {"actionName": ACTION, "errors": errors, "isSuccess": errors is None, "outputValues": outputs}


def _checked(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """The notification as it is sent."""
    if not call.org.may_notify:
        message = "You do not have the permission Send Custom Notifications."
        raise SalesforceError(403, "INSUFFICIENT_ACCESS", message)
    for name, kind, required in _INPUTS:
        if required and not given.get(name):
            message = f"Missing required input parameter: {name}"
            raise SalesforceError(400, "REQUIRED_FIELD_MISSING", message, (name,))
        if kind == "STRING" and not isinstance(given.get(name, ""), str):
            raise SalesforceError(400, "INVALID_TYPE", f"{name} must be a string", (name,))
    for name, longest in LONGEST.items():
        if len(given[name]) > longest:
            message = f"{name}: data value too large: (max length={longest})"
            raise SalesforceError(400, "STRING_TOO_LONG", message, (name,))
    type_id = _existing(call, "customNotifTypeId", given["customNotifTypeId"], "CustomNotificationType")
    after = {
        "customNotifTypeId": type_id,
        "recipientIds": _recipients(call, given["recipientIds"]),
        "title": given["title"],
        "body": given["body"],
    }
    return after | _target(call, given)


def _recipients(call: Call, ids: Any) -> list[str]:
    if not isinstance(ids, list) or len(ids) > MAX_RECIPIENTS:
        message = f"recipientIds must be a list of up to {MAX_RECIPIENTS} ids"
        raise SalesforceError(400, "INVALID_INPUT", message, ("recipientIds",))
    return [_existing(call, "recipientIds", one, "User") for one in ids]


def _target(call: Call, given: Mapping[str, Any]) -> dict[str, str]:
    if given.get("targetId"):
        return {"targetId": _existing(call, "targetId", given["targetId"], None)}
    if given.get("targetPageRef"):
        return {"targetPageRef": given["targetPageRef"]}
    message = "You must specify either a targetId or a targetPageRef"
    raise SalesforceError(400, "REQUIRED_FIELD_MISSING", message, ("targetId",))


def _existing(call: Call, name: str, value: Any, object_: str | None) -> str:
    """The full id of a record that is there; of this object, if one is named."""
    full = normalise_id(value) if isinstance(value, str) else None
    found = object_of_id(full) if full else None
    row = call.world.get("salesforce", found, full) if full and found and object_ in {None, found} else None
    if full is None or row is None or row.get("IsDeleted"):
        raise SalesforceError(400, "INVALID_ID_FIELD", f"Invalid ID in {name}: {value}", (name,))
    return full
