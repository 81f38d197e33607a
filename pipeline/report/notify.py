"""Sends a digest to the services of its reader (mail, chat, web hooks) through apprise, which is an optional extra.

The addresses hold tokens and passwords: they appear in no message, error or log; a service is called by its number.
"""

import logging
from collections.abc import Sequence
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.report.digest import Digest

NEXT_INSTALL = "install the extra: pip install 'tweetbench[notify]', then run: tweetbench report --notify"


def send(digest: Digest, addresses: Sequence[str]) -> int:
    """Send to every address; a service that shows HTML gets HTML, the others plain text. Returns how many were sent to.

    Raises:
        TweetbenchError: apprise is not installed, an address is not one, or a service did not take the message.
    """
    apprise = _load()
    services = []
    for number, address in enumerate(addresses, start=1):
        collection = apprise.Apprise()
        if not collection.add(address):
            raise TweetbenchError(
                f"address {number} of {len(addresses)} is not one that apprise knows",
                where="the addresses after --notify, or TWEETBENCH_NOTIFY_URLS",
                why="it is not shown because it may hold a password",
                next_step="see the list of services at github.com/caronc/apprise, for example mailto:// or slack://",
                exit_code=Exit.CONFIGURATION,
            )
        services.append(collection)
    failed = [number for number, service in enumerate(services, start=1) if not _tell(apprise, service, digest)]
    if failed:
        raise TweetbenchError(
            f"{len(failed)} of {len(services)} services did not take the digest",
            where="number " + ", ".join(map(str, failed)) + " in the order given",
            why="the service cannot be reached or refused the message",
            next_step="check the address and the network, then run: tweetbench report --notify",
            exit_code=Exit.UNAVAILABLE,
        )
    return len(services)


def _tell(apprise: Any, service: Any, digest: Digest) -> bool:
    text, html = apprise.NotifyFormat.TEXT, apprise.NotifyFormat.HTML
    shows_html = all(_form(plugin, text) == html for plugin in service)
    body, body_format = (digest.html, html) if shows_html else (digest.text, text)
    return bool(service.notify(body=body, title=digest.title, body_format=body_format))


def _form(plugin: Any, given: Any) -> Any:
    """The form in which a service would show a message of the given form; older apprise knows one form for each."""
    return plugin.resolve_format(given) if hasattr(plugin, "resolve_format") else plugin.notify_format


def _load() -> Any:
    # Its warnings quote addresses.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    try:
        import apprise
    except ImportError:
        raise TweetbenchError(
            "sending needs apprise, which is not installed",
            next_step=NEXT_INSTALL,
            exit_code=Exit.CONFIGURATION,
        ) from None
    return apprise
