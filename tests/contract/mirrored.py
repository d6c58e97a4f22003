"""A system as the engine keeps it in a store, run after run, to be compared with what the vendor shows."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from source_specimens import Row, Specimen, moment
from vendors import Sandbox

from connector.engine.deployment import Deployment
from connector.engine.observe import Observed, observe
from connector.engine.reconcile import reconcile
from connector.model.errors import RetryLater, StopSync
from connector.model.records import Record, Ref
from connector.settings import Settings
from connector.store import Store, mirror

MOST_RUNS = 25


class Mirrored:
    """One system, its specimen and a store. Whatever a run breaks off with, the next one goes on."""

    def __init__(self, store: Store, sandbox: Sandbox, specimen: Specimen, system: str, project: Path) -> None:
        self.store, self.sandbox, self.specimen, self.system = store, sandbox, specimen, system
        self.settings = Settings(project_dir=project)
        self.streams: tuple[str, ...] = ()  # what the last run read; asking anew would meet the vendor's whims
        specimen.reading_begins(sandbox)

    def now(self) -> datetime:
        """Business time, which is the vendors'."""
        return moment(self.sandbox.get("/clock")["now"])

    def keep_up(self, *, whole: bool = False) -> Observed:
        """Reads what changed, and with `whole` everything once more, in as many runs as that takes."""
        for _ in range(MOST_RUNS):
            done = self.once(whole=whole)
            if done is not None:
                return done
        raise AssertionError(f"{self.system} was not read in {MOST_RUNS} runs")

    def once(self, *, whole: bool = False) -> Observed | None:
        """One run; `None` if it was broken off."""
        total = Observed()
        try:
            self._run(total, whole=whole)
        except (RetryLater, StopSync):
            return None
        return total

    def _run(self, total: Observed, *, whole: bool) -> None:
        source = self.specimen.source(self.sandbox, self.specimen.mappings)
        deployment = Deployment(self.settings, self.specimen.mappings, self.store, [source], {})
        with self.store.lease("test") as lease:
            observe(deployment, lease, self.now(), total)
            self.streams = tuple(source.streams())
            if whole:
                for _ in reconcile(deployment, lease, self.now()):
                    pass

    def living(self, stream: str) -> dict[str, Record]:
        """The mirror's records of a stream by id, without those that are gone."""
        kind = self.specimen.mappings.system(self.system).objects[stream].kind
        with self.store.read() as tx:
            found = mirror.stream(tx, kind, self.system)
            return {record.ref.id: record for record in found if record.ref.object == stream}

    def set_aside(self, stream: str) -> set[str]:
        """Ids of those that cannot be used."""
        with self.store.read() as tx:
            return {item.ref.id for item in mirror.list_set_aside(tx) if item.ref.object == stream}

    def get(self, stream: str, id_: str) -> Record | None:
        """One record, tombstones too."""
        with self.store.read() as tx:
            return mirror.get(tx, Ref(self.system, stream, id_))

    def links(self, role: str) -> set[tuple[str, str]]:
        """(id of who points, id of the target) of all links of one role, e.g. `person.same_as`."""
        with self.store.read() as tx:
            rows = tx.connection.exec_driver_sql("SELECT source, role, target FROM link").all()
        return {(Ref.parse(source).id, Ref.parse(target).id) for source, found, target in rows if found == role}

    def compare(self, *, untold: Collection[str] = ()) -> None:
        """Fails where the mirror is not what the vendor shows: living, deleted and merged records, and their texts.

        `untold`: streams of which only whole readings tell all; between those the mirror may still hold what is gone.
        """
        for stream in self.streams:
            shown, held = self.specimen.shown(self.sandbox, stream), self.living(stream)
            unusable = self.set_aside(stream)
            if untold:
                assert stream in untold or shown.keys() - unusable <= held.keys(), stream
            else:
                assert held.keys() - unusable == shown.keys() - unusable, stream
            told = self.specimen.told.get(stream, {})
            differing = {id_ for id_, row in shown.items() if id_ in held and not _agree(held[id_], row, told)}
            assert differing == set(), stream
            for id_ in self.specimen.deleted(self.sandbox, stream) - unusable:
                gone = self.get(stream, id_)
                assert gone is not None, (stream, id_)
                assert gone.deleted, (stream, id_)
            self._compare_merged(stream)

    def _compare_merged(self, stream: str) -> None:
        merged = self.specimen.merged(self.sandbox, stream)
        kind = self.specimen.mappings.system(self.system).objects[stream].kind
        named = self.links(f"{kind.value}.same_as") if merged else set()
        assert merged.items() <= named, stream


def _agree(record: Record, row: Row, told: Mapping[str, str]) -> bool:
    return all(_text(getattr(record, name)) == _text(row[field]) for name, field in told.items())


def _text(value: object) -> str:
    return str(value or "").strip()
