"""Business days and local dates. Called wherever a rule speaks of a day; wall time has no place here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import holidays


@dataclass(frozen=True)
class BusinessCalendar:
    """Local dates and business days of one country.

    `categories` are those of the `holidays` library; Japan's `bank` adds 12/31–1/3. `extra_closed` are a company's
    own days off.
    """

    timezone: str = "Asia/Tokyo"
    country: str = "JP"
    categories: tuple[str, ...] = ("public", "bank")
    extra_closed: frozenset[date] = frozenset()

    @cached_property
    def _holidays(self) -> holidays.HolidayBase:
        return holidays.country_holidays(self.country, categories=self.categories)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which a day begins and ends."""
        return ZoneInfo(self.timezone)

    def local_date(self, moment: datetime) -> date:
        """The calendar day of a timezone-aware moment in this zone."""
        return moment.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Local midnight at which `day` begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def is_business_day(self, day: date) -> bool:
        """Neither weekend nor holiday nor a company's own day off."""
        return day.weekday() < 5 and day not in self._holidays and day not in self.extra_closed

    def business_day_from(self, day: date) -> date:
        """`day` itself if it is a business day, else the next one."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def next_business_day(self, moment: datetime) -> datetime:
        """When the first business day after the day of `moment` begins."""
        return self.start_of(self.add_business_days(self.local_date(moment), 1))

    def add_business_days(self, day: date, count: int) -> date:
        """The day `count` business days after `day`."""
        for _ in range(count):
            day = self.business_day_from(day + timedelta(days=1))
        return self.business_day_from(day)
