"""Whole documents: what they say in short, and how two of them differ."""
