"""A library that turns files into vectors and questions into text. It knows no Qt and no indexer."""
