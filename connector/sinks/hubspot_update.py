"""Updates and deletions of HubSpot objects: only of records that still are as the plan saw them.

Called by the HubSpot sink with changes of one object and operation. Knows nothing of creations and lists.
"""

from collections.abc import Iterator, Mapping, Sequence

from connector.clients.errors import AnswerLost, Refused
from connector.clients.hubspot import RowResult
from connector.model.errors import SkipRecord
from connector.model.plan import Change
from connector.model.sync import Found, Outcome
from connector.sinks.hubspot_links import ids, linked
from connector.sinks.hubspot_lookup import BY_ID, Portal, by_value
from connector.sinks.hubspot_sending import (
    Step,
    done,
    refused,
    row_outcome,
    send_rows,
    unknown,
    unless_failed,
)
from connector.sinks.hubspot_values import moves_back, same

STAGE = "lifecyclestage"
MOVED = "somebody has changed the record since this was planned"


class Updates:
    """One batch of updates: looked at first, then written in rounds in which each record appears once."""

    def __init__(self, portal: Portal, changes: Sequence[Change]) -> None:
        self._portal = portal
        self._changes = changes
        self._there = by_value(portal, changes[0].object, BY_ID, changes)
        self._values: dict[str, Mapping[str, str]] = {}

    def write(self) -> list[Outcome]:
        """One outcome for each change, in order."""
        outcomes = {change.key: outcome for change in self._changes if (outcome := self._unfit(change))}
        started = False
        for part in _rounds([change for change in self._changes if change.key not in outcomes], self._there):
            results = unless_failed(part, self._round, started=started)
            started = started or any(outcome.state != "refused" for outcome in results)
            outcomes |= {outcome.key: outcome for outcome in results}
        return [outcomes[change.key] for change in self._changes]

    def _unfit(self, change: Change) -> Outcome | None:
        """The refusal of a change that may not be sent."""
        found = self._there.get(change.key)
        try:
            self._values[change.key] = self._portal.values(change)
        except SkipRecord as bad:
            return refused(change, bad.reason)
        return None if found and still_holds(self._portal, change, found) else refused(change, MOVED)

    def _round(self, changes: Sequence[Change]) -> list[Outcome]:
        """Each step goes on with what the one before has done."""
        outcomes: dict[str, Outcome] = {}
        waiting, started = changes, False
        for step in self._steps(changes):
            results = unless_failed(waiting, step, started=started)
            started = started or any(outcome.state != "refused" for outcome in results)
            outcomes |= {outcome.key: outcome for outcome in results}
            waiting = [change for change in waiting if outcomes[change.key].state == "done"]
        return [outcomes[change.key] for change in changes]

    def _steps(self, changes: Sequence[Change]) -> Iterator[Step]:
        if any(self._back(change) for change in changes):
            yield self._clear_stages
        yield self._set
        if any(True for change in changes for _ in linked(change)):
            yield self._link

    def _back(self, change: Change) -> bool:
        """Whether the change moves a stage back, which the vendor ignores unless the stage is cleared first."""
        if STAGE not in self._values[change.key]:
            return False
        now = self._there[change.key].fields.get(STAGE)
        return moves_back(self._portal.properties(change.object)[STAGE], now, change.fields[STAGE].after)

    def _clear_stages(self, changes: Sequence[Change]) -> list[Outcome]:
        return self._send(changes, {change.key: {STAGE: ""} for change in changes if self._back(change)})

    def _set(self, changes: Sequence[Change]) -> list[Outcome]:
        return self._send(changes, {key: values for key, values in self._values.items() if values})

    def _send(self, changes: Sequence[Change], values: Mapping[str, Mapping[str, str]]) -> list[Outcome]:
        """Writes the properties in `values`, by key; what has none there is done as it is."""
        wanted = [change for change in changes if change.key in values]

        def send(part: Sequence[Change]) -> Sequence[RowResult]:
            inputs = [{"id": self._id(change), "properties": values[change.key]} for change in part]
            return self._portal.client.batch_update(part[0].object, inputs)

        sent = {outcome.key: outcome for outcome in send_rows(wanted, send, row_outcome)}
        return [sent.get(change.key) or done(change, self._id(change)) for change in changes]

    def _link(self, changes: Sequence[Change]) -> list[Outcome]:
        """Change by change: linking twice does no harm, and a refusal of many links would not say whose it is."""
        return [self._linked(change) for change in changes]

    def _linked(self, change: Change) -> Outcome:
        client, record = self._portal.client, self._id(change)
        try:
            for to, field in linked(change):
                before, after = ids(field.before), ids(field.after)
                if gained := [(record, one) for one in after if one not in before]:
                    client.associate(change.object, to, gained)
                if lost := [(record, one) for one in before if one not in after]:
                    client.dissociate(change.object, to, lost)
        except AnswerLost as error:
            return unknown(change, str(error), late=error.late)
        except Refused as error:
            return refused(change, f"its properties are written, its links are not: {error}", record)
        return done(change, record)

    def _id(self, change: Change) -> str:
        """The present id: a merged record's old ones cannot be written to."""
        return self._there[change.key].record.id


def delete(portal: Portal, changes: Sequence[Change]) -> list[Outcome]:
    """Archives what still is as the plan saw it; one outcome for each of `changes`, in order."""
    there = by_value(portal, changes[0].object, BY_ID, changes)
    kept = [change for change in changes if change.key in there and still_holds(portal, change, there[change.key])]

    def send(part: Sequence[Change]) -> Sequence[RowResult]:
        records = [there[change.key].record.id for change in part]
        portal.client.archive(part[0].object, list(dict.fromkeys(records)))
        return [RowResult(record, success=True) for record in records]

    sent = {outcome.key: outcome for outcome in send_rows(kept, send, row_outcome)}
    return [sent.get(change.key) or _not_deleted(change, gone=change.key not in there) for change in changes]


def _not_deleted(change: Change, *, gone: bool) -> Outcome:
    return done(change, str(change.id), "it was deleted already") if gone else refused(change, MOVED)


def still_holds(portal: Portal, change: Change, found: Found) -> bool:
    """Whether the record holds the values that the change was planned on."""
    known = portal.properties(change.object)
    compared = ((name, field.before) for name, field in change.fields.items() if name in found.fields)
    return all(same(known[name], found.fields[name], before) for name, before in compared)


def _rounds(changes: Sequence[Change], there: Mapping[str, Found]) -> Iterator[list[Change]]:
    """Changes in parts that name no record twice, which the vendor refuses; in order for each record."""
    rounds: list[list[Change]] = []
    times: dict[str, int] = {}
    for change in changes:
        record = there[change.key].record.id
        number = times[record] = times.get(record, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(change)
    yield from rounds
