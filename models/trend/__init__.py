"""When a slow trend reaches its limit, and how sure that is. `tracked.Trends` is the entry."""
