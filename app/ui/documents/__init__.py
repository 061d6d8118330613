"""Whole documents in the window: what one says in short, and how two differ."""
