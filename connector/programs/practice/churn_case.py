"""A customer watched for signs of leaving: settings, contract, and the cancellation pages that were opened.

The program of churn alerts and its texts share it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import PositiveInt

from connector.model.case import Case, OwnTask, Participant
from connector.model.records import Account
from connector.programs.practice import Practice
from connector.programs.practice.contracts import Contract, contract, unknown_to_ma
from connector.programs.practice.pages import Patterns
from connector.programs.practice.settings import ProgramSettings, Settings
from connector.programs.practice.statuses import leads, sfa_records
from connector.programs.practice.task_text import quoted
from connector.programs.practice.view import View, key_of, look
from connector.programs.practice.visit import Visit
from connector.programs.practice.visits import only, read_visits

NAME = "churn_risk"
LAST_OPENED = "last_opened"
"""The fact that says when a cancellation page was last opened."""


class ContractLabels(Settings):
    """How the MA's field spells where a company stands; nothing: the field is left blank."""

    current: str | None = "契約中"
    inferred: str | None = "契約中"
    """Under contract, but no record says so: a won deal suggests it."""
    ended: str | None = "契約終了"
    none: str | None = "未契約"

    def of(self, found: Contract) -> str | None:
        """The label of a contract."""
        labels = {"current": self.inferred if found.inferred else self.current, "ended": self.ended, "none": self.none}
        return labels[found.state]


class ChurnRiskSettings(ProgramSettings):
    """`mappings/programs/churn_risk.yaml`."""

    subject: str = "解約防止フォロー"
    pages: Patterns = Patterns(
        patterns=(
            "解約", "退会", "契約終了", "利用停止", "kaiyaku", "cancel", "churn", "terminat", "close-account",
            "delete-account", "withdrawal",
        )
    )  # fmt: skip
    except_pages: Patterns = Patterns(
        patterns=(
            "キャンセルポリシー", "キャンセル料", "キャンセル規定", "解約率", "解約防止", "セミナー", "イベント",
            "cancel-policy", "cancellation-policy", "cancellation policy", "noise-cancel", "churn-rate", "blog",
            "webinar", "seminar", "event", "reservation", "booking",
        )
    )  # fmt: skip
    """Pages with the words above that are about something else."""
    recent_days: PositiveInt = 7
    """An older opening that was not known before alarms nobody any more."""
    silence_days: PositiveInt = 14
    """After so many days without such a page the next opening is a new occasion."""
    reasons: tuple[str, ...] = ("活用できなかった", "価格", "他社へ切替", "事業・体制の変更", "担当者の交代", "その他")
    """解約理由: what the picklist offers."""
    statuses: ContractLabels = ContractLabels()

    def is_cancellation(self, url: str | None, title: str | None) -> bool:
        """However the page is reached; one that only sounds like it is on the list of exceptions."""
        return self.pages.found_in(url, title) and not self.except_pages.found_in(url, title)


@dataclass(frozen=True, slots=True)
class Customer:
    """One company at one moment: its contract, its tasks of ours, and the cancellation pages opened."""

    view: View
    settings: ChurnRiskSettings
    contract: Contract
    ours: tuple[OwnTask, ...]
    openings: tuple[Visit, ...]
    facts: dict[str, str]

    @property
    def account(self) -> Account:
        """The company. Raises TypeError for a case of another kind."""
        account = self.view.case.account
        if account is None:
            raise TypeError("a case of a company has that company")
        return account

    @property
    def last_opened(self) -> datetime | None:
        """When such a page was last known to be opened; our latest task tells where that was forgotten."""
        told = self.view.case.remembered.get(NAME, {}).get(LAST_OPENED)
        if told:
            return datetime.fromisoformat(told)
        return max((task.created_at for task in self.ours), default=None)

    def text(self, name: str) -> str:
        """A text of the program."""
        return self.view.practice.texts[f"{NAME}.{name}"]

    @property
    def shown_name(self) -> str:
        """The company's name as one harmless line."""
        return quoted(self.account.name) or self.account.ref.id

    def about(self, who: Participant | None) -> View:
        """The company with the person who opened the page as the one to talk to."""
        case, key = self.view.case, key_of(who) if who else None
        people = tuple(replace(person, is_primary=key_of(person) == key) for person in case.participants)
        return look(replace(case, participants=people), self.view.practice, self.view.now)


def customer_of(case: Case, settings: ChurnRiskSettings, practice: Practice, now: datetime) -> Customer:
    """Reads the case once."""
    view = look(case, practice, now)
    days = settings.recent_days + settings.silence_days
    facts = case.remembered.get(NAME, {})
    traffic = read_visits(case, facts, practice.own_domains, practice.rules.bots, now, days)
    found = contract(case, practice.rules.contracts, view.today)
    pages = (visit for visit in traffic.visits if settings.is_cancellation(visit.url, visit.title))
    openings = (visit for visit in pages if _is_of_this_record(visit, case, practice))
    return Customer(
        view=view,
        settings=settings,
        contract=found,
        ours=tuple(task for task in case.own_tasks if task.program == NAME),
        openings=tuple(openings),
        facts={**only(traffic.facts, settings.is_cancellation), **_for_the_list(found, case, practice)},
    )


def _for_the_list(found: Contract, case: Case, practice: Practice) -> dict[str, str]:
    """What the list of customers that the MA does not know is made of; nothing of a company that never bought."""
    if found.state == "none":
        return {}
    return {
        "contract": found.state,
        "inferred": "yes" if found.inferred else "no",
        "known_to_ma": "no" if unknown_to_ma(case, practice.tasks.system) else "yes",
    }


def _is_of_this_record(visit: Visit, case: Case, practice: Practice) -> bool:
    """Where the SFA holds a company twice, one of its records answers: the person's own, else the leading one."""
    records = {account.ref for account in sfa_records(case)}
    own = {record.account for record in visit.who.records} & records if visit.who else set()
    return case.ref in own if own else leads(case, practice.rules.statuses)
