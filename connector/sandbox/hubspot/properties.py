"""The properties of the simulated portal, object by object, as HubSpot itself describes them.

`schema.py` makes tables of them and `catalog.py` answers the properties endpoint; it must not know the wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Option:
    """One choice of an enumeration."""

    value: str
    label: str
    description: str | None = None
    display_order: int | None = None  # None: its place in the list
    hidden: bool = False


@dataclass(frozen=True)
class Property:
    """One property definition; `type` is the vendor's type name."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[Option, ...] = ()
    read_only: bool = False
    unique: bool = False
    custom: bool = False
    system: bool = False
    description: str = ""
    display_order: int = -1
    hidden: bool = False
    form_field: bool | None = None  # None: every property that people may fill in
    defined_at: str = "2019-08-06T02:41:08.029Z"
    changed_at: str = "2019-08-06T02:41:08.029Z"


FIELD_TYPES: Mapping[str, str] = {
    "string": "text",
    "number": "number",
    "datetime": "date",
    "date": "date",
    "enumeration": "select",
    "bool": "booleancheckbox",
}


def _one(group: str, spec: str, options: Mapping[str, tuple[Option, ...]]) -> Property:
    """Read one line `name type label [flags]`; flags: ro = set by HubSpot, custom, unique, area, html, radio."""
    name, type_, label, *flags = spec.split("|")
    shown = {"area": "textarea", "html": "html", "radio": "radio"}
    field_type = next((shown[flag] for flag in flags if flag in shown), FIELD_TYPES[type_])
    return Property(
        name=name,
        label=label,
        type=type_,
        field_type=field_type,
        group=group,
        options=options.get(name, ()),
        read_only="ro" in flags,
        unique="unique" in flags,
        custom="custom" in flags,
    )


def _many(group: str, text: str, options: Mapping[str, tuple[Option, ...]] | None = None) -> tuple[Property, ...]:
    return tuple(_one(group, line.strip(), options or {}) for line in text.strip().splitlines())


def _options(text: str) -> tuple[Option, ...]:
    """Read `value=label` pairs; without a label the value is its own."""
    pairs = (item.strip().partition("=") for item in text.strip().split(","))
    return tuple(Option(value, label or value) for value, _, label in pairs)


def _system(group: str, created: str, modified: str) -> tuple[Property, ...]:
    text = f"""
        {created}|datetime|作成日|ro
        {modified}|datetime|最終更新日時|ro
        hs_object_id|number|レコードID|ro
        hs_object_source_label|string|レコードソース|ro
        hs_merged_object_ids|enumeration|統合されたレコードID|ro"""
    return tuple(replace(one, system=True) for one in _many(group, text))


CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
BUSY = "9d9162e7-6cf3-4944-bf63-4dff82258764"
NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"
LEFT_VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"
LEFT_LIVE_MESSAGE = "a4c4c377-d246-4b32-a13b-75a56a4cd0ff"
WRONG_NUMBER = "17b47fee-58de-441e-a44c-c6300d46f273"

LIFECYCLE_STAGES = _options(
    "subscriber=サブスクライバー,lead=リード,marketingqualifiedlead=MQL,salesqualifiedlead=SQL,"
    "opportunity=商談,customer=顧客,evangelist=エバンジェリスト,other=その他"
)
DEAL_STAGES = _options(
    "appointmentscheduled=アポイント設定済み,qualifiedtobuy=購入見込みあり,presentationscheduled=プレゼン予定,"
    "decisionmakerboughtin=意思決定者の賛同,contractsent=契約書送付済み,closedwon=成約,closedlost=失注"
)
_BOUNCES = "CONTENT=Content,MAILBOX_FULL=Mailbox full,OTHER=Other,POLICY=Policy,SPAM=Spam,UNKNOWN_USER=Unknown user"
_CONTACT_OPTIONS: Mapping[str, tuple[Option, ...]] = {
    "lifecyclestage": LIFECYCLE_STAGES,
    "hs_lead_status": _options(
        "NEW=New,OPEN=Open,IN_PROGRESS=In Progress,OPEN_DEAL=Open Deal,UNQUALIFIED=Unqualified,"
        "ATTEMPTED_TO_CONTACT=Attempted to Contact,CONNECTED=Connected,BAD_TIMING=Bad Timing"
    ),
    "hs_analytics_source": _options(
        "ORGANIC_SEARCH=Organic Search,PAID_SEARCH=Paid Search,EMAIL_MARKETING=Email Marketing,"
        "SOCIAL_MEDIA=Organic Social,REFERRALS=Referrals,OTHER_CAMPAIGNS=Other Campaigns,"
        "DIRECT_TRAFFIC=Direct Traffic,OFFLINE=Offline Sources,PAID_SOCIAL=Paid Social"
    ),
    "hs_email_hard_bounce_reason_enum": _options(_BOUNCES),
    "needs_type": _options("個人興味,個人ニーズ,部署ニーズ"),
    "heat": _options("高,中,低"),
    "product_interest": _options("基幹システム,営業支援,勤怠管理,経費精算,電子契約"),
}
_ENGAGEMENT_OPTIONS: Mapping[str, tuple[Option, ...]] = {
    "hs_call_direction": _options("INBOUND,OUTBOUND"),
    "hs_call_disposition": _options(
        f"{CONNECTED}=Connected,{BUSY}=Busy,{NO_ANSWER}=No answer,{LEFT_VOICEMAIL}=Left voicemail,"
        f"{LEFT_LIVE_MESSAGE}=Left live message,{WRONG_NUMBER}=Wrong number"
    ),
    "hs_call_status": _options(
        "BUSY,CALLING_CRM_USER,CANCELED,COMPLETED,CONNECTING,FAILED,IN_PROGRESS,NO_ANSWER,QUEUED,RINGING"
    ),
    "hs_email_direction": _options("EMAIL,INCOMING_EMAIL,FORWARDED_EMAIL"),
    "hs_email_status": _options("BOUNCED,FAILED,SCHEDULED,SENDING,SENT"),
    "hs_meeting_outcome": _options("SCHEDULED,COMPLETED,RESCHEDULED,NO_SHOW,CANCELED"),
    "hs_task_status": _options("NOT_STARTED,IN_PROGRESS,WAITING,COMPLETED,DEFERRED"),
    "hs_task_type": _options("TODO,CALL,EMAIL"),
    "hs_task_priority": _options("NONE,LOW,MEDIUM,HIGH"),
    "hs_communication_channel_type": _options("WHATS_APP,LINKEDIN_MESSAGE,SMS"),
    "hs_communication_logged_from": _options("CRM"),
}

