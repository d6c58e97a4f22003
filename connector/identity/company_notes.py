"""What people type around a company's name: brackets, titles, marks, and words behind the legal form.

Used when a name is taken apart. Tells notes, former names and sites from words of the name; knows no key.
"""

import re
from typing import Final, NamedTuple

from connector.identity.legal_forms import cut_latin_form, find_forms
from connector.identity.site_words import REGION, SITES

_SITE: Final = re.compile(
    rf"(?:{SITES})$|^(?:{REGION})[都府県市区]?$|(?:営業|総務|人事|経理|購買|技術)部"
    "|支店|支社|営業所|事業所|出張所|工場|撮影所|カンパニー$"
)
_NO_SITE: Final = re.compile(
    "特約店|代理店|販売店|商店|工務店|組合|健保|共済会|持株会|^(?:(?:長谷|日下|[安阿服渡岡矢磯園南我])部|[小氷三]室)$"
)
"""A dealer, a union, a family name."""
_ENGLISH_SITE_WORDS: Final = "branch|office|factory|plant|works|division|department|dept"
_ENGLISH_SITE: Final = re.compile(
    r"^(.*\w\W+(?:ltd|limited|inc|incorporated|corp|corporation|llc|plc|gmbh|k\.?\s?k)\b\.?)[\s,\-/]+"
    rf"((?:[a-z]+[\s-]+){{0,3}}(?:headquarters|{_ENGLISH_SITE_WORDS})\.?)$",
    re.IGNORECASE,
)
_HEAD_OFFICE: Final = re.compile(rf"(?:{REGION})?本社|本店|本社営業部|headquarters|head office", re.IGNORECASE)

_OPEN, _CLOSE = r"[(\[【〔]", r"[)\]】〕]"
_BRACKETS: Final = re.compile(rf"{_OPEN}((?:[^()\[\]【】〔〕]|[(][^()]*[)])*){_CLOSE}")
_PART_OF_NAME: Final = re.compile(
    "第[一二三四五六七八九十\\d]+|販売|商事|物流|運輸|不動産|建設|製造|サービス|フランチャイズ|子会社|関連会社|持株会?|ホールディングス?|hd|hds|holdings?"
    "|日本|ジャパン|japan|アジア|asia|上海|香港|北京|広州|深セン|台北|中国|台湾|韓国|タイ|タイランド|ベトナム|マレーシア|シンガポール|インドネシア|フィリピン|インド|アメリカ|米国|欧州|ヨーロッパ"
    "|china|shanghai|hong ?kong|beijing|guangzhou|shenzhen|taiwan|korea|thailand|vietnam|malaysia|singapore|indonesia"
    "|philippines|india|myanmar|cambodia|australia|usa|u\\.?s\\.?a?\\.?|america|canada|mexico|brasil|brazil|europe|uk"
    "|u\\.?k\\.?|germany|deutschland|france|italy|netherlands|thai",
    re.IGNORECASE,
)
"""What makes another firm of a name, in brackets as without: a country, a number, a trade, a holding."""

