"""Corporate numbers, addresses and domains of companies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.identity.address import Nearness, address, nearness
from connector.identity.corporate_number import check_digit, corporate_number
from connector.identity.web import company_domain, registrable_domain


@pytest.mark.parametrize("typed", ["7000012050002", "T7000012050002", "７００００１２０５０００２", "7-0000-1205-0002"])
def test_a_corporate_number_is_read_as_people_type_it(typed: str) -> None:
    """7000012050002 is the 国税庁's own."""
    assert corporate_number(typed) == "7000012050002"


@pytest.mark.parametrize(
    "typed",
    [
        *("8000020130001.0", "8,000,020,130,001", "法人番号：8000020130001", "法人番号 8-0000-2013-0001"),
        *(
            "東京都（8000020130001）",
            "8000020130001 / T8000020130001",
            "No.8000020130001。",
            "x" * 80 + " 8000020130001",
        ),
    ],
)
def test_a_corporate_number_is_found_in_what_stands_around_it(typed: str) -> None:
    """A label, a name, the marks of a spreadsheet."""
    assert corporate_number(typed) == "8000020130001"


@pytest.mark.parametrize(
    "typed",
    [
        *("18000020130001", "8000020130001-1", "8000020130001.5", "0.8000020130001", "80000201300010 東京都"),
        *("東京都 8000020130002", "8000020130001 7000012050002", "x" * 87 + "80000201300011", "電話 8000020130001234"),
    ],
)
def test_thirteen_digits_of_something_else_are_no_corporate_number(typed: str) -> None:
    """A part of a longer number, a wrong check digit, two numbers."""
    assert corporate_number(typed) is None


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(1, 9))
def test_only_the_right_check_digit_passes(twelve: str, digit: int) -> None:
    """A mistyped number proves nothing."""
    assert (corporate_number(f"{digit}{twelve}") is not None) == (digit == check_digit(twelve))


@pytest.mark.parametrize("typed", ["", "123", "なし", "0000000000000", "70000120500021"])
def test_what_is_no_corporate_number_counts_as_unknown(typed: str) -> None:
    """Placeholders and other numbers are neither the same nor different."""
    assert corporate_number(typed) is None


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("港区西新橋一丁目３番１号", "東京都港区西新橋1-3-1", Nearness.SAME_SPOT),
        ("渋谷区代々木１－３０－７ アクメビル３階", "東京都渋谷区代々木１丁目３０番７号", Nearness.SAME_SPOT),
        ("伊那市大字西箕輪字上2148番地188", "長野県伊那市西箕輪上2148-188", Nearness.SAME_SPOT),
        ("岡山市桑野709-6", "岡山県岡山市中区桑野709番地6", Nearness.SAME_SPOT),
        ("帯広市西２０条南1-14", "北海道帯広市西二十条南１丁目１４番地", Nearness.SAME_SPOT),
        ("港区赤坂1-1", "東京都港区赤坂9-1", Nearness.OTHER_BLOCK),
        ("港区赤坂1-2-3", "港区赤坂1-2-3 501", Nearness.SAME_SPOT),
        ("港区赤坂1-2 3F", "港区赤坂1-23", Nearness.SAME_TOWN),
        ("東京都港区", "港区赤坂1-2-3", Nearness.SAME_CITY),
        ("大阪府大阪市", "大阪市", Nearness.SAME_CITY),
        ("千代田区一番町12-3", "東京都千代田区一番町12番3", Nearness.SAME_SPOT),
        ("港区麻布十番1-2-3", "港区麻布十番1-2-9", Nearness.SAME_TOWN),
        ("港区赤坂1-1", "東京都港区芝1-1", Nearness.SAME_CITY),
        ("港区赤坂1-1", "千代田区丸の内1-1", Nearness.SAME_PREFECTURE),
        ("港区赤坂1-1", "大阪市中央区本町1-1", Nearness.ELSEWHERE),
        ("札幌市中央区北一条8-13-7", "北海道札幌市中央区北1条8-13-7", Nearness.SAME_SPOT),
        ("札幌市中央区北一条8-13-7", "札幌市中央区北1条8-28-5", Nearness.SAME_TOWN),
        ("札幌市中央区北1条西8丁目13-7", "札幌市中央区北1条東8丁目13-7", Nearness.SAME_CITY),
        ("千代田区霞が関三丁目", "東京都千代田区霞が関3-1-1", Nearness.SAME_TOWN),
        ("福生市志茂215", "東京都福生市志茂２１５番地", Nearness.SAME_SPOT),
        ("三条市東新保7-7", "新潟県三条市東新保７番７号", Nearness.SAME_SPOT),
        ("", "東京都港区赤坂1-1", None),
    ],
)
def test_two_addresses_are_as_near_as_both_tell(one: str, two: str, near: Nearness | None) -> None:
    """Prefectures and buildings may be left out, numerals may be 漢字."""
    assert nearness(address(one), address(two)) == near
    assert nearness(address(two), address(one)) == near


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "日本、〒107-0052 東京都港区赤坂1-2-3",
            "〒107-0052　日本 東京都港区赤坂1-2-3",
            "Japan 〒107-0052 東京都港区赤坂1-2-3",
        ),
        *("日本 東京都港区赤坂1-2-3", "107-0052 港区赤坂1-2-3", "東京都、港区、赤坂1-2-3", "東京都,港区,赤坂,1-2-3"),
        *("東京都 港区 赤坂 1-2-3、4階", "港区赤坂1-2-3"),
    ],
)
def test_country_postal_code_and_separators_are_no_part_of_the_place(typed: str) -> None:
    """Maps and exports write them."""
    found = address(typed)
    assert (found.prefecture, found.city, found.town, found.numbers[:3]) == ("東京都", "港区", "赤坂", (1, 2, 3))


