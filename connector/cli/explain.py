"""`okoshi explain`: one deal, company or person: how its contacts are read, what each program says of it, and why.

Reads the store alone: it asks no vendor and changes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.cli.match_records import resolved
from connector.cli.options import Common, Json, business_time
from connector.cli.output import Labels, clean, clean_lines, day, document, one_line, plain, screen, titled, write_json
from connector.cli.plan_table import operation
from connector.engine.deployment import Deployment
from connector.engine.explaining import Explained, Verdict
from connector.engine.explaining import explain as explained
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError
from connector.model.intents import Standing
from connector.model.plan import Because
from connector.model.records import Kind
from connector.programs.practice.touches import Touch
from connector.sinks.nowhere import NowhereSink
from connector.store.store import Store

KINDS = (Kind.OPPORTUNITY, Kind.ACCOUNT, Kind.PERSON)
TOUCHES_SHOWN = 12


def explain(record: str, /, *, json: Json = False, common: Common | None = None) -> int:
    """What every program says of a deal, company or person, with the evidence, and when it is looked at again.

    Parameters
    ----------
    record
        The record: its reference (salesforce:Opportunity:006…), its id, or the address of its page.
    """
    with _offline(common or Common()) as deployment:
        now = business_time(deployment.settings)
        with deployment.store.scratch() as tx:
            ref = resolved(tx, deployment.mappings, record, KINDS)
            found = explained(deployment, tx, ref, now)
        if found is None:
            raise ConfigurationError(f"{ref} is deleted in its system: nothing is decided about it any more.")
        if json:
            write_json(_document(found))
        else:
            _Screen(screen(), Labels(deployment.texts), deployment).show(found)
    return 0


@contextmanager
def _offline(common: Common) -> Iterator[Deployment]:
    """Settings, mappings and store, and no way to a vendor."""
    settings = common.settings()
    mappings = load_mappings(settings.project_dir)
    named = {
        system: {name for object_ in objects.objects.values() for name in object_.vendor_fields}
        for system, objects in mappings.systems.items()
    }
    store = Store.open(settings.database_url)
    try:
        yield Deployment(settings, mappings, store, (), {name: NowhereSink(name, named[name]) for name in named})
    finally:
        store.close()


def _document(found: Explained) -> dict[str, Any]:
    case = found.case
    return {
        "record": str(case.ref),
        "kind": case.kind.value,
        "name": case.subject.name,
        "version": case.version,
        "records": [str(record.ref) for person in case.participants for record in person.records],
        "last_contact": found.view.contact.day.isoformat() if found.view.contact else None,
        "touches": [_touch_document(touch) for touch in found.view.touches.past],
        "meetings_ahead": [_touch_document(touch) for touch in found.view.touches.meetings_ahead],
        "programs": {verdict.program: _verdict_document(verdict) for verdict in found.verdicts},
        "not_concerned": list(found.unconcerned),
    }


def _touch_document(touch: Touch) -> dict[str, Any]:
    activity = touch.activity
    return {
        "record": str(activity.ref),
        "day": touch.day.isoformat(),
        "form": activity.form.value,
        "kind": touch.kind.value,
        "place": touch.place.value,
    }


def _verdict_document(verdict: Verdict) -> dict[str, Any]:
    decision, kept = verdict.decision, verdict.kept
    told: dict[str, Any] = {"kept": None, "decision": None}
    if kept is not None:
        told["kept"] = {"standing": kept.standing.value, "reason": kept.reason, "text": kept.text}
        told["kept"] |= {"unwritten": [document(one) for one in kept.unwritten]}
        told["kept"] |= {"since": kept.updated_at.isoformat(), "wake_at": kept.wake_at and kept.wake_at.isoformat()}
    if decision is not None:
        told["decision"] = {
            "standing": decision.standing.value,
            "reason": decision.reason,
            "text": decision.text,
            "because": [document(reason) for reason in decision.because],
            "facts": decision.facts,
            "wake_at": decision.wake_at and decision.wake_at.isoformat(),
            "tasks": [document(task) for task in verdict.tasks],
            "changes": [document(change) for change in verdict.changes],
        }
    return told


class _Screen:
    """The same for people."""

    def __init__(self, console: Console, labels: Labels, deployment: Deployment) -> None:
        self.console, self.labels, self.deployment = console, labels, deployment

    def show(self, found: Explained) -> None:
        """The case, how its contacts are read, then program by program."""
        case = found.case
        self.console.print(Text.assemble((clean(case.subject.name), "bold"), (f"  {case.ref}", "dim")))
        self.console.print(self._touches(found))
        for verdict in found.verdicts:
            self._verdict(verdict)
        if found.unconcerned:
            names = self.labels("comma").join(self._program(name) for name in found.unconcerned)
            self.console.print(plain(self.labels("explain.unconcerned", programs=names), "dim"))

    def _touches(self, found: Explained) -> Table:
        labels, touches = self.labels, found.view.touches
        table = titled(labels("explain.touches", count=len(touches.past)), padding=(0, 2, 0, 0))
        for name in ("day", "form", "read_as", "place", "subject"):
            table.add_column(labels(f"explain.{name}"), no_wrap=name != "subject", overflow="fold")
        for touch in (*touches.meetings_ahead, *reversed(touches.past[-TOUCHES_SHOWN:])):
            ahead = touch in touches.meetings_ahead
            table.add_row(
                day(touch.day),
                self.deployment.texts[f"form.{touch.activity.form}"],
                labels("explain.ahead" if ahead else f"explain.touch.{touch.kind}"),
                labels(f"explain.place.{touch.place}"),
                one_line(touch.activity.subject or touch.activity.ref),
            )
        return table

    def _verdict(self, verdict: Verdict) -> None:
        decision, kept = verdict.decision, verdict.kept
        self.console.print()
        if decision is None:
            self.console.print(Text.assemble((self._program(verdict.program), "bold"), "  "), end="")
            self.console.print(plain(self.deployment.texts["plan.set_aside"], "red"))
            return
        # What a run has made of it since (発行済, 他タスクに集約) is where the case stands; the rest is decided anew.
        stands = kept.standing if kept and decision.standing is Standing.WAITING else decision.standing
        text = kept.text if kept and decision.standing is Standing.WAITING else decision.text
        title = Text.assemble((self._program(verdict.program), "bold"), "  ", self._standing(stands))
        self.console.print(Text.assemble(title, "  ", clean(text)))
        for reason in decision.because:
            self.console.print(self._reason(reason))
        for task in verdict.tasks:
            about = f"  → {task.subject} ({day(task.due)})"
            self.console.print(Text.assemble((about, "green"), "\n", (_indented(task.text.opening), "dim")))
        for change in verdict.changes:
            fields = ", ".join(f"{name} = {clean(value.after)}" for name, value in change.fields.items())
            line = Text.assemble("  → ", operation(self.labels, change), (f"  {change.system} {change.object} ", "dim"))
            self.console.print(Text.assemble(line, fields))
        for left in kept.unwritten if kept else ():
            self.console.print(plain(f"  ! {left.system} {left.object}.{left.field}: {left.text}", "yellow"))
        if decision.wake_at:
            zone = self.deployment.calendar.zone
            when = f"{decision.wake_at.astimezone(zone):%Y/%m/%d %H:%M}"
            self.console.print(plain(f"  {self.labels('explain.wake_at', when=when)}", "dim"))

    def _program(self, name: str) -> str:
        return self.labels.program(name)

    def _standing(self, standing: Standing) -> Text:
        return Text(self.labels(f"explain.standing.{standing}"), "cyan")

    def _reason(self, reason: Because) -> Text:
        source = " ".join(clean(part) for part in (reason.record, reason.field) if part)
        return Text.assemble("  ← ", clean(reason.text), (f"  {source}", "dim"))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in clean_lines(text).splitlines())
