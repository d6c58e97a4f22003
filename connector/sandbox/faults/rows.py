"""Calls of many records in which some rows are refused: those are really not written, the rest is.

The vendor gets the call without the unlucky rows, and their refusals are put into its answer in their places.
"""

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from connector.sandbox.conditions import Conditions
from connector.sandbox.faults.answers import refusal
from connector.sandbox.faults.deeds import parsed
from connector.sandbox.faults.exchange import JSON, Exchange, Whole, page
from connector.sandbox.hubspot.errors import error
from connector.sandbox.salesforce.collections import ROLLED_BACK
from connector.sandbox.salesforce.errors import SalesforceError

_COLLECTION: Final = re.compile(r"/services/data/v[\d.]+/composite/sobjects(?:/\w+/\w+)?/?")
_BATCH: Final = re.compile(r"/crm/.+/batch/(?:create|update|upsert)/?")
_OF_ASSOCIATIONS: Final = re.compile(r"/associations/")
_INGEST: Final = re.compile(r"/services/data/v[\d.]+/jobs/ingest/(?P<job>\w+)/?")
_DONE: Final = frozenset({200, 201, 207})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rows:
    """A share of the rows of a collections or batch call, or of a Bulk job, is refused with this code: at least one."""

    conditions: Conditions
    share: float
    code: Mapping[str, str]
    message: Mapping[str, str]
    label: str = "partial"
    untraced: str = "refuse"

    def suits(self, vendor: str, method: str, path: str) -> bool:
        if vendor == "salesforce":
            closing = method == "PATCH" and _INGEST.fullmatch(path) is not None
            return closing or (method in ("POST", "PATCH", "DELETE") and _COLLECTION.fullmatch(path) is not None)
        batch = method == "POST" and _BATCH.fullmatch(path) is not None
        return batch and _OF_ASSOCIATIONS.search(path) is None

    async def do(self, exchange: Exchange, chance: random.Random) -> None:
        await exchange.received()
        if exchange.vendor == "hubspot":
            await self._batch(exchange, chance)
        elif ingest := _INGEST.fullmatch(exchange.path):
            await self._job(exchange, ingest["job"], chance)
        elif exchange.method == "DELETE":
            await self._deletion(exchange, chance)
        else:
            await self._collection(exchange, chance)

    def unlucky(self, count: int, chance: random.Random) -> frozenset[int]:
        """Which rows, by position."""
        return frozenset(chance.sample(range(count), min(count, max(1, math.floor(count * self.share + 0.5)))))

    async def _job(self, exchange: Exchange, job: str, chance: random.Random) -> None:
        """The job that is closed by this request will refuse some of its rows."""
        body = parsed(await exchange.received())
        if isinstance(body, dict) and body.get("state") == "UploadComplete":
            told = f"{self.code['salesforce']}:{self.message['salesforce']}:--"
            self.conditions.unlucky_jobs[job] = lambda count: dict.fromkeys(self.unlucky(count, chance), told)
        await exchange.pass_on()

    # -- Salesforce ------------------------------------------------------------------------------------------

    async def _collection(self, exchange: Exchange, chance: random.Random) -> None:
        body = parsed(await exchange.received())
        rows = _rows(body, "records")
        if not rows:
            await exchange.pass_on()
            return
        lost = self.unlucky(len(rows), chance)
        kept = [row for number, row in enumerate(rows) if number not in lost]
        if body.get("allOrNone") is True or not kept:
            await exchange.answer(self._results(len(rows), lost, []))
            return
        whole = await exchange.ask(_json({**body, "records": kept}))
        await exchange.answer(self._completed(whole, len(rows), lost))

    async def _deletion(self, exchange: Exchange, chance: random.Random) -> None:
        query = dict(parse_qsl(exchange.scope["query_string"].decode("latin-1"), keep_blank_values=True))
        ids = [one for one in query.get("ids", "").split(",") if one]
        if not ids:
            await exchange.pass_on()
            return
        lost = self.unlucky(len(ids), chance)
        kept = [one for number, one in enumerate(ids) if number not in lost]
        if query.get("allOrNone", "").lower() == "true" or not kept:
            await exchange.answer(self._results(len(ids), lost, []))
            return
        whole = await exchange.ask(query=urlencode({**query, "ids": ",".join(kept)}))
        await exchange.answer(self._completed(whole, len(ids), lost))

    def _completed(self, whole: Whole, count: int, lost: frozenset[int]) -> Whole:
        """The vendor's answer with the unlucky rows in their places; a refusal of the whole call stays one."""
        found = parsed(whole.body)
        if whole.status not in _DONE or not isinstance(found, list):
            return whole
        return self._results(count, lost, found, whole)

    def _results(self, count: int, lost: frozenset[int], done: Sequence[Any], frame: Whole | None = None) -> Whole:
        """One result a row, in order; without results of the vendor what is not lost was rolled back with it."""
        rest = iter(done)
        told = SalesforceError(400, self.code["salesforce"], self.message["salesforce"])
        results = [_failed(told) if number in lost else next(rest, _failed(ROLLED_BACK)) for number in range(count)]
        return Whole(200, frame.headers, _json(results)) if frame else page(200, results, JSON)

    # -- HubSpot ---------------------------------------------------------------------------------------------

    async def _batch(self, exchange: Exchange, chance: random.Random) -> None:
        """Only traced inputs stand for themselves; of others one refusal refuses all, unless such batches pass."""
        body = parsed(await exchange.received())
        rows = _rows(body, "inputs")
        if not rows:
            await exchange.pass_on()
            return
        lost = self.unlucky(len(rows), chance)
        if not all(row.get("objectWriteTraceId") for row in rows):
            if self.untraced == "pass":
                await exchange.pass_on()
                return
            await exchange.answer(refusal(error(400, self.message["hubspot"], self.code["hubspot"])))
            return
        refused = [self._refused(row) for number, row in enumerate(rows) if number in lost]
        kept = [row for number, row in enumerate(rows) if number not in lost]
        whole = await exchange.ask(_json({**body, "inputs": kept})) if kept else _nothing_done()
        found = parsed(whole.body)
        if whole.status not in _DONE or not isinstance(found, dict):
            await exchange.answer(whole)
            return
        refused = [*(found.get("errors") or []), *refused]
        await exchange.answer(Whole(207, whole.headers, _json({**found, "numErrors": len(refused), "errors": refused})))

    def _refused(self, row: Row) -> dict[str, Any]:
        return {
            "status": "error",
            "category": self.code["hubspot"],
            "message": self.message["hubspot"],
            "context": {"objectWriteTraceId": [str(row["objectWriteTraceId"])]},
        }


def _rows(body: Any, name: str) -> list[Row]:
    """The rows of a call that can be taken apart; a malformed one is the vendor's to refuse."""
    found = body.get(name) if isinstance(body, dict) else None
    well_formed = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return list(found) if well_formed and isinstance(found, list) else []


def _failed(told: SalesforceError) -> dict[str, Any]:
    return {"success": False, "errors": [told.row()]}


def _nothing_done() -> Whole:
    return page(207, {"status": "COMPLETE", "results": []}, JSON)


def _json(value: Any) -> bytes:
    return page(200, value, JSON).body
