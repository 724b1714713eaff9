"""Which segments become questions, and when one counts as understood."""

import pytest

from isobot.nlu.questions import Candidate, Question, asks, choose, judge
from isobot.nlu.thresholds import Thresholds

LIMITS = Thresholds(confidence=0.3, part=0.5, alone=0.7, pair=0.75)


def question(text: str, intent: str, confidence: float = 0.8) -> Question:
    return Question(text, (Candidate(intent, intent, confidence),), confidence, confidence)


def test_the_best_topic_comes_before_the_best_leaf() -> None:
    intents = ["alcohol.can_i_drink", "alcohol.one_occasion", "sun.sunbed"]
    judged = judge("one beer?", [0.3, 0.28, 0.32], intents, {"alcohol.can_i_drink": "Can I drink?"})
    assert judged.intent == "alcohol.can_i_drink"
    assert judged.topic_confidence == pytest.approx(0.58)
    assert judged.margin == pytest.approx(0.26)
    assert judged.candidates[0].title == "Can I drink?"
    assert [c.intent for c in judged.candidates[1:]] == ["sun.sunbed", "alcohol.one_occasion"]


def test_a_sure_message_is_understood() -> None:
    (chosen,) = choose(question("beer?", "alcohol.can_i_drink"), [], LIMITS)
    assert chosen.understood


def test_a_weak_guess_is_asked_back() -> None:
    (chosen,) = choose(question("hm", "alcohol.can_i_drink", 0.2), [], LIMITS)
    assert not chosen.understood


def test_two_likely_topics_are_both_answered() -> None:
    rivals = judge("hm", [0.45, 0.44, 0.11], ["alcohol.can_i_drink", "diet.drinks", "sun.sunbed"], {})
    chosen = choose(rivals, [], LIMITS)
    assert [q.intent for q in chosen] == ["alcohol.can_i_drink", "diet.drinks"]
    assert [q.topic_confidence for q in chosen] == pytest.approx([0.45, 0.44])
    assert all(q.understood for q in chosen)


@pytest.mark.parametrize(
    ("probabilities", "second"),
    [
        ([0.75, 0.2, 0.05], "diet.drinks"),  # sure enough alone
        ([0.4, 0.3, 0.3], "diet.drinks"),  # the two are not likely enough together
        ([0.5, 0.3, 0.2], "chitchat.thanks"),
    ],
)
def test_one_topic_is_answered_alone(probabilities: list[float], second: str) -> None:
    judged = judge("hm", probabilities, ["alcohol.can_i_drink", second, "sun.sunbed"], {})
    (chosen,) = choose(judged, [], LIMITS)
    assert chosen.intent == "alcohol.can_i_drink"


@pytest.mark.parametrize(
    "text", ["can I drink", "hi, is it ok", "my lips?", "so how long does it take", "Does it hurt"]
)
def test_questions_by_shape(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["I started in May.", "my lips hurt", "thanks a lot"])
def test_statements_by_shape(text: str) -> None:
    assert not asks(text)


def test_several_questions_are_answered_in_order_and_at_most_three() -> None:
    parts = [question(f"can I do {i}?", f"topic_{i}.x") for i in range(5)]
    chosen = choose(question("all", "topic_9.x"), parts, LIMITS)
    assert [q.intent for q in chosen] == ["topic_0.x", "topic_1.x", "topic_2.x"]
    assert all(q.understood for q in chosen)


def test_two_sentences_on_one_topic_are_one_question() -> None:
    parts = [question("Can I drink?", "alcohol.can_i_drink"), question("Is one ok?", "alcohol.one_occasion")]
    chosen = choose(question("whole", "alcohol.can_i_drink"), parts, LIMITS)
    assert [q.text for q in chosen] == ["whole"]


def test_what_a_story_is_about_and_what_it_asks_are_both_answered() -> None:
    parts = [question("I started in May.", "course_length.how_long"), question("Can I drink?", "diet.drinks")]
    chosen = choose(question("whole", "alcohol.can_i_drink"), parts, LIMITS)
    assert [q.intent for q in chosen] == ["alcohol.can_i_drink", "diet.drinks"]


def test_the_question_is_found_in_a_story_that_is_not_understood_as_a_whole() -> None:
    parts = [question("Blah blah.", "x.y", 0.1), question("Can I drink?", "alcohol.can_i_drink")]
    chosen = choose(question("whole", "x.y", 0.1), parts, LIMITS)
    assert [q.intent for q in chosen] == ["alcohol.can_i_drink"]


def test_a_greeting_does_not_hide_a_question() -> None:
    parts = [question("How are you?", "chitchat.how_are_you"), question("Can I drink?", "alcohol.can_i_drink")]
    chosen = choose(question("whole", "chitchat.greet", 0.2), parts, LIMITS)
    assert [q.intent for q in chosen] == ["alcohol.can_i_drink"]
