"""How well 名寄せ finds companies and people: precision, recall, F1, seconds, memory on every set, beside simple rules.

    .venv/bin/python benchmarks/identity.py [--sample N] [companies people]

P, R and F1 are those of what is linked without a person; R+rev also counts what a person is shown. Figures of scale:
`identity_scale.py`.
"""

import argparse
import sys
from pathlib import Path

import identity_companies
import identity_people

PARTS = {"companies": identity_companies.rows, "people": identity_people.rows}


def main() -> None:
    """Prints all rows of the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS], default=[*PARTS])
    parser.add_argument("--data", type=Path, default=identity_people.DATA)
    parser.add_argument("--sample", type=int, default=0, help="about so many queries of each set; 0 for all")
    options = parser.parse_args()
    sys.stdout.write(f"{identity_people.HEADER}\n")
    for part in options.parts:
        for row in PARTS[part](options.data, options.sample):
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
