"""Settings: where they come from, which place wins, and what a person is told when one is missing or wrong."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.model.errors import ConfigurationError
from connector.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests see only what they set."""
    for name in [name for name in os.environ if name.upper().startswith("OKOSHI_")]:
        monkeypatch.delenv(name)


def project(folder: Path, text: str) -> Path:
    """A project directory with this okoshi.yaml."""
    (folder / "okoshi.yaml").write_text(text, encoding="utf-8")
    return folder


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    """An empty directory is a valid project; its database is a file in it."""
    settings = load_settings(tmp_path)
    assert settings.salesforce.api_version == "66.0"
    assert settings.hubspot.api_version == "2026-03"
    assert settings.locale.timezone == "Asia/Tokyo"
    assert settings.database_url == f"sqlite:///{tmp_path / 'okoshi.db'}"
    assert settings.now is None


def test_an_earlier_place_wins_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Command line, environment, env file, secrets directory, okoshi.yaml, defaults."""
    keys = ["username", "client_id", "session_id", "instance_url", "jwt_audience"]
    yaml = "salesforce:\n" + "".join(f"  {key}: https://yaml\n" for key in keys)
    project(tmp_path, yaml)
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for key in keys[:-1]:
        (secrets / f"OKOSHI_SALESFORCE__{key}".upper()).write_text("https://secret\n")
    env_file = tmp_path / "e.env"
    env_file.write_text("".join(f"OKOSHI_SALESFORCE__{key.upper()}=https://file\n" for key in keys[:-2]) + "OTHER=1\n")
    monkeypatch.setenv("OKOSHI_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("OKOSHI_SALESFORCE__CLIENT_ID", "environment")
    monkeypatch.setenv("OKOSHI_SALESFORCE__USERNAME", "environment")
    found = load_settings(tmp_path, env_file, salesforce={"username": "given"}).salesforce
    assert found.username == "given"
    assert found.client_id == "environment"
    assert found.session_id is not None
    assert found.session_id.get_secret_value() == "https://file"
    assert found.instance_url == "https://secret"
    assert found.jwt_audience == "https://yaml"
    assert found.api_version == "66.0"


def test_a_secret_file_needs_no_prefix_and_foreign_files_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Container platforms mount other secrets in the same directory."""
    (tmp_path / "hubspot__access_token").write_text("pat-1\n")
    (tmp_path / "other_password").write_text("x")
    (tmp_path / ".dockerenv").write_text("x")
    monkeypatch.setenv("OKOSHI_SECRETS_DIR", str(tmp_path))
    token = load_settings(tmp_path).hubspot.require().access_token
    assert token is not None
    assert token.get_secret_value() == "pat-1"


def test_business_time_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OKOSHI_NOW sets it; without an offset it is refused, as it would mean another day elsewhere."""
    monkeypatch.setenv("OKOSHI_NOW", "2026-11-18T10:00:00+09:00")
    assert load_settings(tmp_path).now == datetime(2026, 11, 18, 1, tzinfo=UTC)
    monkeypatch.setenv("OKOSHI_NOW", "2026-11-18T10:00:00")
    with pytest.raises(ConfigurationError, match=r"environment.*: now: .*a time with offset"):
        load_settings(tmp_path)


def test_blank_variables_count_as_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass on variables that nobody filled."""
    monkeypatch.setenv("OKOSHI_SALESFORCE__API_VERSION", "")
    assert load_settings(tmp_path).salesforce.api_version == "66.0"


def test_a_missing_credential_names_the_key_every_place_and_an_example(tmp_path: Path) -> None:
    """The places are in the order in which they were looked at."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path, salesforce={"auth": "jwt", "client_id": "3MVG"}).salesforce.require()
    text = str(caught.value)
    assert "salesforce.instance_url, salesforce.username, salesforce.private_key_file" in text
    places = [
        "command line",
        "environment variables",
        "--env-file (not given)",
        "secrets directory",
        "okoshi.yaml (not there)",
    ]
    assert [text.index(place) for place in places] == sorted(text.index(place) for place in places)
    assert "OKOSHI_SALESFORCE__USERNAME=okoshi@example.co.jp" in text


@pytest.mark.parametrize(
    ("auth", "keys"),
    [
        ("client_credentials", {"client_id": "i", "client_secret": "s"}),
        ("jwt", {"client_id": "i", "username": "u@x.jp", "private_key_file": "k.pem"}),
        ("session", {"session_id": "00D"}),
    ],
)
def test_each_way_of_signing_in_needs_its_own_keys(tmp_path: Path, auth: str, keys: dict[str, str]) -> None:
    """Complete settings pass, and the token is asked for at the org's own host unless another is set."""
    values = {"auth": auth, "instance_url": "https://x.my.salesforce.com/", **keys}
    found = load_settings(tmp_path, salesforce=values).salesforce.require()
    assert found.token_endpoint == "https://x.my.salesforce.com/services/oauth2/token"


