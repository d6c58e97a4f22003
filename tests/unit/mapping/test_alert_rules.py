"""Which channels an alert takes, and that the texts of all alerts are whole in every language."""

from pathlib import Path

import pytest

from connector.mapping import load_mappings
from connector.mapping.alert_texts import check_alert_texts, unfillable
from connector.mapping.alerts import AlertRules, alert_texts, text_mistakes
from connector.model.errors import ConfigurationError


def test_an_alert_goes_to_chatter_and_the_bell_unless_the_rules_say_otherwise() -> None:
    """The preset needs no address of any channel."""
    rules = load_mappings(None).alerts
    assert rules.channels("lost.alert_notice") == ("chatter", "bell")
    assert rules.addressed == frozenset()


def test_the_longest_name_that_fits_counts_alone() -> None:
    """A program's rule is replaced, not added to, by that of one of its alerts; nowhere is possible."""
    rules = AlertRules(templates={"lost": ("mail",), "lost.alert_notice": ("slack", "slack"), "freshness": ()})
    assert rules.channels("lost.alert_notice") == ("slack",)
    assert rules.channels("lost.alert_customer") == ("mail",)
    assert rules.channels("lostness.alert") == ("chatter", "bell")
    assert rules.channels("freshness.alert") == ()
    assert rules.addressed == {"mail", "slack"}


def test_a_wrong_channel_name_is_shown_with_its_place(tmp_path: Path) -> None:
    """File and line, as for every mapping."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "alerts.yaml").write_text("default:\n  - chatter\n  - Slack!\n")
    with pytest.raises(ConfigurationError, match=r"mappings/alerts.yaml:3"):
        load_mappings(tmp_path)


def test_the_texts_of_all_alerts_are_there_in_every_language() -> None:
    """Every template has title and body in Japanese and English, with the same placeholders."""
    texts = load_mappings(None).texts
    assert list(text_mistakes(texts)) == []
    assert alert_texts(texts["ja"]) == alert_texts(texts["en"])


def test_texts_that_do_not_fit_each_other_are_named() -> None:
    """A language without the text, another placeholder, one that is no plain name, a brace that is never closed."""
    texts = {
        "ja": {"a.title": "{deal}", "a.body": "x", "b.title": "{deal.name}", "b.body": "{", "c.title": "alone"},
        "en": {"a.title": "{account}", "b.title": "{deal.name}", "b.body": "{"},
    }
    found = "\n".join(text_mistakes(texts))
    assert "a.body: not there in en" in found
    assert "a.title: the languages name different placeholders: ja: deal; en: account" in found
    assert "b.title: a placeholder is a plain name, not deal.name" in found
    assert "b.body: a placeholder is a plain name, not {" in found
    assert "c.title" not in found


def test_a_companys_own_text_may_say_less_but_name_nothing_new() -> None:
    """A placeholder that no program fills in is told with those that are; a text taken away too."""
    preset = {
        "ja": {"a.title": "{deal}", "a.body": "{deal} {who}"},
        "en": {"a.title": "{deal}", "a.body": "{deal} {who}"},
    }
    own = {"ja": preset["ja"] | {"a.body": "{who}"}, "en": {"a.title": "{deal.name} {amount}"}}
    assert list(unfillable(preset, preset)) == []
    assert list(unfillable(own, preset)) == [
        "mappings: text a.title (en): nothing fills {amount}, {deal.name} in. Filled in is {deal}.",
        "mappings: text a.body (en): it is needed; write one.",
    ]


def test_the_preset_can_be_filled() -> None:
    """It is its own measure."""
    check_alert_texts(load_mappings(None))
