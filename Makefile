# The face of the project: `make help` lists the commands. Each does all the set-up that it needs.
SHELL := /bin/sh
PYTHON := .venv/bin/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export PYTHONPATH := $(CURDIR)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup train chat serve evaluate test lint bench compare-nlu ablations held-out calibrate danger dose bench-widget bench-messaging compare-widgets widget calibrate-danger fine-tune fine-tune-danger lock clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## install what is needed (any Python 3 will do)
	@scripts/setup

train: setup  ## train the model, if anything it depends on has changed
	@$(PYTHON) -W ignore -m isobot.cli.train $(if $(filter train,$(MAKECMDGOALS)),$(ARGS))

chat: train  ## talk to the assistant in the terminal (ARGS="--country UK", see ARGS=--help)
	@$(PYTHON) -m isobot.cli.chat $(ARGS)

serve: train  ## run the server on this machine (ARGS="--host 0.0.0.0 --port 5005")
	@$(PYTHON) -m isobot.cli.serve $(ARGS)

evaluate: train  ## what the bot makes of a file of messages: make evaluate IN=messages.jsonl OUT=results.jsonl
	@$(PYTHON) -W ignore -m isobot.cli.evaluate "$(IN)" "$(OUT)"

test: train  ## every check and test
	@scripts/test

lint: setup  ## format and lint checks, types
	@scripts/lint

bench: train  ## this bot beside stock Rasa on the same data, in one run
	@$(PYTHON) -W ignore -m bench.engine $(ARGS)

compare-nlu: setup  ## train candidates for understanding and print their table
	@$(PYTHON) -W ignore -m bench.compare_nlu $(ARGS)

ablations: train  ## what each part of understanding is worth, on the calibration messages
	@$(PYTHON) -W ignore -m bench.ablations

held-out: train  ## the final figure of understanding, on the test messages
	@$(PYTHON) -W ignore -m bench.held_out $(ARGS)

calibrate: train  ## set the thresholds of understanding on the calibration messages
	@$(PYTHON) -W ignore -m isobot.cli.calibrate

danger: train  ## the figures of danger, on the test messages (ARGS=--show lists what is missed)
	@$(PYTHON) -W ignore -m bench.danger $(ARGS)

dose: train  ## the figures of the dose calculator, on the test messages (ARGS=--development)
	@$(PYTHON) -W ignore -m bench.dose $(ARGS)

bench-widget: train  ## the chat widget in Chromium: size, first paint, answer time (ARGS=--pictures)
	@$(PYTHON) -W ignore -m bench.widget $(ARGS)

bench-messaging: train  ## the messaging number under load, with a crash: every message answered once, segments
	@$(PYTHON) -W ignore -m bench.messaging

compare-widgets: train  ## our chat widget beside two public ones (fetches them from npm)
	@$(PYTHON) -W ignore -m bench.other_widgets

widget: setup  ## build the chat widget's bundle (needs Node.js)
	@scripts/widget --build

calibrate-danger: setup  ## set the limits of the learned danger detector on the calibration messages
	@$(PYTHON) -W ignore -m isobot.cli.calibrate_danger

fine-tune-danger: setup  ## fine-tune the danger branch of the encoder on the red flags (25 minutes, needs PyTorch)
	@scripts/fine-tune-danger $(ARGS)

fine-tune: setup  ## fine-tune the sentence encoder on the phrasings (25 minutes, needs PyTorch)
	@scripts/fine-tune $(ARGS)

lock: setup  ## resolve pyproject.toml into requirements.lock anew
	@scripts/lock

clean:  ## remove everything that set-up and training made (conversations in var/ stay)
	rm -rf .venv .venv-finetuning .venv-synapse .tools build models .rasa .pytest_cache .mypy_cache .ruff_cache .hypothesis
