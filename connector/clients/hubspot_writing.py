"""HubSpot's writes: batches of objects row by row, links between them, and definitions of properties.

A part of `HubSpotClient`, used by the sink and by setup. Must not know the model of sales.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hubspot.client import Client

from connector.clients.errors import Refused
from connector.clients.hubspot_answers import chunks, written
from connector.clients.hubspot_rows import RowResult, row_results

BATCH_ROWS = 100
"""Most inputs of one batch write of objects."""

LINKS = 2_000
"""Most inputs of one batch that links objects."""

Input = Mapping[str, Any]
Pair = tuple[str, str]


class HubSpotWriting:
    """Writes to a portal.

    A batch is refused whole (Refused, ConfigurationError) or answered row by row. AnswerLost: it must be looked up;
    after any other error nothing of that call was written.
    """

    _client: Client
    _definitions: dict[str, dict[str, dict[str, Any]]]

    def batch_create(self, object_type: str, inputs: Sequence[Input]) -> list[RowResult]:
        """Creates at most 100 objects from `{properties, associations?}`; one result each, in order."""
        whole = [{"associations": [], **one} for one in inputs]
        return _rows(self._client.crm.objects.batch_api.create, object_type, whole, created=True)

    def batch_update(
        self, object_type: str, inputs: Sequence[Input], id_property: str | None = None
    ) -> list[RowResult]:
        """Updates at most 100 objects from `{id, properties}`, each id once; one result each, in order.

        `id` is a record's present id (a merged one is refused), or its value of `id_property`, which must be unique.
        """
        keyed = _keyed(inputs, id_property)
        return _rows(self._client.crm.objects.batch_api.update, object_type, keyed, created=False)

    def batch_upsert(self, object_type: str, inputs: Sequence[Input], id_property: str) -> list[RowResult]:
        """Creates or overwrites at most 100 objects from `{id, properties}` by a unique property; in order.

        Makes no associations. With `email` as the property the vendor refuses partial properties.
        """
        return _rows(self._client.crm.objects.batch_api.upsert, object_type, _keyed(inputs, id_property))

    def archive(self, object_type: str, ids: Sequence[str]) -> None:
        """Archives at most 100 objects; those that are gone already count as archived."""
        if ids:
            inputs = [{"id": one} for one in _at_most(BATCH_ROWS, ids)]
            written(self._client.crm.objects.batch_api.archive, object_type, {"inputs": inputs})

    def merge(self, object_type: str, kept: str, dropped: str) -> str:
        """Merges one contact or company into another for good; answers the id under which the two go on.

        Only a client that was made with `merging` may send it. After AnswerLost, `batch_read` of both ids tells.
        """
        api = getattr(self._client.crm, object_type).basic_api
        answer = written(api.merge, {"primaryObjectId": kept, "objectIdToMerge": dropped})
        return str(answer.get("id") or kept)

    def associate(self, from_type: str, to_type: str, pairs: Iterable[Pair]) -> None:
        """Links each pair of ids without a label; a link that is there stays as it is. Raises Refused for a bad id."""
        api = self._client.crm.associations.v4.batch_api
        for part in chunks(list(dict.fromkeys(pairs)), LINKS):
            inputs = [{"from": {"id": source}, "to": {"id": target}} for source, target in part]
            _refuse_errors(written(api.create_default, from_type, to_type, {"inputs": inputs}))

    def dissociate(self, from_type: str, to_type: str, pairs: Iterable[Pair]) -> None:
        """Removes all links of each pair of ids, labelled ones too; a link that is not there is no error."""
        api = self._client.crm.associations.v4.batch_api
        for part in chunks(list(dict.fromkeys(pairs)), LINKS):
            targets: dict[str, list[dict[str, str]]] = {}
            for source, target in part:
                targets.setdefault(source, []).append({"id": target})
            inputs = [{"from": {"id": source}, "to": to} for source, to in targets.items()]
            _refuse_errors(written(api.archive, from_type, to_type, {"inputs": inputs}))

    def create_property_group(self, object_type: str, name: str, label: str) -> bool:
        """Creates a group of properties; false if it was there already."""
        definition = {"name": name, "label": label}
        return _defined(self._client.crm.properties.groups_api.create, object_type, definition)

    def create_property(self, object_type: str, definition: Mapping[str, Any]) -> bool:
        """Creates a property; false if it was there already, which may mean with another definition.

        The vendor wants `name`, `label`, `groupName` (which must exist), `type` and `fieldType`.
        """
        self._definitions.pop(object_type, None)
        return _defined(self._client.crm.properties.core_api.create, object_type, dict(definition))


def _rows(
    call: Callable[..., Any], object_type: str, inputs: Sequence[Input], *, created: bool | None = None
) -> list[RowResult]:
    if not inputs:
        return []
    # With a trace id on each row the vendor refuses single rows instead of all, and names them in its answer.
    traced = [{**one, "objectWriteTraceId": str(number)} for number, one in enumerate(_at_most(BATCH_ROWS, inputs))]
    return row_results(traced, written(call, object_type, {"inputs": traced}), created=created)


def _keyed(inputs: Sequence[Input], id_property: str | None) -> Sequence[Input]:
    return [{**one, "idProperty": id_property} for one in inputs] if id_property else inputs


def _at_most(most: int, given: Sequence[Any]) -> Sequence[Any]:
    if len(given) > most:
        raise ValueError(f"at most {most} records a call, got {len(given)}")
    return given


def _refuse_errors(answer: Mapping[str, Any]) -> None:
    """Links have no rows of ours to hang errors on: the first one is the call's."""
    failed = row_results([{}], {"errors": answer.get("errors")})[0].errors
    if failed:
        raise Refused(f"HubSpot refused {len(failed)} of the links ({failed[0].code})", failed[0].code)


def _defined(call: Callable[..., Any], object_type: str, definition: Mapping[str, Any]) -> bool:
    try:
        written(call, object_type, definition)
    except Refused as refused:
        if refused.code in {"HTTP 409", "CONFLICT", "OBJECT_ALREADY_EXISTS", "PROPERTY_ALREADY_EXISTS"}:
            return False
        raise
    return True
