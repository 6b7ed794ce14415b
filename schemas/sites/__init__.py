"""Importers: what other systems know of a site, as an `Inventory`. Pure; none ever raises."""
