"""Where the two systems are and how Okoshi behaves on this machine: `okoshi.yaml`, environment, env file, secrets.

Loaded once by the command and handed down; every room may know its section. Knows no vendor and no mapping.
"""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, Field, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from connector.model.errors import ConfigurationError
from connector.settings import mistakes
from connector.settings import places as reading
from connector.settings.sections import (
    SETTINGS_FILE,
    AlertSettings,
    DatabaseSettings,
    GuardSettings,
    HubSpotSettings,
    LocaleSettings,
    LogSettings,
    SalesforceSettings,
    ScheduleSettings,
    Section,
    ServerSettings,
)

DATABASE_FILE = "okoshi.db"

__all__ = [
    "DATABASE_FILE",
    "SETTINGS_FILE",
    "AlertSettings",
    "DatabaseSettings",
    "GuardSettings",
    "HubSpotSettings",
    "LocaleSettings",
    "LogSettings",
    "SalesforceSettings",
    "ScheduleSettings",
    "Section",
    "ServerSettings",
    "Settings",
    "load_settings",
]


class Settings(BaseSettings):
    """All settings. `load_settings` reads every place; made directly they hold what is given and defaults."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    project_dir: Path = Field(default_factory=Path.cwd)
    now: AwareDatetime | None = None
    salesforce: SalesforceSettings = SalesforceSettings()
    hubspot: HubSpotSettings = HubSpotSettings()
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    alerts: AlertSettings = AlertSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    guard: GuardSettings = GuardSettings()
    locale: LocaleSettings = LocaleSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the library calls by keyword
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given. `load_settings` reads every other place itself, so that an error can name it."""
        return (init_settings, *(InitSettingsSource(settings_cls, place.values) for place in cls._places_read()))

    @classmethod
    def _places_read(cls) -> tuple[reading.Place, ...]:
        return ()

    @property
    def database_url(self) -> str:
        """The database to open: the one that is set, else an SQLite file in the project directory."""
        return self.database.url or f"sqlite:///{self.project_dir / DATABASE_FILE}"

    def shown(self) -> dict[str, Any]:
        """All values for people and logs: secrets and passwords as asterisks."""
        values = self.model_dump(mode="json")
        values["database"]["url"] = _without_password(self.database_url)
        return values


def load_settings(project_dir: Path, env_file: Path | None = None, **overrides: Any) -> Settings:
    """Every place laid over the next: `overrides`, environment, env file, secrets directory, `okoshi.yaml`, defaults.

    Raises ConfigurationError that names key, place and remedy.
    """
    project_dir = project_dir.absolute()
    if not project_dir.is_dir():
        raise ConfigurationError(
            f"The project directory {project_dir} does not exist. Correct --project-dir, or make that directory.",
            code=reading.WRONG,
        )
    names = frozenset(Settings.model_fields) - {"project_dir"}
    given = {key: value for key, value in overrides.items() if value is not None}
    found = (
        reading.environment(names),
        reading.env_file(env_file, names),
        reading.secrets(names),
        reading.settings_file(project_dir),
    )

    class Located(Settings):
        @classmethod
        def _places_read(cls) -> tuple[reading.Place, ...]:
            return found

    try:
        settings = Located(project_dir=project_dir, **given)
    except ValidationError as error:
        places = (reading.Place("command line", given), *found)
        raise ConfigurationError(_explained(error, places), code=reading.WRONG) from None
    looked = ("command line", *(place.name for place in found), "defaults")
    for name in names:
        section = getattr(settings, name)
        if isinstance(section, Section):
            section.remember(looked)
    return settings


def _explained(error: ValidationError, places: tuple[reading.Place, ...]) -> str:
    lines = []
    written = [path for place in places for path in place.paths()]
    for path, found in mistakes.by_value(mistakes.items(error), written):
        place = next((place.where(path) for place in places if place.says(path)), "settings")
        unknown = any(item["type"] == "extra_forbidden" for item in found)
        message = _unknown_key(path) if unknown else mistakes.told(found)
        lines.append(f"{place}: {'.'.join(map(str, path))}: {message}")
    return "\n".join(lines)


def _unknown_key(path: reading.KeyPath) -> str:
    fields = Settings.model_fields
    section = fields[str(path[0])].annotation if path[0] in fields and len(path) > 1 else Settings
    known = sorted(getattr(section, "model_fields", fields))
    similar = get_close_matches(str(path[-1]), known, n=1)
    hint = f"did you mean `{similar[0]}`?" if similar else f"known here: {', '.join(known)}."
    return f"there is no such key; {hint}"


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    scheme, separator, credentials = head.partition("://")
    user = credentials.partition(":")[0]
    return f"{scheme}{separator}{user}:***@{tail}" if at and ":" in credentials else url
