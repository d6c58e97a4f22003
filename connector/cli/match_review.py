"""`okoshi match review`: the doubtful pairs, the likeliest first, and what a person says of them.

At a terminal it asks; elsewhere it lists what there is to answer.
"""

import sys
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.text import Text

from connector.cli.match_asked import Asked, Left, Matched
from connector.cli.match_desk import Desk, kind_of, opened, person
from connector.cli.match_documents import kept_document
from connector.cli.match_screen import doubtful_table
from connector.cli.match_sitting import Sitting
from connector.cli.match_standing import Thresholds, standing
from connector.cli.options import Common, Flag, Json
from connector.cli.output import print_unpadded, screen, write_json
from connector.store import pairs

SHOWN_ROWS = 50


def review(
    *,
    kind: Literal["account", "person"] | None = None,
    limit: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    later: Flag = False,
    by: str | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Answer whether doubtful pairs are one, the likeliest first; without a terminal, list them.

    Parameters
    ----------
    kind
        Companies or people only.
    limit
        So many pairs at most, 1 or more (default: 50 in the list, all at a terminal and in JSON).
    later
        Also those that were put off.
    by
        Who answers (default: the user of this machine).
    """
    with opened(common) as desk:
        asked = Asked(kind_of(kind), limit, later=later)
        if not json and sys.stdin.isatty() and sys.stdout.isatty():
            return Sitting(desk, screen(), input, person(by), asked).hold()
        return _listed(desk, asked, json=json)


def _listed(desk: Desk, asked: Asked, *, json: bool) -> int:
    words = desk.words
    with desk.store.read() as tx:
        limit = asked.limit or (None if json else SHOWN_ROWS)
        found = pairs.doubtful(tx, asked.kind, limit, put_off=asked.later)
        left, matched = Left.of(tx, asked), Matched.of(tx, asked.kind)
        known = desk.known(tx, {ref for kept in found for ref in kept.pair.key})
        stands = [standing(tx, kept.pair, Thresholds.of(desk.mappings.identity, kept.kind)) for kept in found]
    left_off = left.asked - len(found)
    if json:
        documents = [kept_document(words, kept, known, stand) for kept, stand in zip(found, stands, strict=True)]
        figures = {"doubtful": left.doubtful, "later": left.later, "left_off": left_off}
        write_json({**figures, "records": matched.records, "unmatched": matched.unmatched, "pairs": documents})
        return 0
    console = screen()
    if found:
        print_unpadded(console, doubtful_table(words, list(zip(found, stands, strict=True)), known))
    if left_off:
        console.print(Text(words("match.more", count=f"{left_off:,}"), "dim"))
    for told in left.told(words, asked, matched):
        console.print(Text(told))
    if found:
        console.print(Text(words("match.how_to_answer"), "dim"))
    return 0
