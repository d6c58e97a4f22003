"""Word lists from which companies, places and people are invented; read by `names.py` and `people.py`.

Each entry is `written kana romaji`. No word is a real firm's name, and combinations are checked by a test.
"""


def words(text: str) -> tuple[tuple[str, str, str], ...]:
    """Entries with commas or line ends between them."""
    entries = [entry.split() for entry in text.replace("\n", ",").split(",") if entry.strip()]
    return tuple((written, kana, romaji) for written, kana, romaji in entries)


STEM_HEADS = words("""
    汐 シオ shio, 楓 カエデ kaede, 霞 カスミ kasumi, 葵 アオイ aoi, 椿 ツバキ tsubaki, 橘 タチバナ tachibana
    榎 エノキ enoki, 櫟 クヌギ kunugi, 雫 シズク shizuku, 蒼 アオ ao, 碧 ミドリ midori, 暁 アカツキ akatsuki
    凪 ナギ nagi, 樫 カシ kashi, 柊 ヒイラギ hiiragi, 萩 ハギ hagi, 蓬 ヨモギ yomogi, 茜 アカネ akane
    鶯 ウグイス uguisu, 鴫 シギ shigi, 雉 キジ kiji, 鷺 サギ sagi, 鮎 アユ ayu, 鯨 クジラ kujira
    鈴 スズ suzu, 琴 コト koto, 笹 ササ sasa, 篠 シノ shino, 苔 コケ koke, 霜 シモ shimo, 霰 アラレ arare
    虹 ニジ niji, 嵐 アラシ arashi, 朧 オボロ oboro, 桜 サクラ sakura, 高 タカ taka, 浜 ハマ hama
    齋 サイ sai, 国 クニ kuni, 島 シマ shima""")
STEM_TAILS = words("""
    ヶ峰 ガミネ gamine, ヶ瀬 ガセ gase, ノ坂 ノサカ nosaka, 見野 ミノ mino, 見沢 ミザワ mizawa
    之浦 ノウラ noura, ヶ根 ガネ gane, 乃森 ノモリ nomori, 見崎 ミサキ misaki, ヶ淵 ガフチ gafuchi
    乃里 ノサト nosato, 見台 ミダイ midai, ヶ濱 ガハマ gahama, 乃井 ノイ noi, 見堀 ミホリ mihori
    野辺 ノベ nobe, 見渡 ミワタリ miwatari, 乃橋 ノハシ nohashi, ヶ窪 ガクボ gakubo, 見塚 ミヅカ mizuka""")
KANA_HEADS = words("""
    ノル ノル noru, ヴェル ヴェル veru, ミル ミル miru, タル タル taru, ゼフ ゼフ zefu, キリ キリ kiri
    ロア ロア roa, フェル フェル feru, ラド ラド rado, ソレ ソレ sore, ペル ペル peru, クオ クオ kuo
    ナヴィ ナヴィ navi, ウルト ウルト uruto""")
KANA_TAILS = words("""
    ミーカ ミーカ miika, トーレ トーレ tore, ヴィスタ ヴィスタ vista, リンデ リンデ rinde
    ポルタ ポルタ poruta, ガルド ガルド garudo, ベイラ ベイラ beira, ドリノ ドリノ dorino, スカ スカ suka
    メイズ メイズ meizu""")
BUSINESSES = words("""
    工業 コウギョウ kogyo, 製作所 セイサクショ seisakusho, 電機 デンキ denki, 商事 ショウジ shoji
    物産 ブッサン bussan, 運輸 ウンユ unyu, 建設 ケンセツ kensetsu, システム システム system
    フーズ フーズ foods, 印刷 インサツ insatsu, 化成 カセイ kasei, 精機 セイキ seiki, テクノ テクノ techno
    販売 ハンバイ hanbai, ホールディングス ホールディングス holdings, 倉庫 ソウコ soko
    薬品 ヤクヒン yakuhin, 不動産 フドウサン fudosan, エンジニアリング エンジニアリング engineering
    ロジスティクス ロジスティクス logistics, 紙業 シギョウ shigyo, 金属 キンゾク kinzoku
    食品 ショクヒン shokuhin, サービス サービス service, 設計 セッケイ sekkei
    ソリューションズ ソリューションズ solutions, 醸造 ジョウゾウ jozo, 計装 ケイソウ keiso
    樹脂 ジュシ jushi, プランニング プランニング planning""")
