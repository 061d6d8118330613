"""Gives way to whatever somebody waits for."""

from __future__ import annotations

import os
import sys
import threading

_NICE = 10  # a tenth of the share of a program that does not give way


def give_way() -> None:
    """Let this process, and all that it will start, run behind others.

    On Linux what it reads from the disk comes behind as well, by the same number. Where Linux
    shares the processor among sessions (autogroup), the number counts within ours alone. To lower
    the session as well was tried: at a load of 6 on two cores a reader then got so little that a
    file of a second of work met its limit of 15.
    """
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        _be_nice(0)


def give_way_in_thread() -> None:
    """Let the calling thread, and those that it will start, run behind all other threads.

    macOS has no such number for threads: there it does nothing.
    """
    if sys.platform == "linux":
        _be_nice(threading.get_native_id())
    elif sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.GetCurrentThread.restype = ctypes.c_void_p
        below_normal = -1
        kernel.SetThreadPriority(ctypes.c_void_p(kernel.GetCurrentThread()), below_normal)


def _be_nice(which: int) -> None:
    if sys.platform != "win32":
        # Whoever was started with a higher number may not lower it.
        os.setpriority(os.PRIO_PROCESS, which, max(_NICE, os.getpriority(os.PRIO_PROCESS, which)))
