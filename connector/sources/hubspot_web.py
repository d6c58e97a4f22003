"""Reads what people did on the web: the forms that they sent and the pages that they opened.

Made by the HubSpot source; knows nothing of programs. What was read is told by the vendor's times, never by our clock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.clients.errors import Refused
from connector.clients.hubspot import HubSpotClient, ObjectPage
from connector.clients.trail import Trail
from connector.model.sync import Batch
from connector.sources.hubspot_marketing import GONE, ROWS, MarketingStream, Reading
from connector.sources.hubspot_stream import OVERLAP, HubSpotStream
from connector.sources.records import Row
from connector.sources.seen import Position, Seen, at, milliseconds

PAGE_VIEW = "e_visited_page"
VIEWS_BACK = timedelta(days=90)
"""How far back page views are read at first: what a person's usual behaviour is told by."""

FIRST_SPAN = timedelta(days=1)
"""What a reading of page views asks for at a time; a span without any is followed by one twice as long."""

CONVERTED = "recent_conversion_date"
"""The contact's property that moves whenever the person sends a form."""

ADDRESSES = ("email", "hs_additional_emails")
"""Where a contact's addresses stand: a merged contact's are among the additional ones, parted by semicolons."""

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class _Sent:
    """One sent form: which form, when in epoch milliseconds, and what it held."""

    form: Mapping[str, Any]
    at: int
    submission: Mapping[str, Any]

    @property
    def id(self) -> str:
        own = self.submission.get("conversionId")
        return str(own) if own else f"{self.form['id']}:{self.at}:{self.email}"

    @property
    def email(self) -> str | None:
        values = {value.get("name"): value.get("value") for value in self.submission.get("values") or ()}
        written = values.get("email")
        return str(written).strip().lower() if written else None


