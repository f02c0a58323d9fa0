"""Training, judging and exporting Impasto's networks. Commands are run from the repository root, as `python -m export.train`."""
