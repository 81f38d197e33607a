"""What reaches a terminal: text of the data is shown and never obeyed."""

import io
import json

import pytest
from rich.console import Console
from rich.table import Table

from pipeline.cli import console
from pipeline.errors import TweetbenchError

ATTACK = "a\x1b]0;title\x07\x1b[2J\x9b31m\u202eb\x7f\u2028\u200f"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_no_sequence_that_a_terminal_obeys_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_terminal: bool
) -> None:
    shown = io.StringIO()
    for name in ("out", "err"):
        made = Console(file=shown, force_terminal=is_terminal, no_color=True, width=200, soft_wrap=True)
        monkeypatch.setattr(console, name, made)
    console.say(ATTACK)
    console.say_table(ATTACK, [ATTACK], [(ATTACK,)])
    console.say_facts({"fact": ATTACK})
    console.say_error(TweetbenchError(ATTACK, where=ATTACK, why=ATTACK, next_step=ATTACK))
    console.say_json({ATTACK: ATTACK})
    spoken = capsys.readouterr().out
    assert json.loads(spoken) == {ATTACK: ATTACK}
    text = shown.getvalue() + spoken
    assert "]0;title" in text, "it is shown"
    for forbidden in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\x7f", "\u2028", "\u200f"):
        assert forbidden not in text


def test_words_between_colons_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    text = "/data/:x:/posts.csv 10:100:20 :on:"
    console.say(text)
    console.say_facts({"file": text})
    console.say_error(TweetbenchError(text, where=text))
    console.out.print(Table(text))
    said = capsys.readouterr()
    assert said.out.count(text) == 3
    assert said.err.count(text) == 2
