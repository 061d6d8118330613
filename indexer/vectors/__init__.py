"""Vectors: made in batches, searched by FAISS, kept in step with the database."""
