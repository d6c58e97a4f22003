"""What is typed beside a person's name, or in its place: titles, offices, firms, notes.

Used by `person_name.py`. Knows how names are written, not which there are.
"""

import re
from functools import lru_cache
from typing import Final

from connector.identity.site_words import BRANCHES
from connector.identity.text import base

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
_OFFICE_BEHIND: Final = re.compile(rf"(?<=[^\s])(?:[\s・]*|[\s・/]+(?:{_DEPARTMENTS})+)(?:{_OFFICES})+$")
_OFFICE_BEFORE: Final = re.compile(rf"^(?:(?:{_DEPARTMENTS})*(?:{_OFFICES})+\s+)+(?=\S)")
_NOBODY: Final = re.compile(
    rf"(?:{_DEPARTMENTS}|ご|御|担当|責任|関係|代表|部|課|係|室|先方|[新現前旧]|web|ウェブ|サイト)*"
    r"(?:担当|責任者|関係者|窓口|受付|管理者|事務員|職員|社員|スタッフ|メンバー)(?:者|の方)?(?:様|さま)?"
    rf"|(?:第?[一二三四五六七八九十\d]*(?:{_DEPARTMENTS})(?:第?[一二三四五六七八九十\d]*(?:本部|部|課|室|係|局|g|チーム|グループ))?)+"
    rf"|(?:{_OFFICES})+|各位|様|殿|御中|本人|代表者|後任者?|前任者?|(?:退職|離職|異動|転職|休職)(?:者|済み?|予定者?)?"
    rf"|.+(?:{BRANCHES}|推進[部室]|企画[部室]|センター|グループ|チーム)|(?:東京|大阪)?本[社店]|.+本部"
    r"|[ー\-]+|先生|さん|さま|くん|ちゃん|氏|mr|mrs|ms|dr|空[白欄]|(?:メルマガ|line|web)?(?:会員|友だち|友達)|(?:hoge|ほげ|ホゲ)+|(?:下の名前|名|お?名前|氏名|姓名|連絡先|宛先|宛名|担当者?名?)?(?:不明|不詳|未定|未設定|未入力|未登録|未記入|未確認|確認中|調査中|無し?|なし|ナシ)"
    r"|名無し(?:さん)?|匿名(?:希望)?|その他|お?名前|氏名|姓|名|[苗名]字|(?:削除|重複|統合|使用不可)(?:済み?|予定|データ)?"
    r"|(?:テスト|てすと|デモ|ダミー|サンプル)(?:データ|ユーザー?|用|さん|太郎|花子|一郎|次郎|\d)*|見本|仮|新規|あ{2,}|ア{2,}"
    r"|test\d*|testing|tester|dummy|sample|unknown|notprovided|none|null|nil|nan|n/a|noname|anonymous|undefined|blank"
    r"|tbd|tba|(?:first|last|given|family|full|user)name|user|x{2,}|a{3,}|asdf|qwerty"
)
"""What stands in a field for a name where nobody knows one, or where no one person is meant."""
_LATIN_OFFICES: Final = (
    r"c[efiotmsx]o|[es]?vp|d?gm|pm|md|chairman|president|director|(?:general\s*)?manager|leader|chief|engineer|staff"
    r"|sales|secretary|assistant|consultant"
)
_LATIN_TITLES: Final = re.compile(
    r"^(?:mr|mrs|ms|miss|dr|prof)(?:\b\.?\s+|\.|(?=[一-鿿ぁ-ヿ]))(?=\S)"
    rf"|(?<=\w)(?:[\s,]+(?:phd|ph\.d\.?|mba|jr\.?|sr\.?|{_LATIN_OFFICES})|-(?:san|sama))$",
    re.IGNORECASE,
)
_NO_GIVEN_NAME: Final = re.compile(
    r"様方?|さま|さん|殿|氏|君|先生|御中|くん|ちゃん|教授|各位|奥|サブ|シニア|統括|店舗"
    rf"|mr|mrs|ms|miss|dr|prof|san|sama|mba|phd|jr|sr|{_LATIN_OFFICES}"
    r"|.{2,}[長員師]|[部課係室所局院園館校社会店船機組班団市町村区駅隊署学次議座寮塾婦庁科番]長"
    r"|[社職店係委教議隊駅部班工課所局団]員|[医教講技牧導]師|.*主事補?"
    r"|.*(?:弁護|税理|会計|弁理|司法書|行政書|書|労務|社労|建築|診断|技術|栄養|保育|介護|福祉|鑑定|調査|操縦|衛生)士"
    r"|.*(?:マネー?ジャー|リーダー|チーフ|ディレクター|スタッフ|エンジニア|コンサルタント|デザイナー|プロデューサー|アシスタント|オーナー"
    r"|パートナー|アドバイザー|プランナー|オペレーター|ドライバー|メンバー|プレジデント|シェフ|バイヤー|代表|担当|代理|補佐|代行|見習い?)"
    r"|(?:ご|御|お)?(?:奥[様さ].*|主人|夫妻|夫婦|家族|両親|子息|令嬢|子[様さ].*|[父母][様さ].*|一同|一行|本人)(?:様|さま)?|妻|夫|父|母|娘|息子"
    r"|男性?|女性?|(?:他|外|ほか)(?:\d*[名人])?|携帯(?:電話)?|電話|自宅|会社|ファックス|fax|tel|スマホ"
)
"""What stands beside a family name where the given one belongs: how the person is addressed, what they are."""
_STANDING: Final = "退職|退社|離職|異動|転職|休職|死亡|逝去|削除|重複|統合|使用不可|要確認"
_BEFORE: Final = re.compile(
    rf"^(?:(?:(?:第?[一二三四五六七八九十\d]*(?:{_DEPARTMENTS})+(?:本部|部|課|室|係|局|グループ|チーム))+|(?:{_OFFICES})+"
    rf"|(?:{_STANDING})(?:済み?|者|予定者?|データ)?|旧|故|[前後]任者?)\s+)+(?=\S)"
)
_BEHIND: Final = re.compile(rf"(?<=\S)(?:\s+(?:{_STANDING})(?:済み?|者|予定者?|データ)?)+$")
_RETIRED: Final = re.compile(r"^(?:x+|z+)(?=[一-鿿])", re.IGNORECASE)
"""As records that are out of use are marked, so that they come last."""
_MAIDEN_NAME: Final = re.compile(r"[(\[【〔]\s*旧姓?[\s:]*([^)\]】〕\s]+)")
_AT_THE_ENDS: Final = "0123456789' "
"""What numbers and quotes of a table leave there."""
_FIRM: Final = re.compile(
    r"[^\s(]+(?:株式会社|有限会社|合同会社|\((?:株|有|同)\))[^\s)]*|(?:株式会社|有限会社|合同会社|\((?:株|有|同)\))\s*[^\s)]*"
)
_ADDRESS: Final = re.compile(r"(?a:[\w.+-]+@[\w-]+\.\w\S*)|\S*(?:https?:|www\.)\S*")
"""What is pasted where the name belongs: a company, a mail address, a page."""
_BRACKETS: Final = re.compile(r"[(\[（【〔].*?[)\]）】〕]")
_GAPS: Final = re.compile(r"[\s・=゠_/]+")
_NO_NAME: Final = re.compile(r"[^\w\s・=゠,.'/\-]+|〇+")
_LONGEST: Final = 200
"""Characters of a name that are read."""


