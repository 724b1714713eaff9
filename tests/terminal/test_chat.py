"""The terminal: scripts, pipes, a real pseudo-terminal, and every way in which a conversation can end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pexpect
import pytest

from isobot.cli.stack import Stack

CHAT = [sys.executable, "-m", "isobot.cli.chat"]


def chat(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CHAT, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2] if Path("/proc").exists() else True


def wait_until(condition: Any, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(p) for p in found.split()]


def test_one_question_is_answered_with_sources_and_date(stack: Stack) -> None:
    done = chat("--url", stack.url, "--ask", "Can I drink alcohol?")
    assert done.returncode == 0
    assert "alcohol" in done.stdout
    assert "Sources: " in done.stdout
    assert "Checked 20" in done.stdout
    assert "not yet signed off by a clinician" in done.stdout
    assert "\x1b" not in done.stdout


def test_json_is_a_line_for_each_message(stack: Stack) -> None:
    done = chat("--url", stack.url, "--json", stdin="I'm in the UK\nI missed a dose\n\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["text"] for line in lines] == ["I'm in the UK", "I missed a dose"]
    assert lines[1]["replies"][0]["response"] == "utter_missed_dose.one"
    assert "In the US" not in lines[1]["replies"][0]["text"]


def test_the_country_can_be_given(stack: Stack) -> None:
    done = chat("--url", stack.url, "--country", "uk", "--ask", "I missed a dose")
    assert "In the US" not in done.stdout


def test_a_transcript_is_written_only_when_asked_for(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "transcript.txt"
    chat("--url", stack.url, "--ask", "Can I drink alcohol?", "--transcript", str(file), HOME=str(tmp_path))
    text = file.read_text(encoding="utf-8")
    assert text.startswith("You: Can I drink alcohol?")
    assert "Sources: " in text
    assert [p.name for p in tmp_path.iterdir()] == ["transcript.txt"]


@pytest.mark.parametrize("arguments", [["--country", "XX"], ["--nonsense"], ["--ask"]])
def test_wrong_arguments_end_with_2(arguments: list[str]) -> None:
    done = chat(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_nobody_at_the_address_is_one_clear_line() -> None:
    done = chat("--url", "http://127.0.0.1:9", "--ask", "hi")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "error: No assistant answers at http://127.0.0.1:9. Is the address right, and is it running?"
    ]


def test_a_server_of_another_kind_is_one_clear_line(stack: Stack) -> None:
    done = chat("--url", f"{stack.url}/nothing", "--ask", "hi")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


class Terminal(pexpect.spawn):
    """The chat in a pseudo-terminal of 100 columns."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        env = {**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", **environment}
        super().__init__(CHAT[0], [*CHAT[1:], *arguments], env=env, encoding="utf-8", timeout=60, dimensions=(40, 100))


def test_a_conversation_in_a_terminal(stack: Stack) -> None:
    terminal = Terminal("--url", stack.url)
    terminal.expect("General information")
    terminal.expect("You:")
    terminal.sendline("hmm so what about the thing with the other one")
    terminal.expect("1\\. ")
    terminal.expect("You:")
    terminal.sendline("can I drink alcohol?")
    terminal.expect("Sources")
    terminal.expect("You:")
    terminal.send("\x12")  # Ctrl-R looks through what was typed
    terminal.expect("i-search")
    terminal.send("thing")
    terminal.expect("other one")
    terminal.send("\x07")
    terminal.sendeof()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_no_color_means_plain_text(stack: Stack) -> None:
    terminal = Terminal("--url", stack.url, "--ask", "Can I drink alcohol?", NO_COLOR="1")
    terminal.expect(pexpect.EOF)
    assert "\x1b[" not in terminal.before
    assert "Sources: " in terminal.before


def test_ctrl_c_ends_with_130_and_one_line(stack: Stack) -> None:
    terminal = Terminal("--url", stack.url)
    terminal.expect("You:")
    terminal.sendintr()
    terminal.expect("Stopped.")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert "Traceback" not in terminal.before


def test_the_chat_starts_its_servers_and_ends_them(model: Path) -> None:
    terminal = Terminal()
    terminal.expect("Loading the assistant")
    terminal.expect("You:", timeout=120)
    servers = children(terminal.pid)
    assert len(servers) == 2
    terminal.sendline("Can I drink alcohol?")
    terminal.expect("Sources")
    terminal.expect("You:")
    terminal.sendeof()
    terminal.expect(pexpect.EOF, timeout=30)
    terminal.close()
    assert terminal.exitstatus == 0
    assert not any(is_running(pid) for pid in servers)


def test_no_orphan_is_left_when_the_chat_is_killed_or_its_server_dies(model: Path, tmp_path: Path) -> None:
    with Stack(model=model, database=tmp_path / "c.db") as own:
        own.wait_until_ready()
        engine = own.process_id("engine")
        assert httpx.get(f"{own.url}/healthz").status_code == 200
        terminal = Terminal("--url", own.url)
        terminal.expect("You:")
        os.kill(engine, signal.SIGKILL)
        assert wait_until(lambda: not _answers(own.url))
        terminal.sendline("are you there?")
        terminal.expect("error: The assistant has stopped answering")
        terminal.expect(pexpect.EOF)
        terminal.close()
        assert terminal.exitstatus == 1

    killed = Terminal()
    killed.expect("You:", timeout=120)
    servers = children(killed.pid)
    assert len(servers) == 2
    os.kill(killed.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(is_running(pid) for pid in servers))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=1).is_success
    except httpx.HTTPError:
        return False


def test_without_a_model_the_error_says_what_to_do(tmp_path: Path) -> None:
    from isobot.cli.stack import StackError

    with pytest.raises(StackError, match="make train"):
        Stack(model=tmp_path / "none.tar.gz").start()


def test_the_assistant_answers_without_its_action_server(model: Path, tmp_path: Path) -> None:
    with Stack(model=model, database=tmp_path / "c.db", with_actions=False) as own:
        own.wait_until_ready()
        done = chat("--url", own.url, "--json", stdin="hmm so what about the thing with the other one\nCan I drink?\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["replies"][-1]["response"] == "utter_clarify"
    assert lines[1]["replies"][0]["sources"]
