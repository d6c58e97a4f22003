"""One client per vendor: sign-in, transport, retry, budgets, error classes, read-only guard. Knows nothing of sales."""
