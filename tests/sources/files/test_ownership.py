"""Whose export is this?"""

from datetime import UTC, datetime

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.ownership import export_account
from pipeline.sources.files.protocol import Request

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def asked(account: str | None = None, *own: str) -> Request:
    return Request(now=NOW, account=account, own_handles=frozenset(own))


@pytest.mark.parametrize(
    ("links", "request_", "hint", "account", "origin"),
    [
        (["Brand", "brand", "rival"], asked(), "hinted", "brand", "from its links"),
        (["brand"], asked(None, "brand"), None, "brand", "from its links"),
        (["brand"], asked("@Brand"), None, "Brand", "given with --account"),
        ([], asked(), "hinted", "hinted", "from the file name X gave it"),
        ([], asked("x.com/brand"), "hinted", "brand", "given with --account"),
        ([], asked(None, "brand"), None, "brand", "the only own account in accounts.csv"),
    ],
)
def test_the_account_comes_from_the_user_the_links_the_name_or_the_registry(
    links: list[str], request_: Request, hint: str | None, account: str, origin: str
) -> None:
    assert export_account(links, request_, file_name="a.csv", name_hint=hint) == (account, origin)


@pytest.mark.parametrize(
    ("links", "request_", "hint", "words", "cure"),
    [
        (["brand"], asked("rival"), None, "belong to @brand, not to @rival", "--account brand"),
        (["rival"], asked(None, "brand"), None, "belongs to @rival, which accounts.csv", "set is_own for @rival"),
        ([], asked(None, "brand"), "rival", "belongs to @rival, which accounts.csv", "--account rival"),
        ([], asked(), None, "which account it belongs to", "--account HANDLE"),
        ([], asked(None, "brand", "second"), None, "which account it belongs to", "--account HANDLE"),
    ],
)
def test_another_account_and_an_unknown_one_are_refused_with_the_cure(
    links: list[str], request_: Request, hint: str | None, words: str, cure: str
) -> None:
    with pytest.raises(TweetbenchError, match=words) as caught:
        export_account(links, request_, file_name="a.csv", name_hint=hint)
    assert caught.value.where == "a.csv"
    assert cure in caught.value.next_step


def test_an_account_that_is_no_handle_is_wrong_usage() -> None:
    with pytest.raises(TweetbenchError, match="is not a handle") as caught:
        export_account(["brand"], asked("two words"), file_name="a.csv")
    assert caught.value.exit_code is Exit.USAGE
