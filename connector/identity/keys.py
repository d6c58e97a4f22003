"""Sure keys of a record: records that share one are the same person or company.

Computed by the store when it saves a record. Pure; knows ids and mail addresses, neither names nor guesses.
"""

import re
import unicodedata

from connector.model.records import Person, Record

# One mailbox name, one @, a domain with at least one dot; no spaces, brackets or lists, which people type there too.
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\]+@[^\s@<>(),;:\"\\.]+(?:\.[^\s@<>(),;:\"\\.]+)+")
_INVISIBLE = {ord(character): None for character in "\u200b\u200c\u200d\u2060\ufeff\u00ad"}


def record_keys(record: Record) -> frozenset[str]:
    """`id:<ref>` of the record and of every record that it names as itself, and a person's `mail:<address>`."""
    keys = {f"id:{ref}" for ref in (record.ref, *record.same_as)}
    if isinstance(record, Person) and (address := normalised_address(record.email)):
        keys.add(f"mail:{address}")
    return frozenset(keys)


def normalised_address(address: str | None) -> str | None:
    """The address as it is compared (narrow, lower case, nothing invisible), or `None` for none or a wrong one."""
    text = unicodedata.normalize("NFKC", address or "").translate(_INVISIBLE).strip().lower()
    return text if _ADDRESS.fullmatch(text) else None
