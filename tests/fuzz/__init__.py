"""Coverage-guided fuzzing of the readers that take bytes apart in our own code.

Run by name: `python -m tests.fuzz doc --minutes 30`. docs/fuzzing.md says what was run.
"""
