"""A library that is killed, cut off from its disk and damaged, again and again.

The tests do it for seconds, `-m slow` for minutes, and `python -m tests.endurance --minutes 60` for
as long as one likes.
"""
