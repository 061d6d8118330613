"""The library's SQLite file: its schema, its one writer, and what its tables say."""
