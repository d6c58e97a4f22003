"""Planted: deals without a known person, deals whose owner has left, deals without an amount."""

from connector.sandbox.company.plants.case import Case, task
from connector.sandbox.company.plants.scene import UNKNOWN_PERSON, Scene

_UNRESOLVED = "Without a primary contact the task names nobody: no WhoId, no telephone number, marked 人物未特定."
_LEFT = "Where the owner has left: account owner, then the former owner's superior, then the inside-sales manager."


def _no_role(scene: Scene) -> None:
    scene.met(120)
    scene.drop_role()
    scene.text_contains(UNKNOWN_PERSON)


def _no_primary(scene: Scene) -> None:
    scene.met(120)
    colleague, _ = scene.person()
    scene.add_role(colleague)
    scene.role["IsPrimary"] = 0
    scene.deal["ContactId"] = None
    scene.check["WhoId"] = None
    scene.text_contains(UNKNOWN_PERSON)


def _leaves(scene: Scene, place: int) -> None:
    """The deal passes to one of the people who have left."""
    scene.met(120)
    gone = scene.org.staff("FieldSales", active=False)[place]
    scene.deal["OwnerId"] = gone["Id"]
    scene.check["owner_left"] = gone["Name"]


def _owner_left(scene: Scene) -> None:
    _leaves(scene, 0)
    scene.text_contains(scene.org.name(scene.account["OwnerId"]))


def _both_left(scene: Scene) -> None:
    _leaves(scene, 0)
    scene.account["OwnerId"] = scene.deal["OwnerId"]
    manager = scene.org.user(scene.deal["OwnerId"])["ManagerId"]
    scene.text_contains(scene.org.name(manager))


def _all_left(scene: Scene) -> None:
    _leaves(scene, 1)
    scene.account["OwnerId"] = scene.deal["OwnerId"]
    scene.text_contains(str(scene.org.staff("InsideSalesManager")[0]["Name"]))


def _no_amount(scene: Scene) -> None:
    """Ranked last by amount, so it may wait for its turn (枠待ち)."""
    scene.met(120)
    scene.deal.update(Amount=None, ExpectedRevenue=None)
    scene.check["may_wait"] = True


CASES: tuple[Case, ...] = (
    task("no_contact_role", _UNRESOLVED, _no_role),
    task("roles_without_primary", _UNRESOLVED, _no_primary),
    task("owner_left", _LEFT, _owner_left),
    task("owner_and_account_owner_left", _LEFT, _both_left),
    task("owner_account_owner_and_superior_left", _LEFT, _all_left),
    task("no_amount", "A stalled deal without an amount is still a stalled deal.", _no_amount),
)
