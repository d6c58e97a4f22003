"""Schema drift: what an administrator changes under a running connector, and how it is taken back."""
