"""Where a reading has been, page by page, so that a vendor can not send it round in circles.

Used by both clients, and by sources that walk pages themselves. Must not know what a place is.
"""

from connector.model.errors import RetryLater

EMPTY_PAGES = 100
"""Pages without a row that are followed one after the other; a vendor may send some, but not only those."""


class Trail:
    """The places that one reading was sent to. `vendor` is its name, for messages."""

    def __init__(self, vendor: str, *places: str) -> None:
        self._vendor = vendor
        self._seen = set(places)
        self._empty = 0

    def onward(self, place: str, *, empty: bool = False) -> str:
        """The next place. Raises RetryLater where we have been there, or after too many `empty` pages."""
        self._empty = self._empty + 1 if empty else 0
        if place in self._seen or self._empty > EMPTY_PAGES:
            raise RetryLater(f"{self._vendor} sends us from page to page without an end; run again later")
        self._seen.add(place)
        return place
