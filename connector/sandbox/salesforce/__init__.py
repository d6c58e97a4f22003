"""The Salesforce REST API over the sandbox's tables: sign-in, describe, SOQL, records, collections, limits.

Served by the sandbox's server. It knows the vendor's rules and nothing of HubSpot or of the connector.
"""