@pytest.mark.parametrize("town", ["日本橋", "日本堤", "日本大通"])
def test_towns_named_after_the_country_stay(town: str) -> None:
    """Only a country stands before a postal code or a prefecture."""
    assert address(f"{town}1-2-3").place == town
    assert address(f"〒103-0027 {town}1-2-3").place == town


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("大阪府大阪市北区梅田2-4-9", "北区梅田2-4-9", Nearness.SAME_SPOT),
        ("愛知県名古屋市中区錦1-2-3", "中区栄1-2-3", None),
        ("大阪府大阪市北区", "北区", Nearness.SAME_CITY),
        ("大阪府大阪市北区梅田2-4-9", "大阪府北区梅田2-4-9", Nearness.SAME_SPOT),
        ("大阪府大阪市北区梅田2-4-9", "東京都北区王子2-4-9", Nearness.ELSEWHERE),
        ("大阪府大阪市北区梅田2-4-9", "北区王子2-4-9", Nearness.ELSEWHERE),
        ("福岡県福岡市中央区天神1-2-3", "中央区天神1-2-3", Nearness.SAME_SPOT),
        ("愛知県名古屋市港区築地町1-2", "港区築地町1-2", Nearness.SAME_SPOT),
    ],
)
def test_a_ward_without_its_city_may_be_in_any(one: str, two: str, near: Nearness | None) -> None:
    """Tokyo, Osaka, Nagoya, Sapporo and others have wards of one name; some towns tell which."""
    assert nearness(address(one), address(two)) == near
    assert nearness(address(two), address(one)) == near


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("浜松市中区佐藤2-24-1", "静岡県浜松市中央区佐藤2-24-1", Nearness.SAME_SPOT),
        ("浜松市中区佐藤2-24-1", "静岡県浜松市中央区佐藤2-25-1", Nearness.SAME_CITY),
        ("浜松市中区佐藤2", "静岡県浜松市中央区佐藤2", Nearness.SAME_CITY),
        ("横浜市西区北幸1-2-3", "横浜市中区本町1-2-3", Nearness.SAME_PREFECTURE),
        ("大阪市北区本町1-2-3", "堺市北区本町1-2-3", Nearness.SAME_PREFECTURE),
    ],
)
def test_one_town_in_two_wards_of_one_city_may_be_one(one: str, two: str, near: Nearness) -> None:
    """Wards are renamed and drawn anew; towns and their numbers stay. Large cities have namesakes in other wards."""
    assert nearness(address(one), address(two)) == near
    assert nearness(address(two), address(one)) == near


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("本町1-2-3", "本町1-2-3", Nearness.OTHER_BLOCK),
        ("中央1-1-1", "千葉県千葉市中央区中央1-1-1", Nearness.OTHER_BLOCK),
        ("本町1-2-3", "大阪府大阪市中央区本町1-2-3", Nearness.OTHER_BLOCK),
        ("緑町5", "緑町5", Nearness.OTHER_BLOCK),
        ("京都市中京区本町1-2-3", "京都市中京区本町1-2-3", Nearness.SAME_SPOT),
        ("歌舞伎町1-2-3", "東京都新宿区歌舞伎町1-2-3", Nearness.SAME_SPOT),
        ("軽井沢町1178", "長野県北佐久郡軽井沢町1178", Nearness.SAME_SPOT),
    ],
)
def test_a_short_town_without_its_city_is_no_proof(one: str, two: str, near: Nearness) -> None:
    """Hundreds of cities have a 本町 and a 中央, and each of these a 1-2-3."""
    assert nearness(address(one), address(two)) == near
    assert nearness(address(two), address(one)) == near


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("千代田区丸の内1-2-3", "千代田区丸ノ内1-2-3"),
        ("千代田区霞が関1-2-3", "千代田区霞ヶ関1-2-3"),
        ("千代田区霞が関1-2-3", "千代田区霞ケ関1-2-3"),
        ("港区虎ノ門1-2-3", "港区虎の門1-2-3"),
        ("新宿区市谷田町1-2-3", "新宿区市ヶ谷田町1-2-3"),
    ],
)
def test_one_town_in_two_spellings_is_one(one: str, two: str) -> None:
    """ノ and の, ヶ and が, and a ヶ that is only heard."""
    assert nearness(address(one), address(two)) is Nearness.SAME_SPOT


