"""The worked example of docs/new-program.md: three files, and nothing else, make a program that passes its own test."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"^`([\w/]+\.\w+)`.*?^```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)

CONFTEST = """
import sys
from pathlib import Path

here = Path(__file__).parent
sys.path.insert(0, {builders!r})
import connector.programs
connector.programs.__path__.append(str(here / "connector/programs"))
import build
from connector.mapping import load_mappings
build.MAPPINGS = load_mappings(here)
"""


@pytest.fixture
def newcomer(tmp_path: Path) -> Path:
    """A folder with the files of the example, and the installed Okoshi looking for programs and texts there too."""
    files = dict(BLOCK.findall((ROOT / "docs/new-program.md").read_text("utf-8")))
    assert sorted(Path(name).suffix for name in files) == [".py", ".py", ".yaml"]
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    (tmp_path / "conftest.py").write_text(CONFTEST.format(builders=str(Path(__file__).parent)), "utf-8")
    return tmp_path


def test_the_example_passes_its_own_test(newcomer: Path) -> None:
    """As it stands in the document, with its own figures and texts."""
    tests = newcomer / "tests/unit/programs"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={newcomer}",
    ]
    command += [f"--confcutdir={newcomer}", str(tests)]
    ran = subprocess.run(command, cwd=newcomer, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert "11 passed" in ran.stdout
