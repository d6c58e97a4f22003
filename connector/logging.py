"""Log lines on standard error: pretty for people, JSON in a container, personal data masked, the run's id in each.

Set up once by the command; everyone logs with `structlog.get_logger()`. Knows nothing of what is logged.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor

MASK = "***"

SECRET_KEYS = frozenset(
    {
        *("access_token", "authorization", "client_assertion", "client_secret", "cookie", "password", "private_key"),
        *("refresh_token", "secret", "session_id", "set_cookie", "sid", "signature", "token"),
    }
)
PERSONAL_KEYS = frozenset(
    {
        *("address", "approach_contact", "body", "description", "email", "fax", "first_name", "firstname", "last_name"),
        *("lastname", "mail", "mobile", "mobilephone", "name", "note", "notes", "phone", "subject", "text", "title"),
    }
)
HIDDEN_KEYS = SECRET_KEYS | PERSONAL_KEYS
KEPT_KEYS = frozenset({"event", "level", "timestamp", "logger", "run_id"})
"""Keys of the line itself; their texts are still searched for personal data, except the time and the run's id."""
UNSEARCHED_KEYS = frozenset({"level", "timestamp", "logger", "run_id"})

MAIL = re.compile(r"[\w.!#$%&'+/=?^`{|}~-]+[@＠][\w-]+(?:[.．][\w-]+)+")
BEARER = re.compile(r"\b(bearer|basic|oauth)\s+[\w.~+/!=-]{8,}", re.IGNORECASE)
VENDOR_TOKEN = re.compile(r"\b(?:pat-[a-z]{2,3}\d?-[\w-]{8,}|00D[A-Za-z0-9]{12,15}![\w.]+|eyJ[\w-]+\.[\w-]+\.[\w-]*)")
SECRET_PARAMETER = re.compile(
    r"(?P<key>\b(?:access_token|assertion|client_secret|password|refresh_token|session_?id|sid|hapikey)\"?\s*[=:]\s*\"?)"
    r"[^\s\"&,;]+",
    re.IGNORECASE,
)
PASSWORD_IN_URL = re.compile(r"(?<=://)(?P<user>[^/\s:@]*):[^/\s@]+@")
_DASH = r"[-‐‑–—−ー－ .．()（）]"
PHONE = re.compile(
    rf"(?<![\w.:/-])(?:[+＋]{_DASH}?\d{{1,3}}{_DASH}{{0,2}}|[0０(（]{{1,2}})\d{{1,4}}{_DASH}{{1,2}}\d{{1,4}}{_DASH}{{1,2}}\d{{3,4}}(?![\w:-])"
    r"|(?<![\w.:/+-])[0０]\d{9,10}(?![\w.:-])|[+＋]\d{10,14}(?!\w)"
)

NOISY = (
    "urllib3",
    "requests",
    "alembic",
    "sqlalchemy",
    "simple_salesforce",
    "hubspot",
    "apprise",
    "asyncio",
    "uvicorn",
)
_NORMALISED = str.maketrans({"-": "_", " ": "_", ".": "_"})


def masked(text: str) -> str:
    """`text` with mail addresses, phone numbers, tokens and passwords replaced by asterisks."""
    text = PASSWORD_IN_URL.sub(rf"\g<user>:{MASK}@", text)
    text = SECRET_PARAMETER.sub(rf"\g<key>{MASK}", text)
    text = BEARER.sub(rf"\1 {MASK}", text)
    text = VENDOR_TOKEN.sub(MASK, text)
    text = MAIL.sub(MASK, text)
    return PHONE.sub(MASK, text)


def _hidden(key: object) -> bool:
    name = str(key).lower().translate(_NORMALISED)
    return name in HIDDEN_KEYS or name.endswith(("_token", "_secret", "_password", "_email", "_phone", "_name_kana"))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bytes):
        return MASK
    if isinstance(value, Mapping):
        return {key: MASK if _hidden(key) and item is not None else _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return masked(str(value))


def mask_personal_data(_logger: object, _method: str, event_dict: EventDict) -> EventDict:
    """The last processor before rendering: hides values by their key, and personal data inside any other text."""
    for key, value in event_dict.items():
        if key in UNSEARCHED_KEYS or key.startswith("_"):
            continue
        event_dict[key] = MASK if _hidden(key) and key not in KEPT_KEYS and value is not None else _clean(value)
    return event_dict


def configure(format: Literal["auto", "json", "pretty"] = "auto", level: str = "INFO") -> None:  # noqa: A002 -- the setting's own name
    """Sends every line, the libraries' too, to standard error in one form. `auto`: pretty on a terminal, else JSON."""
    pretty = format == "pretty" or (format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_personal_data,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(shared, pretty=pretty, level=level)


def _route_standard_logging(shared: Iterable[Processor], *, pretty: bool, level: str) -> None:
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if pretty
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=list(shared),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in NOISY:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
