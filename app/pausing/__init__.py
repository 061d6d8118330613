"""When to stand still: what the machine says, and what somebody waits for."""
