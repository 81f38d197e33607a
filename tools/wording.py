"""Words that read as translated, each with a better one. `python -m tools.wording` lists where they are written and
fails if there are any. Python is searched in its comments, docstrings and texts, other files in whole.
"""

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from pipeline.settings import PROJECT_DIR

SEARCHED = ("*.md", "*.py", "*.sql", "*.yml", "*.yaml", "*.j2", "dbt_project/seeds/*.csv", "Makefile", ".env.example")
# The list itself, the invented people of the demo, and question texts of published surveys.
LEFT_OUT = {"tools/wording.py", "pipeline/simulate/words.py", "tests/mappings/state_of_social_2018.yml"}
BETTER = {
    r"anew": "again",
    r"mend(s|ed|ing|able)?": "repair, fix",
    r"(go|goes|going|gone) on": "continue, resume",
    r"told( apart)?": "known, said; for `told apart`: distinguished",
    r"in vain": "without success",
    r"in words": "say what the words say: as a message, as a sentence",
    r"beside": "next to, against, besides",
    r"(stand|stands|standing|stood) in": "is in, lies in",
    r"(speak|speaks|speaking|spoke) of": "name, refer to, is about",
    r"(go|goes|going) with": "is linked to",
}
WORD = re.compile(r"(?<![\w`'\"])(?:" + "|".join(f"(?:{word})" for word in BETTER) + r")(?![\w`])", re.IGNORECASE)
_TEXTS = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


def find_words(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, word and better words of each place; a word broken over two lines of prose counts too."""
    for first, text in _texts(path):
        for match in WORD.finditer(re.sub(r"\s", " ", text)):
            better = next(known for word, known in BETTER.items() if re.fullmatch(word, match[0], re.IGNORECASE))
            yield first + text.count("\n", 0, match.start()), match[0], better


def _texts(path: Path) -> list[tuple[int, str]]:
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return [(1, content)]
    tokens = tokenize.generate_tokens(io.StringIO(content).readline)
    return [(token.start[0], token.string) for token in tokens if token.type in _TEXTS]


def _searched() -> list[str]:
    named = subprocess.run(  # noqa: S603 - the git of whoever checks, with patterns of ours
        ["git", "ls-files", "-z", "--", *SEARCHED],  # noqa: S607
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(name for name in named.stdout.split("\0") if name and name not in LEFT_OUT)


def main() -> int:
    """Print every place; 1 if there is one."""
    found = [(name, *place) for name in _searched() for place in find_words(PROJECT_DIR / name)]
    for name, line, word, better in found:
        sys.stdout.write(f"{name}:{line}: {word!r}: {better}\n")
    sys.stdout.write(f"{len(found)} words to replace\n" if found else "no word to replace\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
