"""`okoshi health`: whether runs still finish. For a container's health check; reaches no vendor."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.cli.options import Common, Json
from connector.cli.output import Labels, screen, write_json
from connector.mapping import load_mappings
from connector.store import runs
from connector.store.store import Store

MISSED_CYCLES = 3
"""So many intervals without a finished run, and something is wrong."""


def health(*, json: Json = False, common: Common | None = None) -> int:
    """Exit 0 while the store opens and the last finished run is young enough or none has finished yet, else 1."""
    common = common or Common()
    settings = common.settings()
    oldest = timedelta(minutes=settings.schedule.cycle_minutes) * MISSED_CYCLES
    store = Store.open(settings.database_url)
    try:
        with store.read() as tx:
            last = runs.last(tx)
    finally:
        store.close()
    now = settings.now or datetime.now(UTC)
    finished = last.finished_at if last else None
    healthy = finished is None or now - finished <= oldest
    if json:
        write_json({"healthy": healthy, "last_finished_at": finished.isoformat() if finished else None})
    else:
        labels = Labels(load_mappings(settings.project_dir).texts[settings.locale.language])
        state = "never" if finished is None else "ok" if healthy else "late"
        when = f"{finished.astimezone(ZoneInfo(settings.locale.timezone)):%Y/%m/%d %H:%M %Z}" if finished else ""
        screen().print(labels(f"health.{state}", when=when), markup=False)
    return 0 if healthy else 1
