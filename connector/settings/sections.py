"""The sections of the settings and what each needs before it can be used.

Each room is handed its own section. Knows neither where a value came from nor any vendor's client.
"""

import re
from itertools import accumulate
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, field_validator, model_validator

from connector.model.errors import ConfigurationError
from connector.model.purpose import Purpose

SETTINGS_FILE = "okoshi.yaml"
CHANNEL_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class Section(BaseModel):
    """One section of the settings. Knows the places it was read from, so that a missing key can name them all."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, coerce_numbers_to_str=True)
    _places: tuple[str, ...] = PrivateAttr(default=())

    def remember(self, places: tuple[str, ...]) -> None:
        """Keeps the places that were looked at, for the message of a missing key."""
        self._places = places

    @property
    def is_set(self) -> bool:
        """Whether any place says anything in this section."""
        return bool(self.model_fields_set)

    def _require(self, section: str, needed: dict[str, str]) -> None:
        missing = {key: example for key, example in needed.items() if getattr(self, key) is None}
        if missing:
            raise ConfigurationError(missing_message(section, missing, self._places), code="setting_missing")


def missing_message(section: str, missing: dict[str, str], places: tuple[str, ...]) -> str:
    """Names every missing key, every place that was looked at in order, and an example that would do."""
    keys = ", ".join(f"{section}.{key}" for key in missing)
    looked = "".join(f"\n  {number}. {place}" for number, place in enumerate(places, 1))
    examples = "".join(f"\n  OKOSHI_{section}__{key}".upper() + f"={example}" for key, example in missing.items())
    yaml = "".join(f"\n    {key}: {example}" for key, example in missing.items())
    where = f"\nLooked at, in this order:{looked}" if looked else ""
    return f"Missing setting: {keys}.{where}\nSet for example{examples}\nor in {SETTINGS_FILE}:\n  {section}:{yaml}"


def known_time_zone(name: str) -> str:
    """The name itself. Raises ValueError for a time zone that does not exist."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("is no time zone; write one like Asia/Tokyo") from None
    return name


def _https(value: str | None) -> str | None:
    if value is None:
        return None
    if not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ValueError("must begin with https://")
    return value.rstrip("/")


class SalesforceSettings(Section):
    """How to reach and sign in to the SFA."""

    instance_url: str | None = None
    token_url: str | None = None
    auth: Literal["jwt", "client_credentials", "session"] = "client_credentials"
    client_id: str | None = None
    client_secret: SecretStr | None = None
    username: str | None = None
    private_key_file: Path | None = None
    jwt_audience: str = "https://login.salesforce.com"
    session_id: SecretStr | None = None
    api_version: str = Field(default="66.0", pattern=r"^\d{2,3}\.0$")
    ca_bundle: Path | None = None
    timeout_seconds: float = Field(default=30, gt=0)
    bulk_from_rows: int = Field(default=20_000, ge=1)
    """Objects with at least so many rows are read whole by Bulk API 2.0, which costs fewer calls; others by REST."""

    _check_urls = field_validator("instance_url", "token_url")(_https)

    @field_validator("api_version", mode="before")
    @classmethod
    def _version(cls, value: object) -> str:
        return str(value).removeprefix("v")

    @property
    def token_endpoint(self) -> str:
        """Where an access token is asked for."""
        return self.token_url or f"{self.instance_url}/services/oauth2/token"

    def require(self) -> Self:
        """Raises ConfigurationError unless everything that this way of signing in needs is there."""
        ways: dict[str, dict[str, str]] = {
            "client_credentials": {"client_id": "3MVG9…", "client_secret": "…"},
            "jwt": {"client_id": "3MVG9…", "username": "okoshi@example.co.jp", "private_key_file": "salesforce.key"},
            "session": {"session_id": "00D…"},
        }
        self._require("salesforce", {"instance_url": "https://yourcompany.my.salesforce.com", **ways[self.auth]})
        return self


class HubSpotSettings(Section):
    """How to reach and sign in to the MA. `api_version` is a dated one or `v3` for the old path family."""

    base_url: str = "https://api.hubapi.com"
    access_token: SecretStr | None = None
    client_secret: SecretStr | None = None
    api_version: str = Field(default="2026-03", pattern=r"^(v3|v4|\d{4}-\d{2})$")
    ca_bundle: Path | None = None
    timeout_seconds: float = Field(default=30, gt=0)

    _check_urls = field_validator("base_url")(_https)

    def require(self) -> Self:
        """Raises ConfigurationError unless an access token is there."""
        self._require("hubspot", {"access_token": "pat-jp1-…"})
        return self


