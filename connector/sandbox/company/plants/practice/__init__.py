"""The planted cases of every program beside `stalled`: for each sentence of the practice one that shows it.

Called by `generate.py` alone. Some need an act or some days after the first cycle: the truth names both.
"""

from connector.sandbox.company.plants.practice.planting import PRACTICE_PROGRAMS, plant_practice

__all__ = ["PRACTICE_PROGRAMS", "plant_practice"]
