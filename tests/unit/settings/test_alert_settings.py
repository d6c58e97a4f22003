"""The channels of alerts in the settings: from every place, and secret in all of them."""

import json
import os
from pathlib import Path

import pytest

from connector.model.errors import ConfigurationError
from connector.settings import load_settings

ADDRESS = "https://hooks.slack.com/services/T1/B1/geheim"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests see only what they set."""
    for name in [name for name in os.environ if name.upper().startswith("OKOSHI_")]:
        monkeypatch.delenv(name)


def test_channels_come_from_every_place_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by its own name; an earlier place wins."""
    (tmp_path / "okoshi.yaml").write_text(
        f"alerts:\n  channels:\n    slack-sales: {ADDRESS}\n    mail: mailtos://yaml\n"
    )
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "alerts__channels__teams").write_text("workflows://secret\n")
    monkeypatch.setenv("OKOSHI_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("OKOSHI_ALERTS__CHANNELS__MAIL", "mailtos://environment")
    channels = load_settings(tmp_path).alerts.channels
    assert {name: one.get_secret_value() for name, one in channels.items()} == {
        "slack-sales": ADDRESS,
        "mail": "mailtos://environment",
        "teams": "workflows://secret",
    }


def test_addresses_are_never_shown(tmp_path: Path) -> None:
    """Not in `config show`, not in a representation, not in the message for another mistake."""
    (tmp_path / "okoshi.yaml").write_text(f"alerts:\n  channels:\n    slack: {ADDRESS}\n")
    settings = load_settings(tmp_path)
    assert "geheim" not in json.dumps(settings.shown()) + repr(settings)
    (tmp_path / "okoshi.yaml").write_text(f"alerts:\n  channels:\n    Slack!: {ADDRESS}\n")
    with pytest.raises(ConfigurationError, match="small letters") as error:
        load_settings(tmp_path)
    assert "geheim" not in str(error.value)
