"""What a program is, and which ones are installed. The engine runs them; they know nothing of each other."""

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from pydantic import BaseModel

import connector.programs as package
from connector.model.case import Case
from connector.model.intents import Decision
from connector.model.records import Account, Kind, Opportunity, Person
from connector.programs.practice import Practice


class Program(Protocol):
    """Pure: the same case, settings, practice and moment always give the same decision."""

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> type[BaseModel]:
        """The model of the program's own settings in `mappings/programs/<name>.yaml`."""
        ...

    @property
    def about(self) -> frozenset[Kind]:
        """Of which kinds its cases are: deals, companies, people."""
        ...

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Whether a record that the program has never seen is worth loading with all that bears on it."""
        ...

    def evaluate(self, case: Case, settings: Any, practice: Practice, now: datetime) -> Decision:
        """What should be true for this case, and why."""
        ...


@cache
def programs() -> Mapping[str, Program]:
    """All installed programs by name, in the order of their module names."""
    modules = (
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    )
    found = [module.PROGRAM for module in modules if hasattr(module, "PROGRAM")]
    return {program.name: program for program in found}
