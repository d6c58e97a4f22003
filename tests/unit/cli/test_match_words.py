"""The sentences of 名寄せ: whatever code can find or doubt has one in both languages, and none quotes as a template."""

import re
from pathlib import Path
from string import Formatter

import pytest

import connector.identity
from connector.cli.match_words import Words
from connector.identity.clusters import Answer, State
from connector.identity.compare import VETOES, Evidence
from connector.mapping import load_mappings
from connector.mapping.identity import CompanyWeights
from connector.mapping.identity_people import LEVELS, PeopleRules
from connector.model.records import Kind

TEXTS = load_mappings(None).texts
ROOM = Path(connector.identity.__file__).parent
LITERAL = re.compile(r'"identity\.([a-z_]+(?:\.[a-z_]+)*)"')
CALLED = re.compile(r'(?:Evidence|_evidence|_piece)\(\s*(?:kind=)?"([a-z_.]+)"')
LIMITS = {"name_similar_least", "name_similar_most"}
"""Weights that are no kinds: they bound the one of `name_similar`."""


def sources() -> str:
    """All code that makes evidence and reasons."""
    engine = ROOM.parent / "engine"
    return "\n".join(path.read_text(encoding="utf-8") for path in (*ROOM.glob("*.py"), *engine.glob("*.py")))


def kinds() -> set[str]:
    """Every kind of evidence that code can produce."""
    companies = (set(CompanyWeights.model_fields) - LIMITS) | {"name_alike", "name_similar"}
    people = {f"person.{field}.{level}" for field, levels in LEVELS.items() for level in levels}
    return companies | people | {"person.prior"} | set(CALLED.findall(sources()))


def reasons() -> set[str]:
    """Every reason for a doubt that code can give with the preset's rules."""
    vetoes = VETOES | {f"person.{name}" for name in PeopleRules().never_auto}
    return set(LITERAL.findall(sources())) | {f"veto.{kind}" for kind in vetoes} | {"contradicted", "near_equal"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_finding_and_every_doubt_has_a_sentence(language: str) -> None:
    """A sales-ops person never sees the name of a weight."""
    missing = {name for name in kinds() | reasons() if f"identity.{name}" not in TEXTS[language]}
    assert not missing, sorted(missing)


def test_no_sentence_tells_of_what_code_no_longer_finds() -> None:
    """A text that nothing can show would be kept in step with nothing."""
    told = {key.removeprefix("identity.") for key in TEXTS["ja"] if key.startswith("identity.")}
    doubts = {f"doubt.{reason}" for reason in reasons()}
    assert told <= kinds() | reasons() | doubts | {"veto"}, sorted(told - kinds() - reasons() - doubts)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_sentences_ask_only_for_what_they_are_given(language: str) -> None:
    """Both values for a finding; the finding for a veto of the company's own rules."""
    for key, text in TEXTS[language].items():
        if key.startswith("identity."):
            asked = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert asked <= ({"finding"} if key == "identity.veto" else {"left", "right"}), key


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_state_answer_and_kind_has_a_name(language: str) -> None:
    """What is looked up by a value rather than by a name in code is there too."""
    keys = {f"state.{state}" for state in State} | {f"answer.{answer}" for answer in Answer}
    keys |= {f"said.{answer}" for answer in Answer}
    keys |= {f"{part}.{kind}" for part in ("kind", "question") for kind in (Kind.ACCOUNT, Kind.PERSON)}
    assert not {key for key in keys if f"cli.match.{key}" not in TEXTS[language]}


def test_a_veto_of_the_company_s_own_rules_is_told_by_what_was_found() -> None:
    """A company may forbid links over other findings than the preset does."""
    japanese, english = (Words(TEXTS[language], "Asia/Tokyo") for language in ("ja", "en"))
    assert japanese.reason("identity.veto.person.title.differs").startswith(
        TEXTS["ja"]["identity.person.title.differs"]
    )
    assert english.reason("identity.veto.person.title.differs").startswith("the titles differ")
    assert (
        english.reason("identity.veto.corporate_number_differs")
        == TEXTS["en"]["identity.veto.corporate_number_differs"]
    )


def test_a_doubt_that_is_a_finding_is_told_with_what_was_found() -> None:
    """Which words tell the two firms apart, not that some do; a reason that nothing is known of shows its name."""
    words = Words(TEXTS["ja"], "Asia/Tokyo")
    found = [
        Evidence("name_alike", "name", "アクメ", "アクメ販売", 5.0),
        Evidence("word_differs", "name", "", "販売", -1.0),
    ]
    assert "「販売」" in words.reason("identity.word_differs", found)
    assert words.reason("identity.too_little", found) == TEXTS["ja"]["identity.too_little"]
    assert words.reason("identity.name_differs", found) != TEXTS["ja"]["identity.name_differs"]
    assert words.reason("identity.of_a_later_version") == "of_a_later_version"


def test_values_in_a_sentence_are_text() -> None:
    """A company's name can neither format a sentence nor steer the terminal."""
    words = Words(TEXTS["en"], "Asia/Tokyo")
    told = words.finding(Evidence("word_differs", "name", "{0.__class__}\x1b[31m", "販売", -1.0))
    assert "{0.__class__}�[31m" in told
    assert "販売" in told
    assert words.finding(Evidence("of_a_later_version", "name", "a", "b", 0.0)) == "of_a_later_version"
