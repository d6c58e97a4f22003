"""The programs: one module each, found by name. The engine asks here which programs there are.

A new program is one file in this folder that defines `PROGRAM`, its test, and its settings in `mappings/programs/`.
"""

from connector.programs.practice import Practice
from connector.programs.registry import Program, programs

__all__ = ["Practice", "Program", "programs"]
