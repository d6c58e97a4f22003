"""A company's name taken apart: legal form and its position, core, sites and notes behind it, and keys for comparison.

Made once per record by `company.py`. Every key is a text, so that a store can keep it. Knows no other record.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from connector.identity.company_notes import (
    english_site,
    former_in,
    is_noise_before,
    is_site,
    note_behind,
    read_behind,
    told_site,
    without_marks,
    without_notes,
)
from connector.identity.legal_forms import cut_latin_form, find_forms
from connector.identity.letters import kana_as_letters, letters_as_kana
from connector.identity.name_lookalikes import AS_KANA
from connector.identity.placeholders import is_placeholder
from connector.identity.site_words import BRANCHES, REGION
from connector.identity.text import (
    base,
    folded_base,
    has_ideographs,
    is_kana,
    kana_key,
    katakana,
    lookalikes_to_latin,
    romaji_key,
    sounds,
)
from connector.identity.variants import LOOSE_VARIANTS

Position = Literal["front", "back", "none"]

_BRANCH: Final = re.compile(rf"(?:{BRANCHES})$")
_SITE_APART: Final = re.compile(
    rf"(?<=\S\S)\s+(?=\S)([^,.]{{0,16}}(?:{BRANCHES}|本店|(?<![楽阿服渡岡矢磯園谷我])部|課|係))$"
)
"""店, 事務所 and センター behind a space are as often the trade of the firm (佐藤 税理士事務所, さくら 書店)."""
_SHOP_APART: Final = re.compile(
    r"(?<=\S\S)\s+(?=\S)(.{0,16}(?:(?<![商書本薬酒花魚肉米飯茶菓売貨品服具務理器材真計果物畳機鏡])店|営業"
    r"|(?:研修|コール|開発|技術|管理|流通|業務)センター|(?:社長|秘書|企画|システム|管理|広報|法務|推進)室"
    r"|(?:中央|技術|開発|基礎|つくば)研究所))$"
)
"""Of a company with its legal form (株式会社アクメ 渋谷店)."""

_REGIONAL_SITE: Final = re.compile(
    rf"(?:(?:{REGION}|第[一二三四五六七八九十\d]+)(?:都|府|県|市|区|第[一二三]|中央|総合|統括|東|西|南|北)*)"
    rf"(?:{BRANCHES}|本店|本部)$"
)
_REGIONAL_OFFICE: Final = re.compile(rf"(?:{REGION})(?:都|府|県|市|区|中央|第[一二三])*(?:オフィス|事務所)$")
"""Of a company with its legal form: 松本 and 山口 are family names as well (行政書士松本事務所)."""
_BARE_SITE: Final = re.compile(r"(?<=.{2})本社$")
"""本店 without anything between is part of a name: of 山本屋 and 山本屋本店 one left the other's house."""

_JOINT: Final = re.compile(r"共同企業体|共同事業体|コンソーシアム|共同提案体|共同体|\bJV\b|企業体$")
_OTHERS: Final = re.compile(
    r"\s*(?:(?:その)?(?:ほか|他)\s*\d+\s*[社者名]|(?<!その)(?:ほか|他)|外\s*[\d一二三四五六七八九十]+\s*[社者名]|(?<=\s)外)$"
)
_LIST: Final = re.compile(r"[、,;/]|(?<=社)・|・(?=株式会社|有限会社|合同会社|\(株\)|\(有\))")
_PUNCTUATION: Final = re.compile(r"[^\w々〆〇ー]|_")
_AND: Final = re.compile(r"[&+]")
_WORDS: Final = (("瓦斯", "ガス"), ("硝子", "ガラス"), ("煉瓦", "レンガ"), ("倶楽部", "クラブ"), ("珈琲", "コーヒー"))
_KE: Final = re.compile(r"(?<=[一-鿿々ぁ-ゖ])[ヶヵケがガ箇](?=[一-鿿])")
_SCANNED: Final = re.compile(
    r"(?<![一-鿿々])(?:(?<=[ァ-ヺー])[力工口夕二八千卜才一]|[力工口夕二八千卜才](?=[ァ-ヺ]))(?![一-鿿々])"
)
_HOLDINGS: Final = re.compile(r"(?:(?<=[^\x00-\x7f])|(?<=[\s)&]))(?:HDS?|HLDGS?|Holdings?)$", re.IGNORECASE)
_HOLDINGS_END: Final = re.compile("(?:hds?|hldgs?|holdings?)$")
_KE_SIGN: Final = re.compile(r"[ヶヵケがガ箇]")
_GROUP_WORDS: Final = """
グループ ホールディングス ホールディング ジャパン インターナショナル コーポレーション カンパニー リミテッド リミテド
holdings group hd japan international corporation 本社 日本 東日本 西日本 東京 大阪 名古屋 九州 北海道
"""
_GROUP: Final = re.compile(
    rf"(?:{'|'.join(sorted(map(sounds, _GROUP_WORDS.split()), key=len, reverse=True))})+$|^(?:日本|新)(?=.{{3}})"
)
_NUMERALS: Final = str.maketrans("一二三四五六七八九", "123456789")
_SHORTEST_START: Final = 2
_WITHIN_WORD: Final = re.compile(r"[ァ-ヺー]{2}|[a-z]{2}|\d{2}")
_REPRESENTATIVE: Final = re.compile(r"代表(?:企業|者|会社|法人|構成員|幹事)?\s*:\s*([^)\]】、,]+)")
_LONGEST: Final = 200
"""Characters of a name that are read; the longest registered ones have less than 150."""

