"""What language models may ask, and what they are answered."""
