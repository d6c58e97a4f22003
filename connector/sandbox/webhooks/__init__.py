"""What the simulated vendors send: HubSpot's webhooks and workflow actions, Salesforce's outbound messages.

The control URL registers targets; `dispatcher` delivers. Receivers are whatever listens at the given addresses.
"""
