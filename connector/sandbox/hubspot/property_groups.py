"""Property groups: the headings under which properties are shown, without which none can be made.

Routed by `app`; which properties a group holds is known to `definitions`.
"""

from dataclasses import replace
from typing import Any

from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import Group, definitions
from connector.sandbox.hubspot.wire import Answer, Call


def groups(call: Call) -> Answer:
    return Answer({"results": [_group(one) for one in definitions(call.world).groups(call.object_type())]})


def group(call: Call) -> Answer:
    return Answer(_group(_known_group(call)))


def create_group(call: Call) -> Answer:
    object_, body = call.object_type(), call.json()
    if not body.get("name") or not body.get("label"):
        raise errors.bad_json("Some required fields were not set: [name, label]")
    name = str(body["name"])
    if definitions(call.world).group(object_, name):
        sub = "Properties.PROPERTY_GROUP_ALREADY_EXISTS"
        message = f"A property group named '{name}' already exists."
        raise errors.error(409, message, "OBJECT_ALREADY_EXISTS", subCategory=sub)
    one = Group(name, str(body["label"]), int(body.get("displayOrder", -1)))
    definitions(call.world).put_group(object_, one)
    return Answer(_group(one), 201)


def update_group(call: Call) -> Answer:
    one, body = _known_group(call), call.json()
    changed = replace(
        one, label=str(body.get("label") or one.label), display_order=int(body.get("displayOrder", one.display_order))
    )
    definitions(call.world).put_group(call.object_type(), changed)
    return Answer(_group(changed))


def archive_group(call: Call) -> Answer:
    """A group that still holds properties stays."""
    object_, one = call.object_type(), _known_group(call)
    if any(each.group == one.name for each in definitions(call.world).of(object_)):
        raise errors.validation(f"Property group {one.name} still has properties and cannot be deleted")
    definitions(call.world).drop_group(object_, one.name)
    return Answer(None, 204)


def _known_group(call: Call) -> Group:
    found = definitions(call.world).group(call.object_type(), call.params["name"])
    if found is None:
        raise errors.not_found(f"Property group {call.params['name']} does not exist")
    return found


def _group(one: Group) -> dict[str, Any]:
    return {"name": one.name, "label": one.label, "displayOrder": one.display_order, "archived": False}
