"""What the names of columns have in common: a question and its option, by header rows and by marks in names."""

import html
import re

from pipeline.sources.survey.inspection.facts import Facts
from pipeline.sources.survey.inspection.words import words

_ITEM_IN_BRACKETS = re.compile(r"^(.*\S)\s*\[([^{\]][^\]]*)\]$")
_FORMS = (
    re.compile(r"^(.*\S)\s*\(choice=(.+)\)$"),  # REDCap's labels
    _ITEM_IN_BRACKETS,
    re.compile(r"^(.*\S) [-–—] (.+)$"),
    re.compile(r"^(.*\S)\s*\(([^()]+)\)$"),
    re.compile(r"^(.*[\w?)])\s?: (.+)$"),
    re.compile(r"^(.*[\w?)])\s?(?:[|/>]|>>) (.+)$"),
    re.compile(r"^(.+[^\s/])/([^\s/][^/]*)$"),  # a path: `group/question/option`
    re.compile(r"^(\S*\w)\.{2,}(\w\S*)$"),  # R writes `Which channels? - Twitter` so
)
# Some tools write the option first: `Facebook:Which channels do you use?`.
_OPTION_FIRST = re.compile(r"^([^:?]{1,80}): ?([^:]+\?)$")
_QUESTION_CODE = re.compile(r"(Q(?:ID)?\d+)(?:[_.#].*)?")
_CODES = (
    re.compile(r"^(\w+?)___(\w+)$"),  # REDCap's raw names: `channels___1`
    re.compile(r"^([A-Za-z]+_?\d+[a-z]?)[_.](.+)$"),
    re.compile(r"^([A-Za-z][A-Za-z0-9]*?)_(.+)$"),
    re.compile(r"^(.+)_([^_]+)$"),
    re.compile(r"^([A-Za-z]{2,12})(\d{1,2})$"),
)
# LimeSurvey's code and wording in one header: `G01Q04[SQ001]. What keeps you? [Lack of time]`.
_CODE_AND_TEXT = re.compile(r"^([A-Za-z]\w*)\[(\w+)\](?:\[(\w+)\])?[.:]?\s+(.*)$")
# Words before a bar that stand for no question: `is_b2b` and `is_active` have nothing in common.
_GENERIC = {
    *("is", "has", "do", "does", "did", "are", "was", "can", "will", "have", "had", "q", "question", "v", "var", "col"),
    *("column", "field", "item", "answer", "x", "the", "frage", "f", "a", "my", "our", "your", "should", "would"),
}
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->")
_PLACEHOLDER = re.compile(r"\[?\$?\{[^{}]*\}\]?")
ALL_THAT_APPLY = re.compile(
    r"\b(all that|any that|as many|tick all|check all|choose all|select all|multiple|mehrfach\w*|alle zutreffenden"
    r"|plusieurs|varias|todas las)\b",
    re.IGNORECASE,
)


def split_names(facts: Facts) -> list[tuple[str, str]]:
    """Ways to split a column's header into a question and an option, the most telling first."""
    name = facts.column.name
    if facts.is_under_question:
        inner = _ITEM_IN_BRACKETS.match(facts.label)
        deeper = [(f"{facts.question} / {inner[1]}", inner[2])] if inner else []
        return deeper or [(facts.question, facts.label)]
    found = []
    if match := _CODE_AND_TEXT.match(name):
        rest, _, option = match[4].rpartition(" [")
        found.append((f"{match[1]}. {rest}".strip(), option.rstrip("]") or match[3] or match[2]))
    if match := _OPTION_FIRST.match(name):
        found.append((match[2], match[1]))
    for text in dict.fromkeys((facts.question, name)):
        for form in _FORMS:
            if match := form.match(text):
                found.append((match[1], match[2]))
    for form in _CODES:
        match = form.match(name)
        if match and words(match[1]) not in _GENERIC:
            found.append((match[1], match[2]))
    return found


def readable(text: str) -> str:
    """A header for people: without tags and placeholders, names that R has rewritten (`How.many.`) with blanks."""
    plain = re.sub(r"(?<=\w)\.+(?=\w)", " ", text) if text.count(".") > 2 and " " not in text else text
    plain = _PLACEHOLDER.sub(" ", _TAG.sub(" ", html.unescape(plain)))
    return " ".join(plain.split()).strip(" -:|/") or "(no wording)"


def have_other_codes(one: str, other: str) -> bool:
    """True for columns of two questions by the tool's own names: `Q4_1` and `Q5_1`, whatever their wording."""
    first, second = (_QUESTION_CODE.fullmatch(name) for name in (one, other))
    return first is not None and second is not None and first[1] != second[1]
