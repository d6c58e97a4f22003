"""A simulated company behind both vendors' HTTP APIs on loopback, for demos, tests and back-tests.

Started by `okoshi sandbox`. It imports nothing from the rest of the connector and knows nothing of it.
"""
