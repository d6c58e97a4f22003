"""Turns "so many Japanese days ago, at such an hour" into the stored text of a time or a date.

Used by everything that generates records; it must not know records.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

from connector.sandbox.clock import stored_datetime

JST = timezone(timedelta(hours=9), "JST")


class Calendar:
    """The days before and after the start of the simulated world, counted in Japan."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC).replace(second=0, microsecond=0)
        self.today: date = self.now.astimezone(JST).date()
        self._midnight = datetime.combine(self.today, time(), JST).astimezone(UTC).replace(tzinfo=None)
        self._days: dict[int, str] = {}

    def day(self, days_ago: int) -> str:
        """The date so many days ago; negative for the future."""
        found = self._days.get(days_ago)
        if found is None:
            found = self._days[days_ago] = (self.today - timedelta(days=days_ago)).isoformat()
        return found

    def at(self, days_ago: int, hour: int = 11, minute: int = 0) -> str:
        """That hour in Japan, so many days ago."""
        if hour >= 9:  # the same day in UTC
            return f"{self.day(days_ago)}T{hour - 9:02d}:{minute:02d}:00.000Z"
        moment = self._midnight - timedelta(days=days_ago) + timedelta(hours=hour, minutes=minute)
        return f"{moment.isoformat(timespec='seconds')}.000Z"

    def moment(self, offset: timedelta) -> str:
        """The start shifted by an offset."""
        return stored_datetime(self.now + offset)


def later(moment: str, minutes: int) -> str:
    """A stored time, shifted by minutes."""
    shifted = datetime.fromisoformat(moment.removesuffix("Z")) + timedelta(minutes=minutes)
    return f"{shifted.isoformat(timespec='milliseconds')}Z"
