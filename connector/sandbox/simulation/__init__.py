"""Daily life of the simulated company: one day at a time, played inside the sandbox by its own vendors' rules.

Asked for through the control URL. It sees what stands in the two systems, never what the connector thinks.
"""

from connector.sandbox.simulation.figures import Figures
from connector.sandbox.simulation.habits import HABITS, Habits
from connector.sandbox.simulation.simulation import Simulation

__all__ = ["HABITS", "Figures", "Habits", "Simulation"]
