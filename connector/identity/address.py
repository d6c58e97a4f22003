"""A Japanese address as place and numbers: enough to say same spot, same town, same city or elsewhere.

Made once per record by `company.py`. Works without a table of place names: the place is what stands before the first
number, so towns with numerals in their names compare equal as long as both sides write them in numerals.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from connector.identity.text import folded

_A_PREFECTURE: Final = r"(?:東京都|北海道|(?:京都|大阪)府|(?:神奈川|和歌山|鹿児島)県|[^\d\s]{2}県)"
_PREFECTURE: Final = re.compile(_A_PREFECTURE)
_COUNTRY: Final = r"(?:日本国?|japan)"
_BEFORE: Final = re.compile(
    rf"(?:{_COUNTRY}(?=〒|\d{{3}}-?\d{{4}}|{_A_PREFECTURE}))?"
    rf"(?:〒?\s*\d{{3}}-?\d{{4}}\s*(?:{_COUNTRY}(?={_A_PREFECTURE}))?)?"
)
"""Country and postal code, in either order."""
_STARTS_BEFORE: Final = frozenset("〒日j0123456789")
_KANJI_NUMBER: Final = re.compile(
    r"(?<!麻布)[〇一二三四五六七八九十百]+(?=丁目|丁(?=\d)|番|号|線|条(?!市|町|通|大橋)|の(?:\d|[一二三四五六七八九]))"
)
_DIGITS: Final = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_UNITS: Final = {"十": 10, "百": 100}
_NUMBERS: Final = re.compile(r"\d+(?:(?:丁目|丁|番地の?|番|号|-|の|ー|ノ|地割|番町)*\d+)*")
_DIGIT: Final = re.compile(r"\d+")
_STREET: Final = re.compile(r"\d+条[東西南北]?(?=\d)")
"""A street of Sapporo and its like (北1条西8丁目): its number belongs to the place, as 東 and 西 of it are two."""
_SEPARATOR: Final = re.compile(r"[ ,、](?:(?!\d)|(?<!\d.))")
"""Between two numbers it stays: what follows it there is a floor or a room."""
_SMALL_PLACE: Final = re.compile(r"大字|字(?=[^\d]{1,4})|小字")
_KE: Final = re.compile(r"[ヶヵケがガ箇](?=[一-鿿])")
_CITY: Final = re.compile(
    r"^(?:.{1,4}?郡.{1,5}?[町村](?!市)"
    r"|(?:四日市|廿日市|野々市|八日市|三条|四條畷|市川|市原|余市|今市|町田|大町|十日町|村上|村山|東村山|武蔵村山)市"
    r"|(?:田村|大村|羽村|玉村|中村|郡山|大和郡山|小郡|蒲郡|郡上)市"
    r"|(?:札幌|仙台|さいたま|千葉|横浜|川崎|相模原|新潟|静岡|浜松|名古屋|京都)市.{1,5}?区"
    r"|(?:大阪|堺|神戸|岡山|広島|北九州|福岡|熊本)市.{1,5}?区"
    r"|.{1,6}?[市区]|.{1,5}?[町村])"
)
_WARDS: Final = """
千代田区 新宿区 文京区 台東区 墨田区 江東区 品川区 目黒区 大田区 世田谷区
渋谷区 中野区 杉並区 豊島区 荒川区 板橋区 練馬区 足立区 葛飾区 江戸川区
"""
_WARDS_OF_TOKYO: Final = frozenset(_WARDS.split())
_WARDS_OF_MANY: Final = re.compile(
    r"港区(?:赤坂|六本木|芝(?!町)|虎の門|新橋|西新橋|東新橋|愛宕|三田|高輪|白金|港南|台場|浜松町|海岸(?!通)"
    r"|[東西南元]?麻布|[北南]青山|元赤坂)"
    r"|中央区(?:銀座|八重洲|京橋|築地|月島|晴海|勝どき|八丁堀|日本橋[一-鿿]|東日本橋)"
    r"|北区(?:[東西]?赤羽|赤羽[南北台西]|王子|田端|滝野川|[上中東]?十条|西ケ原|上中里|浮間|志茂|桐ケ丘)"
)
"""Osaka, Nagoya, Sapporo and others have wards of these names too: here the town tells that it is Tokyo's."""
_PREFECTURES_OF_CITIES: Final = {
    city: prefecture
    for prefecture, cities in {
        "北海道": "札幌市",
        "岩手県": "盛岡市",
        "宮城県": "仙台市",
        "茨城県": "水戸市",
        "栃木県": "宇都宮市",
        "群馬県": "前橋市 高崎市",
        "埼玉県": "さいたま市",
        "神奈川県": "横浜市 川崎市 相模原市",
        "石川県": "金沢市",
        "山梨県": "甲府市",
        "静岡県": "浜松市",
        "愛知県": "名古屋市",
        "三重県": "津市 四日市市",
        "滋賀県": "大津市",
        "大阪府": "堺市",
        "兵庫県": "神戸市 姫路市",
        "島根県": "松江市",
        "香川県": "高松市",
        "愛媛県": "松山市",
        "福岡県": "北九州市",
        "沖縄県": "那覇市",
    }.items()
    for city in cities.split()
}
_CAPITALS: Final = """
青森 秋田 山形 福島 千葉 新潟 富山 福井 長野 岐阜 静岡 京都 大阪 奈良 和歌山
鳥取 岡山 広島 山口 徳島 高知 福岡 佐賀 長崎 熊本 大分 宮崎 鹿児島
"""
_TOKYO: Final = "東京都"
_NAMED_LIKE_ITS_CITY: Final = frozenset(_CAPITALS.split())
_NUMBERS_OF_A_SPOT: Final = 3
"""丁目, 番 and 号; what follows is a floor or a room."""
_TELLING: Final = 4
"""Characters of a town that few cities have: hundreds have a 本町, a 中央 and a 緑町."""


