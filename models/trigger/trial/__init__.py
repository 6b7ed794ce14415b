"""Rules tried before they are trusted: read with suspicion, on recorded data, on made-up series."""
