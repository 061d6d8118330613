"""Every message that crosses a pipe between our processes, as dataclasses: a module a worker.

`wire.py` makes JSON lines of them. Vectors never cross a pipe.
"""
