"""Write all bombs into a folder."""

import sys
from pathlib import Path

from tests.bombs import BOMBS, Lure

if len(sys.argv) != 2:
    sys.exit("usage: python -m tests.bombs FOLDER")
folder = Path(sys.argv[1]).absolute()
folder.mkdir(parents=True, exist_ok=True)
for bomb in BOMBS:
    bomb.write(folder, Lure(folder.parent / "secret.txt", "http://127.0.0.1:9"))
