"""The version of 名寄せ's rules: every record is compared again when it changes, so it must not change by itself."""

import subprocess
import sys

from connector.engine.reference import rules_version
from connector.mapping import load_mappings

PRINTED = """
from connector.engine.reference import rules_version
from connector.mapping import load_mappings
print(rules_version(load_mappings(None).identity))
"""


def in_a_process_of_its_own(seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PRINTED], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_version_is_the_same_in_every_process() -> None:
    """Whatever order a process keeps its sets in."""
    assert len({in_a_process_of_its_own(seed) for seed in ("1", "2", "3")}) == 1


def test_another_rule_is_another_version() -> None:
    """Also where only one weight differs."""
    rules = load_mappings(None).identity
    weights = rules.companies.weights.model_copy(update={"name_exact": 9.5})
    other = rules.model_copy(update={"companies": rules.companies.model_copy(update={"weights": weights})})
    assert rules_version(other) != rules_version(rules)
