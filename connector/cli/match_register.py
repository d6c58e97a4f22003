"""What the register says of records, as a page of its own below the facts: an inference, never the record's own words.

Used by `okoshi match explain`. Draws and words; looks nothing up.
"""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from connector.cli.match_records import Known
from connector.cli.match_words import Words
from connector.cli.output import clean
from connector.engine.reference import ReferenceMatch
from connector.identity.decide import Outcome

Found = Mapping[str, ReferenceMatch]


def show_register(console: Console, words: Words, found: Found, known: Known) -> None:
    """Each record's company of the register, sure or perhaps; nothing where there is no register."""
    told = {ref: one for ref, one in found.items() if one.match.outcome is not Outcome.NEW or one.match.reason}
    if not told:
        return
    console.print()
    console.print(Text(words("match.register"), "bold"))
    for ref, one in sorted(told.items()):
        console.print(Text.assemble("- ", (clean(known.name(ref)), "bold"), (f"  {clean(ref)}", "dim")))
        lines = [Text(line) for line in _lines(words, one)]
        console.print(Padding(Text("\n").join(lines), (0, 0, 0, 2), style="dim"))


def _lines(words: Words, one: ReferenceMatch) -> list[str]:
    match, registered = one.match, one.registered
    lines = [words(f"match.register.{match.outcome}", bits=words.bits(match.score))]
    if registered:
        formers = words("comma").join(registered.former_names)
        values = {
            "corporate_number": registered.number,
            "name": registered.name,
            "kana": registered.kana,
            "english": registered.english,
            "former": formers,
            "address": registered.address,
        }
        lines += [f"{words.field(name)}: {clean(value)}" for name, value in values.items() if value]
    if match.reason:
        lines.append(words.reason(match.reason, match.evidence))
    lines += [f"{words.bits(piece.weight)} {words.finding(piece)}" for piece in match.evidence]
    return lines


def register_document(words: Words, found: Found) -> dict[str, Any]:
    """The same by ref. `sure`: it is used to complete the record for comparing."""
    return {
        ref: {
            "number": one.match.number or None,
            "sure": one.match.outcome is Outcome.AUTO,
            "outcome": one.match.outcome.value,
            "score": round(one.match.score, 2),
            "reason": one.match.reason or None,
            "registered": one.registered.model_dump(include=_TOLD) if one.registered else None,
            "evidence": [
                {"kind": piece.kind, "weight": round(piece.weight, 2), "text": words.finding(piece)}
                for piece in one.match.evidence
            ],
            "rules": one.match.rules,
            "at": one.match.at.isoformat(),
        }
        for ref, one in sorted(found.items())
    }


_TOLD = {"name", "kana", "english", "former_names", "address", "postal_code", "closed_on", "successor"}
