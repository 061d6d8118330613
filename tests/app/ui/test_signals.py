"""The Qt binding under us keeps Python whole."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal


class _Bell(QObject):
    rung = Signal(object)


def test_emitting_costs_no_reference_to_true() -> None:
    """PySide6 6.12.0 lost one at each emit on Python 3.11; some hundred messages ended us."""
    bell = _Bell()
    before = sys.getrefcount(True)
    for _ in range(50):
        bell.rung.emit(1)
    assert abs(sys.getrefcount(True) - before) < 25
