"""Importers: what other systems know of a site, as an `Inventory`. Pure; none ever raises."""

from schemas.sites.dsx import dsx
from schemas.sites.gather import Imported
from schemas.sites.ibnetdiscover import ibnetdiscover
from schemas.sites.slurm import slurm
from schemas.sites.smi import smi
from schemas.sites.table import printed, table

__all__ = ["Imported", "dsx", "ibnetdiscover", "printed", "slurm", "smi", "table"]
