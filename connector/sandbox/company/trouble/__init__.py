"""名寄せ's trouble: firms and people that are one though they do not look it, and that look one though they are not.

`plant_trouble` writes it, in proportion to the scale; called by `generate.py` alone.
"""

from connector.sandbox.company.trouble.planting import plant_trouble

__all__ = ["plant_trouble"]
