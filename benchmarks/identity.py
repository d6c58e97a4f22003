"""How well 名寄せ finds companies and people: precision, recall, F1, seconds, memory on every set, beside simple rules.

    .venv/bin/python benchmarks/identity.py [--sample N] [companies] [people] [others]

`others` is the same work by Splink, recordlinkage, goldenmatch and a simple rule, beside Okoshi's. It takes long, and
leaves out what is not installed (`pip install 'okoshi[splink]' --group benchmark`). P, R and F1 are those of what is
linked without a person; R+rev also counts what a person is shown. Figures of scale: `identity_scale.py`.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import identity_companies, identity_others, identity_people

PARTS: dict[str, Callable[[Path, int], Iterator[identity_people.Row | str]]] = {
    "companies": identity_companies.rows,
    "people": identity_people.rows,
    "others": identity_others.rows,
}


def main() -> None:
    """Prints all rows of the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help="companies, people, others; all where none is named")
    parser.add_argument("--data", type=Path, default=identity_people.DATA)
    parser.add_argument("--sample", type=int, default=0, help="about so many queries of each set; 0 for all")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    sys.stdout.write(f"{identity_people.HEADER}\n")
    for part in options.parts or PARTS:
        for row in PARTS[part](options.data, options.sample):
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
