"""The command in a process of its own, forked from one that has imported it: importing takes a second each time.

Run as a program it is that first process: it reads what is asked, a JSON document a line, and answers exit codes.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from connector.cli.app import main

IMPORTED = ("assemble", "run", "plan", "apply", "doctor", "report", "explain", "match_review", "match_merge", "config")


def okoshi(*arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """One command line in its own process; `env` is beside what the environment has now."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder, name)) for name in ("stdin", "stdout", "stderr")}
        Path(files["stdin"]).write_text(stdin, encoding="utf-8")
        asked = {"arguments": arguments, "env": os.environ | (env or {}), "cwd": str(Path.cwd()), **files}
        first = _first()
        assert first.stdin
        assert first.stdout
        first.stdin.write(json.dumps(asked) + "\n")
        first.stdin.flush()
        code = int(first.stdout.readline())
        told, said = (Path(files[name]).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(arguments, code, told, said)


@cache
def _first() -> "subprocess.Popen[str]":
    """The process that has imported all; one for each process of the tests."""
    first = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(first.kill)
    return first


def _carry_out(asked: dict[str, Any]) -> None:
    """Never comes back: this is the process of one command line."""
    flags = {"stdin": os.O_RDONLY, "stdout": os.O_WRONLY | os.O_CREAT, "stderr": os.O_WRONLY | os.O_CREAT}
    for number, (name, flag) in enumerate(flags.items()):
        os.dup2(os.open(asked[name], flag), number)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = ["okoshi", *asked["arguments"]]
    main()


def _serve() -> None:
    for name in IMPORTED:
        import_module(f"connector.cli.{name}")
    answers = os.fdopen(os.dup(1), "w")
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            _carry_out(json.loads(line))
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