class DatabaseSettings(Section):
    """Where the mirror, the plans and the ledger are kept; not set: an SQLite file in the project directory."""

    url: str | None = Field(default=None, repr=False)


class ServerSettings(Section):
    """Where webhooks and admin pages are served."""

    public_base_url: str | None = None
    bind: str = "127.0.0.1:8080"

    _check_urls = field_validator("public_base_url")(_https)


class AlertSettings(Section):
    """Where alerts go besides Salesforce: by the name that `mappings/alerts.yaml` uses, an address as apprise reads it.

    Such an address holds what lets anybody post there, so all of it is a secret.
    """

    channels: dict[str, SecretStr] = Field(default_factory=dict)
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """How long a channel may take to connect, and to answer."""

    @field_validator("channels")
    @classmethod
    def _known_names(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name in value:
            if not CHANNEL_NAME.fullmatch(name):
                raise ValueError("the name of a channel has small letters, digits, `_` and `-` only")
        return value


class ScheduleSettings(Section):
    """How often a cycle runs where Okoshi itself keeps the time."""

    cycle_minutes: int = Field(default=60, ge=1)
    reconcile_hour: int = Field(default=3, ge=0, le=23)
    """The first cycle after this hour of a day also reads everything once more, to find what was missed or is gone."""
    reconcile_nights: int = Field(default=1, ge=1, le=31)
    """It does so every so many nights. More than one saves calls, and what is gone is noticed so much later."""


class GuardSettings(Section):
    """What stops a run before it does harm."""

    max_tasks_per_person_per_day: int = Field(default=30, ge=1)
    max_touched_percent: int | None = Field(default=None, ge=1, le=100)
    """Most of the records that one run may touch; not set: no such limit."""
    max_gone_percent: int = Field(default=10, ge=1, le=100)
    """If more of an object's records than this are missing from a whole reading, a person has to look first."""
    daily_reserve_percent: int = Field(default=20, ge=0, le=90)
    """Share of the vendors' daily calls that is left to the company's other tools."""
    # What is not reserved is ours, and is spent in order of value: alert, task, reading, field, reconciliation. Each
    # stops while what is kept for those before it is still there. By default that is, of all the day's calls, at 20 %
    # left for alerts, 20.8 % for tasks, 24 % for reading, 28 % for fields and 36 % for reconciliation.
    kept_for_alerts_percent: int = Field(default=1, ge=0, le=90)
    """Share of our calls that only alerts may spend."""
    kept_for_tasks_percent: int = Field(default=4, ge=0, le=90)
    """Share of our calls that is there for tasks when reading has to stop."""
    kept_for_reading_percent: int = Field(default=5, ge=0, le=90)
    """Share of our calls that is there for reading when the writing of fields has to stop."""
    kept_for_fields_percent: int = Field(default=10, ge=0, le=90)
    """Share of our calls that is there for fields when reconciliation has to stop."""

    @property
    def _kept(self) -> tuple[int, ...]:
        return (
            self.kept_for_alerts_percent,
            self.kept_for_tasks_percent,
            self.kept_for_reading_percent,
            self.kept_for_fields_percent,
        )

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        if sum(self._kept) > 95:
            raise ValueError("guard.kept_for_…_percent must leave 5 percent of our calls that everything may spend")
        return self

    @property
    def floors(self) -> dict[Purpose, float]:
        """By purpose the percentage of all the day's calls at which its spending stops."""
        ours = 100 - self.daily_reserve_percent
        kept = accumulate(self._kept, initial=0)
        floors = (self.daily_reserve_percent + ours * share / 100 for share in kept)
        return dict(zip(Purpose, floors, strict=True))


class LocaleSettings(Section):
    """Language of texts, and where a day begins."""

    language: Literal["ja", "en"] = "ja"
    timezone: str = "Asia/Tokyo"
    country: str = "JP"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return known_time_zone(value)


class LogSettings(Section):
    """Form and level of the log lines on standard error."""

    format: Literal["auto", "json", "pretty"] = "auto"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value
