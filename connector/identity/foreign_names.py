"""Family names of China, Korea and Vietnam, and names in Latin letters that only look Japanese.

Read by `name_origins.py` and `people.py`. Knows names, no record.
"""

from functools import cache
from typing import Final, NamedTuple

from connector.identity.name_sounds import sound_of_kana, sound_of_latin
from connector.identity.text import loosely_folded

_FAMILIES: Final = """
王 wang wong ong ワン オウ|李 li lee yi rhee ly リー リ イ|张張 zhang chang cheung jang チャン チョウ ジャン
刘劉 liu lau yoo yu liew リュウ リウ ユ|陈陳 chen chan tan tran jin チェン チン チャン|杨楊 yang yeung young ヤン ヨウ
赵趙 zhao chao cho jo chiu チャオ チョウ ジャオ チョ|黄 huang hwang wong hoang ホアン ファン コウ ウォン
吴呉* wu ng oh ngo ウー ゴ オ|周 zhou chou chow joo チョウ シュウ ジョウ|徐 xu hsu seo suh tsui ジョ シュー ソ
孙孫 sun son suen スン ソン|马馬 ma マー バ マ|朱 zhu chu joo チュー シュ ジュ|胡 hu woo ho フー コ
郭 guo kuo kwok kwak グオ カク クァク|何* he ho ha ホー カ|林* lin lim im lam リン イム リム
高* gao kao ko go koh ガオ コウ コ|罗羅 luo lo law na ルオ ラ ロー
郑鄭 zheng cheng jung jeong chung trinh テイ チョン ジョン|梁 liang leung yang luong リャン リョウ ヤン
谢謝 xie hsieh tse シエ シャ|宋 song sung soong ソン ソウ|唐* tang tong タン トウ
许許 xu hsu heo huh hui シュー キョ ホ|韩韓 han hon ハン カン|冯馮 feng fung phung フェン フウ ヒョウ
邓鄧 deng tang dang トウ デン ダン|曹 cao tsao cho jo tao ツァオ ソウ チョ|彭 peng pang ポン ホウ
曾曽 zeng tseng tsang tang ツェン ソウ ソ|萧肖蕭 xiao hsiao siu shiu シャオ ショウ|田* tian tien チョン デン
董 dong tung トウ ドン|袁 yuan yuen won エン ユエン|潘 pan poon ban phan パン ハン|于 yu yue ユー ウ
蒋 jiang chiang ショウ ジャン|蔡 cai tsai choi chae tran サイ ツァイ チェ|余 yu yee ユー ヨ|杜* du tu to do ドゥ ト ド
叶葉* ye yeh yip イエ ヨウ|程 cheng ching テイ チェン|苏蘇 su so to スー ソ|魏 wei ngai wi ウェイ ギ ウィ
吕呂 lu lyu lui yeo ryeo ロ リュー ヨ|丁 ding ting jung dinh ティン チョウ ジョン|任 ren jen im yam nham レン ニン イム
沈 shen shim sim sum シェン シン シム チン|姚 yao yiu ヤオ ヨウ|卢盧 lu lo roh noh lo ロ ルー ノ
姜 jiang kang chiang カン キョウ ジャン|崔 cui choi tsui チェ サイ ツイ|钟鍾鐘 zhong chung ジョン ショウ
谭譚 tan tam タン|陆陸 lu luk リク ルー|汪 wang ワン オウ|范 fan pham ハン ファン ファム|金* jin kim gim キム ジン
石* shi shek seok シー ソク|廖 liao liu リャオ リョウ|贾賈 jia chia ジャ カ|夏* xia hsia ha シャー カ
韦韋 wei ウェイ イ|付 fu フー|方* fang fong bang ファン ホウ|白* bai pai baek paik バイ ペク ハク|邹鄒 zou ゾウ スウ
孟 meng モン モウ|熊* xiong hsiung ション|秦 qin chin チン シン|邱丘* qiu chiu yau キュウ チュー
江* jiang kong kang giang コウ ジャン|尹 yin yoon yun イン ユン|薛 xue hsueh seol セツ シュエ|閻 yan エン|段* duan ダン
雷 lei loi ライ レイ|侯 hou hau コウ ホウ|龙龍* long lung リュウ ロン|史* shi シー|陶* tao トウ タオ
黎 li lai le レイ リー レ|贺賀 he ガ ホー|顾顧 gu ku コ グー|毛 mao mo モウ マオ|郝 hao カク ハオ|龚龔 gong kung キョウ
邵 shao ショウ シャオ|万* wan マン ワン|钱銭 qian chien セン チェン|严厳 yan yim eom イェン ゲン オム|覃 qin tan
武* wu vu vo ブ ウー ヴー|戴 dai tai タイ ダイ|莫 mo mok バク モー|孔 kong hung コウ コン|向* xiang コウ
汤湯 tang tong トウ タン|温 wen wan オン ウェン|康 kang hong コウ カン|施 shi シ シー|文* wen moon mun man ムン ブン
牛 niu|樊 fan ハン|葛* ge katsu|邢 xing|安* an ahn アン|齐 qi|庄荘* zhuang chuang ソウ|柯 ke kuo カ|翁* weng
阮 nguyen ruan yuen グエン ゲン|朴 park pak bak パク ボク|申 shin sin シン|权権 kwon gwon クォン ケン
柳* liu ryu yoo リュウ ユ|洪 hong hung ホン コウ|全 jeon chun チョン ゼン|裵裴 bae pae pei ペ ハイ|南* nam nan ナム
卞 byun byeon ビョン|兪 yoo yu ユ|车車* cha チャ|具 koo gu ク|辛* shin シン|池* ji chi チ|元* won yuan ウォン ゲン
千* cheon chun チョン|玄 hyun ヒョン|咸 ham ハム|廉 yeom ヨム|秋* choo chu チュ|都* do ト|魯 lu noh ノ ロ|宣* sun ソン
成* sung seong cheng ソン セイ|河* ha ハ|禹 woo ウ|明* myung ミョン|陰 yin|琴* keum|欧陽 ouyang オウヨウ|欧阳 ouyang
諸葛 zhuge ショカツ|司徒 situ szeto|皇甫 hwangbo ファンボ|鮮于 sunwoo ソヌ
"""
"""Each with its other forms, then how it is written in Latin letters and in kana; with a * where it is Japanese too."""

