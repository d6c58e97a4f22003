"""Mail addresses: whose mailbox it is, a person's own or one that a role or several people share.

Used where people and companies are normalised. Knows addresses; which domains are free mail is `web.py`'s.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ROLES: Final = frozenset(
    [
        "info", "information", "infomation", "contact", "contacts", "mail", "email", "post", "office", "desk",
        "hello", "welcome", "web", "www", "webmaster", "postmaster", "hostmaster", "abuse", "admin",
        "administrator", "root", "master", "noreply", "no", "reply", "donotreply", "mailer", "daemon", "sales",
        "sale", "eigyo", "eigyou", "eigyobu", "marketing", "market", "pr", "press", "kouhou", "koho", "media",
        "news", "seminar", "event", "support", "help", "helpdesk", "service", "services", "customer", "cs",
        "care", "callcenter", "center", "centre", "order", "orders", "juchu", "juchuu", "shop", "store",
        "netshop", "reserve", "reservation", "yoyaku", "inquiry", "inquire", "enquiry", "enquiries", "question",
        "toiawase", "otoiawase", "soumu", "somu", "soumubu", "shomu", "jimu", "jimukyoku", "kanri", "keiri",
        "accounting", "accounts", "account", "billing", "seikyu", "seikyuu", "invoice", "finance", "zaimu",
        "jinji", "hr", "recruit", "recruiting", "saiyo", "saiyou", "career", "careers", "job", "jobs", "koubai",
        "kobai", "purchase", "purchasing", "procurement", "chotatsu", "gyomu", "gyoumu", "kikaku", "system",
        "systems", "it", "joho", "jouhou", "technical", "tech", "dev", "gijutsu", "kaihatsu", "seizo", "seizou",
        "koujou", "kojo", "hinkan", "quality", "legal", "houmu", "homu", "reception", "uketsuke", "hisho",
        "secretary", "president", "shacho", "daihyo", "daihyou", "company", "kaisha", "honsha", "honten",
        "shiten", "branch", "all", "group", "team", "staff", "member", "members", "everyone", "ml", "list",
        "user", "users", "test", "sample", "dummy", "none", "nomail", "nothing", "unknown", "fumei", "nashi",
        "null", "anonymous",
    ]
)  # fmt: skip
"""Words that name a task or a group. A mailbox made of these alone is nobody's own."""

PLACES: Final = frozenset(
    [
        "japan", "jp", "tokyo", "osaka", "nagoya", "fukuoka", "sapporo", "sendai", "hiroshima", "yokohama",
        "kyoto", "kobe", "saitama", "chiba", "kanagawa", "hokkaido", "kyushu", "kansai", "kanto", "tohoku",
        "chubu", "east", "west", "north", "south", "asia", "global",
    ]
)  # fmt: skip

# One mailbox name, one @, a domain with at least one dot; no spaces, brackets or lists, which people type there too.
_ADDRESS: Final = re.compile(r"[^\s@<>(),;:\"\\]+@[^\s@<>(),;:\"\\.]+(?:\.[^\s@<>(),;:\"\\.]+)+")
_INVISIBLE: Final = {ord(character): None for character in "\u200b\u200c\u200d\u2060\ufeff\u00ad"}
_WORDS: Final = re.compile(r"[a-z]+")
_TAG: Final = re.compile(r"\+.*$")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as compared. `words` are the letters of its local part; `role` says that it is nobody's own."""

    address: str
    local: str
    domain: str
    words: tuple[str, ...]
    role: bool


def normalised_address(address: str | None) -> str | None:
    """The address as it is compared (narrow, lower case, nothing invisible), or `None` for none or a wrong one."""
    text = unicodedata.normalize("NFKC", address or "").translate(_INVISIBLE).strip().lower()
    return text if _ADDRESS.fullmatch(text) else None


def mailbox(address: str | None, more_roles: Iterable[str] = ()) -> Mailbox | None:
    """The mailbox of an address, or `None` for none or a wrong one. A tag (`taro+news@`) is the same mailbox.

    `more_roles` are words, in lower case, that name a task in this company besides those known here.
    """
    text = normalised_address(address)
    if not text:
        return None
    local, domain = text.rsplit("@", 1)
    local = _TAG.sub("", local) or local
    words = tuple(_WORDS.findall(local))
    return Mailbox(f"{local}@{domain}", local, domain, words, _is_role(words, frozenset(more_roles)))


def _is_role(words: tuple[str, ...], more_roles: frozenset[str]) -> bool:
    roles = ROLES | more_roles if more_roles else ROLES
    return (
        bool(words) and any(word in roles for word in words) and all(word in roles or word in PLACES for word in words)
    )
