"""A job object of Windows: bounds this process's memory and keeps it from starting another.

Windows has no way for a running process to give up the network or writing; README says so.
"""

from __future__ import annotations

import ctypes
import sys

_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE_SILENTLY = 0x0008, 0x0100, 0x0400
_NO_DIALOGS = 0x0001 | 0x0002  # SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits),
        ("input_and_output", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("process_peak", ctypes.c_size_t),
        ("job_peak", ctypes.c_size_t),
    )


def restrict(memory: int) -> None:
    """Bound this process to `memory` bytes, and to itself. Raises OSError."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetErrorMode(_NO_DIALOGS)
        limits = _ExtendedLimits()
        limits.basic.flags = _ACTIVE_PROCESS | _PROCESS_MEMORY | _DIE_SILENTLY
        limits.basic.processes = 1
        limits.process_memory = memory
        # The handle stays open: the process needs the job for as long as it lives.
        job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
        size = ctypes.c_uint32(ctypes.sizeof(limits))
        if not (
            job
            and kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), size)
            and kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))
        ):
            raise ctypes.WinError(ctypes.get_last_error())
    else:
        raise OSError("job objects are of Windows")
