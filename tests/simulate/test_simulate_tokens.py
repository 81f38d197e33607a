"""Page tokens: opaque, bound to one account, and never a reason to crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulate.paging import FROM_THE_TOP, decode_token, encode_token
from pipeline.simulate.parameters import BadParameterError

ACCOUNT_IDS = st.from_regex(r"[1-9][0-9]{0,18}", fullmatch=True)


@given(ACCOUNT_IDS, st.integers(0, FROM_THE_TOP))
def test_a_token_leads_back_to_its_place_and_does_not_show_it(account_id: str, below: int) -> None:
    token = encode_token(account_id, below)
    assert decode_token(token, account_id) == below
    assert token.isalnum()
    assert str(below) not in token or below < 1_000


@given(ACCOUNT_IDS, ACCOUNT_IDS, st.integers(0, FROM_THE_TOP))
def test_a_token_of_another_account_is_refused(mine: str, other: str, below: int) -> None:
    if mine != other:
        with pytest.raises(BadParameterError, match="is not valid"):
            decode_token(encode_token(other, below), mine)


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadParameterError, match="is not valid"):
        decode_token(text, "5")
