"""What the gists of two companies rule out would be NEW if it were compared: by any rules, for any values."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.identity_scale import DATA
from benchmarks.identity_unify import accounts
from connector.identity.companies import CompanyMatching
from connector.identity.decide import Outcome
from connector.identity.from_records import company_of
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules, CompanyWeights

REAL = (Path(__file__).parents[3] / DATA).resolve()

NAMES = (
    *(
        "株式会社アクメ精機",
        "(株)アクメ精機 東京支店",
        "アクメ精機",
        "アクメ精機工業㈱",
        "アクメ精工株式会社",
        "有限会社亜久女精機",
    ),
    *(
        "Acme Seiki Co., Ltd.",
        "ACME SEIKI",
        "株式会社アクメホールディングス",
        "アクメ",
        "テスト",
        "不明",
        "A&B Foods",
        "ΐǰ",
    ),
    *("旧:アクメ精機(現アクメ工業)", "アクメ・アルファ共同企業体", "アクメ大阪営業所", "ー", "日本アクメ精機株式会社"),
)
ADDRESSES = (
    *(
        "",
        "東京都千代田区霞が関3-1-1",
        "千代田区霞が関3丁目1番",
        "東京都千代田区霞が関3-2-1",
        "東京都港区芝1-1-1",
        "不明",
    ),
    *(
        "大阪府大阪市北区梅田1-1",
        "北海道札幌市中央区北1条西2",
        "札幌市北1条西2",
        "長野県上田市本町1",
        "本町1-2",
        "津市津1",
    ),
)
KANA = ("", "アクメセイキ", "カブシキガイシャ アクメセーキ", "アルファ", "亜久女")
COMPANY = st.builds(
    Company,
    ref=st.just(""),
    name=st.sampled_from(NAMES),
    name_kana=st.sampled_from(KANA),
    name_english=st.sampled_from(("", "Acme Seiki Co., Ltd.", "A and B Foods", "亜久女精機")),
    former_names=st.sampled_from(((), ("アクメ精機",), ("ベータ",))),
    corporate_number=st.sampled_from(("", "7000012050002", "8000012010038", "123")),
    website=st.sampled_from(("", "acme.co.jp", "beta.co.jp")),
    phone=st.sampled_from(("", "03-5217-4321", "06-1234-5670")),
    address=st.sampled_from(ADDRESSES),
    postal_code=st.sampled_from(("", "100-0013", "530-0001")),
    parents=st.sampled_from(((), ("r0",), ("r1", "r2"))),
)
WEIGHTS = st.dictionaries(
    st.sampled_from(sorted(CompanyWeights.model_fields)), st.integers(-10, 12).map(float), max_size=6
)


def missed(raws: Sequence[Company], rules: CompanyRules) -> list[tuple[Company, Company]]:
    """Pairs that are worth keeping, though a glance says that they are not."""
    matching = CompanyMatching(rules)
    records = [matching.normalised(raw) for raw in raws]
    keys = [frozenset(matching.keys(record)) for record in records]
    wanted = [(one, two) for one, two in combinations(range(len(raws)), 2) if keys[one] & keys[two]]
    shared = np.zeros(len(wanted), np.uint8)
    for at, (one, two) in enumerate(wanted):
        for key in keys[one] & keys[two]:
            shared[at] |= matching.shared(key)
    left, right = (np.array([pair[side] for pair in wanted], np.int64) for side in (0, 1))
    gists = matching.gists([raw.ref for raw in raws], [matching.gist(record) for record in records])
    hopes = gists.hopeful(left, right, shared)
    return [
        (raws[one], raws[two])
        for (one, two), hope in zip(wanted, hopes.tolist(), strict=True)
        if not hope and matching.compared(records[one], records[two]).alone is not Outcome.NEW
    ]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(COMPANY, min_size=2, max_size=6), WEIGHTS, st.integers(-2, 12))
def test_nothing_worth_keeping_is_ruled_out(known: list[Company], weights: dict[str, float], asked: int) -> None:
    """Whatever the weights are."""
    raws = [Company(**{**{name: getattr(one, name) for name in FIELDS}, "ref": f"r{n}"}) for n, one in enumerate(known)]
    assert missed(raws, CompanyRules(weights=CompanyWeights(**weights), asked_from=asked)) == []


FIELDS = tuple(Company.__dataclass_fields__)


@pytest.mark.skipif(not REAL.exists(), reason="the sets of ../shared/data/identity are not here")
def test_of_real_companies_and_their_doubles_none_is_missed() -> None:
    """As they are written in a register, and as people write them."""
    raws = [company_of(account) for account in accounts(REAL, 1_500)]
    assert missed(raws, CompanyRules()) == []
    assert missed(raws, CompanyRules(asked_from=-2)) == []


def test_a_gist_needs_no_value_and_survives_any() -> None:
    """Characters that would part its fields, or that a database does not keep."""
    matching = CompanyMatching(CompanyRules())
    raws = [
        Company(ref="a", name="\0"),
        Company(ref="b\t", name="a\tb", address="東京都\t港区\0芝1", parents=("a\tb c",)),
    ]
    gists = [matching.gist(matching.normalised(raw)) for raw in raws]
    assert not any("\0" in gist for gist in gists)
    found = matching.gists([raw.ref for raw in raws], gists)
    assert found.hopeful(np.array([0]), np.array([1]), np.array([0], np.uint8)).tolist() == [False]
    assert matching.gists([], []).hopeful(np.empty(0, int), np.empty(0, int), np.empty(0, np.uint8)).tolist() == []
