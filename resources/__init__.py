"""Data that ships with the program: the catalogue of models and the sample documents."""
