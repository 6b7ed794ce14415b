"""What is done outside, as data: what is to be done, how it is written, what an answer means."""
