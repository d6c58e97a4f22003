"""Whether katakana are how Japanese write a name of another country: Smith and スミス, Michael and マイケル.

Used by `people_levels.py` and `people_keys.py`. Knows spellings and a few names, no record.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from connector.identity.name_sounds import has_japanese_syllables, sound_of_latin
from connector.identity.romaji import kana_to_romaji

TELLING: Final = 3
"""Consonants that must agree in a row; with fewer the vowels must, too (Tom and Tim), or a list must tell."""

_KNOWN: Final = """
aaron アーロン|amy エイミー|anne アン|ann アン|art アート|bill ビル|blake ブレイク|brad ブラッド|brown ブラウン
bruce ブルース|carl カール|chloe クロエ|chris クリス|choi チェ チョイ|claire クレア|clark クラーク|cole コール
cook クック|dave デイブ デーブ|dean ディーン|doe ドウ ドー|doug ダグ|duke デューク|dyson ダイソン|earl アール
eve イブ イヴ|ford フォード|fred フレッド|gary ゲイリー ゲーリー|gates ゲイツ|gene ジーン|geoff ジェフ|george ジョージ
gray グレイ|grey グレイ|guy ガイ|hall ホール|hill ヒル|hope ホープ|house ハウス|howe ハウ|huang ファン ホアン
hugh ヒュー|hughes ヒューズ|ian イアン|jake ジェイク|james ジェームズ ジェームス ジェイムズ|jane ジェーン|jay ジェイ
jean ジーン ジャン|jeff ジェフ|jim ジム|joe ジョー|joel ジョエル|joan ジョーン|jones ジョーンズ|joyce ジョイス
judy ジュディ|jude ジュード|julie ジュリー|kate ケイト ケート|kay ケイ|keith キース|kelly ケリー|kyle カイル
lane レーン|laura ローラ|lee リー イ|lewis ルイス|leigh リー|lisa リサ|louis ルイス ルイ|louise ルイーズ|lucy ルーシー
luke ルーク|lynn リン|mark マーク|marc マーク|mary メアリー メリー|may メイ|mike マイク|miles マイルズ|moore ムーア
neil ニール|nguyen グエン|noah ノア|owen オーウェン|paige ペイジ|pham ファム|paul ポール|peter ピーター|phil フィル
pierre ピエール|price プライス|quinn クイン|ray レイ|reed リード|rice ライス|roy ロイ|rose ローズ|ross ロス|ruth ルース
ryan ライアン|sean ショーン|scott スコット|seo ソ|shaun ショーン|shaw ショー|sue スー|susan スーザン
taylor テイラー テーラー|ted テッド|theo テオ セオ|tony トニー|tran チャン トラン|troy トロイ|tyler タイラー
tracy トレイシー|walker ウォーカー|wayne ウェイン|wei ウェイ|white ホワイト|will ウィル|wood ウッド|wright ライト
xu シュー|yoon ユン|young ヤング|zhang チャン ジャン|william ウィリアム ウイリアム|miller ミラー
baker ベイカー ベーカー|chen チェン チン|weber ウェーバー ヴェーバー|liu リュウ リウ|singh シン シング
murphy マーフィー|bailey ベイリー|cooper クーパー|howard ハワード|perry ペリー|powell パウエル
michael マイケル ミヒャエル ミカエル|michelle ミシェル|peterson ピーターソン ペーターソン|patterson パターソン
rachel レイチェル レーチェル|smith スミス|schmidt シュミット|thomas トーマス トマス|ng ウン ン エン|zhao チャオ ジャオ
zhou チョウ ジョウ|zhu チュー ジュ|zoe ゾーイ ゾエ
"""
"""Names whose few consonants do not tell how they are written in kana."""

_SILENT: Final = re.compile(
    r"gh(?![aeiou])|^(?:k(?=n)|w(?=r)|p(?=s|f))|(?<=[aeiou])h(?![aeiou])|(?<=[nrdgbvk])h|p(?=b)|(?<=m)b$|'"
)
_GRAPHEMES: Final = tuple(
    (re.compile(spelled), heard)
    for spelled, heard in (
        ("sch|sh|zh|[sz]{2}|sz", "S"),
        ("tch|cz|dt", "T"),
        ("t[sz]", "TS?"),
        ("ds$", "D?S"),
        ("t?th", "[ST]"),
        ("^ng", "G"),
        ("ng(?![aeiouy])", "NG?"),
        ("ch", "[TKS]"),
        ("ph", "[HB]"),
        ("f+|^h", "H"),
        ("ck|cc|q|k+|c(?![eiy])", "K"),
        ("c", "S"),
        ("^x|x(?=u)", "S"),
        ("x", "KS"),
        ("g+(?=[eiy])", "[GS]"),
        ("g+", "G"),
        ("j", "[SH]?"),
        ("[sz]", "S"),
        ("t+", "T"),
        ("d+", "D"),
        ("r+(?![aeiouy])", "R?"),
        ("r+|l+", "R"),
        ("m+(?=[bp])", "[NM]"),
        ("m+", "M"),
        ("n+", "N"),
        ("b+|^v", "B"),
        ("v+", "[BH]?"),
        ("p+", "P"),
        ("h", "H?"),
        ("w", "B?"),
    )
)
"""Letters in the order in which they are looked for, and the classes of kana that stand for them."""
_KANA_CLASSES: Final = str.maketrans(
    {"k": "K", "g": "G", "s": "S", "z": "S", "j": "S", "t": "T", "c": "T", "d": "D", "n": "N", "h": "H", "f": "H"}
    | {"b": "B", "v": "B", "p": "P", "m": "M", "r": "R"}
    | dict.fromkeys("aiueoyw", "")
)
_EPENTHETIC: Final = (re.compile(r"(?<=[^aiueon])u(?![aiueo])"), re.compile(r"(?<=[td])o(?![aiueo])"))
_AS_KANA: Final = tuple(
    (re.compile(spelled), heard)
    for spelled, heard in (
        ("ck|c(?![eiyh])", "k"), ("ng(?![aeiou])", "n"), ("ee", "i"), ("oo", "u"), ("ph", "f"), ("x", "ks"),
        ("[eo]r$", "a"), ("r(?![aeiou])", ""), ("l", "r"), ("v", "b"), (r"([a-z])\1", r"\1"),
    )
)  # fmt: skip
_MERGED: Final = tuple(
    (re.compile(spelled), key)
    for spelled, key in (
        ("^ng", "g"), ("ph", "f"), ("(?<=n)g", ""), ("[mn]+", "n"), ("l", "r"), ("[bv]", "p"), ("[cdgjkqstxz]+", "s"),
        ("[aeiouywh]+", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""What is merged in keys: more than is the same when two are compared, so that both are found."""
