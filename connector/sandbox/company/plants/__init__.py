"""The planted cases: for each sentence of the practice a positive, a negative and a boundary case.

`plant` writes the same cases at every scale, `plant_heavy` what was asked for; called by `generate.py` alone.
"""

from connector.sandbox.company.plants.heavy import HEAVY, plant_heavy
from connector.sandbox.company.plants.lead_times import LeadTimes
from connector.sandbox.company.plants.planting import STALLED, plant

__all__ = ["HEAVY", "STALLED", "LeadTimes", "plant", "plant_heavy"]
