"""Questions about sets of files: recognised by rules, answered by counting, never by a model."""
