"""Two records as a person judges them: side by side, why they are doubtful, and what speaks for and against it.

Used by `review`, `explain`, `show` and `merge` of `okoshi match`. Draws; looks nothing up.
"""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from connector.cli.match_alike import alike
from connector.cli.match_diff import marked
from connector.cli.match_records import Known, Shown
from connector.cli.match_standing import Standing
from connector.cli.match_values import AS_WRITTEN, Line, is_inferred, lines
from connector.cli.match_words import Words
from connector.cli.output import clean, plain, titled
from connector.identity.clusters import Key, State
from connector.identity.compare import Evidence
from connector.identity.pairs import Pair
from connector.store.pairs import KeptPair

STYLES = {State.LINKED: "green", State.DOUBTFUL: "yellow", State.RELATED: "cyan", State.APART: "dim"}
PRIOR = "prior"
"""What is no finding but what was believed before there were any: it stands last."""

ALONE, SAME, ALIKE, DIFFERS = "", "=", "≈", "≠"


def show_records(console: Console, words: Words, left: Shown, right: Shown, roles: tuple[str, str] = ("", "")) -> None:
    """Both records, field by field, with the characters that differ in brackets, and where they are opened.

    `roles` are what becomes of each, where something is to become of them.
    """
    console.print(side_by_side(words, left, right, roles))
    for one in (left, right):
        if one.link:
            # In one piece, whatever the width, so that it can be copied.
            console.print(Text(f"{words.system(one.record.ref.system)}: {clean(one.link)}", "dim"), soft_wrap=True)
    console.print()


def side_by_side(words: Words, left: Shown, right: Shown, roles: tuple[str, str] = ("", "")) -> Table:
    """The two as a table."""
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="")
    table.add_column(style="dim", no_wrap=True)
    table.add_column(_heading(words, left, roles[0]), ratio=1, overflow="fold")
    table.add_column(width=1)
    table.add_column(_heading(words, right, roles[1]), ratio=1, overflow="fold")
    for name, value in left.values.items():
        other = right.values.get(name, "")
        if not value and not other:
            continue
        ours, theirs, sign = compared(name, value, other)
        if name == "name":
            ours.stylize("bold")
            theirs.stylize("bold")
        table.add_row(words.field(name), ours, Text(sign, "bold" if sign == DIFFERS else "dim"), theirs)
    table.add_row(words.field("modified"), words.moment(left.modified_at), "", words.moment(right.modified_at))
    table.add_row(words.field("ref"), plain(left.ref, "dim"), "", plain(right.ref, "dim"))
    return table


def compared(field: str, left: str, right: str) -> tuple[Text, Text, str]:
    """Both values and how they compare; characters are marked only where the two do not say the same."""
    if left and right and clean(left) != clean(right) and alike(field, left, right):
        return plain(left), plain(right), ALIKE
    ours, theirs = marked(left, right)
    if not ours or not theirs:
        return ours, theirs, ALONE
    return ours, theirs, SAME if ours.plain == theirs.plain else DIFFERS if ours.spans or theirs.spans else ALIKE


def _heading(words: Words, one: Shown, role: str) -> Text:
    heading = Text(f"{role} " if role else "", "bold reverse")
    heading += Text.assemble((words.system(one.record.ref.system), "bold"), f" {clean(one.record.ref.object)}")
    if one.record.deleted:
        heading.append(words("match.gone"), "bold red")
    return heading


def evidence_table(words: Words, evidence: Sequence[Evidence], left: Shown, right: Shown) -> Table:
    """Each finding with its weight, weightiest first, and below it both values, as the records or the register say."""
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(words("match.weight"), justify="right", no_wrap=True)
    table.add_column(words("match.finding"), ratio=1, overflow="fold")
    for piece in sorted(evidence, key=lambda piece: (piece.field == PRIOR, -abs(piece.weight), piece.kind)):
        style = "green" if piece.weight > 0 else "red" if piece.weight < 0 else "dim"
        told = Text(words.finding(piece, inferred=is_inferred(piece, left, right)))
        for line in lines(piece, left, right):
            if not (line.left or line.right):
                continue
            told.append("\n").append_text(_values(words, line))
        table.add_row(Text(words.bits(piece.weight), style), told)
    return table


def _values(words: Words, line: Line) -> Text:
    ours, theirs, _ = compared(AS_WRITTEN.get(line.field, line.field), line.left, line.right)
    blank = Text("–")
    for side, inferred in zip((ours, theirs), line.inferred, strict=True):
        if inferred:
            side.append(f" {words('match.inferred')}")
    told = Text.assemble(f"{words.field(line.field)}: ", ours or blank, " | ", theirs or blank)
    told.stylize("dim")
    return told


def show_doubt(console: Console, words: Words, pair: Pair, standing: Standing, known: Known) -> None:
    """Why a person is asked, the sum, and the candidate that comes next."""
    console.print(Text.assemble((words("match.doubtful_because"), "bold"), words.doubt(pair, standing.reason)))
    console.print(Text(words("match.sum", bits=words.bits(pair.score)), "dim"))
    if (rival := standing.rival) and (lead := standing.margin(pair)) is not None:
        one, two = (f"{clean(known.name(ref))} ({ref})" for ref in rival.pair.key)
        bits, margin = words.bits(rival.pair.score), words.bits(lead)
        console.print(Text(words("match.runner_up", one=one, two=two, bits=bits, margin=margin), "dim"))


def doubtful_table(words: Words, found: Sequence[tuple[KeptPair, Standing]], known: Known) -> Table:
    """One row a pair: both records and the sum, for those who answer without a terminal."""
    table = titled(words("match.doubtful"), SIMPLE_HEAD, expand=True)
    table.add_column(words("match.sum_column"), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(words("match.records"), ratio=1, overflow="fold")
    for kept, stands in found:
        why = Table.grid()
        why.add_column(no_wrap=True)
        why.add_column(overflow="fold")
        why.add_row(Text("└", "dim"), Text(words.doubt(kept.pair, stands.reason), "dim"))
        records = Group(*_marked_names(known, kept.pair.key), why)
        table.add_row(words.bits(kept.pair.score), Text(words(f"match.kind.{kept.kind}"), "dim"), records)
    return table


def _marked_names(known: Known, key: Key) -> Iterator[Text]:
    """Both records as `named` has them, with the characters that differ in brackets."""
    for ref, name in zip(key, marked(*map(known.name, key)), strict=True):
        yield Text.assemble(Text("", "bold").append_text(name), (f"  {clean(ref)}", "dim"))


def named(known: Known, ref: str) -> Text:
    """A record on a line: what it is called, and the reference to answer with."""
    return Text.assemble((clean(known.name(ref)), "bold"), (f"  {clean(ref)}", "dim"))


def state_text(words: Words, state: State) -> Text:
    """What became of a pair."""
    return Text(words(f"match.state.{state}"), STYLES[state])