_ONCE: Final = re.compile(r"^旧(?:社名|商号|名称|名|称)?\s*[:・]\s*(?=\S)")
_MARKS: Final = " ・,.-"
_WORD: Final = re.compile(r"[^\W_〇]")
_SHORT_COMPANY_WORD: Final = 3
_LATIN: Final = re.compile("[A-Za-z]")
_COMPANY_WORD: Final = re.compile(r"(?<=[ァ-ヺーa-zA-Z0-9])社$")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A name and its parts. Empty texts stand for what the name does not have.

    `exact` compares the core with its characters as they are (width, case, punctuation and 旧字体 aside); `loose` also
    joins kana, small kana, long marks, 斉/斎 and initials spelled out (NTT = エヌ・ティ・ティ); `sound` also spells out
    a letter that stands alone (Gテック = ジーテック).
    """

    raw: str
    base: str
    core: str
    form: str
    position: Position
    site: str
    former: str
    exact: str
    loose: str
    sound: str
    nameless: bool
    """Whether it stands for no name (不明, テスト, -, 株式会社); it then says nothing."""
    others: bool
    """Whether several companies stand in one name (A・B共同企業体, A社ほか), or one with words behind it that may make
    another of it (A株式会社労働組合); the core is the first."""

    @property
    def kana(self) -> str:
        """The sounds of a core that is kana only, else the empty text."""
        return kana_key(self.core) if is_kana(base(self.core)) else ""

    @property
    def romaji(self) -> str:
        """The romaji skeleton of a core without 漢字, else the empty text."""
        return "" if has_ideographs(self.core) else romaji_key(self.core)

    @property
    def site_key(self) -> str:
        """The site as it is compared (第一工場 and 第1 工場 are one), else the empty text."""
        return name_keys(self.site)[1].translate(_NUMERALS) if self.site else ""

    @property
    def stem(self) -> str:
        """The sound without words that name a group or a holding; the whole sound where nothing else is left."""
        stem = _GROUP.sub("", self.sound)
        return stem if len(stem) > 1 else self.sound

    @property
    def formal(self) -> str:
        """Core, legal form and position in one text: what the register calls the same name."""
        return f"{self.exact}|{self.form}|{self.position}"


@lru_cache(maxsize=16_384)
def company_name(raw: str) -> CompanyName:
    """Takes a name apart. Any text is a name; its core is empty only when the text has no letter or digit."""
    whole = base(raw)[:_LONGEST].strip()
    text = without_marks(whole)
    text, others = _first_of_several(_ONCE.sub("", text) or text)
    text, notes = without_notes(text)
    core, form, position, behind = _without_form(text)
    after = read_behind(behind)
    site = after.site
    if not form:
        core, site = english_site(core)
        core, form = _without_company_word(core)
    former = after.former or next(filter(None, map(former_in, notes)), "")
    told = [note for note in notes if not former_in(note)]
    site = site or next(filter(is_site, told), "")
    if not site and position != "back":
        core, site = _without_site(core, formed=position == "front")
        if site and not form:
            core, form = _without_company_word(core)
    bare = not _WORD.search(core)
    core = core.strip(_MARKS) or text
    exact, loose, sound = (key or folded_base(whole) for key in name_keys(core))
    if position != "none" and (shorter := _without_company_word(core)[0]) != core:
        _, loose, sound = name_keys(shorter)  # as the name is typed without its legal form
    others = others or after.unknown or any(_is_another(note, sound) for note in told)
    site = told_site(site)
    nameless = bare or is_placeholder(exact, form)
    return CompanyName(raw, whole, core, form, position, site, former, exact, loose, sound, nameless, others)


def _without_company_word(core: str) -> tuple[str, str]:
    """(the core without 社, Co., Inc. and the like at its end, the legal form if they tell which)."""
    latin, form = cut_latin_form(core) if _LATIN.search(core) else (core, "")
    if len(_PUNCTUATION.sub("", latin)) < _SHORTEST_START:
        return core, form
    return (_COMPANY_WORD.sub("", latin) if len(latin) > _SHORT_COMPANY_WORD else latin), form


def _is_another(note: str, sound: str) -> bool:
    """Whether a note is a company of another name than the one with this `sound`."""
    name, form, *_ = _without_form(note)
    return bool(form) and name_keys(name)[2] != sound


def _without_site(core: str, *, formed: bool) -> tuple[str, str]:
    """(the core without a site or department at its end, that site); `formed`: whether a legal form stands before."""
    hit = _SITE_APART.search(core) or _REGIONAL_SITE.search(core) or _BARE_SITE.search(core)
    if hit is None and formed:
        hit = _SHOP_APART.search(core) or _REGIONAL_OFFICE.search(core)
    if hit is None or hit.start() < _SHORTEST_START or not is_site(hit.group().strip()):
        return core, ""
    return core[: hit.start()], hit.group().strip()


def is_site_of(longer: CompanyName, shorter: CompanyName) -> bool:
    """Whether one name is the other followed by a site or department (アクメ製鋼東工場 of アクメ製鋼).

    Not where the shorter one ends within a word, nor where the two are of different legal forms.
    """
    whole, start = longer.exact + longer.site, shorter.exact
    if len(start) < _SHORTEST_START or len(whole) <= len(start) or not whole.startswith(start):
        return False
    if (longer.form and shorter.form and longer.form != shorter.form) or longer.position == "back":
        return False
    return not _WITHIN_WORD.match(whole, len(start) - 1) and bool(_BRANCH.search(whole, len(start)))


def ends_like_site(name: CompanyName) -> bool:
    """Whether the name may be another one with a site or department behind it."""
    return bool(_BRANCH.search(name.exact + name.site))


def name_keys(core: str) -> tuple[str, str, str]:
    """(exact, loose, sound) of a core without legal form; see `CompanyName`."""
    exact = _PUNCTUATION.sub("", _AND.sub("アンド", folded_base(lookalikes_to_latin(core)).replace(" and ", "&")))
    loose = (_KE.sub("ケ", exact) if _KE_SIGN.search(exact) else exact).translate(LOOSE_VARIANTS)
    if _HOLDINGS.search(core):
        loose = _HOLDINGS_END.sub("ホールディングス", loose)
    if _SCANNED.search(loose):
        loose = _SCANNED.sub(lambda hit: hit.group().translate(AS_KANA), loose)
    loose = kana_as_letters(katakana(loose))
    for spelling, usual in _WORDS:
        if spelling in loose:
            loose = loose.replace(spelling, usual)
    loose = sounds(loose)
    return exact, loose, sounds(spelled) if (spelled := letters_as_kana(loose)) != loose else loose


def _first_of_several(text: str) -> tuple[str, bool]:
    """The first of several companies in one name, and whether there were several."""
    shorter = _OTHERS.sub("", text)
    others = shorter != text
    joint = _JOINT.search(shorter)
    first, *rest = _LIST.split(shorter, maxsplit=1)
    if named := _REPRESENTATIVE.search(shorter):
        return named.group(1).strip(), True
    if joint and not rest:
        first, *rest = shorter.split("・", maxsplit=1)
        return (first.strip() if rest and len(first) > 1 else shorter), True
    if rest and find_forms(first) and (find_forms(rest[0]) or joint):
        return first.strip() or shorter, True
    return shorter or text, others or bool(joint)


def _without_form(text: str) -> tuple[str, str, Position, str]:
    """(core, legal form, its position, what stands behind a form that closes the name)."""
    forms = find_forms(text)
    if not forms:
        return text, "", "none", ""
    start, end, form = next((hit for hit in forms if hit[0] == 0), forms[0])
    before, behind = text[:start].strip(), text[end:].strip()
    if not before:
        inner, *_ = (*[hit for hit in find_forms(behind) if hit[0] == 0], (0, 0, ""))
        name, note = note_behind(behind[inner[1] :].strip() or behind)
        return name, form, "front", note
    if not behind:
        return before, form, "back", ""
    if is_noise_before(text[:start], behind):
        name, note = note_behind(behind)
        return name, form, "front", note
    return before, form, "back", behind