_CONTACTS = """
    email|string|Eメール|unique
    hs_additional_emails|enumeration|その他のEメールアドレス|ro
    firstname|string|名
    lastname|string|姓
    phone|string|電話番号
    mobilephone|string|携帯電話番号
    address|string|番地
    city|string|市区町村
    state|string|都道府県
    zip|string|郵便番号
    country|string|国
    jobtitle|string|役職
    company|string|会社名
    website|string|ウェブサイトURL
    lifecyclestage|enumeration|ライフサイクルステージ
    hubspot_owner_id|enumeration|コンタクト担当者
    hs_email_optout|bool|全てのEメールの配信停止
    hs_analytics_last_url|string|最終閲覧ページ|ro
    hs_analytics_last_visit_timestamp|datetime|最終セッションの日時|ro
    hs_analytics_num_page_views|number|ページビュー数|ro
    hs_email_open|number|開封されたマーケティングEメール数|ro
    hs_email_click|number|クリックされたマーケティングEメール数|ro
    hs_email_delivered|number|配信されたマーケティングEメール数|ro
    hs_email_last_open_date|datetime|マーケティングEメールの最終開封日|ro
    hs_email_last_click_date|datetime|マーケティングEメールの最終クリック日|ro
    first_conversion_event_name|string|最初のコンバージョン|ro
    first_conversion_date|datetime|最初のコンバージョン日|ro
    recent_conversion_event_name|string|最新のコンバージョン|ro
    recent_conversion_date|datetime|最新のコンバージョン日|ro
    num_conversion_events|number|フォーム送信数|ro
    hs_calculated_merged_vids|string|統合されたコンタクトのIDと日時|ro
    salesforcecontactid|string|Salesforce取引先責任者ID
    salesforceleadid|string|SalesforceリードID
    salesforceaccountid|string|Salesforce取引先ID
    associatedcompanyid|number|関連付けられた会社ID|ro
    lastname_kana|string|姓（カナ）|custom
    firstname_kana|string|名（カナ）|custom
    hs_lead_status|enumeration|リードステータス|radio
    hs_analytics_source|enumeration|オリジナルソース
    hs_email_hard_bounce_reason_enum|enumeration|Eメールのハードバウンスの理由|ro|radio
    needs_type|enumeration|ニーズ種別|custom
    heat|enumeration|熱量|custom
    product_interest|enumeration|関心のある商材|custom
    okoshi_handed_over_on|date|トスアップ日|custom
    okoshi_outcome|string|トスアップの結果|custom
    okoshi_outcome_on|date|トスアップの結果の日付|custom
    okoshi_outcome_reason|string|トスアップの結果の理由|custom|area
    okoshi_lost_reason|string|失注理由|custom
    okoshi_lost_on|date|失注日|custom
    okoshi_contract_status|string|契約状況|custom
    okoshi_signal|string|再検討シグナル|custom|area
    okoshi_signal_at|datetime|再検討シグナル日時|custom"""
_COMPANIES = """
    name|string|会社名
    domain|string|会社のドメイン名
    website|string|ウェブサイトURL
    phone|string|電話番号
    address|string|番地
    address2|string|番地2
    city|string|市区町村
    state|string|都道府県
    zip|string|郵便番号
    country|string|国
    industry|string|業種
    numberofemployees|number|従業員数
    annualrevenue|number|年間売上高
    lifecyclestage|enumeration|ライフサイクルステージ
    hubspot_owner_id|enumeration|会社担当者
    salesforceaccountid|string|Salesforce取引先ID
    hs_parent_company_id|number|親会社|ro
    name_kana|string|会社名（カナ）|custom
    name_english|string|英文社名|custom
    former_name|string|旧社名|custom
    corporate_number|string|法人番号|custom
    okoshi_account_status|string|アカウントステータス|custom
    okoshi_contract_status|string|契約状況|custom
    okoshi_contract_end|date|契約終了日|custom"""
