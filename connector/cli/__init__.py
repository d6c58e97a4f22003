"""The command `okoshi`: reads what a person asks for, has the engine do it, and shows what came of it."""
