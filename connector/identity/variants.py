"""Variant characters (異体字, 旧字体) and the one each is compared as.

Used by `text.py`. Two tables: `VARIANTS` holds forms of one character, `LOOSE_VARIANTS` characters that are two in the
register of names but are taken for each other when people type (斉 and 斎, 島 and 嶋).
"""

from typing import Final

_FORMS: Final = """
高髙 崎﨑嵜碕 吉𠮷 土圡 柳栁 辺邊邉 斎齋斋 斉齊 沢澤 浜濱濵 桜櫻 渋澁 国國圀 来來 学學斈 会會 万萬 与與
両兩 並竝 乗乘 乱亂 予豫 争爭 亀龜 亜亞 仏佛 仮假 伝傳 価價 倹儉 児兒 党黨 円圓 写寫 処處
凜凛 剣劍劔剱釼 剤劑 剰剩 励勵 労勞 効效 勅敕 勲勳 勧勸 区區 医醫 単單 厳嚴 参參 収收 双雙 叙敍敘
台臺 号號 営營 嘱囑 団團 囲圍 図圖 圧壓 堕墮 塁壘 塩鹽 増增 壊壞 壌壤 壱壹 売賣 変變 奥奧
奨奬 嬢孃 宝寶寳 実實 寛寬 対對 寿壽 専專 将將 尽盡 届屆 属屬 峡峽 岳嶽 巌巖 巣巢 巻卷 帯帶
帰歸 庁廳 廃廢 応應 弐貳 弥彌 弾彈 当當 径徑 従從 徳德 徴徵 恒恆 恵惠 悪惡 悩惱 恋戀 惨慘
慎愼 懐懷 戦戰 戯戲 戸戶户 戻戾 払拂 抜拔 択擇 担擔 拝拜 拠據 拡擴 挙擧舉 挟挾 挿插 捜搜 掲揭
揺搖 摂攝 撃擊 数數 断斷 旧舊 昼晝 晩晚 暁曉 暦曆 曽曾 条條 枢樞 栄榮 桟棧 検檢 楼樓 楽樂
様樣 横橫 権權 欧歐 歓歡 歩步 歴歷 残殘 殴毆 殻殼 毎每 気氣 沖冲 没沒 浄淨 浅淺 涙淚 渇渴
済濟 渉涉 温溫 満滿 湾灣 湿濕 滞滯 潜潛濳 瀬瀨 灯燈 炉爐 点點 為爲 焼燒 犠犧 状狀 独獨 狭狹
猟獵 献獻 獣獸 瑶瑤 画畫畵 畳疊 痴癡 発發 盗盜 県縣 真眞 研硏 砕碎 礼禮 禄祿 禅禪 秘祕 称稱
稲稻 穂穗 穏穩 窃竊 粋粹 糸絲 経經 絵繪 継繼 続續 総總 緑綠 緒緖 縁緣 縄繩 縦縱 繊纖纎 聡聰
声聲 聴聽 粛肅 胆膽 脳腦 臓臟 舎舍 艶艷 芸藝 茎莖 荘莊 薬藥 蔵藏 薫薰 虚虛 虫蟲 蚕蠶 蛍螢
蛮蠻 装裝 覇霸 覚覺 覧覽 観觀 触觸 訳譯 証證 誉譽 読讀 謡謠 譲讓 豊豐 賛贊 転轉 軽輕 辞辭
逓遞 遅遲 郎郞 郷鄕鄉 酔醉 醸釀 釈釋 鉄鐵鉃銕鐡 鉱鑛礦 銭錢 鋳鑄 録錄 錬鍊 鎮鎭 鎌鐮 闘鬪鬭 関關 陥陷
険險 隠隱 隣鄰 随隨 雑雜 霊靈 青靑 静靜 頼賴 顔顏 顕顯 飲飮 余餘 駆驅 駅驛 騒騷 験驗 髪髮
鴎鷗 鴬鶯 鶏鷄雞 麦麥 麺麵麪 黄黃 黒黑 黙默 齢齡 歯齒 桧檜 薮藪籔 薗園 遙遥 尭堯 館舘 清淸 船舩
松枩 峰峯 柏栢 梅楳 橋槗 凉涼 煕熙凞 蛎蠣 祢禰 掴摑 頬頰 靭靱 鹸鹼 莱萊 蝋蠟 迩邇 姫姬 島嶌
秋龝穐 野埜 恥耻 窓窻 幇幫 痩瘦 繋繫 麹麴 箪簞 焔焰 噛嚙 蒋蔣 醤醬 掻搔 攅攢 賎賤 撹攪 砺礪
篭籠 竈竃 諌諫 梼檮 涜瀆 祷禱 灌潅 濤涛 滝瀧 弁辨瓣辯 珍珎 広廣 陰隂 兎兔 芦蘆 柿柹 桑桒 器噐
亘亙 竪豎 穣穰 祓秡 苺莓 杯盃 蕊蘂 鯵鰺 碍礙 缶罐 頴穎 呉吳 概槪 教敎 橋𣘺 達逹 即卽 渓溪
産產 略畧 罰罸 萌萠 衛衞 践踐 隷隸 体體躰軆 髄髓 晋晉 釜釡 壺壷 姉姊 樽罇 毘毗 煙烟 皐皋 稗粺 肇肈 衆眾
遠逺 鶴靏靍 韮韭 鍛鍜 蝿蠅 雁鴈 麻蔴 舗鋪舖 間閒 協恊 京亰 況况 決决 減减 準凖 厨廚 呑吞 嘗甞 屏屛 併倂
庵菴 往徃 既旣 昂昻 歳歲 氷冰 筝箏 繍繡 褒襃 讃讚 鉛鈆 頸頚 翻飜 餅餠 飾餝 麩麸 鼠鼡
"""

_TAKEN_FOR_EACH_OTHER: Final = """
斎斉 島嶋 富冨 竜龍 淵渕渊 槙槇 藤籐 堀掘 治冶 両輛輌 連聯 跡蹟 棲栖 刈苅
湧涌
"""


def _table(groups: str) -> dict[int, str]:
    """Each further character of a group → its first; no first of a group is a further one of another."""
    return {ord(variant): group[0] for group in groups.split() for variant in group[1:]}


VARIANTS: Final = _table(_FORMS)
LOOSE_VARIANTS: Final = _table(_TAKEN_FOR_EACH_OTHER)
