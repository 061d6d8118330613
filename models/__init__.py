"""A library that turns text into vectors and questions into answers. No Qt, no indexer."""
