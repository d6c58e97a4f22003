"""Web addresses and mail domains as the registrable domain that a company holds.

Used for companies and people. Knows which domains prove nothing because anybody can have a mailbox there; fetches
nothing (the public suffix list is the one that tldextract brings along).
"""

import re
from functools import lru_cache
from typing import Final

import tldextract

from connector.identity.text import folded

_TRIED_OUT: Final = ("example",)
"""Reserved by RFC 2606 for trying out, and read as any other ending."""
_EXTRACT: Final = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False, extra_suffixes=_TRIED_OUT
)
_EXTRACT_TENANTS: Final = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_RESERVED_ENDINGS: Final = frozenset(("example", "test"))
"""Top-level domains of invented companies, after RFC 2606; no public suffix list has them."""

_BETWEEN: Final = re.compile(r"[\s,;|()<>「」【】、。]+")
_SCHEME: Final = re.compile(r"^(?:[a-z][a-z0-9+-]*:/*)+")
_BEHIND_HOST: Final = re.compile(r"[/?#:].*$")
_HOST: Final = re.compile(r"^(?:[^\W_]|[.-])+$")
_IN_ASCII: Final = re.compile(r"xn--[a-z0-9-]+")
_AUTHORITIES: Final = frozenset(("city", "pref", "town", "vill", "metro"))
"""city.osaka.lg.jp and pref.osaka.lg.jp are two, which the public suffix list does not tell."""

_GREAT_FREE_MAIL: Final = re.compile(r"(?:gmail|hotmail|live|outlook|yahoo)\.(?:com|(?:com?\.)?[a-z]{2})")
"""With any country's ending."""

