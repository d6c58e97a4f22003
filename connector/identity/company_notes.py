"""What people type around a company's name: brackets, titles, marks, and words behind the legal form.

Used when a name is taken apart. Tells notes, former names and sites from words of the name; knows no key.
"""

import re
from typing import Final, NamedTuple

from connector.identity.legal_forms import cut_latin_form, find_forms

_SITE_WORDS: Final = (
    "支店|支社|支局|支部|支所|支援センター|営業所|営業部|営業本部|営業課|営業|出張所|事業所|事業部|事業本部|事業統括本部|本社|本店|本部|本社営業部"
    "|工場|製作所内|製造所|研究所|技術センター|サービスセンター|物流センター|配送センター|センター|オフィス|事務所|駐在所|作業所|店|部|課|室|係|支配人室"
    "|広報|企画|開発|情報システム|チーム|(?:推進|開発|企画|営業|管理|技術)グループ|[Oo]ffice|[Bb]ranch|[Ff]actory"
)
REGION: Final = (
    "首都圏|東日本|西日本|中日本|北日本|南日本|北海道|東北|北関東|南関東|関東|甲信越|信越|北陸|東海|中部|近畿|関西|中四国|中国|四国|北九州|九州|沖縄"
    "|青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|東京|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|京都|大阪|兵庫|奈良|和歌山|鳥取"
    "|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|札幌|函館|旭川|盛岡|仙台|水戸|宇都宮|前橋|高崎|さいたま|大宮|横浜|川崎|相模原"
    "|金沢|甲府|松本|浜松|名古屋|豊橋|津|四日市|大津|堺|神戸|姫路|松江|福山|高松|松山|小倉|那覇|新宿|渋谷|品川|銀座|池袋|丸の内|多摩|城東|城西|城南|城北"
)
_SITE: Final = re.compile(
    rf"(?:{_SITE_WORDS})$|^(?:{REGION})[都府県市区]?$|(?:営業|総務|人事|経理|購買|技術)部"
    "|支店|支社|営業所|事業所|出張所|工場|撮影所|カンパニー$"
)
_ENGLISH_SITE_WORDS: Final = "branch|office|factory|plant|works|division|department|dept"
_ENGLISH_SITE: Final = re.compile(
    r"^(.*\b(?:ltd|limited|inc|incorporated|corp|corporation|llc|plc|gmbh|k\.?\s?k)\b\.?)[\s,\-/]+"
    rf"((?:[a-z]+[\s-]+){{0,3}}(?:headquarters|{_ENGLISH_SITE_WORDS})\.?)$",
    re.IGNORECASE,
)
_HEAD_OFFICE: Final = frozenset(("本社", "本店", "本社営業部", "headquarters", "head office"))

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
    r"|(?:(?:(?:定款|登記)上の|正式な?)?(?:商号|社名|名称)|登記名|称号)(?:\s*[:・]\s*|\s+))"
    r"(.+?)[\s)\]】〕]*$"
)
"""A former name, or the one in the register."""
_MARKUP: Final = re.compile(r"</?[a-zA-Z]+\s*/?>|&(?:[a-z]+|#\d+);|_\d+$")
_TITLE: Final = re.compile(r"(?<=\S)\s*(?:御中|(?<![王神殿客若仏])様)$|(?<=\S)\s+(?:殿|さま|各位|(?:ご|御)?担当者?)$")
_TITLE_BEHIND: Final = re.compile(r"\s*(?:御中|様|さま|殿|各位|(?:ご|御)?担当者?)$")
_REMARK: Final = re.compile(
    r"[\W\d_]*(?:重複|解約|退会|廃業|倒産|統合|休眠|休業|閉鎖|取引停止|取引終了|要確認|確認中|削除|コピー|copy|上場|非上場"
    r"|(?:東証|名証|福証|札証|大証)(?:[一二]部|プライム|スタンダード|グロース|マザーズ)?)(?:済み?|予定|先|企業)?[\W\d_]*|[\W\d_]*|代表(?:取締役|者|理事).*",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile("組合|基金|会$|会社|法人")
_TITLE_ENDS: Final = ("中", "様", "ま", "殿", "位", "当", "者")
_MARKED: Final = re.compile("[<&_※]")
_STARRED: Final = re.compile(r"\s*※.*$")
_MARK_BEFORE: Final = re.compile(r"(?:[^\w\s]|_)[\W\d_]*|[\W\d_]*(?:[^\w\s]|_)\s*")
_WORD_BEFORE: Final = re.compile(
    r".\s*|\d+\s+|[\W_]*(?:VIP|DM不可|解約|重複|休眠|更生会社|株式|有限|農業生産法人|農地所有適格法人|一級建築士事務所|二級建築士事務所)[\W_]*"
)


class Behind(NamedTuple):
    """What stands behind a legal form that closes the name."""

    site: str = ""
    former: str = ""
    unknown: bool = False
    """Whether it is neither of them, nor a note that says nothing: a person, another company, a union of its staff."""


def without_marks(text: str) -> str:
    """The text without what a page or an export left in it, and without titles of those who are written to."""
    if _MARKED.search(text):
        text = _STARRED.sub("", _MARKUP.sub(" ", text).strip()) or text
    while text.endswith(_TITLE_ENDS) and (shorter := _TITLE.sub("", text)) != text:
        text = shorter
    return text


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
    return hit.group(1) if hit else ""


def is_site(text: str) -> bool:
    """Whether a note or what stands behind a legal form is a site or a department."""
    return bool(_SITE.search(text)) and not _REMARK.fullmatch(text)


def told_site(site: str) -> str:
    """The site, unless it is the head office: the company itself."""
    site = site.strip()
    return "" if site.lower() in _HEAD_OFFICE else site


def is_noise_before(before: str, behind: str) -> bool:
    """Whether what stands before a legal form is no name but marks, a running number or a status, and the name behind.

    A number or a word may well be one where no name is behind (77株式会社 大阪支店).
    """
    if _MARK_BEFORE.fullmatch(before):
        return not _REMARK.fullmatch(behind)
    return bool(_WORD_BEFORE.fullmatch(before)) and read_behind(behind).unknown


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
    only_form = any(start == 0 and end == len(text) for start, end, _ in find_forms(text))
    return Behind(unknown=not only_form and not (text.isascii() and cut_latin_form(text)[0] != text.strip(" ,")))


def english_site(text: str) -> tuple[str, str]:
    """(the text, the site) where an English name goes on behind its legal form (Acme Co., Ltd. Osaka Branch)."""
    hit = _ENGLISH_SITE.match(text) if text.isascii() else None
    return (hit.group(1), hit.group(2)) if hit else (text, "")
