"""Other medicines are told from this one by whole words, and from the two taken together."""

import numpy as np
import pytest

from isobot.nlu.questions import Candidate, Question
from isobot.nlu.scope import OTHER_MEDICINE, believable, rescope
from isobot.text.medicines import MEDICINES_FILE, find_medicines


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("can I drink on metronidazole", ["interactions.other_antibiotics"]),
        ("does doxycyline burn you", ["interactions.tetracyclines"]),
        ("st john's wort and sertraline", ["interactions.st_johns_wort", "interactions.antidepressants"]),
        ("can I drink on accutane", []),
        ("what is isotretnoin", []),
        ("I feel isolated and my lips are prone to crack", []),
        ("he is a statistician", []),
    ],
)
def test_other_medicines_are_found_by_whole_words(text: str, answers: list[str]) -> None:
    assert list(find_medicines(text).answers) == answers


@pytest.mark.parametrize(
    "text",
    [
        "my accutane",
        "ROACCUTANE 20mg",
        "isotretnoin",
        "roacutane",
        "tane life",
        "isotretinion",
        "roacutain",
        "isotretinone",
    ],
)
def test_isotretinoin_is_found_in_every_spelling(text: str) -> None:
    assert find_medicines(text).own


@pytest.mark.parametrize(
    "text",
    [
        "can I take ibuprofen?",
        "doxy with it?",
        "is it ok to use my retinol",
        "is it a problem that I'm on phenytoin for fits?",
        "herbal things I shouldn't have with it, like St John's wort?",
        "how soon may I bring back my retinol after finishing?",
        "should I bin my retinol now that I'm taking it?",
        "gp gave me amoxicillin for my throat, fine alongside these?",
        "im on sertraline already, is that a clash",
        "is my sertraline ok with these",
    ],
)
def test_asking_leave_means_both_together(text: str) -> None:
    assert find_medicines(text).together


@pytest.mark.parametrize(
    "text",
    [
        "how many paracetamol can I take in a day",
        "is it ok to have a beer on amoxicillin",
        "can I use retinol when pregnant?",
        "can I take Sudafed with blood pressure pills?",
        "how long must I wait to have a drink after finishing metronidazole?",
        "i take propranolol for exams, can i have a glass of wine with it",
        "erythromycin is giving me the runs, should I stop taking it?",
    ],
)
def test_a_question_on_its_own_use_does_not(text: str) -> None:
    assert not find_medicines(text).together


def asked(text: str, intent: str, confidence: float = 0.7) -> Question:
    candidates = (Candidate(intent, intent, confidence), Candidate("sun.protection", "Sun?", 0.1))
    return Question(text, candidates, confidence, confidence, understood=True)


@pytest.mark.parametrize(
    ("text", "intent", "becomes"),
    [
        ("Can I drink on metronidazole?", "alcohol.can_i_drink", OTHER_MEDICINE),
        ("Can I take ibuprofen?", "interactions.painkillers", "interactions.painkillers"),
        ("Is doxy bad with accutane?", OTHER_MEDICINE, "interactions.tetracyclines"),
        ("ibuprofen ok?", "interactions.painkillers", "interactions.painkillers"),
        ("After years of antibiotics I start today. Can I drink?", "alcohol.can_i_drink", "alcohol.can_i_drink"),
        ("Can I drink?", "alcohol.can_i_drink", "alcohol.can_i_drink"),
        ("What does it do that antibiotics never did?", "how_works.skin", "how_works.skin"),
        ("I missed my birth control pill", "contraception.failed", "contraception.failed"),
        ("Does Yaz affect accutane?", OTHER_MEDICINE, "contraception.which"),
    ],
)
def test_rescope(text: str, intent: str, becomes: str) -> None:
    assert rescope(asked(text, intent), find_medicines(text), {}).intent == becomes


def test_another_medicine_that_nobody_named_is_not_believed() -> None:
    intents = [OTHER_MEDICINE, "missed_dose.one"]
    nobody, named = find_medicines("I missed a dose"), find_medicines("I missed my sertraline")
    doubtful, sure = np.array([[0.4, 0.6]]), np.array([[0.6, 0.4]])
    assert believable(doubtful, intents, nobody).tolist() == [[0.0, 1.0]]
    assert believable(sure, intents, nobody).tolist() == sure.tolist()
    assert believable(doubtful, intents, named).tolist() == doubtful.tolist()


def test_another_medicine_that_nobody_named_is_asked_back() -> None:
    question = rescope(asked("what does one pill do", OTHER_MEDICINE, 0.6), find_medicines("one pill"), {})
    assert not question.understood
    assert question.intent == "sun.protection"


def test_each_group_leads_to_a_question_that_exists() -> None:
    text = MEDICINES_FILE.read_text(encoding="utf-8")
    answers = {line.split("answer: ")[1] for line in text.splitlines() if "answer: " in line}
    written = "\n".join(p.read_text(encoding="utf-8") for p in (MEDICINES_FILE.parent / "topics").glob("*.yml"))
    assert [a for a in answers if f"- intent: {a}\n" not in written] == []
