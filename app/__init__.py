"""Pocket-LLM, the program: windows, commands, processes and settings around the two libraries."""

__version__ = "0.1.0"
