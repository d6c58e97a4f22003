"""What a database's own error means for the person who runs Okoshi. The one place where such errors are translated.

Registered on the engine by `database.connect`; no other module catches database errors.
"""

from sqlalchemy import URL
from sqlalchemy.engine import ExceptionContext

from connector.model.errors import ConfigurationError, OkoshiError, StopSync

_LOCKED = "is locked by another program; wait until it has finished, then run again"
_FULL = "cannot grow: the disk is full; free some space, then run again (nothing half-done was kept)"
_SIGN_IN = "refuses the user name or password of database.url"
_NO_HOST = "cannot be found; check the host name in database.url"
_NO_ANSWER = "cannot be reached; check that the server runs and that database.url names its host and port"

_CODES = {
    _LOCKED: "database_locked",
    _FULL: "database_full",
    _SIGN_IN: "database_sign_in",
    _NO_HOST: "database_unreachable",
    _NO_ANSWER: "database_unreachable",
}

# Text of SQLite's and libpq's messages, in lower case; they carry no code at this level.
_BY_TEXT: tuple[tuple[str, type[OkoshiError], str], ...] = (
    ("database is locked", StopSync, _LOCKED),
    ("database table is locked", StopSync, _LOCKED),
    ("disk is full", StopSync, _FULL),
    ("disk i/o error", StopSync, "cannot be read or written; check the disk and its free space, then run again"),
    (
        "unable to open database",
        ConfigurationError,
        "cannot be opened; its folder must exist and be writable",
    ),
    ("readonly database", ConfigurationError, "is read-only; make the file and its folder writable by this user"),
    ("file is not a database", ConfigurationError, "is not a database; name another file in database.url"),
    ("malformed", ConfigurationError, "is damaged; restore a backup, or remove it to read everything again"),
    ("authentication failed", ConfigurationError, _SIGN_IN),
    ("no password supplied", ConfigurationError, _SIGN_IN),
    ("does not exist", ConfigurationError, "has no such user or database; create it, or correct database.url"),
    ("could not translate host name", ConfigurationError, _NO_HOST),
    ("resolve host", ConfigurationError, _NO_HOST),
    ("name or service not known", ConfigurationError, _NO_HOST),
    ("connection refused", StopSync, _NO_ANSWER),
    ("no such file or directory", StopSync, _NO_ANSWER),
    ("timeout", StopSync, "did not answer in time; check that the server can be reached, then run again"),
)

# PostgreSQL's own codes, a whole one or the class that it belongs to.
_BY_STATE: tuple[tuple[str, type[OkoshiError], str], ...] = (
    ("53100", StopSync, _FULL),
    ("53", StopSync, "has no resources left (connections or memory); try again later"),
    ("55P03", StopSync, _LOCKED),
    ("57P", StopSync, "is shutting down or starting; try again in a moment"),
    ("25006", ConfigurationError, "is read-only; name the primary server in database.url"),
    ("42501", ConfigurationError, "does not let this user create or change tables; grant CREATE on the schema"),
    ("28", ConfigurationError, _SIGN_IN),
    ("3D000", ConfigurationError, "has no database of that name; create it, or correct database.url"),
)


def explain(url: URL, error: BaseException) -> OkoshiError | None:
    """The error to raise instead, or `None` for a programming error that nobody can act on but us."""
    place = f"The database {url.render_as_string(hide_password=True)}"
    state = getattr(error, "sqlstate", None) or ""
    for prefix, kind, remedy in _BY_STATE:
        if state.startswith(prefix):
            return kind(f"{place} {remedy}.", code=_CODES.get(remedy, "database"))
    if state:
        return None
    message = str(error).lower()
    for part, kind, remedy in _BY_TEXT:
        if part in message:
            return kind(f"{place} {remedy}.", code=_CODES.get(remedy, "database"))
    return None


def translate(context: ExceptionContext, url: URL) -> OkoshiError | None:
    """SQLAlchemy's `handle_error` event: our error in the place of the driver's, or `None` to leave it."""
    # An idle connection that is found dead before its use is replaced, and nobody need know.
    if context.is_pre_ping or isinstance(context.original_exception, OkoshiError):
        return None
    explained = explain(url, context.original_exception)
    if explained is None and context.is_disconnect:
        lost = f"The connection to {url.render_as_string(hide_password=True)} was lost; run again."
        explained = StopSync(lost, code="database_unreachable")
    return explained
