"""Invents the firms that trouble befalls, apart from all other customers', and writes their names in other ways.

Used by the kinds of trouble. The n-th firm of a seed and a script is always the same one.
"""

from collections.abc import Callable
from random import Random

from connector.sandbox.company.names import Company, corporate_number, half_width, invent_address, old_characters
from connector.sandbox.company.vocabulary import BUSINESSES, words

_FIRST_NUMBER = 40_000_000  # of 法人番号: no customer and no planted case reaches it
_HEADS = words("""
    旭 アサヒ asahi, 曙 アケボノ akebono, 昴 スバル subaru, 鳳 オオトリ ootori, 燕 ツバメ tsubame, 鶴 ツル tsuru
    鷹 タカ taka, 翠 ミドリ midori, 隼 ハヤブサ hayabusa, 楠 クスノキ kusunoki, 栃 トチ tochi, 梓 アズサ azusa
    巴 トモエ tomoe, 轟 トドロキ todoroki, 岬 ミサキ misaki, 峠 トウゲ toge, 滝 タキ taki, 鏡 カガミ kagami
    錦 ニシキ nishiki, 響 ヒビキ hibiki, 麓 フモト fumoto, 渚 ナギサ nagisa, 颯 ハヤテ hayate, 梢 コズエ kozue
    暖 ダン dan, 欅 ケヤキ keyaki, 檜 ヒノキ hinoki, 蛍 ホタル hotaru, 潮 ウシオ ushio, 砦 トリデ toride
    鐘 カネ kane""")
_TAILS = words("""
    光陽 コウヨウ koyo, 明和 メイワ meiwa, 誠心 セイシン seishin, 栄進 エイシン eishin, 三宝 サンポウ sampo
    共和 キョウワ kyowa, 天竜 テンリュウ tenryu, 日栄 ニチエイ nichiei, 宝来 ホウライ horai, 双葉 フタバ futaba
    大和田 オオワダ owada, 千歳 チトセ chitose, 五十鈴 イスズ isuzu, 瑞穂 ミズホ mizuho, 平成 ヘイセイ heisei
    八千代 ヤチヨ yachiyo, 常盤 トキワ tokiwa, 吉野 ヨシノ yoshino, 秋津 アキツ akitsu""")
_OLD_HEADS = words("""
    高浜 タカハマ takahama, 国沢 クニサワ kunisawa, 浜桜 ハマザクラ hamazakura, 島沢 シマザワ shimazawa
    桜国 サクラクニ sakurakuni, 斎沢 サイザワ saizawa, 高崎島 タカサキジマ takasakijima""")
_KANA_HEADS = words("""
    バルト バルト baruto, ゼニス ゼニス zenisu, モルガ モルガ moruga, ドリム ドリム dorimu, カルネ カルネ karune
    ヴァリオ ヴァリオ vario, ジェムナ ジェムナ jemuna, グラフォ グラフォ gurafo, ピクサ ピクサ pikusa
    ブレガ ブレガ burega, トリヴォ トリヴォ torivo, デュナ デュナ dyuna""")
_KANA_TAILS = words("""
    セルマ セルマ seruma, ノーツ ノーツ notsu, バレル バレル bareru, クロス クロス kurosu, ミラージュ ミラージュ miraju
    フォルテ フォルテ forute, ライン ライン rain, ポート ポート poto, デルタ デルタ deruta, ガーデン ガーデン gaden
    スケール スケール sukeru""")
_LETTERS = words("""
    KTS ケーティーエス kts, MHR エムエイチアール mhr, NXB エヌエックスビー nxb, TDQ ティーディーキュー tdq
    RVN アールブイエヌ rvn, YKJ ワイケージェー ykj, GFE ジーエフイー gfe""")
_SCRIPTS = {
    "kanji": (_HEADS, _TAILS),
    "old": (_OLD_HEADS, _TAILS),
    "kana": (_KANA_HEADS, _KANA_TAILS),
    "latin": (_LETTERS, _TAILS),
}
_TELLING = frozenset({"販売", "ホールディングス", "サービス"})  # words that themselves tell firms of a group apart
_BUSINESSES = tuple(one for one in BUSINESSES if one[0] not in _TELLING)
_STRIDE = 911
_FORMS = {"株式会社": ("㈱", "(株)", "（株）"), "有限会社": ("㈲", "(有)", "（有）"), "合同会社": ("(同)", "（同）")}
Writing = Callable[[Random, Company], str]
"""The name of a firm as some person wrote it."""
_FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def troubled_firm(seed: int, number: int, script: str = "kanji") -> Company:
    """The number-th firm, its name in kanji, in kanji that have an old form (`old`), in kana, or with Latin letters."""
    heads, tails = _SCRIPTS[script]
    place = (number * _STRIDE + seed * 127) % (len(heads) * len(tails) * len(_BUSINESSES))
    place, business_place = divmod(place, len(_BUSINESSES))
    head, tail, business = heads[place % len(heads)], tails[place // len(heads)], _BUSINESSES[business_place]
    written, kana, romaji = (f"{one}{other}" for one, other in zip(head, tail, strict=True))
    rng = Random(f"{seed}:trouble:firm:{number}")
    return Company(
        core=f"{written}{business[0]}",
        form="株式会社",
        form_first=rng.random() < 0.6,
        kana=f"{kana}{business[1]}",
        domain=f"{romaji}-{business[2]}-{number}.example",
        address=invent_address(rng),
        corporate_number=corporate_number(seed, _FIRST_NUMBER + number),
        business=business[0],
        romaji=f"{romaji} {business[2]}",
    )


# -- how else a name is written ----------------------------------------------------------------------------------------


def short_form(dice: Random, company: Company) -> str:
    """With the form in brackets or as one sign, and perhaps a space."""
    form, space = dice.choice(_FORMS[company.form]), dice.choice(("", " ", "　"))
    return f"{form}{space}{company.core}" if company.form_first else f"{company.core}{space}{form}"


def narrow(_dice: Random, company: Company) -> str:
    return half_width(company.formal)


def wide(_dice: Random, company: Company) -> str:
    return company.formal.translate(_FULL)


def aged(_dice: Random, company: Company) -> str:
    return old_characters(company.formal)


def english(_dice: Random, company: Company) -> str:
    return company.english or company.formal


def head_office(dice: Random, company: Company) -> str:
    return f"{short_form(dice, company)}{dice.choice((' ', '　'))}{dice.choice(('本社', '東京本社', '本店'))}"


def other_side(_dice: Random, company: Company) -> str:
    """前株 as 後株 and the other way round."""
    return f"{company.core}{company.form}" if company.form_first else f"{company.form}{company.core}"


def mistyped(dice: Random, company: Company) -> str:
    """Two neighbouring characters of the core changed places."""
    core = company.core
    places = [place for place in range(1, len(core) - len(company.business) - 1) if core[place] != core[place + 1]]
    place = dice.choice(places)
    wrong = f"{core[:place]}{core[place + 1]}{core[place]}{core[place + 2 :]}"
    return company.formal.replace(core, wrong)
