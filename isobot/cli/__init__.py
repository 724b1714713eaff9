"""Commands: chat in the terminal, serve, train, evaluate, bench."""
