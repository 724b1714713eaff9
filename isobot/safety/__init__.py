"""Red flags: rules, assertion, urgency. Pure: text in, findings out (no Rasa import)."""
