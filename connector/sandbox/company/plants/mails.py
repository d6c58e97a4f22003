"""Planted: personal mail to and from the customer, answered or not, and mail and web traffic that is neither."""

from collections.abc import Callable

from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.scene import Scene

_INCOMING = "A personal mail from the customer is contact."
_OUTGOING = (
    "Our mail is an attempt until an incoming one comes later in the same thread; an attempt suppresses for 14 days."
)
_NEITHER = "Bulk marketing mail and the customer's own web visits are neither contact nor attempt."


def _ours(days_ago: int, hour: int = 15, minute: int = 0) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.hubspot_mail(days_ago, hour=hour, minute=minute)

    return arrange


def _incoming(scene: Scene) -> None:
    scene.met(120)
    scene.hubspot_mail(20, "INCOMING_EMAIL")


def _answered(scene: Scene) -> None:
    scene.met(120)
    scene.hubspot_mail(40)
    scene.hubspot_mail(38, "INCOMING_EMAIL")


def _answered_then_ours(scene: Scene) -> None:
    """The answer is old; what we wrote after it got none."""
    scene.hubspot_mail(72)
    scene.hubspot_mail(70, "INCOMING_EMAIL")
    scene.hubspot_mail(20)


def _answer_in_another_thread(scene: Scene) -> None:
    scene.met(120)
    scene.hubspot_mail(90, "INCOMING_EMAIL", hs_email_thread_id=f"old-{scene.place.number}")
    scene.hubspot_mail(30)


def _salesforce_mail(days_ago: int, subtype: str = "Email") -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.mailed(days_ago, TaskSubtype=subtype)

    return arrange


def _only_web_and_marketing(scene: Scene) -> None:
    scene.met(120)
    visited = scene.at(2, 20)
    scene.twin.update(
        hs_analytics_last_url="https://www.example.co.jp/price", hs_analytics_last_visit_timestamp=visited,
        hs_analytics_num_page_views=14, hs_email_last_open_date=visited, hs_email_last_click_date=visited,
        recent_conversion_event_name="価格表ダウンロード", recent_conversion_date=visited,
        lastmodifieddate=visited, updatedAt=visited,
    )  # fmt: skip


CASES: tuple[Case, ...] = (
    no_task("mail_incoming", "fresh", _INCOMING, _incoming),
    no_task("mail_unanswered_13_days", "recent_attempt", _OUTGOING, _ours(13)),
    no_task("mail_unanswered_13_days_0001", "recent_attempt", f"{_OUTGOING} Days are Japanese.", _ours(13, 0, 1)),
    task("mail_unanswered_14_days", _OUTGOING, _ours(14)),
    task("mail_unanswered_15_days", _OUTGOING, _ours(15)),
    no_task("mail_answered", "fresh", _OUTGOING, _answered),
    task("mail_after_the_answer", _OUTGOING, _answered_then_ours),
    task("mail_answered_only_in_another_thread", _OUTGOING, _answer_in_another_thread),
    no_task("salesforce_mail_5_days", "recent_attempt", _OUTGOING, _salesforce_mail(5)),
    task("salesforce_mail_20_days", _OUTGOING, _salesforce_mail(20)),
    task("list_mail", _NEITHER, _salesforce_mail(5, "ListEmail")),
    task("only_web_and_marketing", _NEITHER, _only_web_and_marketing),
)
