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
