"""Texts that are text files: plain, marked up, tables, data, e-books."""
