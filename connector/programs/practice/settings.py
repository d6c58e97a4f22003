"""What every program's settings share. A program's own settings derive from it."""

from pydantic import BaseModel, ConfigDict

from connector.mapping.condition import Condition


class Settings(BaseModel):
    """Immutable settings that refuse keys which they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProgramSettings(Settings):
    """`mappings/programs/<name>.yaml`."""

    enabled: bool = True
    only_if: Condition | None = None
    """Of which cases the program is to take care; the others are 対象外, visibly."""

    @property
    def web_days(self) -> int:
        """For how many days back the program asks what others of a deal's company did on the web; 0: not at all."""
        return 0
