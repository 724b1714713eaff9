"""Rasa SDK actions: work that comes after the patient has been answered. Thin adapters over `isobot`."""