@lru_cache(maxsize=65_536)
def cleaned(text: str) -> str:
    """The name without what is typed beside it; empty where nobody's name stands there."""
    seen = base(text[:_LONGEST])
    if not seen:
        return ""
    seen = _ADDRESS.sub(" ", seen if seen.isascii() else _FIRM.sub(" ", seen)).strip()
    seen = _BRACKETS.sub(" ", seen).strip() or seen
    if not seen.isascii():
        seen = _OFFICE_BEFORE.sub("", _OFFICE_BEHIND.sub("", _HONORIFICS.sub("", _untitled(seen))))
    # Pictures, marks and the like; after the titles, which they may follow, they come once more.
    seen = _untitled(_NO_NAME.sub(" ", seen).strip())
    if not seen.isascii():
        noted = _BEHIND.sub("", _HONORIFICS.sub("", " ".join(_GAPS.split(seen)).strip()))
        seen = _HONORIFICS.sub("", _RETIRED.sub("", _BEFORE.sub("", noted)))
    return somebody(somebody(seen).strip(_AT_THE_ENDS))


def somebody(seen: str) -> str:
    """The name, or nothing for what stands there in place of one."""
    named = any(map(str.isalpha, seen)) and not _NOBODY.fullmatch(closed(seen.lower()))
    return seen if named else ""


def may_be_no_given_name(seen: str) -> bool:
    """Whether beside a family name it is more likely a title, a form of address or a note, if no usual given name."""
    return bool(_NO_GIVEN_NAME.fullmatch(closed(seen.lower())))


def maiden_name(*typed: str) -> str:
    """The name before marriage, if one of the fields tells it in brackets: 佐藤(旧姓:鈴木)."""
    told = (_MAIDEN_NAME.search(base(text[:_LONGEST])) for text in typed if "旧" in text)
    return next((match[1] for match in told if match), "")


def _untitled(seen: str) -> str:
    while (shorter := _LATIN_TITLES.sub("", seen).strip()) != seen:
        seen = shorter
    return seen


def closed(text: str) -> str:
    """Without gaps and points."""
    return text.replace(" ", "").replace(".", "")
