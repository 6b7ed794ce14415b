"""The signals of an asset judged together, a row a frame: what none of them says alone.

A row is the mean of each signal's good samples in a closed frame of a lane, so that samples need
not come at the same moments, and nothing depends on how they were cut into blocks. Each lane, an
asset as one source tells it, has a model of its own (`models.anomaly.asset`); a new life of a topic
goes on with the model of the old one. Signals take their columns in the order in which they are
first seen, `memory.MOST` of them; where a new one says something, the model begins anew, as what
is normal of a row was learned without it.

`memory` knows who is judged together, `model` is one asset and how it is saved, `row` takes rows
out of frames and says which signals say most, `opinion` asks river, `episodes` opens and closes,
`words` tells.
"""

from models.together.memory import Together

__all__ = ["Together"]
