"""One page view as the generator plans it, and the pages of the company's site that tell something.

Shared by the planted cases and by the simulated days; it must not know who visits.
"""

from typing import Final, NamedTuple

SITE: Final = "https://www.example.co.jp"
PRICE, CASE, PAPER = "/price", "/case/seizo-01", "/download/whitepaper"
FEATURE, BLOG, RECRUIT, TOP = "/product/feature", "/blog/2026/dx-start", "/recruit/entry", "/"
CANCELLATION = "/support/cancel"
STRONG = (PRICE, CASE, PAPER)
"""Pages that people open who think of buying."""


class Visit(NamedTuple):
    """Whose HubSpot contact opened which page when, and how likely it was a person (0 to 100)."""

    contact: str
    moment: str
    url: str
    score: int
