"""Planted: names that break queries, pages, spreadsheets and columns when they are not escaped."""

from collections.abc import Callable

from connector.sandbox.company.plants.case import Case, task
from connector.sandbox.company.plants.scene import LOWEST_AMOUNT, Scene

_DATA = "CRM values are hostile input: they are data in queries, pages, sheets and messages, never code."


def _account_named(name: str, rank: int = 0) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.worth(LOWEST_AMOUNT + rank * 10_000)  # below the other cases: whoever looks first sees plausible deals
        scene.account["Name"] = name
        scene.deal["Name"] = f"{name} 営業支援"[:120]

    return arrange


def _quotes(scene: Scene) -> None:
    """The person and the company both carry what ends a string in SOQL."""
    _account_named("新' OR Name != '' --\\ 100%_工業")(scene)
    last_name, first_name = "O'Brien\\", 'Seán "新"'
    scene.contact.update(LastName=last_name, FirstName=first_name, Name=f"{last_name} {first_name}")
    scene.twin.update(lastname=last_name, firstname=first_name)


CASES: tuple[Case, ...] = (
    task("hostile_query", _DATA, _quotes),
    task(
        "hostile_page",
        _DATA,
        _account_named("<script>alert('新')</script>&<b>商事</b>\n<!channel>\r\nBcc: all@example.com", 1),
    ),
    task(
        "hostile_sheet",
        _DATA,
        _account_named('=HYPERLINK("https://www.example.com/","' + "長い社名" * 55 + '")', 2),
    ),
)
