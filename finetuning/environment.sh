# Sourced by scripts/fine-tune and scripts/fine-tune-danger: makes the environment with PyTorch and finds the weights.
uv=$(command -v uv || ls .tools/bin/uv .tools/packages/bin/uv 2>/dev/null | head -n 1)
if [ ! -x .venv-finetuning/bin/python ]; then
  "$uv" venv --quiet --python 3.11 .venv-finetuning
  "$uv" pip install --quiet --python .venv-finetuning/bin/python -r finetuning/requirements.txt
fi
weights=$(.venv/bin/python -c "from isobot.nlu.encoder_build import find_weights; print(find_weights())")