_DEALS = """
    dealname|string|取引名
    dealstage|enumeration|取引ステージ
    pipeline|enumeration|パイプライン
    amount|number|金額
    closedate|datetime|クローズ日
    hubspot_owner_id|enumeration|取引担当者
    hs_is_closed|bool|クローズ済み|ro
    hs_is_closed_won|bool|成約済み|ro
    salesforceopportunityid|string|Salesforce商談ID|custom"""
_CALLS = """
    hs_timestamp|datetime|アクティビティーの日付
    hs_call_title|string|通話のタイトル
    hs_call_body|string|通話メモ|html
    hs_call_direction|enumeration|通話の方向
    hs_call_disposition|enumeration|通話の結果
    hs_call_duration|number|通話時間
    hs_call_status|enumeration|通話のステータス
    hubspot_owner_id|enumeration|割り当て先"""
_EMAILS = """
    hs_timestamp|datetime|アクティビティーの日付
    hs_email_subject|string|Eメールの件名
    hs_email_text|string|Eメールの本文|area
    hs_email_direction|enumeration|Eメールの方向
    hs_email_status|enumeration|Eメールの送信ステータス
    hs_email_thread_id|string|EメールのスレッドID|ro
    hubspot_owner_id|enumeration|割り当て先"""
_MEETINGS = """
    hs_timestamp|datetime|アクティビティーの日付
    hs_meeting_title|string|ミーティング名
    hs_meeting_body|string|ミーティングの説明|html
    hs_meeting_start_time|datetime|ミーティング開始時刻
    hs_meeting_end_time|datetime|ミーティング終了時刻
    hs_meeting_outcome|enumeration|ミーティングの成果
    hubspot_owner_id|enumeration|割り当て先"""
_NOTES = """
    hs_timestamp|datetime|アクティビティーの日付
    hs_note_body|string|メモの本文|html
    hubspot_owner_id|enumeration|割り当て先"""
_TASKS = """
    hs_timestamp|datetime|期日
    hs_task_subject|string|タスクのタイトル
    hs_task_body|string|タスクのメモ|html
    hs_task_status|enumeration|タスクのステータス
    hs_task_type|enumeration|タスクのタイプ
    hs_task_priority|enumeration|優先度
    hs_task_completion_date|datetime|完了日時|ro
    hubspot_owner_id|enumeration|割り当て先"""
_COMMUNICATIONS = """
    hs_timestamp|datetime|アクティビティーの日付
    hs_communication_channel_type|enumeration|チャネルタイプ
    hs_communication_logged_from|enumeration|記録元
    hs_communication_body|string|本文|html
    hubspot_owner_id|enumeration|割り当て先"""
_ENGAGEMENTS = {
    "calls": ("call", _CALLS),
    "emails": ("email", _EMAILS),
    "meetings": ("meeting", _MEETINGS),
    "notes": ("note", _NOTES),
    "tasks": ("task", _TASKS),
    "communications": ("communication", _COMMUNICATIONS),
}

# Standard objects that the company does not use: they exist, and hold nothing.
_UNUSED = {
    "tickets": ("ticket", "subject|string|チケット名"),
    "products": ("product", "name|string|名前"),
    "line_items": ("lineitem", "name|string|名前"),
    "quotes": ("quote", "hs_title|string|見積もり名"),
    "feedback_submissions": ("feedback", "hs_content|string|回答"),
    "goal_targets": ("goal", "hs_goal_name|string|目標名"),
    "leads": ("lead", "hs_lead_name|string|リード名"),
    "postal_mail": ("postal_mail", "hs_postal_mail_body|string|本文"),
    "deal_splits": ("dealsplit", "hs_deal_split_percentage|number|配分率"),
}

PROPERTIES: Mapping[str, tuple[Property, ...]] = {
    "contacts": _many("contactinformation", _CONTACTS, _CONTACT_OPTIONS)
    + _system("contactinformation", "createdate", "lastmodifieddate"),
    "companies": _many("companyinformation", _COMPANIES, {"lifecyclestage": LIFECYCLE_STAGES})
    + _system("companyinformation", "createdate", "hs_lastmodifieddate"),
    "deals": _many(
        "dealinformation",
        _DEALS,
        {"dealstage": DEAL_STAGES, "pipeline": (Option("default", "セールスパイプライン"),)},
    )
    + _system("dealinformation", "createdate", "hs_lastmodifieddate"),
    **{
        object_: _many(group, text, _ENGAGEMENT_OPTIONS) + _system(group, "hs_createdate", "hs_lastmodifieddate")
        for object_, (group, text) in _ENGAGEMENTS.items()
    },
    **{
        object_: _many(group, f"{name}\n hubspot_owner_id|enumeration|担当者")
        + _system(group, "hs_createdate", "hs_lastmodifieddate")
        for object_, (group, name) in _UNUSED.items()
    },
}
