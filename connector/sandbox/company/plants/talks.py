"""Planted: which meetings and calls are contact, which are attempts, which are neither."""

from collections.abc import Callable

from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.scene import Scene
from connector.sandbox.hubspot.properties import (
    BUSY,
    CONNECTED,
    LEFT_LIVE_MESSAGE,
    LEFT_VOICEMAIL,
    NO_ANSWER,
    WRONG_NUMBER,
)

_MEETING = "A HubSpot meeting is held when it is past and its outcome is COMPLETED or none."
_CALL = "A connected call, or one without a result, is contact; any other result is an attempt."
_ATTEMPT = "An attempt is no contact, but suppresses a new task for 14 days."
_THREE = "After three fruitless attempts since the last contact the manager decides."


def _meeting(outcome: str | None) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.hubspot_meeting(30, outcome)

    return arrange


def _call(days_ago: int, disposition: str | None) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.called(days_ago, disposition)

    return arrange


def _hubspot_call(days_ago: int, disposition: str | None) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.hubspot_call(days_ago, disposition)

    return arrange


def _attempts(*days_ago: int) -> Callable[[Scene], object]:
    """Contact 80 days ago, and unanswered calls on these days."""

    def arrange(scene: Scene) -> None:
        scene.met(80)
        for day in days_ago:
            scene.called(day, "不在")

    return arrange


def _attempts_in_both_systems(scene: Scene) -> None:
    scene.met(80)
    scene.called(45, "不在")
    scene.hubspot_call(35, NO_ANSWER)
    scene.hubspot_mail(25)


CASES: tuple[Case, ...] = (
    no_task("meeting_completed", "fresh", _MEETING, _meeting("COMPLETED")),
    no_task("meeting_without_outcome", "fresh", _MEETING, _meeting(None)),
    task("meeting_no_show", _MEETING, _meeting("NO_SHOW")),
    task("meeting_canceled", _MEETING, _meeting("CANCELED")),
    no_task("call_answering_machine_lately", "recent_attempt", _ATTEMPT, _call(6, "留守電")),
    task("meeting_still_scheduled", _MEETING, _meeting("SCHEDULED")),
    no_task("call_connected", "fresh", _CALL, _call(30, "接続")),
    no_task("call_talked", "fresh", _CALL, _call(30, "通話")),
    no_task("call_without_result", "fresh", _CALL, _call(30, None)),
    no_task("call_not_there_13_days", "recent_attempt", _ATTEMPT, _call(13, "不在")),
    task("call_not_there_14_days", _ATTEMPT, _call(14, "不在")),
    no_task("hubspot_call_connected", "fresh", _CALL, _hubspot_call(30, CONNECTED)),
    no_task("hubspot_call_without_result", "fresh", _CALL, _hubspot_call(30, None)),
    task("hubspot_call_no_answer", _CALL, _hubspot_call(30, NO_ANSWER)),
    no_task("hubspot_call_no_answer_lately", "recent_attempt", _ATTEMPT, _hubspot_call(5, NO_ANSWER)),
    no_task("hubspot_call_busy_lately", "recent_attempt", _ATTEMPT, _hubspot_call(6, BUSY)),
    no_task("hubspot_call_voicemail_lately", "recent_attempt", _ATTEMPT, _hubspot_call(6, LEFT_VOICEMAIL)),
    no_task("hubspot_call_message_lately", "recent_attempt", _ATTEMPT, _hubspot_call(6, LEFT_LIVE_MESSAGE)),
    no_task("hubspot_call_wrong_number_lately", "recent_attempt", _ATTEMPT, _hubspot_call(6, WRONG_NUMBER)),
    no_task("three_attempts", "manager_decides", _THREE, _attempts(50, 35, 20)),
    no_task("three_attempts_in_both_systems", "manager_decides", _THREE, _attempts_in_both_systems),
    task("two_old_attempts", _THREE, _attempts(50, 20)),
    task("three_attempts_before_the_contact", _THREE, _attempts(110, 100, 90)),
)
