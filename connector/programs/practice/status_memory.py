"""What is remembered of a company's status between decisions: since when and why, what was before, what people wrote.

Kept as a decision's `facts`. The program that keeps the status reads and writes it; it knows no rule of the table.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Seen:
    """A value that a person wrote, as it was seen, and what the rules alone said then.

    `times` is how often Okoshi had written that field: the same value written again later is another one. `since` is
    the day on which it was first seen. `released`: something has happened since, so it stands no more.
    """

    raw: str
    times: int
    since: str
    leading: str
    without_acts: str
    released: bool = False


@dataclass(frozen=True, slots=True)
class StatusMemory:
    """The status that stands, what it was before, and the last changes; `since` is `None` where nobody knows it."""

    status: str | None = None
    since: date | None = None
    before: str | None = None
    reason: str = ""
    talked: bool = False
    seen: Mapping[str, Seen] = field(default_factory=dict)
    """What people wrote, by the record's reference."""
    history: tuple[str, ...] = ()
    """One line a change: the day, the value and the reason, the latest first."""

    @classmethod
    def read(cls, facts: Mapping[str, str]) -> "StatusMemory":
        """What `facts` wrote; nothing remembered is a memory without a status."""
        return cls(
            status=facts.get("status") or None,
            since=date.fromisoformat(facts["since"]) if facts.get("since") else None,
            before=facts.get("before") or None,
            reason=facts.get("reason", ""),
            talked=bool(facts.get("talked")),
            seen={ref: Seen(**entry) for ref, entry in json.loads(facts.get("seen") or "{}").items()},
            history=tuple(facts["history"].split("\n")) if facts.get("history") else (),
        )

    def facts(self) -> dict[str, str]:
        """The inverse of `read`; what is empty is left out."""
        seen = {
            ref: {name: getattr(entry, name) for name in Seen.__slots__} for ref, entry in sorted(self.seen.items())
        }
        values = {
            "status": self.status or "",
            "since": self.since.isoformat() if self.since else "",
            "before": self.before or "",
            "reason": self.reason,
            "talked": "yes" if self.talked else "",
            "seen": json.dumps(seen, ensure_ascii=False, sort_keys=True) if seen else "",
            "history": "\n".join(self.history),
        }
        return {name: value for name, value in values.items() if value}
