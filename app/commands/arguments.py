"""What the arguments of commands may be; each raises ArgumentTypeError for anything else."""

from __future__ import annotations

import argparse
import math


def positive(text: str) -> int:
    """Return a whole number from 1 up."""
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 up")
    return number


def seconds(text: str) -> float:
    """Return a number of seconds above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return number


def path(text: str) -> str:
    """Return a path as it was typed."""
    # An unset variable of a script must not become the folder where it stands.
    if not text:
        raise argparse.ArgumentTypeError("is an empty name")
    return text
