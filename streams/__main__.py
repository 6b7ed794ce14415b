"""`python -m streams` is `alltobit`."""

from streams.cli import main

main()
