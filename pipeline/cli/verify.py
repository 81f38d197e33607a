"""`tweetbench verify`: checks every stored file, and moves damaged ones aside on request."""

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.console import say, say_json
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings, load_settings


def verify(
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Move damaged lake files aside and restore their rows where possible")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print everything as JSON")] = False,
) -> None:
    """Read every stored file in full and compare it with its manifest; exits with 65 if anything is damaged.

    Examples:

      tweetbench verify

      tweetbench verify --quarantine
    """
    from pipeline.maintain.verify import verify as verify_all

    settings = load_settings()
    repairs = _quarantine(settings) if quarantine else []
    found = verify_all(settings, now=utc_now())
    if json_output:
        say_json({**asdict(found), "is_whole": not found.damage, "repairs": repairs})
    else:
        for repair in repairs:
            say(f"moved aside {repair['where']} ({repair['problem']}): {repair['outcome']}")
        for finding in found.findings:
            say(f"{'DAMAGED' if finding.is_damage else 'note   '} {finding.where}: {finding.what} ({finding.why})")
            say(f"        next: {finding.next_step}")
        say(
            f"{found.file_count:,} lake files with {found.row_count:,} rows ({found.byte_count / 1e6:,.1f} MB) and "
            f"{found.version_count} published versions were read: {len(found.damage)} damaged"
        )
    error = found.error()
    if error:
        raise error


def _quarantine(settings: Settings) -> list[dict[str, str | None]]:
    from pipeline.maintain.lake_repair import quarantine_damage

    now = utc_now()
    with hold_lease(settings, purpose="verify --quarantine", now=now, without_readers=True):
        return [asdict(repair) for repair in quarantine_damage(settings, now=now)]
