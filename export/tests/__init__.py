"""`python -m unittest discover -s export/tests -t .` from the repository root."""
