"""Whether a company's own texts of alerts can be filled in, told before a run rather than when somebody is to be told.

Called by the assembly and the doctor. Whatever a program fills in is named by the preset's texts.
"""

from collections.abc import Iterable, Iterator, Mapping

from connector.mapping.alerts import BODY, TITLE, alert_texts, placeholders
from connector.mapping.loader import load_mappings
from connector.mapping.schema import Mappings
from connector.model.errors import ConfigurationError


def check_alert_texts(mappings: Mappings) -> None:
    """Raises ConfigurationError with one line for each text that lacks, or that names what nobody fills in."""
    found = list(unfillable(mappings.texts, load_mappings(None).texts))
    if found:
        raise ConfigurationError("\n".join(found), code="mapping_wrong")


def unfillable(own: Mapping[str, Mapping[str, str]], preset: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Of each template of the preset: "text <key> (<language>): what is wrong; remedy"."""
    names = sorted(frozenset().union(*(alert_texts(texts) for texts in preset.values())))
    for key in (name + part for name in names for part in (TITLE, BODY)):
        known = {one for texts in preset.values() for one in placeholders(texts.get(key, ""))}
        for language in sorted(preset.keys() & own.keys()):
            if key not in own[language]:
                yield f"mappings: text {key} ({language}): it is needed; write one."
                continue
            strange = _braced(set(placeholders(own[language][key])) - known)
            if strange:
                yield (
                    f"mappings: text {key} ({language}): nothing fills {strange} in. "
                    f"Filled in is {_braced(known) or 'nothing'}."
                )


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
