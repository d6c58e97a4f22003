"""Values that every room may know: records, cases, intents, plans, time and errors. Knows nothing itself."""
