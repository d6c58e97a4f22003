"""What a page or a form is to the practice, told from its address and title: how much it weighs, what it is called.

Programs that read web activity ask here. Patterns and weights are the company's, in the programs' own settings.
"""

import re
import unicodedata
from decimal import Decimal
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

from connector.programs.practice.settings import Settings


class Patterns(Settings):
    """Words by which a page is known.

    A word of Latin letters must begin a word of the address or title (`case` is in `/case-study`, not in `showcase`);
    any other may stand anywhere. Width and case make no difference; the query of an address is not looked at, as
    campaigns name pages there that were not opened.
    """

    patterns: tuple[str, ...]

    def found_in(self, url: str | None, title: str | None) -> bool:
        """Whether any of the words is in the address or the title."""
        return _any_of(self.patterns).search(_searchable(url, title)) is not None


class PageKind(Patterns):
    """Pages of one kind: what people call them, how they are known, and how many points a view of one is."""

    name: str
    weight: Decimal


class PageWeights(Settings):
    """Points of a page or form. The first kind whose words are found tells; order matters."""

    kinds: tuple[PageKind, ...] = ()
    page: Decimal = Decimal(1)
    """A view of any other page."""
    form: Decimal = Decimal(12)
    """A form that was sent, whichever page it is on; zero where its page or title is of a kind that weighs nothing."""

    def kind_of(self, url: str | None, title: str | None) -> PageKind | None:
        """The kind of a page, if it is one of those that are set."""
        return next((kind for kind in self.kinds if kind.found_in(url, title)), None)

    def points(self, kind: PageKind | None, *, is_form: bool) -> Decimal:
        """Points of a page of that kind before anything about the visit is taken into account."""
        if is_form:
            return Decimal(0) if kind and kind.weight == 0 else max(self.form, kind.weight if kind else self.form)
        return kind.weight if kind else self.page


def page_key(url: str | None, title: str | None) -> str:
    """The same for two views of one page, whatever the campaign parameters."""
    if not url:
        return title or ""
    parts = urlsplit_or_path(url)
    return f"{parts[0]}{parts[1]}".rstrip("/").casefold()


def urlsplit_or_path(url: str) -> tuple[str, str, str]:
    """(host, path with fragment, query) of an address; what is no address is taken as a path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url, ""
    path = f"{parts.path}#{parts.fragment}" if parts.fragment else parts.path
    return parts.netloc, unquote(path), parts.query


@lru_cache(maxsize=4096)  # a site has few pages, each opened many times
def _searchable(url: str | None, title: str | None) -> str:
    path = urlsplit_or_path(url)[1] if url else ""
    return _folded(f"{path}\n{title or ''}")


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_expression(_folded(pattern)) for pattern in patterns) or r"(?!)")


def _expression(folded: str) -> str:
    begins = r"(?<![a-z0-9])" if folded[:1].isascii() and folded[:1].isalnum() else ""
    return begins + re.escape(folded)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
