"""Understanding: Rasa graph components that turn a message into questions with confidences."""
