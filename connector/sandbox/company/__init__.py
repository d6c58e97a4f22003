"""The simulated company: customers, people, deals, activities and engagement in both systems, and the planted cases.

Called when the sandbox starts; it fills the world's tables and names the truth. It must not know HTTP or the connector.
"""

from connector.sandbox.company.generate import CompanyOptions, generate

__all__ = ["CompanyOptions", "generate"]
