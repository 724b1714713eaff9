"""Benchmarks: candidates for understanding side by side, and this bot beside stock Rasa on the same data."""
