"""Peers: assets that are alike, compared slot by slot of event time; the faulty one stands out.

`memory` knows who is whose peer, `means` takes what closed frames say, `slots` judges each slot
once it is complete, `standing` says who stands out in it.

Source: Deng et al. 2025, Minder: Faulty Machine Detection for Large-scale Distributed Model
Training (NSDI): machines of one job behave alike; the one that for some time does not is faulty.
"""

from models.peers.means import collect
from models.peers.memory import Peers
from models.peers.slots import judged

__all__ = ["Peers", "collect", "judged"]