FREE_MAIL: Final = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.co.jp",
        "yahoo.com",
        *("yahoo.ne.jp", "mail.ru", "yandex.com", "yandex.ru", "fastmail.com", "tutanota.com", "hotmail.jp"),
        *("outlook.co.jp", "live.co.jp"),
        "ymail.ne.jp",
        "ymail.com",
        "outlook.com",
        "outlook.jp",
        "hotmail.com",
        "hotmail.co.jp",
        "live.jp",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "aol.jp",
        "gmx.com",
        "mail.com",
        "proton.me",
        "protonmail.com",
        "zoho.com",
        "excite.co.jp",
        "goo.jp",
        "mail.goo.ne.jp",
        "goo.ne.jp",
        "infoseek.jp",
        "infoseek.co.jp",
        "rakuten.jp",
        "livedoor.com",
        "nifmail.jp",
        "kcn.jp",
        "qq.com",
        "163.com",
        "126.com",
        "naver.com",
        "daum.net",
        "hanmail.net",
    ]
)
CARRIERS: Final = frozenset(
    [
        "docomo.ne.jp",
        "docomo.jp",
        "ezweb.ne.jp",
        "au.com",
        "auone.jp",
        "auone-net.jp",
        "au.jp",
        "softbank.ne.jp",
        "softbank.jp",
        "i.softbank.jp",
        "vodafone.ne.jp",
        "disney.ne.jp",
        "willcom.com",
        "wcm.ne.jp",
        "y-mobile.ne.jp",
        "ymobile.ne.jp",
        "emobile.ne.jp",
        "emobile-s.ne.jp",
        "pdx.ne.jp",
        "uqmobile.jp",
        "rakumail.jp",
        "mineo.jp",
        "linemo.jp",
        "ahamo.com",
    ]
)
PROVIDERS: Final = frozenset(
    [
        *("tokai.or.jp", "tnc.ne.jp", "thn.ne.jp", "avis.ne.jp", "janis.or.jp", "synapse.ne.jp", "kyoto-inet.or.jp"),
        *("ktarn.or.jp", "aurens.or.jp", "fureai.or.jp", "zero.ad.jp", "ztv.ne.jp", "ryukyu.ne.jp", "nirai.ne.jp"),
        *("bai.ne.jp", "dream.jp", "enjoy.ne.jp", "hotcn.ne.jp", "valley.ne.jp", "potato.ne.jp"),
        *("urban.ne.jp", "i-younet.ne.jp", "ctb.ne.jp", "hicat.ne.jp", "tcn.ne.jp", "tp1.jp"),
        "nifty.com",
        "nifty.ne.jp",
        "ocn.ne.jp",
        "ocn.jp",
        "biglobe.ne.jp",
        "so-net.ne.jp",
        "so-net.jp",
        "plala.or.jp",
        "dion.ne.jp",
        "asahi-net.or.jp",
        "odn.ne.jp",
        "odn.jp",
        "jcom.home.ne.jp",
        "jcom.zaq.ne.jp",
        "zaq.ne.jp",
        "zaq.jp",
        "eonet.ne.jp",
        "commufa.jp",
        "hi-ho.ne.jp",
        "wakwak.com",
        "infoweb.ne.jp",
        "sannet.ne.jp",
        "tiki.ne.jp",
        "t-com.ne.jp",
        "bbtec.net",
        "ybb.ne.jp",
        "kdn.ne.jp",
        "megaegg.ne.jp",
        "qtnet.ne.jp",
        "bbiq.jp",
        "nns.ne.jp",
        "cty-net.ne.jp",
        "catvy.ne.jp",
        "ctk.ne.jp",
        "mopera.net",
        "interlink.or.jp",
        "sakura.ne.jp",
        "coara.or.jp",
        "nsk.ne.jp",
        "spacelan.ne.jp",
        "tcn-catv.ne.jp",
        "icn-tv.ne.jp",
        "katch.ne.jp",
        "mctv.ne.jp",
        "amigo.ne.jp",
        "att.ne.jp",
        "mbn.or.jp",
        "gol.com",
        "sphere.ne.jp",
        "justnet.ne.jp",
        "people.or.jp",
    ]
)
SHARED_SITES: Final = frozenset(
    [
        "facebook.com",
        "instagram.com",
        "twitter.com",
        "x.com",
        "linkedin.com",
        "youtube.com",
        "line.me",
        "note.com",
        "ameblo.jp",
        "wixsite.com",
        "jimdo.com",
        "jimdofree.com",
        "jimdosite.com",
        "peraichi.com",
        "strikingly.com",
        "studio.site",
        "webnode.jp",
        "shopify.com",
        "myshopify.com",
        "base.shop",
        "stores.jp",
        "thebase.in",
        "blogspot.com",
        "wordpress.com",
        "fc2.com",
        "google.com",
        "github.io",
        *("google.co.jp", "forms.gle", "business.site", "wix.com", "weebly.com", "squarespace.com"),
        *("linktr.ee", "lit.link", "lin.ee", "bit.ly", "tiktok.com", "pinterest.com", "threads.net", "mixi.jp"),
        *("hatenablog.com", "hatenablog.jp", "hatena.ne.jp", "seesaa.net", "exblog.jp", "cocolog-nifty.com", "blog.jp"),
        *("xsrv.jp", "lolipop.jp", "sakuraweb.com", "heteml.net", "notion.site", "shop-pro.jp", "ocnk.net"),
        *("prtimes.jp", "indeed.com", "mynavi.jp", "rikunabi.com", "doda.jp", "en-japan.com", "townwork.net"),
        *("gnavi.co.jp", "retty.me", "suumo.jp", "homes.co.jp", "navitime.co.jp", "mapion.co.jp", "wikipedia.org"),
        *("example.com", "example.net", "example.org", "example.jp", "example.co.jp", "test.com", "sample.com"),
        *("tkcnf.com", "tkcnf.or.jp", "localinfo.jp", "themedia.jp", "shopinfo.jp", "p-kit.com", "geocities.jp"),
        *("geocities.co.jp", "coocan.jp", "ipros.com", "ipros.jp", "baseconnect.in", "openwork.jp", "green-japan.com"),
        *("job-medley.com", "epark.jp", "g.page", "bing.com", "cybozu.com", "kintone.com", "canva.site", "houjin.jp"),
        *("alarmbox.jp", "houjin.info", "jimdoweb.com", "crayonsite.com", "raku-uru.jp", "netlify.app", "webflow.io"),
        *("moo.jp", "sub.jp", "main.jp", "hatenadiary.org", "camp-fire.jp", "makuake.com", "mapfan.com", "goo.gl"),
        *("hotfrog.jp", "e-shops.jp", "caloo.jp", "byoinnavi.jp", "fdoc.jp", "livedoor.blog", "officialblog.jp"),
        *("en-gage.net", "arwrk.net", "hrmos.co", "herp.careers", "talentio.com", "jbplt.jp", "stanby.com"),
        *("goo-net.com", "carsensor.net", "bengo4.com", "homepro.jp", "haisha-yoyaku.jp", "feed.jp", "gorp.jp"),
        *("owst.jp", "favy.jp", "8card.net", "shokokai.or.jp", "shinkin.co.jp", "qlife.jp", "tinyurl.com"),
        *("x.gd", "g.co", "t.co"),
        "itp.ne.jp",
        "ekiten.jp",
        "tabelog.com",
        "hotpepper.jp",
        "wantedly.com",
        "amazon.co.jp",
        "rakuten.co.jp",
        "crayonsite.net",
        "goope.jp",
        "localplace.jp",
        "amebaownd.com",
    ]
)
_PROVES_NOTHING: Final = FREE_MAIL | CARRIERS | PROVIDERS | SHARED_SITES


