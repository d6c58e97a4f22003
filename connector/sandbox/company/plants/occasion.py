"""Planted: tasks with our subject that exist already, closed deals, records that cannot be read."""

from collections.abc import Callable

from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.scene import SUBJECT, Scene

_ANY = "Any open task with that subject counts, whoever made it."
_CLOSED = "Closed deals, won or lost, are not stalled, however silent."
_ASIDE = "A record that cannot be understood is set aside and named; the rest goes on."


def _opened_by(role: str) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        person = scene.org.staff(role)[0]
        row = scene.to_do(3, Subject=SUBJECT, OwnerId=person["Id"])
        scene.salesforce["Task"] = row["Id"]

    return arrange


def _closed_long_ago(scene: Scene) -> None:
    scene.met(250)
    row = scene.did(200, Subject=SUBJECT, created=scene.at(205), completed=scene.at(200))
    scene.salesforce["Task"] = row["Id"]


def _won(scene: Scene) -> None:
    scene.set_stage("受注", 140)
    scene.met(150)


def _lost(scene: Scene) -> None:
    scene.set_stage("失注", 140, Lost_Reason__c="価格懸念", Lost_Reason_Detail__c="価格が折り合わず")
    scene.met(150)


def _mail_without_time(scene: Scene) -> None:
    scene.met(10)
    row = scene.hubspot_mail(40, "INCOMING_EMAIL", created=scene.at(40))
    _without_time(scene, row, "emails")


def _call_without_time(scene: Scene) -> None:
    scene.met(10)
    row = scene.hubspot_call(40, None, created=scene.at(40))
    _without_time(scene, row, "calls")


def _without_time(scene: Scene, row: dict[str, object], object_: str) -> None:
    row["hs_timestamp"] = None
    scene.check["set_aside"] = {"system": "hubspot", "object": object_, "id": row["id"]}


CASES: tuple[Case, ...] = (
    no_task("already_open_by_inside_sales", "already_open", _ANY, _opened_by("InsideSales")),
    no_task("already_open_by_field_sales", "already_open", _ANY, _opened_by("FieldSales")),
    task("same_subject_closed_long_ago", _ANY, _closed_long_ago),
    no_task("won", "closed", _CLOSED, _won),
    no_task("lost", "closed", _CLOSED, _lost),
    Case("stalled.mail_without_time", "set_aside", "invalid_record", _ASIDE, _mail_without_time),
    Case("stalled.call_without_time", "set_aside", "invalid_record", _ASIDE, _call_without_time),
)
