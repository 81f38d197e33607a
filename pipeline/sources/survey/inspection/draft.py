"""The mapping that a person will correct, as YAML with comments. What goes into it was decided elsewhere."""

import json
import re
from collections.abc import Iterator, Sequence

from pipeline.sources.personal_data import find_kind
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.columns import Facts, Guess
from pipeline.sources.survey.inspection.grouping import Group, option_of
from pipeline.sources.survey.inspection.joined import find_options
from pipeline.sources.survey.inspection.scales import find_order

SINGLE_KEYS = ("respondent_id", "started_at", "submitted_at", "weight")
SCHEMA_FILE = "survey-mapping.schema.json"
ID_WORDS = 5
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./()-]*[A-Za-z0-9_.)]|[A-Za-z]")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n", "none"}
_STOP = {
    *("the", "a", "an", "of", "is", "are", "your", "you", "do", "does", "did", "have", "has", "in", "on", "for", "to"),
    *("and", "or", "what", "which", "how", "who", "this", "these", "that", "please", "write"),
}


def write_draft(
    guesses: Sequence[Guess],
    groups: Sequence[Group],
    *,
    survey_id: str,
    title: str,
    tool: str,
    header_rows: int,
    notes: Sequence[str],
) -> str:
    """The text of a mapping file."""
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        f"# Written by `tweetbench survey inspect` from an export of {tool}. Every line is a guess from names and",
        "# cells: read it, correct it, then look at what would happen with: tweetbench ingest FILE --check",
        "# All keys are explained in data/surveys.example.yml.",
        *(f"# {note}" for note in notes),
        f"survey_id: {quoted(survey_id)}",
        f"title: {quoted(title)}",
        f"header_rows: {header_rows}",
        "",
        *_roles(guesses),
        *_segments(guesses),
        "",
        "questions:",
    ]
    taken: set[str] = set()
    for group in groups:
        lines += _question(group, _question_id(group, taken))
    if not groups:
        lines.append("  # no question was recognised: add at least one")
    lines += ["", "# Known and never stored:", *_lists(guesses)]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A text for YAML: plain where that is safe, in double quotes elsewhere."""
    is_plain = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED and " #" not in text and ": " not in text
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _roles(guesses: Sequence[Guess]) -> Iterator[str]:
    for key in SINGLE_KEYS:
        found = [guess.facts for guess in guesses if guess.part == key]
        if found:
            others = f"   # or: {', '.join(each.column.name for each in found[1:])}" if len(found) > 1 else ""
            yield f"{key}: {quoted(found[0].column.name)}{others}"
    if any(guess.part in ("started_at", "submitted_at") for guess in guesses):
        yield "timezone: UTC                     # of times that show no offset: please check"
    complete = next((guess.facts for guess in guesses if guess.part == "complete"), None)
    if complete:
        finished = [text for text in complete.answers if text.casefold() in known.FINISHED]
        values = ", ".join(json.dumps(text, ensure_ascii=False) for text in finished)
        yield f"complete: {{column: {quoted(complete.column.name)}, values: [{values}]}}"
    yield ""
    yield "# Which responses do not count; each rule is counted and shown, and the rows are kept with the reason:"
    yield "# quality:"
    yield "#   field_period: {first_day: 2026-08-03, last_day: 2026-09-04}"
    yield "#   answered_share_from: 0.5"
    yield "#   share_of_median_from: 0.3    # faster than this share of the median time"
    yield ""


def _segments(guesses: Sequence[Guess]) -> Iterator[str]:
    found = [guess for guess in guesses if guess.part == "segment"]
    if not found:
        yield "# segments:                      # the groups to compare: company_size, industry, customer_focus ..."
        return
    yield "segments:                        # the groups to compare"
    taken: set[str] = set()
    for guess in found:
        name = _free(guess.detail, taken)
        facts = guess.facts
        labels = {text: known.focus_label(text) for text in facts.answers} if guess.detail == "customer_focus" else {}
        yield f"  {name}:{_counted(facts)}"
        yield f"    column: {quoted(facts.column.name)}"
        if labels and all(labels.values()):
            pairs = ", ".join(f"{quoted(text)}: {label}" for text, label in labels.items())
            yield f"    labels: {{{pairs}}}"
        yield from _not_answered([facts], "    ")


def _question(group: Group, question_id: str) -> Iterator[str]:
    members = [guess.facts for guess in group.members]
    first = members[0]
    yield f"  {question_id}:{_counted(first)}"
    yield f"    text: {quoted(_wording(group))}"
    yield f"    type: {group.type}"
    if group.type == "multi" and not group.separator:
        yield "    columns:"
        for guess in group.members:
            yield f"      {quoted(guess.facts.column.name)}: {quoted(option_of(guess))}"
        yield from _not_answered(members, "    ")
        return
    if group.is_alone or group.separator:
        yield f"    column: {quoted(first.column.name)}"
    else:
        yield "    columns:"
        for guess in group.members:
            yield f"      {quoted(guess.facts.column.name)}: {quoted(option_of(guess))}"
    if group.separator:
        yield f"    separator: {json.dumps(group.separator)}"
        yield f"    options: {_listed(find_options(first.counts, _spaced(first, group.separator)))}"
    elif group.type == "scale":
        options = list(dict.fromkeys(text for facts in members for text in facts.answers))
        order = find_order(options) or list(group.members[0].order)
        yield f"    scale: {_listed(order)}   # from least to most"
        beside = [text for text in options if text not in order]
        yield from _not_answered(members, "    ", beside)
        return
    elif group.type == "single":
        options = list(dict.fromkeys(text for facts in members for text in facts.answers))
        safe = [text for text in options if not find_kind(text)]
        if safe:
            yield f"    options: {_listed(safe)}"
    yield from _not_answered(members, "    ")


def _spaced(facts: Facts, separator: str) -> str:
    """`, ` where every separator is followed by a blank, so that options keep their inner commas."""
    spaced = f"{separator} "
    return spaced if any(spaced in text for text in facts.counts) and separator in ",;" else separator


def _not_answered(members: Sequence[Facts], indent: str, beside: Sequence[str] = ()) -> Iterator[str]:
    texts = list(dict.fromkeys([*beside, *(text for facts in members for text in facts.not_answered)]))
    if texts:
        yield f"{indent}not_answered: {_listed(texts)}"


def _listed(texts: Sequence[str]) -> str:
    return "[" + ", ".join(json.dumps(text, ensure_ascii=False) for text in texts) + "]"


def _lists(guesses: Sequence[Guess]) -> Iterator[str]:
    for key in ("free_text", "personal", "ignore"):
        found = [guess for guess in guesses if guess.part == key]
        if not found:
            continue
        yield f"{key}:"
        for guess in found:
            why = f"   # {guess.detail}" if guess.detail else ""
            yield f"  - {quoted(guess.facts.column.name)}{why}"
    spare = [guess for key in SINGLE_KEYS for guess in [each for each in guesses if each.part == key][1:]]
    if spare and not any(guess.part == "ignore" for guess in guesses):
        yield "ignore:"
    for guess in spare:
        yield f"  - {quoted(guess.facts.column.name)}   # another {guess.part}"


def _counted(facts: Facts) -> str:
    answered = facts.counts.total() - sum(facts.counts[text] for text in facts.not_answered)
    return f"   # {answered:,} answered"


def _wording(group: Group) -> str:
    first = group.members[0].facts
    if len(group.members) == 1 or (group.type == "multi" and not group.stem and len(group.members) == 1):
        return _readable(first.question or first.label or first.column.name)
    if group.stem and group.stem == first.question:
        return _readable(group.stem)
    if group.stem:
        return _readable(first.question.rsplit(" - ", 1)[0] if " - " in first.question else group.stem)
    options = ", ".join(option_of(guess) for guess in group.members[:4])
    return f"Which of these: {options} ... (please write the question here)"


def _readable(text: str) -> str:
    """A header that a statistics program has rewritten (`How.many.people.`) with its blanks."""
    plain = re.sub(r"(?<=\w)\.+(?=\w)", " ", text) if text.count(".") > 2 and " " not in text else text
    return plain.strip() or "(no wording)"


def _question_id(group: Group, taken: set[str]) -> str:
    first = group.members[0].facts
    source = group.stem or first.column.name
    if re.fullmatch(r"[A-Za-z]{1,12}_?\d{1,5}[a-z]?", source):
        return _free(source, taken)
    if " / " in source and re.match(r"^Q\d+ / ", source):
        return _free(source.split(" / ")[0], taken)
    telling = [word for word in known.words(_wording(group)).split() if word not in _STOP and word.isascii()]
    return _free("_".join(telling[:ID_WORDS])[:60] or f"column_{first.column.position + 1}", taken)


def _free(name: str, taken: set[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_b{number}"
    taken.add(candidate)
    return candidate
