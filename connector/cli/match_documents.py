"""Records and pairs as JSON for machines: `okoshi match … --json`. Names of members stay as they are once released.

Used by the commands of `okoshi match`.
"""

from typing import Any

from connector.cli.match_records import Known, Shown
from connector.cli.match_standing import Standing
from connector.cli.match_values import is_inferred, lines
from connector.cli.match_words import Words
from connector.identity.compare import Evidence
from connector.identity.pairs import Pair
from connector.store.pairs import KeptPair
from connector.store.verdicts import Verdict

Document = dict[str, Any]


def record_document(shown: Shown) -> Document:
    """One record with its fields; a blank one is the empty text."""
    ref = shown.record.ref
    return {
        "ref": str(ref),
        "system": ref.system,
        "object": ref.object,
        "id": ref.id,
        "deleted": shown.record.deleted,
        "modified_at": shown.modified_at.isoformat(),
        "link": shown.link or None,
        "fields": dict(shown.values),
    }


def pair_document(words: Words, pair: Pair, known: Known, standing: Standing) -> Document:
    """Two records, what was found about them, and how they stand among the others. Weights and sums are in bits."""
    left, right = known[pair.left], known[pair.right]
    rival = standing.rival.pair if standing.rival else None
    return {
        "left": record_document(left),
        "right": record_document(right),
        "score": round(pair.score, 2),
        "alone": pair.alone.value,
        "relation": pair.relation,
        "sure": pair.sure,
        "reason": standing.reason or None,
        "why": words.doubt(pair, standing.reason) if standing.reason else None,
        "evidence": [_evidence_document(words, piece, left, right) for piece in pair.evidence],
        "runner_up": {"left": rival.left, "right": rival.right, "score": round(rival.score, 2)} if rival else None,
        "margin": None if rival is None else round(pair.score - rival.score, 2),
        "answers": [verdict_document(one, overruled=one in standing.overruled) for one in standing.said],
    }


def kept_document(words: Words, kept: KeptPair, known: Known, standing: Standing) -> Document:
    """The same of a pair that is kept, with its state, the version of the rules, and when it was compared."""
    found = pair_document(words, kept.pair, known, standing)
    return {"kind": kept.kind.value, "state": kept.state.value, **found, "rules": kept.rules, "at": kept.at.isoformat()}


def verdict_document(verdict: Verdict, *, overruled: bool = False) -> Document:
    """What a person said; `overruled`: it says "same", but an answer "different" keeps the two apart."""
    return {
        "left": verdict.left,
        "right": verdict.right,
        "answer": verdict.answer.value,
        "at": verdict.at.isoformat(),
        "by": verdict.by,
        "note": verdict.note,
        "overruled": overruled,
    }


def _evidence_document(words: Words, piece: Evidence, left: Shown, right: Shown) -> Document:
    """`left` and `right` are what was compared, `written` is what the records say, or the register for one of them.

    `decided_by` are values of other fields, such as the former name that is the other one's name now.
    """
    inferred = is_inferred(piece, left, right)
    own, *others = lines(piece, left, right)
    return {
        "kind": piece.kind,
        "field": piece.field,
        "left": piece.left,
        "right": piece.right,
        "written": [own.left, own.right],
        "weight": round(piece.weight, 2),
        "text": words.finding(piece, inferred=inferred),
        "inferred": inferred,
        "from_register": list(own.inferred),
        "decided_by": [
            {"field": one.field, "written": [one.left, one.right], "from_register": list(one.inferred)}
            for one in others
        ],
    }
