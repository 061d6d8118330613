"""The index worker: the one process that writes a library while a window is open."""
