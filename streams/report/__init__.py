"""Report: incidents, shifts and days to what people read."""
