"""The cycle: observe, decide, plan, apply, record.

The command and the server call it; it knows no vendor and no HTTP.
"""
