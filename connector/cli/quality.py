"""`okoshi quality`: how well the data of both systems is kept: fields, entries by rep, forgotten deals.

Reads the store alone: it asks no vendor and changes nothing.
"""

from connector.cli.options import Common
from connector.cli.report_desk import Ways, put_out
from connector.reporting import quality as qualities


def quality(*, ways: Ways | None = None, common: Common | None = None) -> int:
    """How well the data is kept: fields by fill rate and age, entries that differ, deals that nobody tracks."""
    return put_out("quality", qualities.quality, None, ways or Ways(), common)