class FormSubmissions(Reading):
    """Forms that people sent. That anybody sent one is told by a search among contacts, before any form is asked.

    The cursor keeps `latest`, up to which all that was sent is read, and `moved`, the last conversion that we know of.
    While forms are being asked it also names those that are `done` and the conversion that made us ask.
    """

    complete = False

    def probe(self) -> None:
        """Forms need a scope of their own."""
        next(self.client.forms(), None)

    def read(self, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """Form by form, the latest first and back to what is known.

        What was sent after we began to ask is left to the next reading: forms that were asked before may have it too.
        A conversion whose form has not turned up is asked for again, until it is old enough to be none that we can see.
        """
        known = self.kept(cursor)
        kept = known or {"latest": 0, "moved": 0}
        latest, moved = int(kept["latest"]), int(kept["moved"])
        asked = int(kept["asked"]) if "asked" in kept else self._last_conversion(moved)
        if known and "asked" not in known and asked <= moved:
            return
        done, reached = list(kept.get("done", ())), int(kept.get("reached", latest))
        for form in self.client.forms():
            if str(form["id"]) in done:
                continue
            for sent in self._sent(form, latest):
                reached = max([reached, *(one.at for one in sent)])
                yield self._batch(sent)
            done.append(str(form["id"]))
            yield Batch(cursor=self.cursor(latest=latest, moved=moved, asked=asked, done=done, reached=reached))
        overdue = reached >= asked or now - at(asked) > OVERLAP
        latest = max(latest, min(reached, asked))
        yield Batch(cursor=self.cursor(latest=latest, moved=asked if overdue else moved))

    def _last_conversion(self, known: int) -> int:
        """When somebody last sent a form, as contacts tell it; `known` if nobody has since then."""
        newer = {"propertyName": CONVERTED, "operator": "GT", "value": str(known)}
        found = self.client.search_page(
            "contacts", filters=(newer,), sort_by=CONVERTED, descending=True, properties=(CONVERTED,), limit=1
        )
        stamps = (milliseconds(one.get("properties", {}).get(CONVERTED)) for one in found.results)
        return max([known, *(stamp for stamp in stamps if stamp is not None)])

    def _sent(self, form: Mapping[str, Any], latest: int) -> Iterator[list[_Sent]]:
        """What was sent by a form since some time before `latest`, a thousand at a time."""
        since = latest - OVERLAP // _MILLISECOND
        waiting: list[_Sent] = []
        for submission in self._submissions(str(form["id"])):
            stamp = milliseconds(submission.get("submittedAt"))
            if stamp is not None and stamp < since:
                break
            waiting.append(_Sent(form, latest if stamp is None else stamp, submission))
            if len(waiting) == ROWS:
                yield waiting
                waiting = []
        if waiting:
            yield waiting

    def _submissions(self, form_id: str) -> Iterator[Mapping[str, Any]]:
        after: str | None = None
        trail = Trail("HubSpot")
        while True:
            try:
                page = self.client.form_submissions(form_id, after)
            except Refused as error:
                if error.code != GONE:  # somebody deleted the form since we heard of it
                    raise
                return
            yield from page.results
            if page.after is None:
                return
            after = trail.onward(page.after, empty=not page.results)

    def _batch(self, sent: Sequence[_Sent]) -> Batch:
        people = self._people({one.email for one in sent if one.email})
        rows = [
            Row(
                id=one.id,
                modified_at=one.submission.get("submittedAt"),
                values={
                    "formName": one.form.get("name"),
                    "email": one.email,
                    "contactId": people.get(one.email or ""),
                    **{name: value for name, value in one.submission.items() if name != "values"},
                },
            )
            for one in sent
        ]
        return self.stream.batch(rows, None)

    def _people(self, addresses: set[str]) -> dict[str, str]:
        """Contact ids by mail address."""
        found = self.client.batch_read("contacts", sorted(addresses), ADDRESSES, id_property="email")
        return {
            address.strip().lower(): str(one["id"])
            for one in found
            for name in reversed(ADDRESSES)
            for address in str(one["properties"].get(name) or "").split(";")
        }


class PageViews(Reading):
    """Every page that a known person opened, where the portal's edition has these events."""

    complete = False

    def probe(self) -> None:
        """Only some editions have them; the contact's last page is read in any."""
        next(self.client.events(PAGE_VIEW, datetime.now(UTC)), None)

    def read(self, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """Span of time by span, the last one without an end; the cursor follows the latest view that was met.

        A view turns up some time after it happened, so the time before the latest one is always asked for again.
        """
        position = Position.parse(cursor, self.stream.available.fingerprint)
        since = at(position.watermark) if position else now - VIEWS_BACK
        seen = Seen(position.watermark if position else 0, OVERLAP)
        begin, span, last = since - OVERLAP - _MILLISECOND, FIRST_SPAN, False
        while not last:
            last = since + span >= now
            found = 0
            for page in self.client.events(PAGE_VIEW, begin, None if last else since + span):
                found += len(page.results)
                seen.add(event.get("occurredAt") for event in page.results)
                if page.results and not _all_known(position, page, seen):
                    yield self.stream.batch([_view(event) for event in page.results], None)
            if seen.latest:
                moved = Position(self.stream.available.fingerprint, seen.latest, seen.in_window)
                position = None if found else position
                if moved.text() != cursor:
                    yield Batch(cursor=moved.text())
            since += span
            begin, span = since - _MILLISECOND, FIRST_SPAN if found else 2 * span


def _all_known(position: Position | None, page: ObjectPage, seen: Seen) -> bool:
    """Whether a whole answer holds just the views that were read before."""
    return (
        position is not None
        and page.after is None
        and (len(page.results), seen.latest) == (position.in_window, position.watermark)
    )


def _view(event: Mapping[str, Any]) -> Row:
    return Row(
        id=str(event["id"]),
        modified_at=event.get("occurredAt"),
        created_at=event.get("occurredAt"),
        values={**event, **(event.get("properties") or {})},
    )


WEB: Mapping[str, Callable[[HubSpotClient, HubSpotStream], MarketingStream]] = {
    "form_submissions": FormSubmissions,
    "page_views": PageViews,
}
"""By the name that the mapping gives to each of them."""
