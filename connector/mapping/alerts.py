"""Which alert goes out through which channels, and whether the texts of alerts are whole.

Filled by the loader from `mappings/alerts.yaml`; read by planning and by the assembly. Knows no channel's address:
those are secrets, and so settings.
"""

from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from connector.model.plan import Frozen

CHATTER, BELL = "chatter", "bell"
INSIDE_SALESFORCE = frozenset({CHATTER, BELL})
"""Channels that need no address: a post on the record's feed that mentions people, and a custom notification."""

TITLE, BODY = ".title", ".body"


def _once(channels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(channels))


Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Channels = Annotated[tuple[Channel, ...], AfterValidator(_once)]


class AlertRules(Frozen):
    """The channels of each alert: `chatter`, `bell`, and the names under `alerts.channels` of the settings."""

    default: Channels = (CHATTER, BELL)
    templates: dict[str, Channels] = Field(default_factory=dict)
    """By template (`lost.alert_notice`) or the beginning of its name (`lost`); the longest that fits counts alone."""
    each_person: Channels = ()
    """Channels that write to one person each: their address in the settings holds `{mail}`."""
    language: Literal["ja", "en"] | None = None
    """Nothing given: as `locale.language` says."""
    notification_type: str = Field(default="Okoshi_Alert", pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")
    """The DeveloperName of Salesforce's custom notification type that the bell rings with."""

    def channels(self, template: str) -> tuple[str, ...]:
        """Where this alert goes; nowhere if the rules say so."""
        parts = template.split(".")
        names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((self.templates[name] for name in names if name in self.templates), self.default)

    @property
    def addressed(self) -> frozenset[str]:
        """All channels of these rules that need an address in the settings."""
        return frozenset({*self.default, *self.each_person}.union(*self.templates.values())) - INSIDE_SALESFORCE


def alert_texts(texts: Mapping[str, str]) -> frozenset[str]:
    """The names of the templates that these texts (of one language) hold: whatever has both a title and a body."""
    titles = {key.removesuffix(TITLE) for key in texts if key.endswith(TITLE)}
    return frozenset(name for name in titles if name + BODY in texts)


def text_mistakes(texts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What is wrong with the templates of alerts, by language: one that a language lacks, or other {placeholders}."""
    names = sorted(frozenset().union(*(alert_texts(given) for given in texts.values())))
    for name in names:
        for part in (TITLE, BODY):
            found = {language: given.get(name + part) for language, given in texts.items()}
            yield from (f"{name}{part}: not there in {language}" for language, text in found.items() if text is None)
            wanted = {language: set(placeholders(text)) for language, text in found.items() if text is not None}
            if len({frozenset(each) for each in wanted.values()}) > 1:
                yield f"{name}{part}: the languages name different placeholders: {_shown(wanted)}"
            odd = sorted({one for each in wanted.values() for one in each if not one.isidentifier()})
            if odd:
                yield f"{name}{part}: a placeholder is a plain name, not {', '.join(odd)}"


def placeholders(text: str) -> Iterator[str]:
    """The {placeholders} of a text, with whatever stands in the braces. One that cannot be read is the text itself."""
    try:
        for _, name, spec, conversion in Formatter().parse(text):
            if name is not None:
                yield name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
    except ValueError:
        yield text


def _shown(wanted: Mapping[str, Iterable[str]]) -> str:
    return "; ".join(f"{language}: {', '.join(sorted(names)) or 'none'}" for language, names in wanted.items())
