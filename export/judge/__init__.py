"""Measuring models and their peers: style and content error, flicker in video, cost."""
