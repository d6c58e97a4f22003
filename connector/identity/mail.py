"""Mail addresses: whose mailbox it is, a person's own or one that a role or several people share.

Used where people and companies are normalised. Knows addresses; which domains are free mail is `web.py`'s.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from connector.identity.text import base

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
        "null", "anonymous", "noemail", "kaikei", "keiei", "keieikikaku", "kaigai", "honbu", "tantou", "tanto",
        "tantousha", "jimusho", "madoguchi", "ec", "online", "ir", "csr", "partner", "partners", "webinar", "fax",
        "scan", "scanner", "printer", "copy", "butsuryu", "butsuryuu", "logistics", "hacchu", "hacchuu", "hattyu",
        "nouhin", "nohin", "shukka", "zaiko", "haisha", "front", "us", "senden", "koukoku", "boueki", "trade",
        "yakuin", "keiyaku", "shinsei", "ringi", "soudan", "sodan", "kaigi", "hoshu", "maintenance", "hanbai",
        "shiire", "kenkyu", "kenkyuu", "mkt", "mktg", "promo", "promotion", "planning", "design",
        "security", "privacy", "newsletter", "magazine", "mailmagazine", "crm", "salesforce", "hubspot", "server",
        "factory", "tantosha", "shisha", "dx", "suishin", "biz", "business", "seminer", "ad", "ads",
        "sys", "infosys", "net", "keitai", "pc", "engineer", "school", "clinic", "hotel", "seikyusho",
        "seikyuusho", "kouho", "export", "import", "department", "dept", "division",
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
_BETWEEN: Final = re.compile(r"\s*[;/|]\s*")
_IN_BRACKETS: Final = re.compile(r"<([^<>]*)>")
_REMARK: Final = re.compile(r"\s*\([^()]*\)$")
_DOTS_SAY_NOTHING: Final = frozenset(("gmail.com", "googlemail.com"))
_GMAIL: Final = "gmail.com"
_WORDS: Final = re.compile(r"[a-z]+")
_TAG: Final = re.compile(r"\+.*$")
_DEPARTMENT: Final = re.compile(r"([a-z]{3,}?)?(?:bu|ka|g|gakari|shitsu|team|group|center|desk|tantou?)")
"""A word for a task with what its department is called by (keiribu), or that alone (eigyo-1ka)."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as compared. `words` are the letters of its local part; `role` says that it is nobody's own.

    The `local` of a Gmail address is without the dots, at which its words end as they were typed.
    """

    address: str
    local: str
    domain: str
    words: tuple[str, ...]
    role: bool


def normalised_address(address: str | None) -> str | None:
    """The address as it is compared (narrow, lower case, nothing invisible), or `None` for none or a wrong one.

    What is copied along with it is none of it: `<mailto:taro@acme.jp>.`, `山田太郎 <taro@acme.jp>`,
    `taro@acme.jp(退職)`. Of several between semicolons it is the first.
    """
    typed = base(address).lower()
    text = _tidied(typed)
    if _ADDRESS.fullmatch(text):
        return text
    return next(filter(_ADDRESS.fullmatch, map(_bare, _BETWEEN.split(typed))), None) if "@" in typed else None


def _bare(text: str) -> str:
    """Without the name before an address and the remark behind it."""
    named = _IN_BRACKETS.search(text)
    return _tidied(named[1] if named else _REMARK.sub("", text))


def _tidied(text: str) -> str:
    text = text.strip(" <>.").removeprefix("mailto:").strip(" <>.")
    return text.replace(" @", "@").replace("@ ", "@")


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
    if domain in _DOTS_SAY_NOTHING:
        local, domain = local.replace(".", "") or local, _GMAIL
    return Mailbox(f"{local}@{domain}", local, domain, words, _is_role(words, frozenset(more_roles)))


def _is_role(words: tuple[str, ...], more_roles: frozenset[str]) -> bool:
    roles = ROLES | more_roles if more_roles else ROLES
    tasks = [word for word in words if word in roles or _stem(word) in roles]
    return bool(tasks) and all(word in tasks or word in PLACES or not _stem(word) for word in words)


def _stem(word: str) -> str:
    """The word without what a department is called by; empty if it is nothing else."""
    department = _DEPARTMENT.fullmatch(word)
    return (department[1] or "") if department else word
