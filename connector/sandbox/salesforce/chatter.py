"""Chatter: posts on a record's feed, with mentions, and reading the feed.

Called by the application. A post is a FeedItem of the world; its segments are kept beside it, for its text alone does
not tell who was mentioned.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.salesforce.call import Call, answer, no_content
from connector.sandbox.salesforce.errors import SalesforceError, not_found
from connector.sandbox.salesforce.ids import normalise_id
from connector.sandbox.salesforce.records import existing, find_object
from connector.sandbox.salesforce.schema import object_of_id

MAX_MENTIONS: Final = 25
MAX_TEXT: Final = 10_000
USUAL_PAGE: Final = 25
LARGEST_PAGE: Final = 100
FEED_ITEM: Final = "FeedItem"
Handler = Callable[[Call], Response]
Row = Mapping[str, Any]
Segment = dict[str, Any]


class Segments:
    """The message segments of the posts that came in through Chatter, by feed item."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Segment]] = {}

    def keep(self, item_id: str, segments: list[Segment]) -> None:
        self._kept[item_id] = segments

    def of(self, item: Row) -> list[Segment]:
        return self._kept.get(item["Id"]) or [_text_segment(item["Body"] or "")]


def routes() -> tuple[tuple[str, Mapping[str, Handler]], ...]:
    segments = Segments()
    return (
        ("/chatter/feed-elements", {"POST": partial(post, segments)}),
        ("/chatter/feed-elements/{id}", {"GET": partial(read, segments), "DELETE": delete}),
        ("/chatter/feeds/record/{id}/feed-elements", {"GET": partial(feed, segments)}),
    )


def post(segments: Segments, call: Call) -> Response:
    """POST /chatter/feed-elements {subjectId, feedElementType, body: {messageSegments: [{type, text | id}]}}."""
    call.name("postFeedElement")
    given = call.json_object()
    if given.get("feedElementType") != "FeedItem":
        raise _wrong("feedElementType must be FeedItem")
    subject = _subject(call, given.get("subjectId"))
    said = _said(call, given.get("body"))
    text = "".join(segment["text"] for segment in said)
    if not text.strip() or len(text) > MAX_TEXT:
        raise _wrong(f"The text of a feed item has 1 to {MAX_TEXT} characters")
    values = {
        "ParentId": subject,
        "Body": text,
        "Type": "TextPost",
        "InsertedById": call.user_id,
        "Visibility": "AllUsers",
        "Status": "Published",
        **dict.fromkeys(("CommentCount", "LikeCount", "IsRichText", "HasContent", "HasLink"), 0),
    }
    item_id = call.world.create("salesforce", FEED_ITEM, values, call.user_id)
    segments.keep(item_id, said)
    return answer(_element(call, segments, _item(call, item_id)), 201)


def read(segments: Segments, call: Call) -> Response:
    """GET /chatter/feed-elements/<id>."""
    call.name("readFeedElement")
    return answer(_element(call, segments, _item(call, call.path["id"])))


def delete(call: Call) -> Response:
    """DELETE /chatter/feed-elements/<id>."""
    call.name("deleteFeedElement")
    call.world.delete("salesforce", FEED_ITEM, _item(call, call.path["id"])["Id"], call.user_id)
    return no_content()


