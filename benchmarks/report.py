"""What was measured, as a table for people or a JSON object a line for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, with all its repetitions."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    aim: str = ""  # as in "<= 1.3"

    @property
    def value(self) -> float:
        """The median of the repetitions."""
        return median(self.values)


def figure(name: str, values: Sequence[float] | float, unit: str = "", aim: str = "") -> Figure:
    """Return a figure of one value or of several repetitions."""
    several = (values,) if isinstance(values, (int, float)) else tuple(values)
    return Figure(name, several, unit, aim)


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def show(benchmark: str, figures: Sequence[Figure], *, as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        for item in figures:
            line = {
                "benchmark": benchmark,
                "name": item.name,
                "value": round(item.value, 6),
                "unit": item.unit,
                "values": [round(value, 6) for value in item.values],
                "aim": item.aim,
            }
            print(json.dumps(line, ensure_ascii=False), flush=True)
        return
    width = max((len(item.name) for item in figures), default=0)
    print(benchmark)
    for item in figures:
        spread = ""
        if len(item.values) > 1:
            spread = f"  ({_short(min(item.values))} to {_short(max(item.values))})"
        aim = f"  aim {item.aim}" if item.aim else ""
        print(
            f"  {item.name:<{width}}  {_short(item.value):>9} {item.unit}{spread}{aim}", flush=True
        )


def _short(value: float) -> str:
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
