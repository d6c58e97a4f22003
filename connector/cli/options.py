"""The options that every command takes, and the settings that follow from them.

Used by each command's module; knows neither vendors nor the store.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from connector import logging
from connector.settings import Settings, load_settings

_GLOBAL = Group("Options of every command", sort_key=9)

Flag = Annotated[bool, Parameter(negative="")]
"""An option that is given or not; there is no `--no-…`."""

Json = Annotated[bool, Parameter(name="--json", negative="", help="One JSON document on standard output.")]


@Parameter(name="*", group=_GLOBAL)
@dataclass(frozen=True, kw_only=True)
class Common:
    """Where the project is and how to talk."""

    project_dir: Path = Path()
    """Where okoshi.yaml, mappings/ and the database are."""
    env_file: Path | None = None
    """More settings as OKOSHI_… lines."""
    now: str | None = None
    """Business time with offset, e.g. 2026-11-18T10:00:00+09:00 (default: the clock)."""
    language: Literal["ja", "en"] | None = None
    """Language of texts and tables."""
    log_format: Literal["auto", "json", "pretty"] | None = None
    """Log lines for machines or for people (default: by where standard error goes)."""
    quiet: Flag = False
    """No progress, and only warnings in the log."""
    debug: Flag = False
    """The traceback of a failure."""

    def settings(self) -> Settings:
        """The settings in force; the log is set up by them. Raises ConfigurationError."""
        given: dict[str, Any] = {
            "now": self.now,
            "locale": {"language": self.language} if self.language else None,
            "log": {"format": self.log_format} if self.log_format else None,
        }
        settings = load_settings(self.project_dir, self.env_file, **given)
        logging.configure(settings.log.format, "WARNING" if self.quiet else settings.log.level)
        return settings


def business_time(settings: Settings) -> datetime:
    """What rules mean by now: the time that was set, else the clock's."""
    return settings.now or datetime.now(UTC)
