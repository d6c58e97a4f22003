"""Report and quality: counts what the store holds. Called by the command; knows no vendor and not the engine."""
