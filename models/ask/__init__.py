"""Answers to what language models ask, from events, readings, bits and the site graph."""
