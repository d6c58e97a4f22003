"""SOQL with escaped values, for the rooms that write queries. A client's matter, as it is the vendor's own quoting."""

from simple_salesforce.format import format_soql

__all__ = ["format_soql"]
