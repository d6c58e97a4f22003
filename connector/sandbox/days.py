"""The simulated days of one sandbox, as the control URL asks for them: begin, play a day, tell the figures.

Used by `control`. A simulation begins by itself with the first day, or anew when somebody sets how people work.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.simulation import HABITS, Simulation
from connector.sandbox.world import World

SEED, HABIT, CAPACITY = 1, "forgetful", 15


class Days:
    """One simulation at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._simulation: Simulation | None = None

    def begin(self, body: Any) -> Mapping[str, Any]:
        """A new simulation from now on: `seed`, `habits` by name, `figures` that differ from them, `capacity`."""
        given = Members("A simulation", body)
        seed = given.whole("seed", SEED)
        capacity = given.whole("capacity", CAPACITY, least=1)
        habits = HABITS[given.choice("habits", HABITS, HABIT) or HABIT]
        figures = given.value("figures") or {}
        given.refuse_unknown()
        if not isinstance(figures, dict):
            raise WrongRequest('figures must be an object, for example {"forgotten": 0.9}.')
        try:
            habits = habits.changed(figures)
        except ValueError as problem:
            raise WrongRequest(str(problem)) from problem
        self._simulation = Simulation(self._world, seed or 0, habits, capacity or CAPACITY)
        return self._simulation.setting()

    def play(self) -> Mapping[str, Any]:
        """One day; the clock stands at the next morning then."""
        return self._begun().play()

    def figures(self) -> Mapping[str, Any]:
        """What was measured so far."""
        return self._begun().figures()

    def setting(self) -> Mapping[str, Any]:
        """Seed, habits and how far it got."""
        return self._begun().setting()

    def _begun(self) -> Simulation:
        if self._simulation is None:
            self._simulation = Simulation(self._world, SEED, HABITS[HABIT], CAPACITY)
        return self._simulation
