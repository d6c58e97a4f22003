"""`okoshi match say`, `take-back` and `split`: a person's answers without a terminal.

Changes nothing but the store, and reaches no vendor.
"""

from collections.abc import Sequence
from typing import Literal

from rich.text import Text

from connector.cli.match_desk import Desk, Signed, opened, person
from connector.cli.match_screen import named
from connector.cli.options import Common, Flag, Json
from connector.cli.output import screen, talking, typed, write_json
from connector.identity.clusters import Answer, Key, key_of
from connector.model.errors import ConfigurationError
from connector.store import clusters, verdicts

YES = frozenset({"y", "yes", "はい"})


def say(
    one: str,
    two: str,
    answer: Literal["same", "different", "later"],
    /,
    *,
    signed: Signed | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Say of two records that they are the same, different, or to be judged later. It is never overruled.

    Parameters
    ----------
    one
        A record: its reference (salesforce:Account:001…), its id, or the address of its page.
    two
        The other one, of the same kind.
    answer
        What they are.
    """
    signed = signed or Signed()
    with opened(common) as desk:
        with desk.store.read() as tx:
            kind, key = desk.pair(tx, one, two)
        in_effect = desk.say(kind, {key: Answer(answer)}, person(signed.by), signed.note)
        _tell(desk, [key], f"match.said.{answer}", in_effect=in_effect, json=json)
    return 0


def take_back(one: str, two: str, /, *, json: Json = False, common: Common | None = None) -> int:
    """Take back what was said of two records; the evidence decides again.

    Parameters
    ----------
    one
        A record: its reference, its id, or the address of its page.
    two
        The other one.
    """
    with opened(common) as desk:
        with desk.store.read() as tx:
            kind, key = desk.pair(tx, one, two)
            if verdicts.get(tx, *key) is None:
                raise ConfigurationError(
                    f"Nobody has said anything of {key[0]} and {key[1]}; `okoshi match explain` tells what is known."
                )
        _tell(desk, [key], "match.undone", in_effect=desk.take_back(kind, key), json=json)
    return 0


def split(
    record: str,
    /,
    *,
    signed: Signed | None = None,
    yes: Flag = False,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Take a record out of its cluster: it is said to be different from every other living one there.

    Parameters
    ----------
    record
        The record: its reference, its id, or the address of its page.
    yes
        Do not ask first.
    """
    signed = signed or Signed()
    with opened(common) as desk:
        with desk.store.read() as tx:
            ref = desk.ref(tx, record)
            group = clusters.members(tx, [str(ref)])[str(ref)]
            known = desk.known(tx, group)
        # What was merged into a record in the vendor goes with it, whatever is said of the two.
        others = sorted(one for one in group if one != str(ref) and one in known and not known[one].record.deleted)
        if not others:
            raise ConfigurationError(f"{ref} is linked with no other record; there is nothing to take it out of.")
        console = talking(json=json)
        console.print(Text(desk.words("match.split", count=f"{len(others):,}"), "bold"))
        for one in (str(ref), *others):
            console.print(Text.assemble("- " if one == str(ref) else "  ", named(known, one)))
        if not yes and typed(desk.words("match.agree"), "add --yes.").casefold() not in YES:
            console.print(Text(desk.words("match.left_as_it_is"), "dim"))
            return 0
        keys = [key_of(str(ref), other) for other in others]
        in_effect = desk.say(desk.kind(ref), dict.fromkeys(keys, Answer.DIFFERENT), person(signed.by), signed.note)
        _tell(desk, keys, "match.said.different", in_effect=in_effect, json=json)
    return 0


def _tell(desk: Desk, keys: Sequence[Key], told: str, *, in_effect: bool, json: bool) -> None:
    if json:
        write_json({"pairs": [list(key) for key in keys], "in_effect": in_effect})
        return
    console = screen()
    console.print(Text(desk.words(told)))
    if not in_effect:
        console.print(Text(desk.words("match.run_alive"), "dim"))