def feed(segments: Segments, call: Call) -> Response:
    """GET /chatter/feeds/record/<id>/feed-elements?pageSize=&page=: the latest post first."""
    call.name("recordFeed")
    subject = _subject(call, call.path["id"])
    start, size = _number(call, "page", 0), _number(call, "pageSize", USUAL_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        raise _wrong(f"pageSize must be from 1 to {LARGEST_PAGE}")
    sql = (
        f'SELECT * FROM "salesforce_{FEED_ITEM}" WHERE "ParentId" = ? AND "IsDeleted" IS NOT 1'
        f' ORDER BY "CreatedDate" DESC, "Id" DESC LIMIT {size + 1} OFFSET {start}'
    )
    found = call.world.select(sql, (subject,))
    address = f"{call.base}/chatter/feeds/record/{subject}/feed-elements"
    following = str(start + size) if len(found) > size else None
    return answer(
        {
            "currentPageToken": str(start) if start else None,
            "currentPageUrl": f"{address}?page={start}&pageSize={size}" if start else address,
            "elements": [_element(call, segments, row) for row in found[:size]],
            "isModifiedToken": None,
            "isModifiedUrl": None,
            "nextPageToken": following,
            "nextPageUrl": f"{address}?page={following}&pageSize={size}" if following else None,
            "updatesToken": None,
            "updatesUrl": None,
        }
    )


def _number(call: Call, name: str, usual: int) -> int:
    text = call.params.get(name, str(usual))
    if not text.isdecimal():
        raise SalesforceError(400, "ILLEGAL_QUERY_PARAMETER_VALUE", f"{name} is not a valid value: {text}")
    return int(text)


def _subject(call: Call, value: Any) -> str:
    """The record, user or oneself on whose feed a post appears; it must exist."""
    if value == "me":
        return call.user_id
    full = normalise_id(value) if isinstance(value, str) else None
    object_ = object_of_id(full) if full else None
    if full is None or object_ is None or object_ not in _parents(call):
        raise SalesforceError(400, "INVALID_ID_FIELD", f"Invalid identifier: {value}")
    return str(_record(call, object_, full)["Id"])


def _parents(call: Call) -> Sequence[str]:
    return find_object(call.world, FEED_ITEM).by_name["parentid"].reference_to


def _item(call: Call, item_id: str) -> dict[str, Any]:
    full = normalise_id(item_id)
    if full is None or object_of_id(full) != FEED_ITEM:
        raise not_found()
    return _record(call, FEED_ITEM, full)


def _record(call: Call, object_: str, record_id: str) -> dict[str, Any]:
    try:
        return existing(call.world, find_object(call.world, object_), record_id)
    except SalesforceError as error:
        raise not_found() from error


def _said(call: Call, body: Any) -> list[Segment]:
    given = body.get("messageSegments") if isinstance(body, dict) else None
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise _wrong("body.messageSegments must be a list of message segments")
    said = [_segment(call, one) for one in given]
    mentioned = sum(one["type"] == "Mention" for one in said)
    if mentioned > MAX_MENTIONS:
        message = f"A feed item can have up to {MAX_MENTIONS} mentions, not {mentioned}"
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)
    return said


def _segment(call: Call, given: Mapping[str, Any]) -> Segment:
    match str(given.get("type", "")).lower():
        case "text" if isinstance(given.get("text"), str):
            return _text_segment(given["text"])
        case "mention":
            user_id = normalise_id(str(given.get("id", "")))
            user = call.world.get("salesforce", "User", user_id) if user_id else None
            if user is None or not user["IsActive"]:
                raise SalesforceError(400, "INVALID_ID_FIELD", f"Invalid identifier: {given.get('id')}")
            return {"accessible": True, "name": user["Name"], "record": _summary(call, user["Id"]), "type": "Mention",
                    "text": f"@{user['Name']}"}  # fmt: skip
        case other:
            raise _wrong(f"A message segment of type {other or 'nothing'} cannot be read: use Text or Mention")


def _text_segment(text: str) -> Segment:
    return {"text": text, "type": "Text"}


def _element(call: Call, segments: Segments, item: Row) -> dict[str, Any]:
    return {
        "actor": _summary(call, item["CreatedById"]),
        "body": {"isRichText": False, "messageSegments": segments.of(item), "text": item["Body"]},
        "capabilities": {},
        "createdDate": item["CreatedDate"],
        "event": False,
        "feedElementType": "FeedItem",
        "id": item["Id"],
        "modifiedDate": item["LastModifiedDate"],
        "originalFeedItem": None,
        "parent": _summary(call, item["ParentId"]),
        "type": item["Type"],
        "url": f"{call.base}/chatter/feed-elements/{item['Id']}",
        "visibility": item["Visibility"],
    }


def _summary(call: Call, record_id: str) -> dict[str, Any]:
    """A user or a record in short."""
    object_ = object_of_id(record_id) or ""
    row = call.world.get("salesforce", object_, record_id) or {}
    name = row.get(find_object(call.world, object_).name_field)
    address = f"{call.base}/chatter/users/{record_id}" if object_ == "User" else f"{call.base}/records/{record_id}"
    return {"id": record_id, "name": name, "displayName": name, "type": object_, "url": address}


def _wrong(message: str) -> SalesforceError:
    return SalesforceError(400, "POST_BODY_PARSE_ERROR", message)
