"""From intents to a plan: who gets a task, what stands together, what exactly is written. Pure; the engine calls it."""
