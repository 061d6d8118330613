"""What every process of this program does before anything else, so that nothing of it is told.

Files are for this user alone; a crash leaves neither a picture of the memory, in which documents
stand, nor an exception's own words, in which their names may.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
import traceback
from types import TracebackType


def keep_private() -> None:
    """Make this process, and those that it starts, leave nothing behind for others."""
    if os.name == "posix":
        os.umask(0o077)
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(
                resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1])
            )
    sys.excepthook = _tell
    threading.excepthook = lambda fault: _tell(fault.exc_type, fault.exc_value, fault.exc_traceback)
    sys.unraisablehook = lambda fault: _tell(fault.exc_type, fault.exc_value, fault.exc_traceback)
    if sys.stderr is not None:
        # Without a descriptor, as in a window of Windows, there is nowhere to tell it.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            faulthandler.enable()


def _tell(
    kind: type[BaseException], _fault: BaseException | None, place: TracebackType | None
) -> None:
    """Write where something went wrong, and its kind; its words may be a document's."""
    if issubclass(kind, KeyboardInterrupt) or sys.stderr is None:
        return
    lines = traceback.format_list(traceback.extract_tb(place))
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{''.join(lines)}{kind.__module__}.{kind.__qualname__}\n")
        sys.stderr.flush()