class Nearness(IntEnum):
    """How near two addresses are, as far as both tell."""

    ELSEWHERE = 0
    SAME_PREFECTURE = 1
    SAME_CITY = 2
    OTHER_BLOCK = 3
    """The same town, but another 丁目, or another 番地 where it has none."""
    SAME_TOWN = 4
    SAME_SPOT = 5


@dataclass(frozen=True, slots=True)
class Address:
    """`prefecture` and `city` are empty where the text does not tell; `place` is city and town without prefecture."""

    raw: str
    prefecture: str
    city: str
    place: str
    numbers: tuple[int, ...]

    @property
    def town(self) -> str:
        """The place behind the city; nothing behind a ward whose city is unknown."""
        behind = self.place[len(self.city) :]
        return "" if not self.city and behind.endswith("区") else behind

    @property
    def town_key(self) -> str:
        """Place and first number, or the place alone when no number is there; empty without a place."""
        return f"{self.place}{self.numbers[0] if self.numbers else ''}" if self.place else ""

    @property
    def spot_key(self) -> str:
        """Place and the numbers of the spot; empty without both."""
        return f"{self.place}{'-'.join(map(str, self.numbers[:_NUMBERS_OF_A_SPOT]))}" if self.numbers else ""


NOWHERE: Final = Address("", "", "", "", ())


def address(text: str | None) -> Address:
    """Takes an address line apart; `NOWHERE` for none."""
    line = _SEPARATOR.sub("", folded(text))
    if not line:
        return NOWHERE
    if line[0] in _STARTS_BEFORE and (before := _BEFORE.match(line)):
        line = line[before.end() :]
    prefecture = hit.group() if (hit := _PREFECTURE.match(line)) else ""
    line = _KANJI_NUMBER.sub(lambda found: str(_value(found.group())), line[len(prefecture) :])
    line = _SMALL_PLACE.sub("", _KE.sub("ケ", line)).replace("ツ", "ッ").replace("上る", "上ル").replace("入る", "入ル")
    line = line.replace("ノ", "の").replace("市ケ谷", "市谷")
    streets = list(_STREET.finditer(line))
    hit = _NUMBERS.search(line, streets[-1].end() if streets else 0)
    place = (line[: hit.start()] if hit else line).strip("-,、・")
    numbers = tuple(map(int, _DIGIT.findall(hit.group()))) if hit else ()
    city = found.group() if (found := _CITY.match(place)) else ""
    if not (prefecture or city or numbers):
        return Address(text or "", "", "", "", ())  # 不明, or a building's name alone
    prefecture = prefecture or _prefecture_of(city, place)
    return Address(text or "", prefecture, "" if _may_be_anywhere(city, prefecture, place) else city, place, numbers)


