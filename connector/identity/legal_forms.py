"""Legal forms of Japanese companies as they are written: in full, abbreviated, in kana and in Latin letters.

Used by `company_name.py`. A form is named by its full Japanese name. Knows words, no companies.
"""

import re
from functools import lru_cache
from typing import Final

FORMS: Final = [
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "相互会社",
    "特定目的会社",
    "有限責任事業組合",
    "投資法人",
    "一般社団法人",
    "公益社団法人",
    "社団法人",
    "一般財団法人",
    "公益財団法人",
    "財団法人",
    "学校法人",
    "準学校法人",
    "医療法人",
    "医療法人社団",
    "医療法人財団",
    "社会医療法人",
    "社会福祉法人",
    "宗教法人",
    "特定非営利活動法人",
    "独立行政法人",
    "国立研究開発法人",
    "国立大学法人",
    "公立大学法人",
    "地方独立行政法人",
    "弁護士法人",
    "税理士法人",
    "監査法人",
    "有限責任監査法人",
    "行政書士法人",
    "司法書士法人",
    "社会保険労務士法人",
    "土地家屋調査士法人",
    "弁理士法人",
    "特許業務法人",
    "農事組合法人",
    "管理組合法人",
    "更生保護法人",
    "職業訓練法人",
    "特殊法人",
    "認可法人",
]

_ABBREVIATIONS: Final = {
    "株": "株式会社",
    "有": "有限会社",
    "同": "合同会社",
    "合": "合同会社",
    "資": "合資会社",
    "名": "合名会社",
    "相": "相互会社",
    "一社": "一般社団法人",
    "公社": "公益社団法人",
    "社": "社団法人",
    "一財": "一般財団法人",
    "公財": "公益財団法人",
    "財": "財団法人",
    "学": "学校法人",
    "医": "医療法人",
    "医社": "医療法人社団",
    "医財": "医療法人財団",
    "福": "社会福祉法人",
    "社福": "社会福祉法人",
    "宗": "宗教法人",
    "特非": "特定非営利活動法人",
    "NPO": "特定非営利活動法人",
    "npo": "特定非営利活動法人",
    "一般社団": "一般社団法人",
    "公益社団": "公益社団法人",
    "一般財団": "一般財団法人",
    "公益財団": "公益財団法人",
    "社医": "社会医療法人",
    "地独": "地方独立行政法人",
    "独": "独立行政法人",
    "独法": "独立行政法人",
    "国研": "国立研究開発法人",
    "大": "国立大学法人",
    "弁": "弁護士法人",
    "税": "税理士法人",
    "監": "監査法人",
    "農": "農事組合法人",
}
_SPELLINGS: Final = {
    "NPO法人": "特定非営利活動法人",
    "npo法人": "特定非営利活動法人",
    "認定特定非営利活動法人": "特定非営利活動法人",
    "特例認定特定非営利活動法人": "特定非営利活動法人",
    "認定NPO法人": "特定非営利活動法人",
    "認定npo法人": "特定非営利活動法人",
    "特例認定NPO法人": "特定非営利活動法人",
    "特例有限会社": "有限会社",
    "特定医療法人": "医療法人",
    "特定医療法人社団": "医療法人社団",
    "特定医療法人財団": "医療法人財団",
    "医療社団法人": "医療法人社団",
    "医療財団法人": "医療法人財団",
    "医療法人(社団)": "医療法人社団",
    "医療法人(財団)": "医療法人財団",
    "株式會社": "株式会社",
    "有限會社": "有限会社",
    "合同會社": "合同会社",
    "合名會社": "合名会社",
    "合資會社": "合資会社",
    "株式社会": "株式会社",
    "株式会杜": "株式会社",
    "株式会社社": "株式会社",
    "かぶしきがいしゃ": "株式会社",
    "かぶしきかいしゃ": "株式会社",
    "カブシキガイシャ": "株式会社",
    "カブシキカイシャ": "株式会社",
    "ユウゲンガイシャ": "有限会社",
    "ユウゲンカイシャ": "有限会社",
    "ゴウドウガイシャ": "合同会社",
    "ゴウドウカイシャ": "合同会社",
    "ゴウシガイシャ": "合資会社",
    "ゴウシカイシャ": "合資会社",
    "ゴウメイガイシャ": "合名会社",
    "ゴウメイカイシャ": "合名会社",
}


_GENERAL: Final = {
    "医療法人社団": "医療法人",
    "医療法人財団": "医療法人",
    "社会医療法人": "医療法人",
    "一般社団法人": "社団法人",
    "公益社団法人": "社団法人",
    "一般財団法人": "財団法人",
    "公益財団法人": "財団法人",
    "準学校法人": "学校法人",
    "有限責任監査法人": "監査法人",
    "国立研究開発法人": "独立行政法人",
    "地方独立行政法人": "独立行政法人",
}
"""Forms that people shorten, and what they write."""


