"""Person names: family and given name in 漢字, かな and Latin letters, each in the forms by which they are compared.

Used by `people.py`. Knows how names are written, not who bears them: that is decided later.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from connector.identity.records import Individual
from connector.identity.romaji import kana_to_romaji
from connector.identity.text import base, folded, has_ideographs, is_kana, katakana, loosely_folded
from connector.identity.variants import LOOSE_VARIANTS, VARIANTS

_OFFICES: Final = (
    "取締役|代表|社長|会長|専務|常務|(?:執行)?役員|(?:本|事業|副|支)?部長|次長|課長(?:代理)?|係長|主任|主査|主幹|支店長|支社長"
    "|所長|工場長|店長|室長|センター長|院長|理事長|理事|監査役|相談役|顧問|マネー?ジャー|リーダー|ディレクター"
)
_DEPARTMENTS: Final = (
    "総務|人事|経理|財務|法務|営業|販売|購買|資材|調達|企画|広報|宣伝|情報システム|情シス|システム|開発|技術|製造|生産|品質管理|管理|業務"
    "|秘書|採用|経営企画|事務|お客様|カスタマー|サポート|マーケティング"
)
_HONORIFICS: Final = re.compile(
    r"(?<=.)[\s・]*(?:様|さま|さん|殿|氏|先生|御中|くん|ちゃん|教授|博士|弁護士|税理士|各位)$"
)
_OFFICE_BEHIND: Final = re.compile(rf"(?<=[^\s])[\s・]*(?:{_OFFICES})+$")
_OFFICE_BEFORE: Final = re.compile(rf"^(?:(?:{_DEPARTMENTS})*(?:{_OFFICES})+\s+)+(?=\S)")
_NOBODY: Final = re.compile(
    rf"(?:{_DEPARTMENTS}|ご|御|担当|責任|関係|代表|部|課|係|室|先方|[新現前旧]|web|ウェブ|サイト)*"
    r"(?:担当|責任者|関係者|窓口|受付|管理者|事務員|職員|社員|スタッフ|メンバー)(?:者|の方)?(?:様|さま)?"
    rf"|(?:第?[一二三四五六七八九十\d]*(?:{_DEPARTMENTS})(?:第?[一二三四五六七八九十\d]*(?:本部|部|課|室|係|局|g|チーム|グループ))?)+"
    rf"|(?:{_OFFICES})+|各位|様|殿|御中|本人|代表者|後任者?|前任者?|(?:退職|離職|異動|転職|休職)(?:者|済み?|予定者?)?"
    r"|.+(?:支店|支社|営業所|出張所|事業所|事業部|営業部|推進[部室]|企画[部室]|センター|グループ|チーム)|(?:東京|大阪)?本[社店]|.+本部"
    r"|[ー\-]+|先生|空[白欄]|(?:メルマガ|line|web)?(?:会員|友だち|友達)|(?:hoge|ほげ|ホゲ)+|(?:下の名前|名|お?名前|氏名|姓名|連絡先|宛先|宛名|担当者?名?)?(?:不明|不詳|未定|未設定|未入力|未登録|未記入|未確認|確認中|調査中|無し?|なし|ナシ)"
    r"|名無し(?:さん)?|匿名(?:希望)?|その他|お?名前|氏名|姓|名|[苗名]字|(?:削除|重複|統合|使用不可)(?:済み?|予定|データ)?"
    r"|(?:テスト|てすと|デモ|ダミー|サンプル)(?:データ|ユーザー?|用|さん|太郎|花子|一郎|次郎|\d)*|見本|仮|新規|あ{2,}|ア{2,}"
    r"|test\d*|testing|tester|dummy|sample|unknown|notprovided|none|null|nil|nan|n/a|noname|anonymous|undefined|blank"
    r"|tbd|tba|(?:first|last|given|family|full|user)name|user|x{2,}|a{3,}|asdf|qwerty"
)
"""What stands in a field for a name where nobody knows one, or where no one person is meant."""
_LATIN_TITLES: Final = re.compile(
    r"^(?:mr|mrs|ms|miss|dr|prof)\b\.?\s+|(?<=\w)(?:[\s,]+(?:phd|ph\.d\.?|mba|jr\.?|sr\.?)|-(?:san|sama))$"
)
_FIRM: Final = re.compile(
    r"[^\s(]+(?:株式会社|有限会社|合同会社|\((?:株|有|同)\))[^\s)]*|(?:株式会社|有限会社|合同会社|\((?:株|有|同)\))\s*[^\s)]*"
)
_ADDRESS: Final = re.compile(r"(?a:[\w.+-]+@[\w-]+\.\w\S*)|\S*(?:https?:|www\.)\S*")
"""What is pasted where the name belongs: a company, a mail address, a page."""
_BRACKETS: Final = re.compile(r"[(\[（【〔].*?[)\]）】〕]")
_GAPS: Final = re.compile(r"[\s・=゠_]+")
_PLAIN: Final = re.compile("[々一-鿿]+")
"""漢字 that nothing but the tables of variants changes."""
_NO_NAME: Final = re.compile(r"[^\w\s・=゠,.'/\-]+|〇+")
_LONGEST: Final = 200
"""Characters of a name that are read."""
_NOT_LETTERS: Final = re.compile(r"[^a-z]")
_VOICED_TWINS: Final = str.maketrans("ヅヂヲヰヱ", "ズジオイエ")
_SCHOOLS: Final = (
    (re.compile(r"tch"), "cch"),
    (re.compile(r"(?<![sc])hu"), "fu"),
    (re.compile(r"si"), "shi"),
    (re.compile(r"sy"), "sh"),
    (re.compile(r"ti"), "chi"),
    (re.compile(r"[tc]y"), "ch"),
    (re.compile(r"tu"), "tsu"),
    (re.compile(r"(?<=[sc]h)y"), ""),
    (re.compile(r"zi|di|dji"), "ji"),
    (re.compile(r"zy|jy|dy"), "j"),
    (re.compile(r"du|dzu"), "zu"),
    (re.compile(r"m(?=[bpm])"), "n"),
    (re.compile(r"oh(?=[^aiueoy]|$)"), "o"),
    (re.compile(r"o[ou]+"), "o"),
    (re.compile(r"uu+|uh(?=[^aiueoy]|$)"), "u"),
)
_ODD: Final = re.compile("|".join(pattern.pattern for pattern, _ in _SCHOOLS))
"""Finds nothing in most names, which saves them the search for each."""


@dataclass(frozen=True, slots=True)
class NamePart:
    """A family or given name, or both in one. Empty texts where it is not known.

    `written` is what stands there, folded; `loose` the same with doubtful variants made one; `kana` the reading as
    katakana; `sound` the reading in Latin letters, in which all schools of romanisation are one and long o and u short;
    `first` the first word of a name in Latin letters.
    """

    written: str = ""
    loose: str = ""
    kana: str = ""
    sound: str = ""
    ideographs: bool = False
    first: str = ""

    def __hash__(self) -> int:
        return hash(self.written)

    def __bool__(self) -> bool:
        return bool(self.written or self.sound)


NOTHING: Final = NamePart()


@dataclass(frozen=True, slots=True)
class PersonName:
    """The two parts where they are known apart, and always the whole. `reading_*` come from fields of their own.

    Fields of kana are kept beside the written ones, for people swap the written names and leave the kana alone.
    """

    family: NamePart = NOTHING
    given: NamePart = NOTHING
    whole: NamePart = NOTHING
    reading_family: NamePart = NOTHING
    reading_given: NamePart = NOTHING
    whole_reading: NamePart = NOTHING
    words: tuple[str, ...] = ()

    @property
    def split(self) -> bool:
        """Whether family and given name are known apart."""
        return bool(self.family and self.given)


def person_name(person: Individual) -> PersonName:
    """The names of a record, from whichever of its fields they are in. What stands for no name is none."""
    family, given = _apart(person.family, person.given, person.full_name)
    written, given_part = part(family), part(given)
    family_kana, given_kana = "", ""
    if person.family_kana or person.given_kana or person.kana:
        family_kana, given_kana = _apart(person.family_kana, person.given_kana, person.kana)
    whole = _joined(family, given)
    return PersonName(
        family=written,
        given=given_part,
        whole=part(whole) if given and family else written or given_part,
        reading_family=part(family_kana),
        reading_given=part(given_kana),
        whole_reading=part(_joined(family_kana, given_kana)) if given_kana or not given else NOTHING,
        words=_words(whole),
    )


def _joined(family: str, given: str) -> str:
    return f"{family} {given}".strip()


@lru_cache(maxsize=65_536)
def _words(whole: str) -> tuple[str, ...]:
    """Of a name of three words and more in Latin letters all of them, for people part and order them in many ways."""
    return tuple(sorted(whole.lower().replace(".", "").split())) if whole.isascii() and whole.count(" ") > 1 else ()


def _apart(family: str, given: str, full: str) -> tuple[str, str]:
    """(family, given). A whole name stays in the first where nothing parts it."""
    family, given = _clean(family), _clean(given)
    if family and given:
        return _untwinned(family, given)
    whole = _clean(full)
    if given and not whole:
        return family, given
    return _parted(max(family or given, whole, key=len))


def _untwinned(family: str, given: str) -> tuple[str, str]:
    """One of the fields may hold the whole name, or both the same part of it."""
    if family == given:
        return _parted(family)
    for one, whole in ((given, family), (family, given)):
        rest = whole.removesuffix(one) if one is given else whole.removeprefix(one)
        if rest != whole and (rest.strip() != rest or (len(one) > 1 and len(rest) > 1 and not whole.isascii())):
            return (rest.strip(), one) if one is given else (one, rest.strip())
    return family, given


def _parted(text: str) -> tuple[str, str]:
    if "," in text:
        first, _, rest = text.partition(",")
        return first.strip(), rest.strip()
    words = text.split(" ")
    if len(words) < 2:
        return text, ""
    if has_ideographs(text) or is_kana(text):
        return _somebody(words[0]), _somebody("".join(words[1:]))
    words = [word for word in words if _somebody(word)] or [""]
    # "TANAKA Taro", "Taro TANAKA": capitals mark the family name; else Latin letters put it last.
    if words[0].isupper() and len(words[0].rstrip(".")) > 1 and not words[-1].isupper():
        return words[0], " ".join(words[1:])
    return words[-1], " ".join(words[:-1])


@lru_cache(maxsize=65_536)
def _clean(text: str) -> str:
    seen = base(text[:_LONGEST])
    if not seen:
        return ""
    seen = _ADDRESS.sub(" ", seen if seen.isascii() else _FIRM.sub(" ", seen)).strip()
    seen = _BRACKETS.sub(" ", seen).strip() or seen
    if not seen.isascii():
        seen = _OFFICE_BEFORE.sub("", _OFFICE_BEHIND.sub("", _HONORIFICS.sub("", seen)))
    # Pictures, marks and the like; after the titles, which they may follow, they come once more.
    seen = _NO_NAME.sub(" ", seen).strip()
    seen = _untitled(seen) if seen.isascii() else " ".join(_GAPS.split(_HONORIFICS.sub("", seen).strip()))
    return _somebody(seen)


def _somebody(seen: str) -> str:
    """The name, or nothing for what stands there in place of one."""
    named = any(map(str.isalpha, seen)) and not _NOBODY.fullmatch(_closed(seen.lower()))
    return seen if named else ""


def _untitled(seen: str) -> str:
    match = _LATIN_TITLES.search(seen.lower())
    while match:
        seen = (seen[: match.start()] + seen[match.end() :]).strip()
        match = _LATIN_TITLES.search(seen.lower())
    return seen


@lru_cache(maxsize=262_144)
def part(text: str) -> NamePart:
    """A name in its forms. Its reading is known where it is written in kana or Latin letters."""
    if not text:
        return NOTHING
    if _PLAIN.fullmatch(text):
        written = text.translate(VARIANTS)
        return NamePart(written=written, loose=written.translate(LOOSE_VARIANTS), ideographs=True)
    # Folded again without its gaps: what follows a gap can be a mark that belongs to the letter before it.
    written = _closed(folded(_closed(folded(text))))
    kana = katakana(written)
    if has_ideographs(written):
        return NamePart(written=written, loose=loosely_folded(written), ideographs=True)
    if is_kana(kana):
        kana = kana.translate(_VOICED_TWINS).replace("・", "")
        return NamePart(written=kana, loose=kana, kana=kana, sound=sound_of_kana(kana))
    first = folded(_closed(text.split(" ", 1)[0]))
    return NamePart(written=written, loose=written, sound=sound_of_latin(written), first=first)


def _closed(text: str) -> str:
    return text.replace(" ", "").replace(".", "")


def sound_of_kana(kana: str) -> str:
    """Katakana as `sound`."""
    return sound_of_latin(kana_to_romaji(kana))


@lru_cache(maxsize=65_536)
def sound_of_latin(text: str) -> str:
    """Latin letters with Hepburn, Kunrei and typing habits made one. Idempotent.

    Ōno, Ohno, Oono → ono; Zyunichi, Jun'ichi → junichi.
    """
    plain = text.lower()
    if not plain.isascii():
        plain = "".join(character for character in unicodedata.normalize("NFD", plain) if character.isascii())
    letters = plain if plain.isalpha() else _NOT_LETTERS.sub("", plain)
    while _ODD.search(letters):
        before = letters
        for pattern, replacement in _SCHOOLS:
            letters = pattern.sub(replacement, letters)
        if letters == before:
            break
    return letters
