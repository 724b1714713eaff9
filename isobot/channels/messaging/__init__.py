"""What the messaging channels share: who writes, what waits to be answered or sent, keywords, limits, hand-over."""
