"""The examples run as they stand."""

import subprocess
from pathlib import Path

import pytest
from forked import okoshi

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.sh")), ids=lambda path: path.stem)
def test_a_script_runs(script: Path) -> None:
    """Each script ends without an error."""
    if not (EXAMPLES.parent / ".venv" / "bin" / "okoshi").exists():
        pytest.skip("the scripts use the checkout's own virtual environment, which `make` makes")
    ended = subprocess.run([str(script)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("project", sorted(path.parent for path in EXAMPLES.glob("*/mappings")), ids=lambda p: p.name)
def test_a_project_directory_is_valid(project: Path) -> None:
    """Each project directory's mappings pass `config check`."""
    ended = okoshi("config", "check", "--project-dir", str(project))
    assert ended.returncode == 0, ended.stderr
