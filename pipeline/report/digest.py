"""The digest: what changed since the previous version, as title, plain text and HTML. `notify` sends it."""

from dataclasses import dataclass

from pipeline.publish.reader import KeptVersion, open_file
from pipeline.report.building import read_facts
from pipeline.report.catalogue import say
from pipeline.report.changes import Change, changes_between
from pipeline.report.page import Facts, render_digest


@dataclass(frozen=True)
class Digest:
    """A message as text and as HTML."""

    title: str
    text: str
    html: str


def write_digest(current: KeptVersion, before: KeptVersion | None) -> Digest:
    """The digest of a version against the one before it.

    Raises:
        duckdb.Error: one of the versions cannot be read.
    """
    with open_file(current.file) as after:
        facts = read_facts(after)
        if before is None:
            changes = [Change(say("digest.version"), (say("digest.first"),))]
        else:
            with open_file(before.file) as earlier:
                changes = changes_between(earlier, after)
    demo = say("digest.demo_mark") if facts.is_demo else ""
    title = say("digest.title", demo=demo, version=facts.version, published_at=f"{facts.published_at:%Y-%m-%d %H:%M}")
    since = (
        say("digest.since", version=before.version, published_at=f"{before.published_at:%Y-%m-%d %H:%M}")
        if before
        else ""
    )
    html = render_digest(title, since, changes, is_demo=facts.is_demo)
    return Digest(title, _text(facts, since, changes), html)


def _text(facts: Facts, since: str, changes: list[Change]) -> str:
    lines = [say("digest.demo"), ""] if facts.is_demo else []
    lines += [since, ""] if since else []
    for change in changes:
        lines += [change.topic, *(f"- {sentence}" for sentence in change.sentences), ""]
    if not changes:
        lines += [say("digest.nothing")]
    return "\n".join(lines).strip() + "\n"
