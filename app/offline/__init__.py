"""What keeps the network away, and what proves that nothing asked for it.

`filters.py` is the kernel's part (Linux), `hook.py` Python's (every system), `record.py` what both
write to. `job.py` does the main job under them; `proof.py` runs it and makes the receipt.
"""
