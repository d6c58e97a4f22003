"""What vendors' API calls are counted in, and the vendor's own count. Passed between clients, engine and store.

Time here is wall time: the vendors count on their own clocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.model.purpose import Purpose

Spent = Mapping[tuple[Purpose, str], int]
"""Calls by what they were for and the operation that the route table names."""


@dataclass(frozen=True, slots=True)
class VendorCount:
    """How many of the day's calls are used up by all tools together, as the vendor told it `at` that moment.

    `refused`: it turned a call away because none was left, whatever its figures say; they may be missing then.
    """

    at: datetime
    used: int | None = None
    limit: int | None = None
    refused: bool = False
