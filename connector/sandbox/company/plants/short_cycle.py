"""Planted: short-cycle deals stall when older than the mean lead time of won deals and silent for 14 days."""

from collections.abc import Callable

from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.lead_times import LeadTimes
from connector.sandbox.company.plants.scene import Scene

WON_DEALS = 24
_AUTO = "A short-cycle deal stalls when its age exceeds the mean lead time of won deals and 14 days were silent."
_LEAD_DAYS = 30


def won_history(scene: Scene) -> None:
    """At least twenty won short-cycle deals, at every scale, all of this customer."""
    scene.set_stage("受注", 250)
    for number in range(WON_DEALS):
        closed = 100 + number * 10
        row = scene.open_deal(
            closed + _LEAD_DAYS, "ShortCycle", StageName="受注", Amount=400_000 + number * 10_000, close=closed,
            Name=f"{scene.account['Name'].strip()} 電子契約 {number + 1}",
        )  # fmt: skip
        scene.met(closed, WhatId=row["Id"])


def _met(days_ago: int) -> Callable[[Scene], object]:
    return lambda scene: scene.met(days_ago)


def cases(leads: LeadTimes) -> tuple[Case, ...]:
    """The ages stand beside the mean of this very company."""
    older, younger = int(leads.mean) + 2, int(leads.mean) - 2

    def auto_task(name: str, silent: int, created: int) -> Case:
        return task(name, _AUTO, _met(silent), created=created, record_type="ShortCycle")

    def auto_fresh(name: str, silent: int, created: int) -> Case:
        return no_task(name, "fresh", _AUTO, _met(silent), created=created, record_type="ShortCycle")

    return (
        auto_task("short_cycle_old_silent_14_days", 14, older + 60),
        auto_fresh("short_cycle_old_silent_13_days", 13, older + 60),
        auto_task("short_cycle_just_older_than_mean", 20, older),
        auto_fresh("short_cycle_just_younger_than_mean", 20, younger),
        auto_fresh("short_cycle_young", 16, 18),
    )
