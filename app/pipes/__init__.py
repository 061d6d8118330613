"""How a process of this program speaks with a worker: JSON lines on its standard streams."""
