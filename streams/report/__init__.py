"""Reports of incidents: who writes them."""
