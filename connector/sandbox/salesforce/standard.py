"""The org's standard value sets: opportunity stages and task statuses, with what follows from each.

Used by the record rules, and by the seeding for the OpportunityStage and TaskStatus rows.
"""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

TIMEZONE: Final = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class Stage:
    name: str
    probability: float
    closed: bool
    won: bool
    forecast: str
    forecast_name: str


STAGES: Final = (
    Stage("初回訪問", 10, False, False, "Pipeline", "Pipeline"),
    Stage("ヒアリング", 20, False, False, "Pipeline", "Pipeline"),
    Stage("提案", 40, False, False, "Pipeline", "Pipeline"),
    Stage("見積提示", 60, False, False, "BestCase", "Best Case"),
    Stage("稟議中", 80, False, False, "Forecast", "Commit"),
    Stage("受注", 100, True, True, "Closed", "Closed"),
    Stage("失注", 0, True, False, "Omitted", "Omitted"),
)
UNKNOWN_STAGE: Final = Stage("", 0, False, False, "Pipeline", "Pipeline")
TASK_STATUSES: Final = (
    ("未着手", False),
    ("進行中", False),
    ("完了", True),
    ("待機中", False),
    ("延期", False),
    ("対応不要", True),
)
CONVERTED_LEAD_STATUS: Final = "Closed - Converted"
DEFAULT_MEMBER_STATUS: Final = "Sent"
RESPONDED_STATUSES: Final = frozenset({"Responded"})
DEFAULT_TASK_STATUS: Final = "未着手"
DEFAULT_TASK_PRIORITY: Final = "中"
HIGH_PRIORITIES: Final = frozenset({"高", "High"})
CLOSED_TASK_STATUSES: Final = frozenset(name for name, closed in TASK_STATUSES if closed)


def stage(name: str | None) -> Stage:
    return next((item for item in STAGES if item.name == name), UNKNOWN_STAGE)
