"""Files whose name is here and whose bytes are in a cloud: opening one would fetch it.

Pure functions over what lstat returns, since no placeholder may be opened to learn that it is one.
"""

from __future__ import annotations

import os

# Of Windows (OneDrive, Dropbox, iCloud, Google Drive): the bytes come with the first reading, with
# the first opening, or lie elsewhere.
# https://learn.microsoft.com/windows/win32/fileio/file-attribute-constants
_RECALL_ON_DATA_ACCESS = 0x0040_0000
_RECALL_ON_OPEN = 0x0004_0000
_OFFLINE = 0x0000_1000
# Of macOS, for files and folders of any service (sys/stat.h).
_DATALESS = 0x4000_0000

# How the sentence begins, so that a file that was fetched is known to be one no longer.
IN_A_CLOUD = "Its content is in a cloud only."
_REMEDY = "Have it kept on this computer, then it is read."
_REASON = f"{IN_A_CLOUD} {_REMEDY}"


def why_in_a_cloud(status: os.stat_result) -> str:
    """Return why a file is not opened, if its bytes are not on this computer; else ""."""
    return _why(status, _RECALL_ON_DATA_ACCESS | _RECALL_ON_OPEN | _OFFLINE)


def why_folder_in_a_cloud(status: os.stat_result) -> str:
    """Return why a folder is not listed, if that would fetch what is in it; else ""."""
    # OneDrive marks folders with the other two, whose list of names is here.
    return _why(status, _RECALL_ON_OPEN)


def why_named_by_icloud(name: bytes) -> str:
    """Return why a file is not opened, if iCloud left it for another: ".report.pdf.icloud"."""
    # So until macOS 14.
    placeholder = (
        name.startswith(b".") and name.endswith(b".icloud") and len(name) > len("..icloud")
    )
    return _REASON if placeholder else ""


def _why(status: os.stat_result, attributes: int) -> str:
    """Return the reason, if one of these attributes of Windows is set or macOS says the same."""
    marked = getattr(status, "st_file_attributes", 0) & attributes
    return _REASON if marked or getattr(status, "st_flags", 0) & _DATALESS else ""