_FORMER: Final = re.compile(
    r"^[(\[【〔\s]*(?:旧(?:社名|商号|名称|名|称)?\s*[:・]?\s*"
    r"|(?:(?:(?:定款|登記)上の|正式な?)?(?:商号|社名|名称)|登記名|称号)(?:\s*[:・]\s*|\s+(?=.*(?:会社|法人|[(]株[)]|[(]有[)]))))"
    r"(.+?)[\s)\]】〕]*$"
)
"""A former name, or the one in the register."""
_MARKUP: Final = re.compile(r"</?[a-zA-Z]+\s*/?>|&(?:[a-z]+|#\d+);|_\d+$")
_TITLE: Final = re.compile(r"(?<=\S)\s*(?:御中|さま|各位|(?<![王神殿客若仏])様)$|(?<=\S)\s+(?:殿|(?:ご|御)?担当者?)$")
_TITLE_BEHIND: Final = re.compile(r"\s*(?:御中|様|さま|殿|各位|(?:ご|御)?担当者?)$")
_REMARK: Final = re.compile(
    r"[\W\d_]*(?:重複|解約|退会|廃業|倒産|統合|休眠|休業|閉鎖|取引停止|取引終了|要確認|確認中|削除|コピー|copy|上場|非上場"
    r"|(?:東証|名証|福証|札証|大証)(?:[一二]部|プライム|スタンダード|グロース|マザーズ)?)(?:済み?|予定|先|企業|上場)?[\W\d_]*|[\W\d_]*|代表(?:取締役|者|理事).*",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile("組合|基金|会$|会社|法人")
_TITLE_ENDS: Final = ("中", "様", "ま", "殿", "位", "当", "者")
_MARKED: Final = re.compile("[<&_※]")
_STARRED: Final = re.compile(r"\s*※.*$")
_MARK_BEFORE: Final = re.compile(r"(?:[^\w\s]|_)[\W\d_]*|[\W\d_]*(?:[^\w\s]|_)\s*")
_WORD_BEFORE: Final = re.compile(
    rf".\s*|[A-Za-z]{{0,3}}[-_]?\d+[\s_:・]+|[A-Za-z]{{1,2}}_+|元[\s・:]+|(?:{REGION})\s+"
    r"|[\W_]*(?:VIP|DM不可|解約|重複|休眠|更生会社|株式|有限|農業生産法人|農地所有適格法人|農業法人|一級建築士事務所|二級建築士事務所"
    r"|法人|顧客|見込み?客?|取引先|仕入先|外注先?|協力会社|(?:TEL|架電|訪問|アポ)済み?)[\W_]*"
)
_UNION: Final = re.compile("(?:従業員|社員)?(?:労働組合|持株会|共済会)|健康保険組合|企業年金")
_GAP: Final = re.compile(r"(?<=\S)(?:\s+|\s*[|:/;]\s*)(?=\S)")
_COPY: Final = frozenset(("コピー", "copy"))
"""A note behind a closing form; behind a name it may be the trade."""


class Behind(NamedTuple):
    """What stands behind a legal form that closes the name."""

    site: str = ""
    former: str = ""
    unknown: bool = False
    """Whether it is neither of them, nor a note that says nothing: a person, another company, a union of its staff."""


def without_marks(text: str) -> str:
    """The text without what a page or an export left in it, and without titles of those who are written to."""
    if _MARKED.search(text):
        text = _STARRED.sub("", _MARKUP.sub(_shown, text).strip()) or text
    while text.endswith(_TITLE_ENDS) and (shorter := _TITLE.sub("", text)) != text:
        text = shorter
    return text


def _shown(mark: re.Match[str]) -> str:
    return "&" if mark.group().lower() in ("&amp;", "&#38;") else " "


def without_notes(text: str) -> tuple[str, list[str]]:
    """The text without brackets that are neither legal form nor part of the name, and what stood in them."""
    if not _BRACKETS.search(text):
        return text.strip() or text, []
    forms = find_forms(text)
    notes: list[str] = []

    def cut(hit: re.Match[str]) -> str:
        inside = hit.group(1).strip()
        if not inside or any(start <= hit.start() and hit.end() <= end for start, end, _ in forms):
            return hit.group()
        if _PART_OF_NAME.fullmatch(inside):
            return f" {inside} "
        notes.append(inside)
        return " "

    shorter = _BRACKETS.sub(cut, text).strip()
    return (shorter, notes) if re.search(r"\w", shorter) else (text, [])


def former_in(note: str) -> str:
    """The former or registered name that a note tells, else the empty text."""
    hit = _FORMER.match(note)
    return hit.group(1) if hit and not is_site(hit.group(1)) and not _REMARK.fullmatch(hit.group(1)) else ""


def is_site(text: str) -> bool:
    """Whether a note or what stands behind a legal form is a site or a department."""
    return bool(_SITE.search(text)) and not _NO_SITE.search(text) and not _REMARK.fullmatch(text)


def told_site(site: str) -> str:
    """The site, unless it is the head office: the company itself."""
    site = site.strip()
    return "" if _HEAD_OFFICE.fullmatch(site) else site


def is_noise_before(before: str, behind: str) -> bool:
    """Whether what stands before a legal form is no name but marks, a running number or a status, and the name behind.

    A number or a word may well be one where no name is behind (77株式会社 大阪支店).
    """
    if _UNION.match(behind):
        return False
    if _MARK_BEFORE.fullmatch(before):
        return not _REMARK.fullmatch(behind)
    return bool(_WORD_BEFORE.fullmatch(before)) and read_behind(behind).unknown


def note_behind(name: str) -> tuple[str, str]:
    """(the name, the note) of one whose legal form stands before it, where a note follows; else the name as it is."""
    for gap in _GAP.finditer(name):
        note = name[gap.end() :]
        former = len(former_in(note)) > 1
        remark = bool(_REMARK.fullmatch(note)) and note.lower() not in _COPY
        latin = note.isascii() and not name[: gap.start()].isascii() and cut_latin_form(note)[0] != note.strip(" ,")
        if former or remark or latin or _is_form(note):
            return name[: gap.start()], note
    return name, ""


def read_behind(text: str) -> Behind:
    """What stands behind the form of a name that it closes."""
    if not text:
        return Behind()
    titled = text
    while (shorter := _TITLE_BEHIND.sub("", text)) != text:
        text = shorter
    if former := former_in(text):
        return Behind(former=former)
    if _REMARK.fullmatch(text):
        return Behind()
    if is_site(text):
        return Behind(site=text)
    if titled != text and not _ANOTHER.search(text):
        return Behind()  # the person or department that is written to
    return Behind(unknown=not _is_form(text) and not (text.isascii() and cut_latin_form(text)[0] != text.strip(" ,")))


def _is_form(text: str) -> bool:
    return any(start == 0 and end == len(text) for start, end, _ in find_forms(text))


def english_site(text: str) -> tuple[str, str]:
    """(the text, the site) where an English name goes on behind its legal form (Acme Co., Ltd. Osaka Branch)."""
    hit = _ENGLISH_SITE.match(text) if text.isascii() else None
    return (hit.group(1), hit.group(2)) if hit else (text, "")