@lru_cache(maxsize=100_000)
def registrable_domain(text: str | None) -> str:
    """The registrable domain of a web, host or mail address (`www.acme.co.jp/ja` → `acme.co.jp`), else empty."""
    host = _host(text)
    if "." not in host or not _HOST.match(host):
        return ""
    found = _EXTRACT.extract_str(host)
    if found.domain and not found.suffix and found.domain in _RESERVED_ENDINGS:
        return ".".join(host.split(".")[-2:])
    authority = found.subdomain.rpartition(".")[2]
    if found.suffix == "lg.jp" and authority in _AUTHORITIES:
        return f"{authority}.{found.domain}.{found.suffix}"
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else ""


def proves_company(domain: str) -> bool:
    """Whether a domain belongs to one company; free-mail, carrier, provider and site-builder domains never do."""
    return bool(domain) and domain not in _PROVES_NOTHING and not (_of_provider(domain) or _of_free_mail(domain))


def company_domain(text: str | None) -> str:
    """The registrable domain if it can prove a company, else the empty text."""
    domain = registrable_domain(text)
    return domain if proves_company(domain) and not _is_hosted(text) else ""


@lru_cache(maxsize=100_000)
def _is_hosted(text: str | None) -> bool:
    """Whether the host is one of many below a domain that its holder lets out (acme.github.io)."""
    return _EXTRACT_TENANTS.extract_str(_host(text)).is_private


def _host(text: str | None) -> str:
    """Of the first of several addresses, in 漢字 and kana where it has them."""
    typed = next((part for part in _BETWEEN.split(folded(text)) if "." in part), "")
    host = _BEHIND_HOST.sub("", _SCHEME.sub("", typed)).rsplit("@", 1)[-1].strip(".")
    return _IN_ASCII.sub(_in_japanese, host)


def _in_japanese(label: re.Match[str]) -> str:
    try:
        return label.group().encode("ascii").decode("idna")
    except UnicodeError:
        return label.group()


def _of_provider(domain: str) -> bool:
    """Under ne.jp are mailboxes and sites of regional providers, cable televisions and portals; few firms have one."""
    return domain.endswith(".ne.jp")


def _of_free_mail(domain: str) -> bool:
    """Whether it is one of the great free mails in any country (yahoo.co.uk, hotmail.fr)."""
    return bool(_GREAT_FREE_MAIL.fullmatch(domain))
