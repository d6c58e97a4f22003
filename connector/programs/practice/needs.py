"""What somebody needs, how warm it sounded, and what follows: to sales, asked by inside sales, or nurtured.

The program of hand-overs asks here. Source: the table of section 8 of the practice. The score of visits to the web site
has no place in it: it never decides a hand-over.
"""

from enum import StrEnum
from functools import cached_property

from pydantic import Field

from connector.mapping.practice import folded
from connector.programs.practice.settings import Settings


class NeedsType(StrEnum):
    """ニーズ種別."""

    PERSONAL_INTEREST = "personal_interest"  # 個人興味の情報収集
    PERSONAL_NEED = "personal_need"  # 個人ニーズの情報収集
    DEPARTMENT_NEED = "department_need"  # 部署ニーズの情報収集


class Way(StrEnum):
    """What is done about a person."""

    HAND_OVER = "pass"  # to sales, at once
    ASK = "ask"  # inside sales asks first
    NURTURE = "nurture"  # the MA goes on
    IGNORE = "ignore"  # nothing: no sign of interest


class NeedsNames(Settings):
    """The values that mean each needs type; width, case and blanks make no difference."""

    personal_interest: tuple[str, ...] = ("個人興味", "個人興味の情報収集", "personal interest")
    personal_need: tuple[str, ...] = ("個人ニーズ", "個人ニーズの情報収集", "personal need")
    department_need: tuple[str, ...] = ("部署ニーズ", "部署ニーズの情報収集", "department need")

    @cached_property
    def _read(self) -> dict[str, NeedsType]:
        return {folded(name): kind for kind in NeedsType for name in (kind.value, *getattr(self, kind.value))}

    def read(self, value: str | None) -> NeedsType | None:
        """The needs type; `None` where it is blank or none of these."""
        return self._read.get(folded(value or ""))


class FormRule(Settings):
    """Forms whose name holds one of these words, and what is done if the needs type is not known."""

    names: tuple[str, ...]
    way: Way


_JOB_HUNTING = ("採用に関する", "採用について", "採用のお問", "採用応募", "採用エントリー", "recruit")
_INQUIRIES = (
    *("問い合わせ", "問合せ", "問合わせ", "問い合せ", "見積", "デモ", "相談"),
    *("contact", "inquir", "enquir", "demo", "quote", "quotation"),
)

_FORMS = (
    FormRule(names=_JOB_HUNTING, way=Way.IGNORE),
    FormRule(names=_INQUIRIES, way=Way.HAND_OVER),
    FormRule(names=("資料", "ダウンロード", "カタログ", "価格表", "download", "whitepaper"), way=Way.ASK),
    FormRule(names=("ウェビナー", "セミナー", "イベント", "展示会", "webinar", "event"), way=Way.NURTURE),
    FormRule(names=("メルマガ", "メールマガジン", "newsletter", "採用", "応募"), way=Way.IGNORE),
)


class Forms(Settings):
    """What a form says of a person whose needs type is unknown: the first rule that fits."""

    rules: tuple[FormRule, ...] = _FORMS
    otherwise: Way = Way.ASK

    def way(self, form: str) -> Way:
        """What is done about whoever sent it."""
        return self.named(form) or self.otherwise

    def named(self, form: str) -> Way | None:
        """What the first rule says that names it; `None`: none does."""
        name = folded(form)
        return next((rule.way for rule in self.rules if any(folded(word) in name for word in rule.names)), None)


class LeadSources(Settings):
    """Inquiries that came without a form, by phone for example: somebody entered a lead, and its source says so."""

    read: bool = True
    untouched_statuses: tuple[str, ...] = ("未対応", "新規", "New", "Open", "Open - Not Contacted")
    """The statuses of leads that nobody has worked on yet; blank is one of them."""

    def is_untouched(self, status: str | None) -> bool:
        """Nobody has worked on a lead of this status."""
        return folded(status or "") in {"", *(folded(one) for one in self.untouched_statuses)}


_TABLE = {
    NeedsType.PERSONAL_INTEREST: Way.NURTURE,
    NeedsType.PERSONAL_NEED: Way.ASK,
    NeedsType.DEPARTMENT_NEED: Way.HAND_OVER,
}


class Table(Settings):
    """What follows from a needs type, and for which products something else does."""

    every_product: dict[NeedsType, Way] = Field(default_factory=lambda: dict(_TABLE))
    by_product: dict[str, dict[NeedsType, Way]] = Field(default_factory=dict)
    """By the product that the person asked about: only what differs."""

    def way(self, needs: NeedsType, product: str | None) -> Way:
        """What is done about a person with this need."""
        own = {folded(name): table for name, table in self.by_product.items()}.get(folded(product or ""), {})
        return own.get(needs) or self.every_product.get(needs) or _TABLE[needs]


class Heats(Settings):
    """熱量 as inside sales heard it: the values that mean high, and those that mean that nobody has heard it yet."""

    high: tuple[str, ...] = ("高", "高い", "high", "hot")
    unheard: tuple[str, ...] = ("不明", "未確認", "未ヒアリング", "-", "unknown")

    def is_heard(self, value: str | None) -> bool:
        """Inside sales has asked and written down what it heard."""
        return folded(value or "") not in {"", *(folded(one) for one in self.unheard)}

    def is_high(self, value: str | None) -> bool:
        """Warm enough to be passed to sales."""
        return folded(value or "") in {folded(one) for one in self.high}
