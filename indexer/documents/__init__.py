"""Whole documents: how two of them differ."""
