"""A library that turns folders into passages that can be found. It knows no Qt and no settings."""
