"""Measurements, one file a figure: each is a command that prints a table or JSON lines.

Other programs run beside a measurement and a machine's speed drifts, so what is compared is
measured in one run, in turns; a ratio says more than a time.
"""