@given(st.text(max_size=30))
def test_an_address_is_where_it_is(text: str) -> None:
    """Any text can be read, and is not elsewhere than itself."""
    assert nearness(address(text), address(text)) not in (Nearness.ELSEWHERE, Nearness.SAME_PREFECTURE)


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("https://www.acme.co.jp/ja/?x=1", "acme.co.jp"),
        ("ＷＷＷ．ＡＣＭＥ．ＣＯ．ＪＰ", "acme.co.jp"),
        ("taro@mail.acme.co.jp", "acme.co.jp"),
        ("co.jp", ""),
        ("なし", ""),
        ("", ""),
    ],
)
def test_the_registrable_domain_is_what_a_company_holds(typed: str, domain: str) -> None:
    """Hosts, paths and mailboxes below it are one company's; a public suffix is nobody's."""
    assert registrable_domain(typed) == domain


@pytest.mark.parametrize(
    "typed", ["a@gmail.com", "a@docomo.ne.jp", "a@m2.catv.ne.jp", "a@xyz.ocn.ne.jp", "https://www.facebook.com/acme"]
)
def test_free_mail_carriers_providers_and_site_builders_prove_no_company(typed: str) -> None:
    """Anybody can have an address there."""
    assert company_domain(typed) == ""


@pytest.mark.parametrize(
    "typed",
    [
        *("https://www.tkcnf.com/acme/", "https://acme.localinfo.jp", "https://acme.p-kit.com", "g.page/acme"),
        *("http://acme.la.coocan.jp", "https://www.ipros.com/company/1", "https://acme.cybozu.com", "acme.canva.site"),
        *("a@yahoo.ne.jp", "a@tokai.or.jp", "a@po4.synapse.ne.jp", "a@mail.ru", "a@fastmail.com", "a@auone.jp"),
    ],
)
def test_hosts_and_mailboxes_of_many_prove_no_company(typed: str) -> None:
    """Directories, offices in the net, site builders, local providers."""
    assert company_domain(typed) == ""


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "a@hotmail.fr",
            "a@yahoo.co.uk",
            "a@yahoo.com.tw",
            "a@outlook.de",
            "a@live.com.mx",
            "a@live.cn",
            "a@gmail.de",
        ),
        *("a@po.cosmos.ne.jp", "http://www.rr.iij4u.or.jp.cosmos.ne.jp/~acme"),
        *("https://en-gage.net/acme", "acme.jbplt.jp", "https://hrmos.co/pages/acme", "acme.owst.jp", "x.gd/abc"),
        *("https://www.goo-net.com/usedcar_shop/1", "https://acme.gorp.jp/", "https://r.goope.jp/acme", "t.co/abc"),
    ],
)
def test_free_mail_of_any_country_regional_providers_and_portals_prove_no_company(typed: str) -> None:
    """A firm there is one of many."""
    assert company_domain(typed) == ""
    assert registrable_domain(typed) != ""


@pytest.mark.parametrize("typed", ["live.acme.jp", "yahoo-acme.co.jp", "outlook.consulting", "a@live.shop", "acme.co"])
def test_a_firm_named_a_little_like_free_mail_keeps_its_domain(typed: str) -> None:
    """Only the very names with a country's ending are."""
    assert company_domain(typed) == registrable_domain(typed) != ""


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("acme.co.jp:443", "acme.co.jp"),
        ("www.acme.co.jp, www.beta.co.jp", "acme.co.jp"),
        ("acme.co.jp / beta.jp", "acme.co.jp"),
        ("https://acme.co.jp（本社）", "acme.co.jp"),
        ("https://https://acme.co.jp", "acme.co.jp"),
        ("https://acme.co.jp　東京", "acme.co.jp"),
        ("https://アクメ.jp/", "アクメ.jp"),
        ("http://xn--cck0a4k.jp", "アクメ.jp"),
        ("https://www.city.osaka.lg.jp/", "city.osaka.lg.jp"),
        ("info@pref.osaka.lg.jp", "pref.osaka.lg.jp"),
    ],
)
def test_a_web_site_is_read_however_it_was_typed(typed: str, domain: str) -> None:
    """With what stands around it, in 漢字 and kana, and of a city and a prefecture of one name."""
    assert registrable_domain(typed) == domain
