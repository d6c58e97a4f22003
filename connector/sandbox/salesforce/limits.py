"""The daily API budget, the resources that tell it, and record counts.

Counted by the application for every data request; a day goes by the sandbox's clock.
"""

import threading
from collections.abc import Mapping
from datetime import date

from starlette.responses import Response

from connector.sandbox.clock import SandboxClock
from connector.sandbox.salesforce.call import TIMEZONE, Call, answer
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.records import find_object


class DailyBudget:
    """Counts the day's API requests and refuses those beyond the limit."""

    def __init__(self, clock: SandboxClock, limit: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._day: date | None = None
        self.limit = limit
        self.used = 0

    def spend(self) -> None:
        with self._lock:
            self._begin_day()
            if self.used >= self.limit:
                raise SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self.used += 1

    def use_up(self, left: int = 0) -> int:
        """Others have spent the day's calls save `left`; returns how many that were."""
        with self._lock:
            self._begin_day()
            spent = max(0, self.limit - left - self.used)
            self.used += spent
            return spent

    def give_back(self, spent: int) -> None:
        with self._lock:
            self.used = max(0, self.used - spent)

    def _begin_day(self) -> None:
        today = self._clock.now().astimezone(TIMEZONE).date()
        if today != self._day:
            self._day, self.used = today, 0

    @property
    def header(self) -> str:
        return f"api-usage={self.used}/{self.limit}"


def limits(call: Call, budget: DailyBudget, bulk: Mapping[str, tuple[int, int]]) -> Response:
    """GET /limits; `bulk` tells the maximum and the rest of what bulk jobs spend."""
    call.name("limits")
    remaining = max(0, budget.limit - budget.used)
    fixed = {
        "DailyAsyncApexExecutions": 250_000,
        "DailyBulkV2QueryFileStorageMB": 976_562,
        "DailyGenericStreamingApiEvents": 10_000,
        "DailyWorkflowEmails": 500,
        "DataStorageMB": 10_240,
        "FileStorageMB": 10_240,
        "HourlyODataCallout": 20_000,
        "SingleEmail": 5_000,
    }
    body = {"DailyApiRequests": {"Max": budget.limit, "Remaining": remaining}}
    body |= {name: {"Max": most, "Remaining": rest} for name, (most, rest) in bulk.items()}
    return answer(body | {name: {"Max": number, "Remaining": number} for name, number in fixed.items()})


def record_count(call: Call) -> Response:
    """GET /limits/recordCount?sObjects=Account,Contact."""
    call.name("recordCount")
    asked = call.params.get("sObjects")
    names = asked.split(",") if asked else list(call.world.tables["salesforce"])
    counts = []
    for name in names:
        table = find_object(call.world, name.strip())
        alive = 'WHERE "IsDeleted" IS NOT 1' if table.soft_delete else ""
        count = call.world.tuples(f'SELECT COUNT(*) FROM "salesforce_{table.name}" {alive}')[0][0]
        counts.append({"count": count, "name": table.name})
    return answer({"sObjects": counts})
