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
na none null nil unknown nothing undefined notapplicable notprovided notavailable noname nocompany
company companyname individual personal private self selfemployed freelance freelancer student
other others tbd tba anonymous asdf qwerty abc hoge fuga foo bar
"""
_PLACEHOLDERS: Final = frozenset(_WORDS.split())
_TRIAL: Final = re.compile(
    r"(?:テスト|てすと|test|testing|ダミー|dummy|サンプル|sample)(?:会社|企業|用|データ|company|account|\d)*"
)
_NO_WORD: Final = re.compile(r"[\W_〇]*|\d+|(.)\1*")


def is_placeholder(exact: str, form: str) -> bool:
    """Whether the core of a name, folded and without punctuation, stands for none; `form` is its legal form.

    A legal form makes a word a name (株式会社その他, 株式会社雅), save a trial's (株式会社テスト).
    """
    if _TRIAL.fullmatch(exact):
        return True
    return not form and (exact in _PLACEHOLDERS or bool(_NO_WORD.fullmatch(exact)))
