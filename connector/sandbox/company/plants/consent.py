"""Planted: consent to be called at person and company level, what notes say of it, and people who have left."""

from collections.abc import Callable

from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.scene import UNKNOWN_CONSENT, Scene

_BLOCKED = "架電NG at contact or company level blocks calls."
_NOTES = "Notes are searched for 架電NG, 電話不要 and 連絡不要."
_UNKNOWN = "Where consent is not recorded the task is issued and marked so; it is never taken as consent."


def _contact(**values: object) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.contact.update(values)

    return arrange


def _account(**values: object) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.account.update(values)

    return arrange


def _not_recorded(scene: Scene) -> None:
    scene.met(120)
    scene.contact["Call_Consent__c"] = None
    scene.text_contains(UNKNOWN_CONSENT)


def _hubspot_note(scene: Scene) -> None:
    scene.met(120)
    scene.engaged("notes", scene.at(150), hs_note_body="<p>ご担当者より、今後は<b>架電NG</b>とのこと。</p>")


def _task_description(scene: Scene) -> None:
    scene.met(120)
    scene.called(110, "接続", Description="お忙しいため電話不要、必要なら先方から連絡するとのこと")


def _mail_opt_out(scene: Scene) -> None:
    scene.met(120)
    scene.twin["hs_email_optout"] = 1


CASES: tuple[Case, ...] = (
    task("consent_not_recorded", _UNKNOWN, _not_recorded),
    no_task("consent_refused_by_person", "do_not_call", _BLOCKED, _contact(Call_Consent__c="不可")),
    no_task("consent_refused_by_company", "do_not_call", _BLOCKED, _account(Call_Consent__c="不可")),
    no_task("refused_in_contact_description", "do_not_call", _NOTES, _contact(Description="2025/6 架電NG（本人より）")),
    no_task(
        "refused_in_account_description", "do_not_call", _NOTES, _account(Description="※連絡不要　総務より申し出あり")
    ),
    no_task("refused_in_hubspot_note", "do_not_call", _NOTES, _hubspot_note),
    no_task("refused_in_task_description", "do_not_call", _NOTES, _task_description),
    task("mail_opt_out_only", "Mail opt-out (配信停止) blocks mail only, not the call.", _mail_opt_out),
    no_task("left_company", "left_company", "A person who has left (退職) is not called.", _contact(Left_Company__c=1)),
)
