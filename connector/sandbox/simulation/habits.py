"""How the company's people work: carefully or not. Shares are of acts, rates are per business day.

Chosen by name, or given figure by figure through the control URL; read by everybody who plays a part of a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final


@dataclass(frozen=True)
class Habits:
    """What differs between companies. The defaults are those of a forgetful one, as most are."""

    name: str = "forgetful"
    contacts_a_deal: float = 0.07
    """How often the owner of an open deal, while he thinks of it, is in touch with the customer."""
    forgotten: float = 0.55
    """Share of open deals that their owner forgets one day, for good."""
    logged_late: float = 0.35
    """Share of talks that are logged later: in bulk, on Fridays and at the end of the month."""
    never_logged: float = 0.08
    wrong_disposition: float = 0.08
    """Share of calls whose result is logged wrongly, or not at all."""
    reason_missing: float = 0.3
    """Share of losses without a reason."""
    loss_planned: float = 0.25
    """Share of losses with 次回アプローチ日, the person and the hook."""
    tasks_a_rep: int = 18
    """How many tasks somebody of inside sales works through on a business day, at most."""
    is_diligence: float = 0.9
    """Share of due tasks that inside sales really takes up that day."""
    fs_diligence: float = 0.35
    """The same for the tasks of field sales."""
    closed_unread: float = 0.04
    """Share of tasks that are closed as not needed, and half as many deleted, without a word to the customer."""
    dummy_tasks: float = 0.02
    """How often an owner parks a deal with a task months away."""
    reassigned: float = 0.03
    """How many deals change hands a day, per hundred."""
    leavers: tuple[int, ...] = (70, 190, 300)
    """Days on which somebody of field sales leaves; nobody takes over the deals at once."""
    inside_leavers: tuple[int, ...] = ()
    busy_web: float = 0.03
    """Share of known people who visit the site on a day."""

    def changed(self, given: Mapping[str, Any]) -> "Habits":
        """With these figures instead. Raises ValueError for what is no habit or no such number."""
        known = {one.name: getattr(self, one.name) for one in fields(self)}
        for name, value in given.items():
            if name not in known or name == "name":
                choices = ", ".join(sorted(known.keys() - {"name"}))
                raise ValueError(f"{name} is no habit: choose from {choices}.")
            if isinstance(known[name], tuple):
                _refuse_days(name, value)
            elif isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ValueError(f"{name} must be a number from 0 on, not {value}.")
            elif isinstance(known[name], int) and not isinstance(value, int):
                raise ValueError(f"{name} must be a whole number, not {value}.")
        figures: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }
        return replace(self, **figures)


def _refuse_days(name: str, value: Any) -> None:
    whole = isinstance(value, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in value)
    if not whole:
        raise ValueError(f"{name} must be a list of days, for example [70, 190].")


_FORGETFUL: Final = Habits()
HABITS: Final[Mapping[str, Habits]] = {
    "forgetful": _FORGETFUL,
    "tidy": Habits(
        name="tidy", contacts_a_deal=0.1, forgotten=0.15, logged_late=0.08, never_logged=0.01, wrong_disposition=0.01,
        reason_missing=0.05, loss_planned=0.8, tasks_a_rep=22, is_diligence=0.98, fs_diligence=0.8, closed_unread=0.01,
        dummy_tasks=0.002, reassigned=0.01, leavers=(200,),
    ),
    "chaotic": Habits(
        name="chaotic", contacts_a_deal=0.06, forgotten=0.7, logged_late=0.55, never_logged=0.15,
        wrong_disposition=0.2, reason_missing=0.5, loss_planned=0.1, tasks_a_rep=12, is_diligence=0.7,
        fs_diligence=0.15, closed_unread=0.12, dummy_tasks=0.05, reassigned=0.1, leavers=(30, 90, 150, 210, 270),
        inside_leavers=(120,),
    ),
}  # fmt: skip