def _any_of(*words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_OPEN, _CLOSE = r"[(\[【〔{<〈《「]", r"[)\]】〕}>〉》」]"

_BRACKET: Final = re.compile(rf"{_OPEN}|{_CLOSE}")
_BRACKETED: Final = re.compile(rf"{_OPEN}\s*({_any_of(*_ABBREVIATIONS, *FORMS, *_SPELLINGS)})\s*{_CLOSE}")
_CUT_SHORT: Final = re.compile(r"^株式会(?!社)|(?<!^)株式会$|^株式\s+会社|株式\s+会社$")
_HALF_OPEN: Final = re.compile(rf"^({_any_of(*_ABBREVIATIONS)})\s*[)]|[(]\s*(株|有|同)$")
_BANK: Final = re.compile(r"^([カユドシメ])[)]|[(]([カユドシメ])[)]|[(]([カユドシメ])$")
_BANK_FORMS: Final = dict(zip("カユドシメ", ["株式会社", "有限会社", "合同会社", "合資会社", "合名会社"], strict=True))
_WRITTEN: Final = re.compile(rf"{_any_of(*FORMS, *_SPELLINGS)}|^(?:NPO|npo)(?=\s+\S)")

_LATIN_FORMS: Final = (
    (
        re.compile(r"[\s,]*\b(kabushiki[\s-]*(kaisha|gaisha)|(?<!\b\w\.)k\s*\.\s*k|k\s*k(?=\W*$))\b\.?", re.IGNORECASE),
        "株式会社",
    ),
    (
        re.compile(r"[\s,]*\b(godo[\s-]*(kaisha|gaisha)|(?<!\b\w\.)g\s*\.\s*k|g\s*k(?=\W*$))\b\.?", re.IGNORECASE),
        "合同会社",
    ),
    (re.compile(r"[\s,]*\b(yugen[\s-]*(kaisha|gaisha)|(?<!\b\w\.)y\s*\.?\s*k)\b\.?$", re.IGNORECASE), "有限会社"),
    (re.compile(r"[\s,]*\b(?<!\b\w\.)l\s*\.?\s*l\s*\.?\s*c\b\.?", re.IGNORECASE), "合同会社"),
    (
        re.compile(
            r"[\s,.]*(\bco(mpany)?\b\s*[.,]*\s*[,.]?\s*(ltd|limited|inc|incorporated)\b\.?"
            r"|\b(ltd|limited|inc|incorporated|corp|corporation|plc|gmbh|company|co)\b\.?)(?=[\s,.]*$|[\s,]+[(])",
            re.IGNORECASE,
        ),
        "",
    ),
)


@lru_cache(maxsize=4_096)
def find_forms(text: str) -> tuple[tuple[int, int, str], ...]:
    """(start, end, form) of every Japanese legal form in a text that went through `base`, from left to right."""
    if not _BRACKET.search(text):
        written = [(hit.start(), hit.end(), _name(hit.group())) for hit in _WRITTEN.finditer(text)]
        return tuple(written or [(hit.start(), hit.end(), "株式会社") for hit in _CUT_SHORT.finditer(text)])
    found = [(hit.start(), hit.end(), _name(hit.group(1))) for hit in _BRACKETED.finditer(text)]
    found += [(hit.start(), hit.end(), _ABBREVIATIONS[hit[1] or hit[2]]) for hit in _HALF_OPEN.finditer(text)]
    found += [(hit.start(), hit.end(), _BANK_FORMS[hit[1] or hit[2] or hit[3]]) for hit in _BANK.finditer(text)]
    taken = [(start, end) for start, end, _ in found]
    for hit in _WRITTEN.finditer(text):
        if not any(start < hit.end() and hit.start() < end for start, end in taken):
            found.append((hit.start(), hit.end(), _name(hit.group())))
    return tuple(sorted(found))


def is_short_for(one: str, other: str) -> bool:
    """Whether one of two forms is a shorter way to write the other (医療法人 for 医療法人社団)."""
    return _GENERAL.get(one) == other or _GENERAL.get(other) == one


def cut_latin_form(text: str) -> tuple[str, str]:
    """(the text without Co., Ltd., Inc., K.K. and the like, the form if the words tell which, else the empty text)."""
    form = ""
    for pattern, named in _LATIN_FORMS:
        cut = pattern.sub("", text)
        if cut != text and cut.strip(" ,."):
            text, form = cut, form or named
    return text.strip(" ,"), form


def _name(written: str) -> str:
    return _ABBREVIATIONS.get(written) or _SPELLINGS.get(written) or written
