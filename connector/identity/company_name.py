"""A company's name taken apart: legal form and its position, core, sites and notes behind it, and keys for comparison.

Made once per record by `company.py`. Every key is a text, so that a store can keep it. Knows no other record.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from connector.identity.legal_forms import cut_latin_form, find_forms
from connector.identity.letters import letters_as_kana
from connector.identity.placeholders import is_placeholder
from connector.identity.text import (
    base,
    folded_base,
    has_ideographs,
    is_kana,
    kana_key,
    lookalikes_to_latin,
    romaji_key,
    sounds,
)
from connector.identity.variants import LOOSE_VARIANTS

Position = Literal["front", "back", "none"]

_SITE_WORDS: Final = (
    "支店|支社|支局|支部|支所|支援センター|営業所|営業部|営業本部|営業課|営業|出張所|事業所|事業部|事業本部|事業統括本部|本社|本店|本部|本社営業部"
    "|工場|製作所内|製造所|研究所|技術センター|サービスセンター|物流センター|配送センター|センター|オフィス|事務所|駐在所|作業所|店|部|課|室|係|支配人室"
)
_SITE: Final = re.compile(rf"(?:{_SITE_WORDS})$")
_SITE_APART: Final = re.compile(rf"(?<=\S\S)\s+(?=\S)(.{{0,16}}(?:{_SITE_WORDS}))$")
_BRANCH_WORDS: Final = (
    "支店|支社|支局|支部|支所|営業所|営業部|営業本部|営業課|出張所|事業所|事業部|事業本部|事業統括本部|統括本部|本社|本社営業部|工場|支援センター"
    "|物流センター|配送センター|流通センター|サービスセンター|技術センター|駐在所|作業所"
)
"""Words that no other firm's name ends with, unlike 商店, 研究所 or 事務所."""
_BRANCH: Final = re.compile(rf"(?:{_BRANCH_WORDS})$")
_REGION: Final = (
    "首都圏|東日本|西日本|中日本|北日本|南日本|北海道|東北|北関東|南関東|関東|甲信越|信越|北陸|東海|中部|近畿|関西|中四国|中国|四国|北九州|九州|沖縄"
    "|青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|東京|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|京都|大阪|兵庫|奈良|和歌山|鳥取"
    "|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|札幌|函館|旭川|盛岡|仙台|水戸|宇都宮|前橋|高崎|さいたま|大宮|横浜|川崎|相模原"
    "|金沢|甲府|松本|浜松|名古屋|豊橋|津|四日市|大津|堺|神戸|姫路|松江|福山|高松|松山|小倉|那覇|新宿|渋谷|品川|銀座|池袋|丸の内|多摩|城東|城西|城南|城北"
)
_REGIONAL_SITE: Final = re.compile(
    rf"(?:(?:{_REGION}|第[一二三四五六七八九十\d]+)(?:都|府|県|市|区|第[一二三]|中央|総合|統括|東|西|南|北)*)"
    rf"(?:{_BRANCH_WORDS}|本店|本部|オフィス|事務所)$"
)
_BARE_SITE: Final = re.compile(r"(?<=.{2})(?:本社|本店|東京本社|大阪本社)$")
_BRACKETS: Final = re.compile(r"[(\[【〔](.*?)[)\]】〕]")
_FORMER: Final = re.compile(r"^旧(?:社名|商号|名称|名|称)?\s*[:・]?\s*(.+)$")
_JOINT: Final = re.compile(r"共同企業体|共同事業体|コンソーシアム|共同提案体|共同体|\bJV\b|企業体$")
_OTHERS: Final = re.compile(r"\s*(?:ほか|他|外)\s*(?:\d+\s*[社者名])?$")
_ADDRESSED: Final = re.compile(r"(?<=\S)\s*(?:御中|(?<![王神殿客若仏])様)$")
_LIST: Final = re.compile(r"[、,;/]|(?<=社)・|・(?=株式会社|有限会社|合同会社|\(株\)|\(有\))")
_PUNCTUATION: Final = re.compile(r"[^\w々〆〇ー]|_")
_AND: Final = re.compile(r"[&+]")
_WORDS: Final = (("瓦斯", "ガス"), ("硝子", "ガラス"), ("煉瓦", "レンガ"), ("倶楽部", "クラブ"), ("珈琲", "コーヒー"))
_KE: Final = re.compile(r"(?<=[一-鿿々])[ヶヵケがガ箇](?=[一-鿿])")
_KE_SIGN: Final = re.compile(r"[ヶヵケがガ箇]")
_GROUP_WORDS: Final = """
グループ ホールディングス ホールディング ジャパン インターナショナル コーポレーション カンパニー リミテッド リミテド
holdings group hd japan international corporation 本社 日本 東日本 西日本 東京 大阪 名古屋 九州 北海道
"""
_GROUP: Final = re.compile(
    rf"(?:{'|'.join(sorted(map(sounds, _GROUP_WORDS.split()), key=len, reverse=True))})+$|^(?:日本|新)(?=.{{3}})"
)
_SHORTEST_START: Final = 2
_WITHIN_WORD: Final = re.compile(r"[ァ-ヺー]{2}|[a-z]{2}|\d{2}")
_PREFIXES: Final = frozenset(
    ("農業生産法人", "農地所有適格法人", "一級建築士事務所", "二級建築士事務所", "旧", "新", "元")
)
_REPRESENTATIVE: Final = re.compile(r"代表(?:企業|者|会社|法人|構成員|幹事)?\s*[::]\s*([^)\]】、,]+)")
_LONGEST: Final = 200
"""Characters of a name that are read; the longest registered ones have less than 150."""

