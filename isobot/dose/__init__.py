"""The dose calculator: quantities out of text, decimal arithmetic, the label's ranges. No Rasa import."""
