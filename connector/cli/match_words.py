"""The words of 名寄せ in the reader's language: what a finding says, why two are doubtful, how a field is called.

Used by the pages of `okoshi match`. Reads `identity.*` and `cli.match.*` of mappings/texts; knows no record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from connector.cli.output import Labels, clean
from connector.identity.compare import Evidence
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair

MERGED: Final = "merged in HubSpot by okoshi match merge"
"""How the note of an answer begins that was kept because somebody merged the two in HubSpot."""

IDENTITY, VETO, DOUBT = "identity.", "identity.veto.", "identity.doubt."


def is_merge(note: str | None) -> bool:
    """Whether an answer was kept because the two were merged in HubSpot."""
    return (note or "").startswith(MERGED)


_NUMBERS_DIFFER: Final = frozenset({"corporate_number_differs"})
_GIVEN_DIFFERS: Final = frozenset({"person.given.differs", "person.given.similar"})
_NAMES_DIFFER: Final = frozenset(
    {"name_differs", "person.family.differs", "person.given.differs", "person.whole.differs"}
)
_FAMILY_DIFFERS: Final = "identity.veto.person.family.differs"


class Words(Labels):
    """The command's labels, and the sentences of 名寄せ. A kind without a text shows its name."""

    def __init__(self, texts: Mapping[str, str], timezone: str) -> None:
        super().__init__(texts)
        self._identity = texts
        self._zone = ZoneInfo(timezone)

    def finding(self, evidence: Evidence, *, inferred: bool = False) -> str:
        """What one piece of evidence says; `inferred` of what the records themselves do not say."""
        text = self._identity.get(evidence.text_key, evidence.kind)
        told = text.format(left=clean(evidence.left), right=clean(evidence.right))
        return f"{told} {self('match.inferred')}" if inferred else told

    def reason(self, key: str, evidence: Sequence[Evidence] = ()) -> str:
        """Why two records were not linked by themselves. Some reasons are a finding, told with what was found.

        Where the finding's sentence would say too much, `identity.doubt.<reason>` says it. A veto of the company's own
        rules has no sentence of its own: it says what was found as well.
        """
        if told_apart := self._identity.get(key.replace(IDENTITY, DOUBT, 1)):
            return told_apart
        own_veto = key.startswith(VETO) and key not in self._identity
        kind = key.removeprefix(VETO if own_veto else IDENTITY)
        told = self.finding(next((one for one in evidence if one.kind == kind), Evidence(kind, "", "", "", 0.0)))
        return self._identity["identity.veto"].format(finding=told) if own_veto else told

    def doubt(self, pair: Pair, reason: str) -> str:
        """Why two records were not linked by themselves, so that it fits all that was found about them."""
        kinds = {piece.kind for piece in pair.evidence}
        if pair.alone is Outcome.NEW:
            of = "numbers_differ" if kinds & _NUMBERS_DIFFER else "names_differ" if kinds & _NAMES_DIFFER else "little"
            return self(f"match.why.{of}")
        if reason == _FAMILY_DIFFERS and kinds & _GIVEN_DIFFERS:
            return self("match.why.both_names_differ")
        return self.reason(reason, pair.evidence)

    def note(self, note: str) -> str:
        """What somebody wrote with an answer; what Okoshi wrote is told in the reader's language."""
        told = note.replace(MERGED, self("match.merge.note"), 1) if is_merge(note) else note
        return clean(told)

    def field(self, name: str) -> str:
        """What a field of a record, or of a finding, is called."""
        return self.known(f"match.field.{name}", name)

    def system(self, name: str) -> str:
        """What a system is called."""
        return self.known(f"vendor.{name}", name)

    def moment(self, at: datetime) -> str:
        """A time to the minute, where the company is."""
        return f"{at.astimezone(self._zone):%Y/%m/%d %H:%M}"

    def bits(self, weight: float) -> str:
        """A weight with its sign."""
        return f"{weight:+.1f}"