def test_a_wrong_value_names_place_and_key_and_never_the_value(tmp_path: Path) -> None:
    """What was typed may be a secret in the wrong line."""
    project(tmp_path, "salesforce:\n  auth: hunter2\nhubspot:\n  acces_token: hunter2\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path)
    text = str(caught.value)
    assert f"{tmp_path / 'okoshi.yaml'}:2:3: salesforce.auth: this value does not fit; write 'jwt'," in text
    assert f"{tmp_path / 'okoshi.yaml'}:4:3: hubspot.acces_token:" in text
    assert "hubspot.acces_token: there is no such key; did you mean `access_token`?" in text
    assert "hunter2" not in text


def test_a_misspelt_section_in_the_environment_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that changes nothing would be looked for in vain."""
    monkeypatch.setenv("OKOSHI_SALESFROCE__CLIENT_ID", "x")
    with pytest.raises(ConfigurationError, match="salesfroce: there is no such key; did you mean `salesforce`"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("salesforce:\n  auth: [jwt\n", ":3:1: "),
        ("a: b: c\n", ":1:5: "),
        ("guard:\n  daily_reserve_percent: much\n", ":2:3: guard.daily_reserve_percent: .*write a whole number"),
        ("log: {level: INFO}\nguard: strict\n", ":2:1: guard: .*write keys with values"),
        ("gaurd:\n  max_touched_percent: 5\n", ":1:1: gaurd: there is no such key; did you mean `guard`"),
        ("guard: {a: 1}\nguard: {b: 1}\n", ":2:1: `guard` is there twice"),
        ("- a list\n", ":1:1: "),
        ("a\x00: 1\n", ":1:1: "),
    ],
)
def test_a_mistake_in_the_file_names_file_line_and_column(tmp_path: Path, text: str, where: str) -> None:
    """One clear message instead of a trace."""
    with pytest.raises(ConfigurationError, match=f"okoshi.yaml{where}"):
        load_settings(project(tmp_path, text))


def test_paths_in_the_file_are_relative_to_the_project(tmp_path: Path) -> None:
    """The command may be started from anywhere."""
    project(tmp_path, "salesforce: {private_key_file: keys/sf.pem, ca_bundle: /etc/ca.pem}\n")
    found = load_settings(tmp_path).salesforce
    assert found.private_key_file == tmp_path / "keys" / "sf.pem"
    assert found.ca_bundle == Path("/etc/ca.pem")


@pytest.mark.parametrize("missing", ["project", "env_file", "secrets"])
def test_a_place_that_was_named_and_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """A typing error in a path must not silently mean: no settings."""
    if missing == "secrets":
        monkeypatch.setenv("OKOSHI_SECRETS_DIR", str(tmp_path / "none"))
    folder = tmp_path / "none" if missing == "project" else tmp_path
    env_file = tmp_path / "none.env" if missing == "env_file" else None
    with pytest.raises(ConfigurationError, match="none"):
        load_settings(folder, env_file)


def test_secrets_are_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the representation nor in what `config show` prints; the database's password included."""
    monkeypatch.setenv("OKOSHI_HUBSPOT__ACCESS_TOKEN", "hunter2")
    monkeypatch.setenv("OKOSHI_SALESFORCE__CLIENT_SECRET", "hunter2")
    monkeypatch.setenv("OKOSHI_DATABASE__URL", "postgresql+psycopg://okoshi:hunter2@db/okoshi")
    settings = load_settings(tmp_path)
    assert "hunter2" not in repr(settings) + str(settings) + str(settings.shown())
    assert settings.shown()["database"]["url"] == "postgresql+psycopg://okoshi:***@db/okoshi"
    assert settings.database_url.endswith("hunter2@db/okoshi")


def test_an_address_without_tls_is_refused(tmp_path: Path) -> None:
    """Credentials never leave over plain http."""
    with pytest.raises(ConfigurationError, match="instance_url: must begin with https://"):
        load_settings(tmp_path, salesforce={"instance_url": "http://x.my.salesforce.com"})


def test_a_time_zone_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """Every rule that speaks of a day rests on it."""
    with pytest.raises(ConfigurationError, match=r"locale\.timezone: is no time zone; write one like Asia/Tokyo"):
        load_settings(tmp_path, locale={"timezone": "Tokyo"})


def test_settings_made_directly_hold_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code and tests can make settings that no machine's environment changes."""
    monkeypatch.setenv("OKOSHI_LOCALE__LANGUAGE", "en")
    assert Settings().locale.language == "ja"


def test_what_looks_like_a_number_in_the_file_stays_as_written(tmp_path: Path) -> None:
    """An id or secret of digits keeps its leading zero; a blank value counts as not set."""
    project(
        tmp_path,
        "salesforce: {client_id: 0123, session_id: null, username:, api_version: 66.0}\n"
        "guard: {daily_reserve_percent: 5}\n",
    )
    settings = load_settings(tmp_path)
    assert settings.salesforce.client_id == "0123"
    assert settings.salesforce.session_id is settings.salesforce.username is None
    assert settings.guard.daily_reserve_percent == 5


def test_a_section_knows_whether_anything_was_said_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company without a vendor says nothing; a blank variable says nothing either."""
    monkeypatch.setenv("OKOSHI_HUBSPOT__ACCESS_TOKEN", "")
    assert not load_settings(tmp_path).hubspot.is_set
    monkeypatch.setenv("OKOSHI_HUBSPOT__API_VERSION", "v3")
    assert load_settings(tmp_path).hubspot.is_set
    assert not load_settings(tmp_path).salesforce.is_set