_HEAD_OFFICE: Final = frozenset(("本社", "本店", "本社営業部"))
_ONCE: Final = re.compile(r"^旧(?:社名|商号|名称|名|称)?\s*[:・]\s*(?=\S)")
_MARKS: Final = " ・,.-"
_SHORT_COMPANY_WORD: Final = 3
_COMPANY_WORD: Final = re.compile(r"(?<=[ァ-ヺーa-zA-Z0-9])社$")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A name and its parts. Empty texts stand for what the name does not have.

    `exact` compares the core with its characters as they are (width, case, punctuation and 旧字体 aside); `loose` also
    joins kana, small kana, long marks and 斉/斎; `sound` also spells letters out (NTT = エヌ・ティ・ティ).
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
    """Whether several companies stand in one name (A・B共同企業体, A社ほか); the core is the first of them."""

    @property
    def kana(self) -> str:
        """The sounds of a core that is kana only, else the empty text."""
        return kana_key(self.core) if is_kana(base(self.core)) else ""

    @property
    def romaji(self) -> str:
        """The romaji skeleton of a core without 漢字, else the empty text."""
        return "" if has_ideographs(self.core) else romaji_key(self.core)

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
    text, others = _first_of_several(_ONCE.sub("", whole) or whole)
    text, notes = _without_notes(text)
    core, form, position, site = _without_form(text)
    if not form:
        latin, form = cut_latin_form(core)
        core = _COMPANY_WORD.sub("", latin) if len(latin) > _SHORT_COMPANY_WORD else latin
    former = next((hit.group(1) for note in notes if (hit := _FORMER.match(note))), "")
    site = site or next((note for note in notes if not _FORMER.match(note) and _SITE.search(note)), "")
    if not site and position != "back":
        core, site = _without_site(core)
    bare = form and not core.strip(_MARKS)
    core = core.strip(_MARKS) or text
    exact, loose, sound = (key or folded_base(whole) for key in name_keys(core))
    site = "" if site.strip() in _HEAD_OFFICE else site.strip()
    nameless = bool(bare) or is_placeholder(exact, form)
    return CompanyName(raw, whole, core, form, position, site, former, exact, loose, sound, nameless, others)


def _without_site(core: str) -> tuple[str, str]:
    """(the core without a site or department at its end, that site)."""
    hit = _SITE_APART.search(core) or _REGIONAL_SITE.search(core) or _BARE_SITE.search(core)
    if hit is None or hit.start() < _SHORTEST_START:
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
    for spelling, usual in _WORDS:
        if spelling in loose:
            loose = loose.replace(spelling, usual)
    loose = sounds(loose)
    return exact, loose, sounds(spelled) if (spelled := letters_as_kana(loose)) != loose else loose


def _first_of_several(text: str) -> tuple[str, bool]:
    """The first of several companies in one name, and whether there were several."""
    text = _ADDRESSED.sub("", text)
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


def _without_notes(text: str) -> tuple[str, list[str]]:
    """The text without brackets that are no legal form, and what stood in them."""
    if not _BRACKETS.search(text):
        return text.strip() or text, []
    forms = {(start, end) for start, end, _ in find_forms(text)}
    notes: list[str] = []

    def cut(hit: re.Match[str]) -> str:
        if any(start < hit.end() and hit.start() < end for start, end in forms) or not hit.group(1).strip():
            return hit.group()
        notes.append(hit.group(1).strip())
        return " "

    shorter = _BRACKETS.sub(cut, text).strip()
    return (shorter, notes) if shorter else (text, [])


def _without_form(text: str) -> tuple[str, str, Position, str]:
    """(core, legal form, its position, what stands behind a form that closes the name)."""
    forms = find_forms(text)
    if not forms:
        return text, "", "none", ""
    start, end, form = next((hit for hit in forms if hit[0] == 0), forms[0])
    before, behind = text[:start].strip(), text[end:].strip()
    if not before:
        inner, *_ = (*[hit for hit in find_forms(behind) if hit[0] == 0], (0, 0, ""))
        return behind[inner[1] :].strip() or behind, form, "front", ""
    if not behind:
        return before, form, "back", ""
    if before in _PREFIXES or len(before) == 1:
        return behind, form, "front", ""
    return before, form, "back", behind