_LIKE_JAPANESE: Final = """
anna maria marina karina sabrina monika monica veronika erika juana diana tina nina nadia sonia tania maya mia moreno
romano marino mariani ferrari bianchi rossi santana santoro navarro mariano montana medina molina pereira ferreira
oliveira moreira barbosa souza sousa rocha ribeiro carneiro monteiro costa acosta sosa mora mena luna garza rosario
romero rivero guerrero obama mandela okafor okonkwo adebayo owusu mensah kamara diakite traore hakimi karimi rahimi
nazari ahmadi kone toure sane mane thapa gurung tamang rana sharma verma gupta kumari devi rai roy bose sen das rao
reddy patil siregar susanto santoso wijaya gunawan setiawan kurniawan hidayat nugroho saputra wibowo utomo budi suharto
sukarno hartono suryadi kusuma pratama hasan husein hamada dupont dubois moreau rousseau bernard simon mason nelson
joko agus dewi putri siti nuru
"""
"""Names of other countries that can be read as Japanese syllables."""


_OF_TWO: Final = frozenset(("欧陽", "欧阳", "諸葛", "司徒", "皇甫", "鮮于"))


class _Families(NamedTuple):
    """How each is written in Latin letters, as `NamePart.sound`, and which are borne by Japanese as well."""

    sounds: dict[str, frozenset[str]]
    japanese_too: frozenset[str]


@cache
def _families() -> _Families:
    sounds: dict[str, frozenset[str]] = {}
    japanese: set[str] = set()
    for entry in _FAMILIES.replace("\n", "|").strip("|").split("|"):
        written, *told = entry.split()
        forms = written.rstrip("*")
        heard = frozenset(sound_of_latin(text) if text.isascii() else sound_of_kana(text) for text in told)
        names = {loosely_folded(form) for form in ((forms,) if forms in _OF_TWO else forms)}
        for name in names:
            sounds[name] = sounds.get(name, frozenset()) | heard
        if written != forms:
            japanese |= names
    return _Families(sounds, frozenset(japanese))


def foreign_readings(family: str) -> frozenset[str]:
    """How a family name of China, Korea or Vietnam (漢字, loose) sounds there and here; nothing for any other."""
    return _families().sounds.get(family, frozenset())


def is_japanese_too(family: str) -> bool:
    """Whether a family name of those countries is one of Japan as well (林, 高, 石)."""
    return family in _families().japanese_too


def only_looks_japanese(sound: str) -> bool:
    """Whether a name that can be read as Japanese syllables is one of another country (Maria, Moreno)."""
    return sound in _sounds_like_japanese()


@cache
def _sounds_like_japanese() -> frozenset[str]:
    return frozenset(map(sound_of_latin, _LIKE_JAPANESE.split()))
