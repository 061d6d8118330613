"""What kind of file something is: by content first, by name second."""
