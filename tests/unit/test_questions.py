"""Which segments become questions, and when one counts as understood."""

import pytest

from isobot.nlu.questions import Candidate, Question, Thresholds, asks, choose, judge

LIMITS = Thresholds(confidence=0.4, margin=0.1)


def question(text: str, intent: str, *, understood: bool = True, confidence: float = 0.8) -> Question:
    return Question(text, (Candidate(intent, intent, confidence),), understood)


def test_a_sure_answer_is_understood() -> None:
    judged = judge("beer?", [0.7, 0.2, 0.1], ["alcohol.can_i_drink", "diet.drinks", "sun.sunbed"], {}, LIMITS)
    assert judged.understood
    assert judged.intent == "alcohol.can_i_drink"
    assert judged.margin == pytest.approx(0.5)


def test_two_leaves_of_one_topic_do_not_hold_each_other_back() -> None:
    intents = ["alcohol.can_i_drink", "alcohol.one_occasion", "sun.sunbed"]
    assert judge("one beer?", [0.36, 0.34, 0.05], intents, {}, LIMITS).understood


def test_rival_topics_are_asked_back() -> None:
    assert not judge("hm", [0.45, 0.44], ["alcohol.can_i_drink", "diet.drinks"], {}, LIMITS).understood


def test_a_weak_guess_is_asked_back() -> None:
    assert not judge("hm", [0.2, 0.05], ["alcohol.can_i_drink", "diet.drinks"], {}, LIMITS).understood


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
    chosen = choose(question("all", "topic_9.x"), parts)
    assert [q.intent for q in chosen] == ["topic_0.x", "topic_1.x", "topic_2.x"]


def test_a_story_around_one_question_is_one_question() -> None:
    parts = [question("I started in May.", "course_length.how_long"), question("Can I drink?", "alcohol.can_i_drink")]
    chosen = choose(question("whole", "alcohol.can_i_drink"), parts)
    assert [q.intent for q in chosen] == ["alcohol.can_i_drink"]


def test_the_question_is_found_in_a_story_that_is_not_understood_as_a_whole() -> None:
    parts = [question("Blah blah.", "x.y", understood=False), question("Can I drink?", "alcohol.can_i_drink")]
    chosen = choose(question("whole", "x.y", understood=False), parts)
    assert [q.intent for q in chosen] == ["alcohol.can_i_drink"]


def test_a_greeting_does_not_hide_a_question() -> None:
    parts = [question("Hi there!", "chitchat.greet"), question("Can I drink?", "alcohol.can_i_drink")]
    chosen = choose(question("whole", "chitchat.greet", understood=False), parts)
    assert [q.intent for q in chosen] == ["alcohol.can_i_drink"]
