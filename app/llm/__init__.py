"""The LLM worker, its sessions, and how its parent speaks to it."""
