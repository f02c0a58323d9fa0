"""Training and distilling the networks, and training the compact loss network."""
