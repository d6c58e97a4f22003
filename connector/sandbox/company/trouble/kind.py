"""One kind of trouble: its name, what it shows, and how it is arranged.

Used by the lists of kinds and by `planting.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from connector.sandbox.company.trouble.setting import Setting


@dataclass(frozen=True)
class Kind:
    """`name` and the sentence that it shows; `each` of them stand in a company of scale one, at least one in any."""

    name: str
    sentence: str
    arrange: Callable[[Setting], None]
    each: int = 3
