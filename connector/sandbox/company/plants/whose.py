"""Planted: activities count on the deal, or with its people where they are on no other deal."""

from collections.abc import Callable

from connector.sandbox.company.batch import Row
from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.scene import Scene

_PEOPLE = "Contact counts on the deal, or with its people where it is on no other deal."
_OTHER = (
    "An activity on another deal of the same person does not reset this one, "
    "but holds its task back and names the other deal's owner."
)
_TWIN = (
    "A person's HubSpot record is found by the Salesforce id that it holds or by the mail address, never by name alone."
)
_DEAL = "An activity on the HubSpot deal of an opportunity is an activity on that opportunity."
_MERGED = "One person gets one task: the bigger deal leads, the other is named in it."


def _on_person(scene: Scene) -> None:
    scene.met(120)
    scene.met(30, WhatId=None)


def _on_account(scene: Scene) -> None:
    scene.met(120)
    scene.called(30, "接続", WhatId=scene.account["Id"])


def _with_another_person(scene: Scene) -> None:
    """A colleague who has no role in the deal was called about something else."""
    scene.met(120)
    colleague, _ = scene.person()
    scene.called(30, "接続", WhatId=None, WhoId=colleague["Id"])
    scene.salesforce["OtherContact"] = colleague["Id"]


def _second_role(scene: Scene) -> None:
    """Somebody who has a role in the deal, though not the primary one, was met."""
    scene.met(120)
    colleague, _ = scene.person()
    scene.add_role(colleague)
    scene.met(30, WhatId=None, WhoId=colleague["Id"])


def _names_owner(scene: Scene, other: Row) -> Row:
    scene.text_contains(scene.org.name(other["OwnerId"]))
    return other


def _met_on_other_deal(scene: Scene) -> None:
    scene.met(120)
    other = _names_owner(scene, scene.other_deal())
    scene.met(20, WhatId=other["Id"])


def _attempt_on_other_deal(days_ago: int) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        other = scene.other_deal()
        scene.called(days_ago, "不在", WhatId=other["Id"])
        if days_ago < 14:
            _names_owner(scene, other)

    return arrange


def _old_contact_on_won_deal(scene: Scene) -> None:
    """The other deal is won and done with; its last contact holds nothing back any more."""
    scene.met(120)
    other = scene.other_deal(200, StageName="受注", close=85)
    scene.met(90, WhatId=other["Id"])


def _meeting_ahead_on_other_deal(scene: Scene) -> None:
    scene.met(120)
    other = _names_owner(scene, scene.other_deal())
    scene.met(-6, WhatId=other["Id"])


def _mail_to(**twin: str | None) -> Callable[[Scene], object]:
    """The customer wrote 20 days ago; `twin` says what the HubSpot record holds."""

    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.twin.update(twin)
        scene.hubspot_mail(20, "INCOMING_EMAIL")

    return arrange


def _mail_by_case(scene: Scene) -> None:
    """Only the mail address links the two, typed in capitals in Salesforce."""
    scene.met(120)
    scene.twin["salesforcecontactid"] = None
    scene.contact["Email"] = scene.contact["Email"].upper()
    scene.hubspot_mail(20, "INCOMING_EMAIL")


def _namesake(scene: Scene) -> None:
    """Somebody of the same name at another firm wrote; his record names nobody of ours."""
    scene.met(120)
    scene.twin = scene.namesake()
    scene.hubspot_mail(20, "INCOMING_EMAIL")


def _on_hubspot_deal(scene: Scene) -> None:
    scene.met(120)
    scene.hubspot_call(20, None, deal=scene.hubspot_deal(scene.deal))


def _on_hubspot_deal_of_other(scene: Scene) -> None:
    scene.met(120)
    other = _names_owner(scene, scene.other_deal())
    call = scene.hubspot_call(20, None)
    scene.batch.link(("calls", call["id"]), ("deals", scene.hubspot_deal(other)["id"]))


def _two_deals_of_one_person(*, leads: bool) -> Callable[[Scene], object]:
    """The scene's deal is the bigger or the smaller one of two stalled deals."""

    def arrange(scene: Scene) -> None:
        scene.met(120)
        amount = scene.deal["Amount"] + (-10_000_000 if leads else 10_000_000)
        other = scene.other_deal(250, OwnerId=scene.owner["Id"], Amount=amount)
        scene.met(100, WhatId=other["Id"])
        if leads:
            scene.text_contains(other["Name"])

    return arrange


def _two_deals_two_people(scene: Scene) -> None:
    """A second stalled deal of the account, with another person: both get their task."""
    scene.met(120)
    colleague, _ = scene.person()
    other = scene.open_deal(250, Amount=scene.deal["Amount"] + 100_000, Name=f"{scene.deal['Name']} 追加")
    scene.add_role(colleague, primary=True, deal=other)
    scene.met(100, WhatId=other["Id"], WhoId=colleague["Id"])
    scene.salesforce |= {"OtherOpportunity": other["Id"], "OtherContact": colleague["Id"]}
    scene.check["other_expect"] = "task"


CASES: tuple[Case, ...] = (
    no_task("contact_with_person", "fresh", _PEOPLE, _on_person),
    no_task("contact_on_account", "fresh", _PEOPLE, _on_account),
    no_task("contact_with_second_role", "fresh", _PEOPLE, _second_role),
    task("contact_with_colleague_outside", _PEOPLE, _with_another_person),
    no_task("contact_on_other_deal", "other_deal", _OTHER, _met_on_other_deal),
    no_task("attempt_on_other_deal_5_days", "other_deal", _OTHER, _attempt_on_other_deal(5)),
    task("attempt_on_other_deal_20_days", _OTHER, _attempt_on_other_deal(20)),
    task("old_contact_on_other_deal", _OTHER, _old_contact_on_won_deal),
    no_task("meeting_ahead_on_other_deal", "other_deal", _OTHER, _meeting_ahead_on_other_deal),
    no_task("twin_by_salesforce_id", "fresh", _TWIN, _mail_to(email="soumu-kyoyu@freemail.test")),
    no_task("twin_by_mail_in_other_case", "fresh", _TWIN, _mail_by_case),
    task("namesake_elsewhere", _TWIN, _namesake),
    no_task("hubspot_deal_of_this", "fresh", _DEAL, _on_hubspot_deal),
    no_task("hubspot_deal_of_another", "other_deal", f"{_DEAL} {_OTHER}", _on_hubspot_deal_of_other),
    task("two_deals_one_person_bigger", _MERGED, _two_deals_of_one_person(leads=True)),
    no_task("two_deals_one_person_smaller", "merged", _MERGED, _two_deals_of_one_person(leads=False)),
    task("two_deals_two_people", "Two people of one account each get their task.", _two_deals_two_people),
)
