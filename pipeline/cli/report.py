"""`tweetbench report`: rebuilds the HTML summary of a kept version and sends what changed."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.console import say, say_json
from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.reader import KeptVersion, kept_versions
from pipeline.settings import Settings, load_settings


def report(
    addresses: Annotated[list[str] | None, typer.Argument(metavar="[URL]...", help="Services for --notify")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The version current at the end of this UTC day"),
    ] = None,
    version: Annotated[int | None, typer.Option(min=1, help="This version instead of the newest")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default DATA_DIR/reports/vN")] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser")] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Send what changed since the previous version (or TWEETBENCH_NOTIFY_URLS)")
    ] = False,
    brief: Annotated[bool, typer.Option("--brief", help="Write brief.html instead, one page to forward")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Rebuild the HTML summary with its charts and tables, or send what changed. Each version also contains its report:
    published/current/report/index.html.

    Examples:

      tweetbench report --open

      tweetbench report --brief --open

      tweetbench report --as-of 2026-10-31 --out october

      tweetbench report --notify mailto://user:password@example.org
    """
    settings = load_settings()
    if addresses and not notify:
        raise TweetbenchError(
            "addresses need --notify", next_step="tweetbench report --notify URL...", exit_code=Exit.USAGE
        )
    kept = kept_versions(settings)
    chosen = choose_version(kept, as_of=as_of, version=version)
    facts: dict[str, Any] = {"version": chosen.version, "published_at": chosen.published_at}
    if notify:
        facts["notified"] = _notify(settings, kept, chosen, _addresses(settings, addresses or []))
    # The version contains its report: a digest alone, as a schedule sends it, rebuilds nothing.
    folder = out or settings.reports_dir / f"v{chosen.version}"
    if brief:
        facts |= _write_brief(settings, chosen, folder)
    elif out or open_page or not notify:
        facts |= _rebuild(settings, chosen, folder)
    if json_output:
        say_json(facts)
    else:
        _say(facts)
    if open_page:
        typer.launch(Path(facts["page"]).resolve().as_uri())


def _rebuild(settings: Settings, chosen: KeptVersion, folder: Path) -> dict[str, Any]:
    _check_folder(folder)
    # The charting libraries cost half a second: other commands stay without them.
    from pipeline.report.building import build_report

    done = build_report(chosen.file, folder, settings=settings)
    return {"page": str(done.page), "figures": done.figure_count, "problems": done.problems}


def _write_brief(settings: Settings, chosen: KeptVersion, folder: Path) -> dict[str, Any]:
    _check_folder(folder)
    from pipeline.report.brief import build_brief

    return {"page": str(build_brief(chosen.file, folder, settings=settings))}


def _say(facts: dict[str, Any]) -> None:
    say(f"version {facts['version']} of {facts['published_at']:%Y-%m-%d %H:%M} UTC")
    if "notified" in facts:
        say(f"  digest sent to {facts['notified']} service{'s' if facts['notified'] != 1 else ''}")
    if "page" in facts:
        folder = Path(facts["page"]).parent
        say(f"  page    {facts['page']}")
        if "figures" in facts:
            say(f"  charts  {folder / 'charts'}   tables  {folder / 'tables'}")
        for problem in facts.get("problems", ()):
            say(f"  problem: {problem}")


def choose_version(kept: list[KeptVersion], *, as_of: datetime | None, version: int | None) -> KeptVersion:
    """The requested version, by default the newest.

    Raises:
        TweetbenchError: nothing is published, both are given, or that version is not kept.
    """
    if as_of and version:
        raise TweetbenchError(
            "--as-of and --version both choose a version", next_step="give only one of them", exit_code=Exit.USAGE
        )
    if not kept:
        raise TweetbenchError(
            "nothing has been published yet", next_step="tweetbench run", exit_code=Exit.CONFIGURATION
        )
    found = kept
    if version:
        found = [each for each in kept if each.version == version]
    if as_of:
        end = datetime.combine(as_of.date(), time.max, tzinfo=UTC)
        found = [each for each in kept if each.published_at <= end]
    if not found:
        listed = ", ".join(f"v{each.version} ({each.published_at:%Y-%m-%d})" for each in kept)
        raise TweetbenchError(
            f"version {version} is not kept" if version else f"no version of {as_of:%Y-%m-%d} or earlier is kept",
            where=f"kept versions: {listed}",
            why="TWEETBENCH_VERSIONS_KEPT versions stay on disk; older ones are removed",
            next_step=f"tweetbench report --version {kept[0].version}   (the oldest)",
            exit_code=Exit.USAGE,
        )
    return found[-1]


def _check_folder(folder: Path) -> None:
    if folder.exists() and (
        not folder.is_dir()
        or (any(folder.iterdir()) and not any((folder / name).exists() for name in ("index.html", "brief.html")))
    ):
        raise TweetbenchError(
            "the folder contains something other than a report",
            where=str(folder),
            why="its files would be mixed with those of the report",
            next_step="give an empty or new folder with --out",
            exit_code=Exit.USAGE,
        )


def _addresses(settings: Settings, given: list[str]) -> list[str]:
    kept = settings.notify_urls.get_secret_value().split() if settings.notify_urls else []
    if not (given or kept):
        raise TweetbenchError(
            "there is nobody to notify",
            next_step="tweetbench report --notify URL..., or set TWEETBENCH_NOTIFY_URLS in .env",
            exit_code=Exit.CONFIGURATION,
        )
    return given or kept


def _notify(settings: Settings, kept: list[KeptVersion], chosen: KeptVersion, addresses: list[str]) -> int:
    from pipeline.report.catalogue import speaking
    from pipeline.report.digest import write_digest
    from pipeline.report.notify import send

    before = [each for each in kept if each.version < chosen.version]
    with speaking(settings.language):
        digest = write_digest(chosen, before[-1] if before else None)
    return send(digest, addresses)