def nearness(left: Address, right: Address) -> Nearness | None:
    """How near the two are; `None` when one of them does not tell."""
    if not left.place or not right.place:
        return None
    if left.prefecture and right.prefecture and left.prefecture != right.prefecture:
        return Nearness.ELSEWHERE
    if same_place(left.place, right.place):
        return _in_town(left, right)
    return _by_city(left, right) if left.city and right.city else None


def _by_city(left: Address, right: Address) -> Nearness:
    if left.city.startswith(right.city) or right.city.startswith(left.city):
        return _in_town(left, right) if left.town and left.town == right.town else Nearness.SAME_CITY
    if left.town and left.town == right.town and _wards_of_one_city(left.city, right.city):
        # Wards are drawn anew (浜松市中区 is 中央区 since 2024), towns and their numbers stay.
        numbered = len(left.numbers) > 1 and len(right.numbers) > 1
        return Nearness.SAME_SPOT if numbered and _in_town(left, right) is Nearness.SAME_SPOT else Nearness.SAME_CITY
    return Nearness.SAME_PREFECTURE if left.prefecture and right.prefecture else Nearness.ELSEWHERE


def _wards_of_one_city(one: str, two: str) -> bool:
    city, of, ward = one.partition("市")
    return bool(of) and ward.endswith("区") and two.endswith("区") and two.startswith(f"{city}市")


def _in_town(left: Address, right: Address) -> Nearness:
    count = min(len(left.numbers), len(right.numbers), _NUMBERS_OF_A_SPOT)
    same = count and left.numbers[:count] == right.numbers[:count]
    told = _tells(left) and _tells(right)
    # 霞が関3丁目 is a part of the town; only where both have no more numbers is the one number the 番地.
    if told and same and (count > 1 or len(left.numbers) == len(right.numbers)):
        return Nearness.SAME_SPOT
    if not left.town or not right.town:
        return Nearness.SAME_CITY
    differ = not told or (count and left.numbers[0] != right.numbers[0])
    return Nearness.OTHER_BLOCK if differ else Nearness.SAME_TOWN


def _tells(address: Address) -> bool:
    """Whether the place is one of few: with its city or prefecture, or by a name of some length."""
    return bool(address.city or address.prefecture) or len(address.place) >= _TELLING


def _prefecture_of(city: str, place: str) -> str:
    """The prefecture of a ward of Tokyo or a large city, which people write without it; else the empty text."""
    if city in _WARDS_OF_TOKYO or _WARDS_OF_MANY.match(place):
        return _TOKYO
    municipality = city.partition("市")[0]
    if municipality in _NAMED_LIKE_ITS_CITY:
        return municipality + ("府" if municipality in ("京都", "大阪") else "県")
    return _PREFECTURES_OF_CITIES.get(f"{municipality}市", "")


def _may_be_anywhere(city: str, prefecture: str, place: str) -> bool:
    """Whether what looks like a city is a ward whose city was left out, or a 町 of any city."""
    if city.endswith("区"):
        return prefecture != _TOKYO and "市" not in city
    return not prefecture and city == place and city.endswith(("町", "村")) and "郡" not in city


def same_place(one: str, two: str) -> bool:
    """Whether one is the other, or its end: people leave out what stands before."""
    return one == two or (len(two) > 1 and one.endswith(two)) or (len(one) > 1 and two.endswith(one))


def _value(numerals: str) -> int:
    """一二 and 十二 are 12, 百二十三 is 123."""
    if not any(character in _UNITS for character in numerals):
        return int("".join(str(_DIGITS[character]) for character in numerals))
    total = pending = 0
    for character in numerals:
        if character in _UNITS:
            total += (pending or 1) * _UNITS[character]
            pending = 0
        else:
            pending = _DIGITS[character]
    return total + pending
