"""Names that people type where they have none: 不明, テスト, N/A, 個人, a dash, one letter, xxx.

Used when a company's name is taken apart. What such a name says of a company is nothing.
"""

import re
from typing import Final

_WORDS: Final = """
不明 未定 未入力 未登録 未記入 未設定 無し なし ナシ 無 空白 空欄 該当なし 非該当 非公開 その他
匿名 匿名希望 名無し 仮 仮登録 削除 削除予定 削除済 重複 使用不可 使用禁止
個人 個人客 個人名 個人事業 個人事業主 個人のお客様 一般 一般個人 フリーランス フリー 自営 自営業
無職 学生 主婦 会社員 会社名 会社名なし 会社名不明 会社名未定 会社不明 会社なし 企業名 法人名
社名 社名不明 所属なし 所属不明
確認中 先方確認中 調査中 未確認 要確認 検討中 個人宅 自宅 お客様 お客さま 一般顧客 顧客 取引先
新規 新規取引先 新規顧客 名称未設定 無題
退職 退職済 退会 廃業 統合 統合済 同上 上記同 特になし 使用しない 電話番号のみ 名刺なし 問い合わせ hp問い合わせ
迷惑メール スパム 会社 法人 弊社 自社 当社 貴社 御社 本人 ご本人
na none null nil unknown nothing undefined notapplicable notprovided notavailable noname nocompany
company companyname individual personal private self selfemployed freelance freelancer student
other others tbd tba anonymous asdf qwerty abc hoge fuga foo bar spam your
"""
_PLACEHOLDERS: Final = frozenset(_WORDS.split())
_TRIAL: Final = re.compile(
    r"(?:テスト|てすと|test|testing|ダミー|dummy|サンプル|sample)+(?:会社|企業|用|データ|太郎|花子|様|company|account|\d)*"
    r"|(?:hoge|fuga|ほげ|ふが|ホゲ){1,3}"
)
_UNKNOWN: Final = re.compile(r"(?:会社名?|社名|企業名|法人名)?(?:不明|未定|未確認|未設定|確認中|調査中)\d*")
_OF_THEMSELVES: Final = re.compile(
    r"(?:個人|フリー(?:ランス|ランサー|ター)?|自営(?:業者?)?|[大高短]?学生|大学院生|主[婦夫]|無職|会社員|会社役員|公務員|医師|農[家業]"
    r"|アルバイト|パート|在宅(?:勤務)?|退職(?:者|済み?)?|(?:転職|求職|就職)(?:活動中|中)|求職者?|一般|[未無]所属|本社|本店"
    r"|(?:会社名?|法人名?|勤務先|所属)?(?:なし|無し?|不明|未定|未登録|非公開)"
    r"|freelancer?|student|individual|none|na|private){1,3}"
)
_NO_WORD: Final = re.compile(r"[\W_〇]*|\d+|(.)\1*")


def is_placeholder(exact: str, form: str) -> bool:
    """Whether the core of a name, folded and without punctuation, stands for none; `form` is its legal form.

    A legal form makes a word a name (株式会社その他, 株式会社雅), save these: 株式会社テスト, 株式会社不明.
    """
    if _TRIAL.fullmatch(exact) or _UNKNOWN.fullmatch(exact):
        return True
    return not form and (
        exact in _PLACEHOLDERS or bool(_OF_THEMSELVES.fullmatch(exact)) or bool(_NO_WORD.fullmatch(exact))
    )
