"""The sink of a system that can only be read: a plan for it can be drawn and shown, and nothing is ever sent.

Made by the assembly for a dry run where the deals are in a system that is read from files.
"""

from collections.abc import Iterable, Mapping, Sequence

from connector.model.errors import ConfigurationError
from connector.model.limits import FieldLimit
from connector.model.plan import Change
from connector.model.sync import Found, Outcome


class NowhereSink:
    """Satisfies `Sink` for a system that Okoshi cannot write to; `fields` are those that a plan names."""

    batch_size = 1

    def __init__(self, name: str, fields: Iterable[str]) -> None:
        self.name = name
        self._fields = frozenset(fields)

    def writable(self, object_: str) -> frozenset[str]:  # noqa: ARG002 -- the same for every object
        """The fields that the mapping names: whoever enters the plan by hand can fill them in."""
        return self._fields

    def limits(self, object_: str) -> Mapping[str, FieldLimit]:  # noqa: ARG002 -- nobody knows
        """Nothing is known of what the fields take."""
        return {}

    def find(self, changes: Sequence[Change]) -> dict[str, Found]:  # noqa: ARG002 -- whatever they are
        """Nothing was ever sent, so nothing is there."""
        return {}

    def leaves_trace(self, change: Change) -> bool:  # noqa: ARG002 -- whatever it is
        """Always: nothing is ever sent."""
        return True

    def write(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Raises ConfigurationError; the assembly refuses earlier."""
        raise ConfigurationError(
            f"{len(changes)} changes were to be written to {self.name}, which Okoshi can only read. Enter the plan by "
            "hand (okoshi plan), or name another system in mappings/tasks.yaml."
        )
