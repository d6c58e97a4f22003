"""The quality report: how well the two systems' data is kept. Section 7 of the practice. Called by `okoshi quality`."""

from collections.abc import Iterator

from connector.reporting.fields import read_fillings
from connector.reporting.quality_deals import deal_tables
from connector.reporting.quality_fields import field_tables
from connector.reporting.quality_reps import rep_tables
from connector.reporting.scope import Scope
from connector.reporting.table import Table


def quality(scope: Scope) -> Iterator[Table]:
    """All tables: what was found first, then the fields one by one."""
    found = read_fillings(scope)
    by_rep, differing = rep_tables(scope, found)
    yield from deal_tables(scope)
    yield differing
    fields, *findings = field_tables(scope, found)
    yield from findings
    yield fields
    yield by_rep
