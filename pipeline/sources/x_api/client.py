"""tweepy's client for one credential, with every request carried by the guarded transport."""

import requests
import tweepy

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.api.http import GuardedAdapter
from pipeline.sources.api.run import ApiRun
from pipeline.sources.x_api.config import TWEEPY_HOST, XApiConfig

# tweepy logs its headers at DEBUG, so it is given this text; the token itself is put on when a request leaves.
PLACEHOLDER = "put-on-by-the-transport"


def open_client(config: XApiConfig, run: ApiRun, *, as_user: bool = False) -> tuple[tweepy.Client, GuardedAdapter]:
    """tweepy's client with the guarded transport mounted, and that transport.

    Raises:
        TweetbenchError: a token cannot be one.
    """
    user = config.user_token if as_user else None
    if user and user.is_oauth1:
        keys = {
            name: getattr(user, name).get_secret_value()
            for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        }
        client, bearer = tweepy.Client(**keys, return_type=requests.Response), None
    else:
        client = tweepy.Client(PLACEHOLDER, return_type=requests.Response, wait_on_rate_limit=False)
        bearer = (user.access_token if user else config.bearer_token).get_secret_value()
    if any(not secret.isascii() or not secret.isprintable() or " " in secret for secret in config.secrets()):
        raise TweetbenchError(
            "an X API token contains a character that no token has",
            where="environment or .env",
            why="a token has no line breaks, spaces or non-ASCII characters",
            next_step="copy the token again from the X developer portal, then run: tweetbench doctor",
            exit_code=Exit.CONFIGURATION,
        )
    adapter = GuardedAdapter(config, run, bearer=bearer, written_host=TWEEPY_HOST)
    client.session.mount(TWEEPY_HOST, adapter)
    return client, adapter
