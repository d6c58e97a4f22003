"""Words for the sites and departments of a company, and the regions that sites are called by.

Used where names of companies and people are taken apart. Knows words only.
"""

from typing import Final

BRANCHES: Final = (
    "支店|支社|支局|支部|支所|営業所|営業部|営業本部|営業課|出張所|事業所|事業部|事業本部|事業統括本部|統括本部|本社|本社営業部|工場|支援センター"
    "|物流センター|配送センター|流通センター|サービスセンター|技術センター|駐在所|作業所"
)
"""Words that no other firm's name ends with, unlike 商店, 研究所 or 事務所."""

SITES: Final = (
    f"{BRANCHES}|営業|製作所内|製造所|研究所|センター|オフィス|事務所|店|部|課|室|係|広報|企画|開発|情報システム|チーム"
    "|(?:推進|開発|企画|営業|管理|技術)グループ|[Oo]ffice|[Bb]ranch|[Ff]actory"
)
"""Words that end what stands in brackets or behind a legal form, where it is a site."""

REGION: Final = (
    "首都圏|東日本|西日本|中日本|北日本|南日本|北海道|東北|北関東|南関東|関東|甲信越|信越|北陸|東海|中部|近畿|関西|中四国|中国|四国|北九州|九州|沖縄"
    "|青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|東京|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|京都|大阪|兵庫|奈良|和歌山|鳥取"
    "|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|札幌|函館|旭川|盛岡|仙台|水戸|宇都宮|前橋|高崎|さいたま|大宮|横浜|川崎|相模原"
    "|金沢|甲府|松本|浜松|名古屋|豊橋|津|四日市|大津|堺|神戸|姫路|松江|福山|高松|松山|小倉|那覇|新宿|渋谷|品川|銀座|池袋|丸の内|多摩|城東|城西|城南|城北"
)
