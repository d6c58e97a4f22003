"""Forms and what was sent with them.

Routed by `app`; the rows are written by the company generator and by people's acts.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.wire import Answer, Call

DEFAULT_FORMS, LARGEST_FORMS = 20, 100
DEFAULT_SUBMISSIONS, LARGEST_SUBMISSIONS = 20, 50
_FIELD_TYPES = {"email": "email", "phone": "phone", "mobilephone": "mobile_phone"}


def forms(call: Call) -> Answer:
    limit = call.number("limit", DEFAULT_FORMS, LARGEST_FORMS)
    sql = 'SELECT * FROM "hubspot_forms" WHERE "archived" = ? AND "id" > ? ORDER BY "id"'
    rows = call.world.select(f"{sql} LIMIT {limit + 1}", (int(call.flag("archived")), call.one("after") or ""))
    body: dict[str, Any] = {"results": [_form(call, row) for row in rows[:limit]]}
    if len(rows) > limit:
        body["paging"] = _next(call, str(rows[limit - 1]["id"]))
    return Answer(body)


def form(call: Call) -> Answer:
    return Answer(_form(call, _existing(call)))


def submissions(call: Call) -> Answer:
    """What was sent with one form, the newest first; `after` is a token of the page before."""
    row = _existing(call)
    limit = call.number("limit", DEFAULT_SUBMISSIONS, LARGEST_SUBMISSIONS)
    where, values = '"formId" = ?', [row["id"]]
    if after := call.one("after"):
        moment, _, last = after.partition("_")
        if not moment.isdigit() or not last.isdigit():
            raise errors.validation(f"Invalid paging token: {after}")
        where += ' AND ("submittedAt", CAST("id" AS INTEGER)) < (?, ?)'
        values += [stored_datetime(datetime.fromtimestamp(int(moment) / 1000, UTC)), int(last)]
    sql = f'SELECT * FROM "hubspot_form_submissions" WHERE {where}'
    rows = call.world.select(f'{sql} ORDER BY "submittedAt" DESC, CAST("id" AS INTEGER) DESC LIMIT {limit + 1}', values)
    body: dict[str, Any] = {"results": [_submission(one) for one in rows[:limit]]}
    if len(rows) > limit:
        last_row = rows[limit - 1]
        body["paging"] = _next(call, f"{_milliseconds(last_row['submittedAt'])}_{last_row['id']}")
    return Answer(body)


def _existing(call: Call) -> dict[str, Any]:
    row = call.world.get("hubspot", "forms", call.params["form"])
    if row is None or row["archived"]:
        raise errors.error(404, f"No form found with guid {call.params['form']}", "OBJECT_NOT_FOUND")
    return row


def _next(call: Call, token: str) -> dict[str, Any]:
    query = [one for one in call.query if one[0] != "after"] + [("after", token)]
    return {"next": {"after": token, "link": f"{call.portal.base_url}{call.path}?{urlencode(query)}"}}


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _submission(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conversionId": f"{int(row['id']):08x}-0000-4000-8000-{int(row['id']):012x}",
        "submittedAt": _milliseconds(row["submittedAt"]),
        "values": json.loads(row["values"]),
        "pageUrl": row["pageUrl"],
    }


def _form(call: Call, row: Mapping[str, Any]) -> dict[str, Any]:
    names = json.loads(row["fields"])
    group = {"groupType": "default_group", "richTextType": "text", "fields": [_field(call, one) for one in names]}
    return {
        "id": row["id"],
        "name": row["name"],
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        "archived": bool(row["archived"]),
        "formType": "hubspot",
        "fieldGroups": [group],
        "configuration": _CONFIGURATION,
        "displayOptions": _DISPLAY,
        "legalConsentOptions": {"type": "none"},
    }


def _field(call: Call, name: str) -> dict[str, Any]:
    known = definitions(call.world).find("contacts", name)
    body: dict[str, Any] = {
        "objectTypeId": "0-1",
        "name": name,
        "label": known.label if known else name,
        "required": name == "email",
        "hidden": False,
        "fieldType": _FIELD_TYPES.get(name, "single_line_text"),
        "dependentFields": [],
    }
    if name == "email":
        body["validation"] = {"blockedEmailDomains": [], "useDefaultBlockList": False}
    elif name in ("phone", "mobilephone"):
        body["validation"] = {"minAllowedDigits": 7, "maxAllowedDigits": 20}
    if name == "phone":
        body["useCountryCodeSelect"] = False
    return body


_CONFIGURATION: Mapping[str, Any] = {
    "language": "ja",
    "cloneable": True,
    "postSubmitAction": {"type": "thank_you", "value": "送信ありがとうございました。"},
    "editable": True,
    "archivable": True,
    "recaptchaEnabled": False,
    "notifyContactOwner": False,
    "notifyRecipients": [],
    "createNewContactForNewEmail": True,
    "prePopulateKnownValues": True,
    "allowLinkToResetKnownValues": False,
    "lifecycleStages": [],
}
_DISPLAY: Mapping[str, Any] = {
    "renderRawHtml": False,
    "theme": "default_style",
    "submitButtonText": "送信",
    "style": {
        "fontFamily": "arial, helvetica, sans-serif",
        "backgroundWidth": "100%",
        "labelTextColor": "#33475b",
        "labelTextSize": "14px",
        "helpTextColor": "#7C98B6",
        "helpTextSize": "11px",
        "legalConsentTextColor": "#33475b",
        "legalConsentTextSize": "14px",
        "submitColor": "#ff7a59",
        "submitAlignment": "left",
        "submitFontColor": "#ffffff",
        "submitSize": "12px",
    },
}
