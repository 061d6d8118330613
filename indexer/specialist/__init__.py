"""All that was taught to a library as one file: given away, taken in, and taken back."""
