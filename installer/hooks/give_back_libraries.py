"""Run first in the frozen program: what it starts shall find the system's libraries, not ours.

On Linux PyInstaller starts the program with LD_LIBRARY_PATH set to our folder. The loader has read
it by now; the program that opens a document, or its mail program, must not.
"""

import os

if (theirs := os.environ.pop("LD_LIBRARY_PATH_ORIG", None)) is not None:
    os.environ["LD_LIBRARY_PATH"] = theirs
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
