"""How many changes travel: sObject Collections, or one bulk job where there are thousands; one result for each.

Called by the Salesforce sink, which has looked at the records before. Never sends a change twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from connector.clients.errors import AnswerLost, Refused
from connector.clients.salesforce import COLLECTION_SIZE, RowError, RowResult, SalesforceClient
from connector.model.errors import OkoshiError, StopSync
from connector.model.plan import Change, Operation
from connector.sinks.salesforce_outcomes import STORAGE_FULL, has, values

BULK_ABOVE = 2_000
"""Salesforce's own advice: from here on Bulk API 2.0; below, collections answer sooner and cost few calls too."""


@dataclass(frozen=True)
class Load:
    """Changes of one operation and object. `key` is the field of creations that carries their keys, if one does.

    `refuses_a_second`: the org itself keeps a second record of one key out.
    """

    operation: Operation
    object: str
    key: str | None = None
    refuses_a_second: bool = False

    def fits_bulk(self, number: int) -> bool:
        """Whether so many changes are worth a bulk job, its results can be told apart, and one that we lose sight of
        makes no doubles.
        """
        safe = self.operation is not Operation.CREATE or (self.key is not None and self.refuses_a_second)
        return safe and number > BULK_ABOVE


def send(client: SalesforceClient, load: Load, changes: Sequence[Change]) -> list[RowResult]:
    """One result for each change, in order. Raises only when nothing of them was written."""
    bulk = load.fits_bulk(len(changes))
    size = max(len(changes), 1) if bulk else COLLECTION_SIZE
    results: list[RowResult] = []
    for start in range(0, len(changes), size):
        part = changes[start : start + size]
        try:
            answered = _answered(part, partial(_bulk if bulk else _collection, client, load, part))
        except OkoshiError as error:
            if not results:
                raise
            return results + [RowResult.unanswered(error)] * (len(changes) - len(results))
        results += answered
        # After a wait in vain, or with no storage left, the following calls would end alike.
        if any(result.late or has(result, STORAGE_FULL) for result in answered):
            break
    return _ended(results, len(changes))


def _answered(part: Sequence[Change], call: Callable[[], list[RowResult]]) -> list[RowResult]:
    try:
        return call()
    except AnswerLost as error:
        return [RowResult.unanswered(error, late=error.late)] * len(part)
    except Refused as error:
        refusal = RowError(error.code or "UNKNOWN_EXCEPTION", str(error))
        return [RowResult(id=None, success=False, errors=(refusal,))] * len(part)


def _collection(client: SalesforceClient, load: Load, part: Sequence[Change]) -> list[RowResult]:
    if load.operation is Operation.DELETE:
        return client.delete([str(change.id) for change in part])
    if load.operation is Operation.UPDATE:
        return client.update(load.object, [{"Id": change.id, **values(change)} for change in part])
    records = [values(change) for change in part]
    if load.key is not None and not load.refuses_a_second and client.describe(load.object).fields[load.key].external_id:
        # Not unique: two writers at once would make two records, but an upsert finds the first.
        return client.upsert(load.object, load.key, records)
    return client.create(load.object, records)


def _bulk(client: SalesforceClient, load: Load, part: Sequence[Change]) -> list[RowResult]:
    if load.operation is Operation.DELETE:
        return client.bulk_write("delete", load.object, [{"Id": change.id} for change in part])
    if load.operation is Operation.UPDATE:
        return client.bulk_write("update", load.object, [{"Id": change.id, **values(change)} for change in part])
    return client.bulk_write("insert", load.object, [values(change) for change in part], load.key)


def _ended(results: list[RowResult], number: int) -> list[RowResult]:
    """What was not sent any more is looked up by the next run. A full storage that took nothing stops this one."""
    unsent = "not sent, as Salesforce did not answer in time; run again"
    if any(has(result, STORAGE_FULL) for result in results):
        unsent = (
            "Salesforce has no storage left: an administrator must free some (Setup, Storage Usage) or buy more. "
            "Run again after that"
        )
        if not any(result.success or result.lost for result in results):
            raise StopSync(unsent, code="storage_full")
    return results + [RowResult(id=None, success=False, lost=unsent)] * (number - len(results))
