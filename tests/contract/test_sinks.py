"""Every sink, against the sandbox: the conformance suite."""

from sink_conformance import SinkConformance


class TestSalesforceSink(SinkConformance):
    """An org with the key field: tasks are written by external id."""

    system = "salesforce"


class TestSalesforceSinkWithoutKeyField(SinkConformance):
    """An org without it: the sink looks before it writes, by deal, subject and the key in the text."""

    system = "salesforce"
    plant = frozenset({"nokey"})
