"""Which systems a company has, as its settings and mappings tell, and what cannot be without one of them.

Used by the assembly. Reaches no system.

A vendor (Salesforce, HubSpot) is left out
1. if its mapping has no object (`objects: null` in mappings/salesforce.yaml): said outright, or
2. if its section of the settings holds no key in any place, and files feed the model (mappings/files/*.yaml).
Otherwise it is needed, and a section that is only half filled in is an error that names what is missing.
"""

from collections.abc import Collection, Mapping

from connector.mapping import Mappings
from connector.model.errors import ConfigurationError
from connector.model.sync import Sink
from connector.settings import Settings
from connector.sinks import SINKS
from connector.sinks.nowhere import NowhereSink
from connector.sources import SOURCES
from connector.store import cursors
from connector.store.store import Store


def read_by_interface(settings: Settings, mappings: Mappings) -> tuple[str, ...]:
    """The vendors that this company has."""
    mapped = (system for system in SOURCES if mappings.system(system).objects)
    return tuple(system for system in mapped if getattr(settings, system).is_set or not mappings.files)


def refuse_forgotten(store: Store, mappings: Mappings, vendors: Collection[str]) -> None:
    """A vendor that was read until now does not vanish because its settings did. Raises ConfigurationError."""
    with store.read() as tx:
        for system in SOURCES:
            objects = () if system in vendors else mappings.system(system).objects
            if any(cursors.get(tx, system, object_) for object_ in objects):
                raise ConfigurationError(
                    f"{system} was read until now, and no place says anything in the section `{system}` of the "
                    f"settings any more. Set it again, or write `objects: null` into mappings/{system}.yaml if this "
                    "system is not used any more.",
                    code="setting_missing",
                )


def refuse_nowhere_to_write(mappings: Mappings, read: Collection[str], *, read_only: bool) -> None:
    """The deals' system must be read; to write, it must also have a sink. Raises ConfigurationError."""
    sfa = mappings.tasks.system
    if sfa not in read:
        raise ConfigurationError(
            f"mappings/tasks.yaml: `system: {sfa}` says where the deals are, and nothing is read from there. Read are: "
            f"{', '.join(read) or 'none'}. Name one of them, or fill in the section `{sfa}` of the settings.",
            code="mapping_wrong",
        )
    if not read_only and sfa not in SINKS:
        raise ConfigurationError(
            f"Nothing can be written to {sfa}, where the deals are by mappings/tasks.yaml: its files are only read. "
            "`okoshi plan --out plan.json` shows what there is to do; enter it there by hand. Okoshi writes to "
            f"{', '.join(SINKS)}."
        )


def with_no_sink(mappings: Mappings, sinks: Mapping[str, Sink]) -> Mapping[str, Sink]:
    """The sinks, and for the deals' system, if it has none, one that lets a plan be drawn and writes nothing."""
    writing = mappings.tasks
    return {writing.system: NowhereSink(writing.system, writing.fields.model_dump().values()), **sinks}
