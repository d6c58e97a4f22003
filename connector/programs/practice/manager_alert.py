"""After three fruitless attempts the manager decides: who is told of it, once for each stall or loss.

Programs that follow deals ask here. Source: "Contact, attempt, touch" of the practice.
"""

from datetime import date

from connector.model.case import Occasion
from connector.model.intents import Alert
from connector.programs.practice.holds import Hold
from connector.programs.practice.task_text import quoted
from connector.programs.practice.view import View


def manager_alert(view: View, program: str, occasion: Occasion, held: Hold | None) -> tuple[Alert, ...]:
    """The managers of inside sales are told that a deal waits for them.

    Not where the last attempt lies before go-live: a first run must not send one for every deal of the past, which the
    list of what is 対象外 shows all the same.
    """
    managers = view.practice.managers
    if held is None or held.reason != "manager_decides" or not managers:
        return ()
    last = held.at if isinstance(held.at, date) else view.today
    if last < view.practice.go_live:
        return ()
    deal, account, unknown = view.case.opportunity, view.case.account, view.practice.texts["unknown"]
    alert = Alert(
        key=f"{program}:{deal.ref.id}:{occasion.number}:alert:manager",
        template=f"{program}.alert_manager",
        to=tuple(manager.ref for manager in managers),
        about=deal.ref,
        values={
            "deal": quoted(deal.name) or deal.ref.id,
            "account": (quoted(account.name) if account else None) or unknown,
            "count": str(held.value),
            "day": last.isoformat(),
        },
        urgent=False,
    )
    return (alert,)
