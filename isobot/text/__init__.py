"""Pure functions over words: sentences and spelling (no Rasa import)."""