_SILENT_R: Final = re.compile("r(?![aeiouy])")
_NOT_LETTERS: Final = re.compile(r"[^a-z]")


@lru_cache(maxsize=16_384)
def transcribed(latin: str, kana: str) -> str:
    """`same`, or `alike` where only few consonants agree, or nothing. `latin` in lower case, `kana` in katakana."""
    letters = _letters(latin)
    known = _known().get(letters, frozenset())
    if kana in known:
        return "same"
    if has_japanese_syllables(sound_of_latin(letters)):
        return ""  # Takeshi has the consonants of タカシ
    heard = kana_to_romaji(kana.replace("ッ", ""))
    if (heard[:1] in "aiueo") != (letters[:1] in "aeiou") and letters[:1] not in "jwy":
        return ""
    classes = _classes(heard)
    if not classes or not _pattern(letters).fullmatch(classes):
        return ""
    told = len(classes) >= TELLING or _plain(letters) in _without_vowels(heard)
    return "same" if told and not known else "alike"


def _letters(latin: str) -> str:
    return _NOT_LETTERS.sub("", latin if latin.isascii() else unicodedata.normalize("NFD", latin))


def _without_vowels(heard: str) -> tuple[str, str]:
    """Kana in Latin letters without the vowels that stand between consonants, those after t and d kept or not."""
    fewer = _EPENTHETIC[0].sub("", heard)
    return fewer, _EPENTHETIC[1].sub("", fewer)


def _classes(heard: str) -> str:
    """The consonants of kana in Latin letters, a class each."""
    return heard.replace("sh", "s").replace("ch", "t").replace("ts", "t").translate(_KANA_CLASSES)


@lru_cache(maxsize=16_384)
def _pattern(letters: str) -> re.Pattern[str]:
    """The consonant classes of all kana that may stand for a name."""
    rest = _SILENT.sub("", letters)
    pattern, at = "", 0
    while at < len(rest):
        found = ((hit, heard) for spelled, heard in _GRAPHEMES if (hit := spelled.match(rest, at)))
        hit, heard = next(found, (None, ""))
        pattern, at = pattern + heard, hit.end() if hit else at + 1
    return re.compile(pattern)


def _plain(letters: str) -> str:
    """A short name as kana spell it, but for the vowels that they put between consonants (Kim, Wang, Lee)."""
    plain = _SILENT.sub("", letters)
    for spelled, heard in _AS_KANA:
        plain = spelled.sub(heard, plain)
    return plain


@cache
def _known() -> dict[str, frozenset[str]]:
    entries = (entry.split() for entry in _KNOWN.replace("\n", "|").split("|") if entry)
    return {latin: frozenset(kana) for latin, *kana in entries}


def outline(name: str) -> tuple[str, ...]:
    """Keys for a name in Latin letters or katakana, of which both have one in common where `transcribed`."""
    kana = not name.isascii() and not (name[:1] < "ァ")
    letters = kana_to_romaji(name.replace("ッ", "")) if kana else _SILENT.sub("", _letters(name))
    spelled = (letters,) if kana else (letters, _SILENT_R.sub("", letters))
    return tuple(dict.fromkeys(key for each in spelled if (key := _merged(each))))


def _merged(letters: str) -> str:
    for spelled, key in _MERGED:
        letters = spelled.sub(key, letters)
    return letters
