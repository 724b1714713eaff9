"""The limits are set by the same decision as the one that patients' messages get."""

import numpy as np

from isobot.cli.calibrate import read_messages
from isobot.cli.calibrate_danger import raised, scores_of
from isobot.nlu import danger_limits
from isobot.nlu.danger_model import LEVELS, DangerModel
from isobot.nlu.encoder import DEFAULT_FOLDER, SentenceEncoder
from isobot.nlu.encoder_build import BRANCH_FILE
from isobot.safety.detector import detector
from isobot.safety.urgency import Urgency
from isobot.text.segments import in_context, split

MESSAGES = read_messages(danger_limits.CALIBRATION_FILE)[::8]


def test_calibration_decides_as_the_detector_does() -> None:
    model, encoder, limits = DangerModel.load(BRANCH_FILE), SentenceEncoder.load(DEFAULT_FOLDER), danger_limits.read()
    scores = scores_of(MESSAGES, model, encoder)
    reached = [raised(scores, k, limits.whole[k], limits.part[k], limits.beside_a_sign[k]) for k in range(len(LEVELS))]
    differ = 0
    for row, message in enumerate(MESSAGES):
        parts = split(message["text"])
        texts = [message["text"], *(in_context(parts) if parts != [message["text"]] else ())]
        danger = detector().detect(message["text"])
        found = model.findings(encoder.encode_both(texts)[1], limits, danger)
        highest = max([danger.level, *(f.level for f in found)], default=Urgency.NONE)
        calibrated = max([0, *(int(LEVELS[k]) for k in range(len(LEVELS)) if reached[k][row])])
        differ += int(highest) != calibrated
    # Calibration looks for a denial of the surest sentence, the detector of the surest one above the limit.
    assert differ <= len(MESSAGES) * 0.01
    assert np.count_nonzero(reached[1]) > len(MESSAGES) * 0.3
