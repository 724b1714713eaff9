"""What the bot does with an understood message: Rasa policy, answers by country, tracker store."""
