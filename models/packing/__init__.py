"""The loops that write and read bit frames. Layout: `schemas/bits.py`."""
