"""Fine-tuning of the sentence encoder; needs PyTorch and is run by hand, by scripts/fine-tune."""
