"""The chat widget in a real browser, against the running assistant: what a patient does, and what an attacker tries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from watched import Watched

from bench.browser import violations
from isobot.cli.stack import Stack

pytestmark = pytest.mark.browser

Watch = Callable[..., Watched]


def field(page: Page) -> Locator:
    return page.get_by_label("Your question")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def ask(page: Page, text: str) -> Locator:
    """Type a message, send it, and return the reply: what came after it."""
    before = log(page).get_by_role("article").count()
    field(page).fill(text)
    field(page).press("Enter")
    expect(log(page).get_by_role("article")).not_to_have_count(before)
    return log(page).get_by_role("article").nth(before)


def test_a_question_gets_an_answer_with_its_sources(page: Page) -> None:
    reply = ask(page, "Can I drink alcohol?")
    expect(reply).to_contain_text("alcohol")
    expect(reply).to_contain_text("not yet signed off by a clinician")
    reply.get_by_role("button", name=re.compile("^Source 1")).click()
    expect(reply.get_by_role("listitem").last).to_be_visible()
    for link in reply.locator("ol a").all():
        assert str(link.get_attribute("href")).startswith("https://")
        assert link.get_attribute("rel") == "noopener noreferrer"


def test_a_thumb_is_given_once(page: Page) -> None:
    reply = ask(page, "Can I drink alcohol?")
    up = reply.get_by_role("button", name="Yes, this was helpful")
    up.click()
    expect(reply).to_contain_text("Thank you for telling us.")
    expect(up).to_have_attribute("aria-pressed", "true")


def test_choices_are_picked_by_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    for _ in range(30):
        if field(page).evaluate("f => f.getRootNode().activeElement === f"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("hmm so what about the thing with the other one")
    page.keyboard.press("Enter")
    choices = page.get_by_role("group", name="What you can pick").get_by_role("button")
    expect(choices.first).to_be_visible()
    title = choices.first.inner_text()
    for _ in range(30):
        if choices.first.evaluate("b => b.getRootNode().activeElement === b"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(log(page).locator(".person").last).to_contain_text(title)
    expect(log(page).get_by_role("article").last).to_contain_text("Checked")
    expect(choices).to_have_count(0)


def test_typing_goes_on_beside_choices(page: Page) -> None:
    ask(page, "hmm so what about the thing with the other one")
    expect(ask(page, "Can I drink alcohol?")).to_contain_text("alcohol")


def test_an_emergency_looks_like_one_and_can_be_dialled(watch: Watch, stack: Stack) -> None:
    page = watch().open(stack.url)
    page.locator("isobot-chat").evaluate("chat => { chat.country = 'UK'; }")
    reply = ask(page, "i want to kill myself")
    expect(reply.get_by_text("Emergency", exact=True)).to_be_visible()
    expect(reply.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(reply.get_by_role("link", name="116 123")).to_have_attribute("href", "tel:116123")
    assert reply.evaluate("a => a.innerText").strip().startswith(("Emergency", "Assistant said:"))
    expect(reply).to_be_in_viewport()


def test_what_is_urgent_is_told_in_words(page: Page) -> None:
    reply = ask(page, "my eyes have turned yellow")
    expect(reply.get_by_text("Contact your doctor today", exact=True)).to_be_visible()


def test_a_total_is_drawn(page: Page) -> None:
    reply = ask(page, "70 kg, 20 mg for 30 days, then 40 mg for 60 days. What is my total so far?")
    drawing = reply.get_by_role("img")
    expect(drawing).to_be_visible()
    assert drawing.evaluate("d => d.getBoundingClientRect().width") > 100


def test_a_reload_keeps_the_conversation_and_announces_nothing_again(page: Page) -> None:
    ask(page, "I'm in the UK")
    ask(page, "I missed a dose")
    field(page).fill("half a quest")
    count = log(page).get_by_role("article").count()
    page.reload()
    expect(log(page).get_by_role("article")).to_have_count(count)
    expect(field(page)).to_have_value("half a quest")
    field(page).fill("")
    expect(ask(page, "and if I miss two?")).not_to_contain_text("In the US")


def test_what_is_written_offline_is_sent_once_when_back(watch: Watch, stack: Stack) -> None:
    watched = watch()
    watched.expected = ("ERR_INTERNET_DISCONNECTED",)
    page = watched.open(stack.url)
    ask(page, "Can I drink alcohol?")
    sent: list[dict[str, Any]] = []
    page.on("request", lambda r: sent.append(json.loads(r.post_data or "{}")) if "/api/messages" in r.url else None)
    watched.context.set_offline(True)
    field(page).fill("I missed a dose")
    field(page).press("Enter")
    expect(page.get_by_text("You are offline. I will send your message when you are back.")).to_be_visible()
    expect(log(page)).to_contain_text("Not sent yet")
    watched.context.set_offline(False)
    expect(log(page).get_by_role("article").nth(1)).to_contain_text("dose")
    expect(log(page)).not_to_contain_text("Not sent yet")
    assert len({body["id"] for body in sent}) == 1, "every try has the same id"


def test_an_answer_that_is_lost_on_the_way_is_fetched_again_not_given_twice(watch: Watch, stack: Stack) -> None:
    watched = watch()
    watched.expected = ("ERR_FAILED",)
    page = watched.open(stack.url)
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/api/messages", lose_the_first)
    reply = ask(page, "Can I drink alcohol?")
    expect(reply).to_contain_text("alcohol")
    assert json.loads(lost[0])["replies"][0]["response"] == "utter_alcohol.can_i_drink"
    expect(log(page).get_by_role("article")).to_have_count(1)


def test_a_server_that_is_gone_does_not_keep_a_patient_waiting(watch: Watch, stack: Stack) -> None:
    watched = watch()
    watched.expected = ("ERR_FAILED",)
    page = watched.open(stack.url)
    expect(page.get_by_text("General information, not for emergencies")).to_be_visible()
    page.route("**/api/messages", lambda route: route.abort())
    field(page).fill("my chest hurts")
    field(page).press("Enter")
    told = page.get_by_text(re.compile(r"Please don't wait for this\. In an emergency call"))
    expect(told).to_be_visible(timeout=40_000)


def test_an_expired_session_is_opened_anew_without_losing_the_message(watch: Watch, stack: Stack) -> None:
    watched = watch()
    watched.expected = ("401",)
    page = watched.open(stack.url)
    ask(page, "Can I drink alcohol?")
    page.evaluate(
        """() => { for (const key of Object.keys(sessionStorage))
        sessionStorage[key] = sessionStorage[key].replace(/eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+/, 'eyJ.no.token') }"""
    )
    page.reload()
    expect(ask(page, "I missed a dose")).to_contain_text("dose")
    expect(log(page).locator(".person")).to_have_count(2)


def test_start_over_asks_first_and_begins_anew(page: Page) -> None:
    ask(page, "I'm in the UK")
    pick(page, "Start over")
    page.get_by_role("button", name="Cancel").click()
    expect(log(page).get_by_role("article")).to_have_count(1)
    pick(page, "Start over")
    page.get_by_role("alertdialog").get_by_role("button", name="Start over").click()
    expect(log(page).get_by_role("article")).to_have_count(0)
    expect(ask(page, "I missed a dose")).to_contain_text("In the US")


def test_delete_deletes_on_the_server_too(page: Page) -> None:
    tokens: list[str] = []
    page.on(
        "request", lambda r: tokens.append(r.headers.get("authorization", "")) if "/api/messages" in r.url else None
    )
    ask(page, "I'm in the UK")
    pick(page, "Delete my conversation")
    with page.expect_response("**/api/conversation") as deleted:
        page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    assert deleted.value.status == 204
    expect(page.get_by_text("Your conversation has been deleted.")).to_be_visible()
    expect(log(page).get_by_role("article")).to_have_count(0)
    assert "in the UK" not in page.evaluate("JSON.stringify(sessionStorage)")
    again = page.request.post(
        "/api/messages".join([page.url.rstrip("/"), ""]),
        headers={"authorization": tokens[0]},
        data={"text": "I missed a dose"},
    )
    assert "In the US" in again.json()["replies"][0]["text"], "the old token's conversation remembers nothing"


def test_the_transcript_is_saved_without_an_upload(page: Page) -> None:
    ask(page, "Can I drink alcohol?")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.url.startswith("http") else None)
    with page.expect_download() as download:
        pick(page, "Save transcript")
    text = download.value.path().read_text(encoding="utf-8")
    assert "Can I drink alcohol?" in text
    assert "Sources:" in text
    assert asked == []


def test_two_tabs_have_a_conversation_each(watch: Watch, stack: Stack) -> None:
    watched = watch()
    one, two = watched.open(stack.url), watched.open(stack.url)
    ask(one, "I'm in the UK")
    expect(ask(two, "I missed a dose")).to_contain_text("In the US")
    expect(ask(one, "I missed a dose")).not_to_contain_text("In the US")


def test_the_floating_panel_takes_the_focus_and_gives_it_back(
    watch: Watch, stack: Stack, clinic_site: Callable[[str, str], None], other_site: str
) -> None:
    embed(clinic_site, stack.url)
    page = watch().open(other_site)
    launcher = page.get_by_role("button", name="Ask a question")
    launcher.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(launcher).to_be_focused()


def test_it_works_on_a_clinics_page_under_a_strict_policy(
    watch: Watch, stack: Stack, clinic_site: Callable[[str, str], None], other_site: str
) -> None:
    embed(clinic_site, stack.url)
    page = watch().open(other_site)
    page.get_by_role("button", name="Ask a question").click()
    expect(
        ask(page, "70 kg, 20 mg for 30 days, then 40 mg for 60 days. What is my total so far?").get_by_role("img")
    ).to_be_visible()
    expect(ask(page, "hmm so what about the thing with the other one")).to_be_visible()


def test_a_page_that_the_clinic_did_not_list_is_refused(
    watch: Watch, stack: Stack, clinic_site: Callable[[str, str], None], other_site: str
) -> None:
    embed(clinic_site, stack.url)
    watched = watch()
    watched.expected = ("CORS", "ERR_FAILED", "403", "asked http://localhost")
    page = watched.open(other_site.replace("127.0.0.1", "localhost"))
    page.get_by_role("button", name="Ask a question").click()
    field(page).fill("Can I drink alcohol?")
    field(page).press("Enter")
    expect(log(page)).to_contain_text("Not sent yet")
    expect(log(page).get_by_role("article")).to_have_count(0)


SCRIPT = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>[x](javascript:window.harmed=1)'


def test_script_in_a_message_stays_text(page: Page) -> None:
    ask(page, SCRIPT)
    expect(log(page).locator(".person").last).to_contain_text("<script>")
    assert page.evaluate("window.harmed") is None


@pytest.mark.parametrize("protected", [True, False], ids=["policy", "no policy"])
def test_script_in_a_reply_a_choice_a_source_and_a_picture_does_not_run(
    watch: Watch, stack: Stack, clinic_site: Callable[[str, str], None], other_site: str, *, protected: bool
) -> None:
    watched = watch()
    watched.expected = ("The action has been blocked",)
    embed(clinic_site, stack.url, protected=protected)
    page = watched.open(other_site)
    page.get_by_role("button", name="Ask a question").click()
    reply = {
        "text": SCRIPT,
        "html": SCRIPT,
        "sources": [{"key": "X", "title": SCRIPT, "url": "javascript:window.harmed=1"}],
        "checked": "2026-11-24",
        "signed_off": SCRIPT,
        "choices": [{"id": SCRIPT, "title": SCRIPT}],
        "response": "utter_x.y",
        "urgency": "none",
        "phones": [{"text": "x", "tel": '"><script>window.harmed=1</script>'}],
        "picture": {
            "svg": '<svg xmlns="http://www.w3.org/2000/svg" onload="window.harmed=1"><script>window.harmed=1</script>'
            '<foreignObject><iframe src="javascript:window.harmed=1"></iframe></foreignObject></svg>',
            "blocks": "",
        },
    }
    headers = {"access-control-allow-origin": other_site}
    answer = {"id": None, "replies": [reply]}
    page.route("**/api/messages", lambda route: route.fulfill(json=answer, headers=headers))
    shown = ask(page, "hello")
    page.wait_for_timeout(300)
    assert page.evaluate("window.harmed") is None
    assert shown.locator("script, iframe, [onerror], [onload], a[href^=javascript]").count() == 0


def test_without_scripts_the_page_says_whom_to_call(watch: Watch, stack: Stack) -> None:
    page = watch(java_script_enabled=False).open(stack.url)
    expect(page.get_by_text("It needs JavaScript; if nothing appears, contact")).to_be_visible()
    expect(page.get_by_text("Do not wait for a chat. Call")).to_be_visible()


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "small": {"viewport": {"width": 320, "height": 640}},
    "zoomed": {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2},
    "forced colours": {"forced_colors": "active"},
    "less motion": {"reduced_motion": "reduce"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_stands_in_the_way_of_anybody(watch: Watch, stack: Stack, look: str) -> None:
    page = watch(**LOOKS[look]).open(stack.url)
    expect(field(page)).to_be_visible()
    found = {"empty": violations(page)}
    ask(page, "hmm so what about the thing with the other one")
    found["choices"] = violations(page)
    ask(page, "Can I drink alcohol?").get_by_role("button", name=re.compile("^Source 1")).click()
    found["answer"] = violations(page)
    ask(page, "70 kg, 20 mg for 30 days, then 40 mg for 60 days. What is my total so far?")
    found["picture"] = violations(page)
    ask(page, "my eyes have turned yellow")
    found["urgent"] = violations(page)
    ask(page, "i want to kill myself")
    found["emergency"] = violations(page)
    page.get_by_role("button", name="More options").click()
    found["menu"] = violations(page)
    page.get_by_role("button", name="Delete my conversation").click()
    found["question"] = violations(page)
    assert {state: what for state, what in found.items() if what} == {}
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing to scroll sideways"


def test_nothing_is_hidden_beneath_the_field_on_a_low_screen(watch: Watch, stack: Stack) -> None:
    page = watch(**LOOKS["zoomed"], reduced_motion="reduce").open(stack.url)
    source = ask(page, "Can I drink alcohol?").get_by_role("button", name=re.compile("^Source 1"))
    source.evaluate("""source => {
        let scroller = source.parentElement;
        while (!["auto", "scroll"].includes(getComputedStyle(scroller).overflowY)) scroller = scroller.parentElement;
        const { top, height } = source.getBoundingClientRect();
        const edge = scroller.closest(".panel").querySelector("footer").getBoundingClientRect().top;
        scroller.scrollBy({ top: top + height / 2 - edge, behavior: "instant" });
    }""")
    beneath = """s => s.getBoundingClientRect().bottom
        - s.closest(".panel").querySelector("footer").getBoundingClientRect().top"""
    assert source.evaluate(beneath) > 0, "half of it is out of sight"
    assert violations(page) == []
    source.focus()
    assert source.evaluate(beneath) < 1, "what has the focus is in sight, to the pixel"


def test_it_reads_from_right_to_left(watch: Watch, stack: Stack) -> None:
    page = watch(viewport={"width": 320, "height": 640}).open(stack.url)
    page.locator("isobot-chat").evaluate("chat => { chat.dir = 'rtl'; }")
    ask(page, "Can I drink alcohol?")
    mine, theirs = log(page).locator(".person").last, log(page).get_by_role("article").last
    assert mine.bounding_box()["x"] < 80 or theirs.evaluate("t => getComputedStyle(t).direction") == "rtl"  # type: ignore[index]
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_message_is_announced_once_and_whole(page: Page) -> None:
    expect(log(page)).to_have_attribute("aria-live", "polite")
    log(page).evaluate(
        """log => { window.added = []; new MutationObserver(changes => changes.forEach(c => c.addedNodes.forEach(n => {
        if (n.nodeType === 1 && n.matches('article')) window.added.push(n.textContent.trim().length) })))
        .observe(log, {childList: true, subtree: true}) }"""
    )
    ask(page, "Can I drink alcohol?")
    page.wait_for_timeout(500)
    added = page.evaluate("window.added")
    assert len(added) == 1
    assert added[0] > 100, "it came with all its words"


def pick(page: Page, item: str) -> None:
    """Pick from the menu."""
    page.get_by_role("button", name="More options").click()
    page.get_by_role("button", name=item).click()


def embed(clinic_site: Callable[[str, str], None], server: str, *, protected: bool = True) -> None:
    """Put the chat on the clinic's website, whose policy allows nothing but it, or has none."""
    policy = (
        f"default-src 'none'; script-src {server}; connect-src {server}; base-uri 'none'; form-action 'none'; "
        f"require-trusted-types-for 'script'; trusted-types lit-html dompurify"
    )
    clinic_site(
        f'<!doctype html><html lang="en"><title>Elm Street Dermatology</title><body><main><h1>Elm Street</h1></main>'
        f'<script type="module" src="{server}/chat.js"></script><isobot-chat name="Elm Street"></isobot-chat>',
        policy if protected else "",
    )
