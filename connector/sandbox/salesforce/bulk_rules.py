"""What an org allows of Bulk API 2.0 and how it divides the work, and what of it was spent.

Used by the registry of jobs; tests make the numbers smaller.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connector.sandbox.salesforce.errors import SalesforceError

DAY: Final = timedelta(hours=24)


@dataclass
class BulkRules:
    """The numbers of one org.

    The vendor's internal batches have 10,000 rows and run side by side. The sandbox's are smaller, so that a modest
    load meets what a large one meets there.
    """

    query_jobs_a_day: int = 10_000
    batches_a_day: int = 15_000
    rows_per_charged_batch: int = 10_000
    batch_rows: int = 200
    query_chunk_rows: int = 200
    result_rows: int = 50_000
    upload_bytes: int = 150_000_000 * 3 // 4  # 150 MB once it is base64


class Allowance:
    """What was spent in the last 24 hours by the sandbox's clock."""

    def __init__(self) -> None:
        self._spent: deque[tuple[datetime, int]] = deque()

    def used(self, now: datetime) -> int:
        while self._spent and self._spent[0][0] <= now - DAY:
            self._spent.popleft()
        return sum(count for _, count in self._spent)

    def spend(self, now: datetime, count: int, most: int, what: str) -> None:
        if self.used(now) + count > most:
            raise SalesforceError(400, "LIMIT_EXCEEDED", f"Max {what} ({most}) per 24 hrs has been reached")
        self._spent.append((now, count))
