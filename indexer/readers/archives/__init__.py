"""Files inside files."""
