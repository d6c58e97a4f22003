"""Getting a company's Okoshi to work: what is there, what is missing, and what a person has to do about it.

Called by the command. Knows settings, clients and sources; nothing of programs' logic.
"""
