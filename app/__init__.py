"""Pocket-LLM, the program: windows, commands, processes and settings around the two libraries."""