INDUSTRIES = {
    "工業": "Manufacturing",
    "電機": "Electronics",
    "商事": "Retail",
    "運輸": "Transportation",
    "建設": "Construction",
    "システム": "Technology",
    "フーズ": "Food & Beverage",
    "薬品": "Biotechnology",
    "不動産": "Other",
    "金属": "Machinery",
}
BRANCHES = ("大阪支店", "名古屋営業所", "東京本社", "九州支店", "北関東営業所", "仙台支社", "広島工場")
# state, city, street stem, postal code head, area code
PLACES = (
    ("東京都", "千代田区", "霞坂", "100", "03"),
    ("東京都", "港区", "汐見台", "105", "03"),
    ("大阪府", "大阪市北区", "梅ノ町", "530", "06"),
    ("愛知県", "名古屋市中区", "錦町", "460", "052"),
    ("福岡県", "福岡市博多区", "駅裏", "812", "092"),
    ("神奈川県", "横浜市西区", "港ヶ丘", "220", "045"),
    ("北海道", "札幌市中央区", "北一条", "060", "011"),
    ("宮城県", "仙台市青葉区", "青葉通", "980", "022"),
    ("埼玉県", "さいたま市大宮区", "桜通", "330", "048"),
    ("広島県", "広島市中区", "八丁", "730", "082"),
)
SURNAMES = words("""
    佐藤 サトウ sato, 鈴木 スズキ suzuki, 高橋 タカハシ takahashi, 髙橋 タカハシ takahashi
    田中 タナカ tanaka, 伊藤 イトウ ito, 渡辺 ワタナベ watanabe, 渡邊 ワタナベ watanabe
    渡邉 ワタナベ watanabe, 山本 ヤマモト yamamoto, 中村 ナカムラ nakamura, 小林 コバヤシ kobayashi
    加藤 カトウ kato, 吉田 ヨシダ yoshida, 山田 ヤマダ yamada, 佐々木 ササキ sasaki, 齋藤 サイトウ saito
    斎藤 サイトウ saito, 斉藤 サイトウ saito, 齊藤 サイトウ saito, 山口 ヤマグチ yamaguchi
    松本 マツモト matsumoto, 井上 イノウエ inoue, 木村 キムラ kimura, 林 ハヤシ hayashi, 清水 シミズ shimizu
    山﨑 ヤマザキ yamazaki, 山崎 ヤマザキ yamazaki, 森 モリ mori, 池田 イケダ ikeda, 橋本 ハシモト hashimoto
    阿部 アベ abe, 石川 イシカワ ishikawa, 中島 ナカジマ nakajima, 前田 マエダ maeda, 藤田 フジタ fujita
    小川 オガワ ogawa, 後藤 ゴトウ goto, 岡田 オカダ okada, 長谷川 ハセガワ hasegawa, 村上 ムラカミ murakami
    近藤 コンドウ kondo, 石井 イシイ ishii, 坂本 サカモト sakamoto, 遠藤 エンドウ endo, 青木 アオキ aoki
    藤井 フジイ fujii, 西村 ニシムラ nishimura, 福田 フクダ fukuda, 太田 オオタ ota, 三浦 ミウラ miura
    岡本 オカモト okamoto, 松田 マツダ matsuda, 中川 ナカガワ nakagawa, 濱田 ハマダ hamada
    浜田 ハマダ hamada, 廣瀬 ヒロセ hirose, 広瀬 ヒロセ hirose, 櫻井 サクライ sakurai, 桜井 サクライ sakurai
    大澤 オオサワ osawa, 黒澤 クロサワ kurosawa, 吉澤 ヨシザワ yoshizawa, 邊見 ヘンミ hemmi
    眞鍋 マナベ manabe""")
GIVEN_NAMES = words("""
    翔太 ショウタ shota, 健一 ケンイチ kenichi, 大輔 ダイスケ daisuke, 誠 マコト makoto, 直樹 ナオキ naoki
    浩二 コウジ koji, 拓也 タクヤ takuya, 達也 タツヤ tatsuya, 亮 リョウ ryo, 修 オサム osamu
    和彦 カズヒコ kazuhiko, 隆 タカシ takashi, 裕子 ユウコ yuko, 美咲 ミサキ misaki, 陽子 ヨウコ yoko
    恵 メグミ megumi, 由美 ユミ yumi, 真由美 マユミ mayumi, 愛 アイ ai, 彩 アヤ aya, 千尋 チヒロ chihiro
    智子 トモコ tomoko, 久美子 クミコ kumiko, 純一 ジュンイチ junichi, 慎太郎 シンタロウ shintaro
    優斗 ユウト yuto, 蓮 レン ren, 結衣 ユイ yui, 沙織 サオリ saori, 義男 ヨシオ yoshio, 茂 シゲル shigeru
    幸子 サチコ sachiko, 圭介 ケイスケ keisuke, 悠真 ユウマ yuma, 奈々 ナナ nana, 聡 サトシ satoshi
    徹 トオル toru, 里佳 リカ rika""")
TITLES = ("部長", "課長", "係長", "主任", "担当", "マネージャー", "取締役", "室長", "代表取締役社長", None, None)
DEPARTMENTS = ("情報システム部", "営業部", "総務部", "経営企画室", "購買部", "製造部", "マーケティング部", None)
PAGES = (
    "https://www.example.co.jp/price",
    "https://www.example.co.jp/case/seizo-01",
    "https://www.example.co.jp/case/butsuryu-02",
    "https://www.example.co.jp/download/whitepaper",
    "https://www.example.co.jp/product/feature",
    "https://www.example.co.jp/recruit/entry",
    "https://www.example.co.jp/blog/2026/dx-start",
    "https://www.example.co.jp/contact",
    "https://www.example.co.jp/",
)
CONVERSIONS = ("資料請求フォーム", "ウェビナー申込", "お問い合わせフォーム", "メルマガ登録", "価格表ダウンロード")
