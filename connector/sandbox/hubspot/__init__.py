"""The simulated HubSpot portal: the CRM API that the connector reads, on both path families.

`app.create_app` serves a world; it must not know how the company in that world came about.
"""
