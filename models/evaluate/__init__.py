"""How well detectors do: measures, one a file, and the contenders they are taken of."""
