"""A small base with the usual trouble, and what the core finds in it record by record: the measure of bulk runs."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from connector.identity.bulk import Columns
from connector.identity.clusters import Limits, State, clusters, key_of
from connector.identity.records import Company, Individual
from connector.mapping.identity import IdentityRules

_NAMES = "アクメ さくら商事 ひかり製鉄 山田屋 みなと運輸 北斗電機 東亜化成 青葉システム 大和田工務店 スミス貿易"
_TOWNS = "東京都港区芝 大阪府大阪市北区梅田 愛知県名古屋市中区栄 福岡県福岡市博多区住吉 北海道札幌市中央区北一条"
_FORMS = ("{}株式会社", "株式会社{}", "㈱{}", "{}有限会社", "{}")
_FAMILIES = "佐藤 鈴木 高橋 田中 渡邉 齋藤 髙橋 山田 小林 伊藤"
_GIVENS = "太郎 花子 一郎 美咲 健 陽子 翔太 さくら 大輔 直美"


def companies(count: int, seed: int = 7) -> list[Company]:
    """Invented companies, every third of them twice, typed in another way."""
    chance = random.Random(seed)
    names, towns = _NAMES.split(), _TOWNS.split()
    made = []
    for number in range(count):
        name = f"{chance.choice(names)}{chance.choice(('', '', '販売', '東日本', number))}"
        town, spot = chance.choice(towns), chance.randrange(1, 90)
        one = Company(
            ref=f"a{number}",
            name=chance.choice(_FORMS[:2]).format(name),
            address=f"{town}{spot}-2-3",
            website=f"firm{number}.co.jp" if number % 2 else "",
            phone=f"03-3211-{1100 + number}" if number % 5 else "",
        )
        made.append(one)
        if number % 3 == 0:
            typed = chance.choice(_FORMS).format(name)
            made.append(replace(one, ref=f"b{number}", name=typed, address=f"{town}{spot}丁目2番3号", phone=""))
    return made


def people(count: int, seed: int = 7) -> list[Individual]:
    """Invented persons, every third of them twice."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        one = Individual(
            ref=f"a{number}",
            family=chance.choice(_FAMILIES.split()),
            given=chance.choice(_GIVENS.split()),
            mail=f"p{number}@firm{number % 40}.co.jp" if number % 4 else "",
            mobile=f"090-1234-{1000 + number}" if number % 5 == 0 else "",
            company_name=f"株式会社{chance.choice(_NAMES.split())}{number % 40}",
        )
        made.append(one)
        if number % 3 == 0:
            made.append(replace(one, ref=f"b{number}", family=one.given, given=one.family, mobile=""))
    return made


def by_the_core(columns: Columns[Any, Any], raws: Sequence[Any]) -> dict[tuple[str, str], State]:
    """The state of each pair as the core finds it: by key, judged, grown into groups."""
    matching = columns.matching(IdentityRules())
    known = {raw.ref: matching.normalised(raw) for raw in raws}
    found = {}
    for one, two in candidates(known, matching):
        if pair := matching.judged(known[one], known[two]):
            found[pair.key] = pair
    grown = clusters(
        known,
        found.values(),
        {},
        Limits(matching.margin, matching.certain),
        lambda one, two: matching.compared(known[one], known[two]),
    )
    return dict(grown.states)


def candidates(known: dict[str, Any], matching: Any) -> Iterable[tuple[str, str]]:
    """Every two records that share a key of few."""
    by_key: defaultdict[str, list[str]] = defaultdict(list)
    for ref, record in known.items():
        for key in dict.fromkeys(matching.keys(record)):
            by_key[key].append(ref)
    blocks = (sorted(refs) for refs in by_key.values() if len(refs) <= matching.block_limit)
    return sorted({key_of(one, two) for refs in blocks for one, two in combinations(refs, 2)})
