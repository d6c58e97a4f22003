"""What several tests of the command's pages begin with."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from match_base import RECORDS, Base, Texts


@pytest.fixture
def base(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Base]:
    """A base after its first run."""
    for name in [name for name in os.environ if name.startswith("OKOSHI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OKOSHI_SALESFORCE__INSTANCE_URL", "https://acme.my.salesforce.com")
    monkeypatch.setenv("COLUMNS", "100")
    made = Base(tmp_path, Texts(capsysbinary))  # type: ignore[arg-type]
    made.learn(*RECORDS)
    yield made
    made.store.close()
