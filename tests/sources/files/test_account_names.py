"""Handles and links as people paste them: the platform that is meant, or a refusal that says what to write."""

import re

import pytest

from pipeline.sources.files.account_names import recognise_account


@pytest.mark.parametrize(
    ("text", "platform", "handle"),
    [
        ("@Acme", "x", "Acme"),
        (" @acme_inc ", "x", "acme_inc"),
        ("＠acme", "x", "acme"),
        ("https://x.com/acme", "x", "acme"),
        ("https://www.x.com/acme?s=21", "x", "acme"),
        ("twitter.com/@acme", "x", "acme"),
        ("https://mobile.twitter.com/acme/status/123", "x", "acme"),
        ("http://twitter.com/#!/acme", "x", "acme"),
        ("acme.bsky.social", "bluesky", "acme.bsky.social"),
        ("@Acme.bsky.social", "bluesky", "acme.bsky.social"),
        ("acme.com", "bluesky", "acme.com"),
        ("@shop.acme.co.uk", "bluesky", "shop.acme.co.uk"),
        ("did:plc:ewvi7nxzyoun6zhxrhs64oiz", "bluesky", "did:plc:ewvi7nxzyoun6zhxrhs64oiz"),
        ("did:web:acme.com", "bluesky", "did:web:acme.com"),
        ("https://bsky.app/profile/acme.com/post/3k2a", "bluesky", "acme.com"),
        (
            "https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz",
            "bluesky",
            "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        ),
        ("@acme@mastodon.social", "mastodon", "acme@mastodon.social"),
        ("acct:acme@mastodon.social", "mastodon", "acme@mastodon.social"),
        ("https://mastodon.social/@acme", "mastodon", "acme@mastodon.social"),
        ("https://mastodon.social/@acme/113456789012345678", "mastodon", "acme@mastodon.social"),
        ("https://mastodon.social/@acme@techhub.social", "mastodon", "acme@techhub.social"),
        ("https://mastodon.social/users/acme", "mastodon", "acme@mastodon.social"),
        ("https://mastodon.social/users/acme/statuses/113456789012345678", "mastodon", "acme@mastodon.social"),
        ("https://mastodon.social/web/@acme", "mastodon", "acme@mastodon.social"),
        ("mastodon.social/@apple-deals.9to5", "mastodon", "apple-deals.9to5@mastodon.social"),
    ],
)
def test_what_names_an_account_names_its_platform(text: str, platform: str, handle: str) -> None:
    assert recognise_account(text) == (platform, handle)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("acme", "@acme for X, acme.bsky.social for Bluesky, or @acme@server for Mastodon"),
        ("sales@acme.com", "could be an e-mail address"),
        ("", "is not one handle"),
        ("@", "is not one handle"),
        ("@acme @other", "is not one handle"),
        ("follow https://x.com/acme", "is not one handle"),
        ("https://www.threads.net/@acme", "leads to Threads"),
        ("https://www.linkedin.com/company/acme", "LinkedIn (its page exports can be ingested as files)"),
        ("https://acme.com", "write acme.com"),
        ("https://acme.com/about", "is no link to an account"),
        ("bsky.app", "is a platform, not an account"),
        ("twitter.com", "is a platform, not an account"),
        ("https://x.com/home", "is a link to a page"),
        ("https://x.com/", "is a link to a page"),
        ("https://bsky.app/", "is not a Bluesky handle"),
        ("@acme_with_a_long_name", "21 characters"),
        ("@асme", "CYRILLIC SMALL LETTER A"),
        ("acme_inc.bsky.social", "is not a Bluesky handle"),
        ("@acme.com@bsky.brid.gy", "copy of an account on Bluesky"),
        ("acme.mastodon.social.ap.brid.gy", "copy of an account on Mastodon"),
        ("ndmais.com.br.web.brid.gy", "posts of a website"),
        ("@zuck@threads.net", "copy only of an account on Threads"),
        ("acme.invalid", "does not resolve"),
        ("did:plc:", "is not a Bluesky handle"),
        ("@acme@localhost", "is not a Mastodon handle"),
        ("https://mastodon.social/@", "is not a Mastodon handle"),
        ("C:\\Users\\acme\\rivals.txt", "is not a Bluesky handle"),
    ],
)
def test_what_could_be_two_platforms_or_none_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        recognise_account(text)
