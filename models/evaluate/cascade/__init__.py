"""How well incidents name what broke in a simulated plant, who follows, and who is next."""
