"""Okoshi (掘り起こし): a reconciler between a marketing-automation system and a sales system."""

__version__ = "0.1.0"
