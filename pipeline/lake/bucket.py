"""A bucket of an S3 store as five operations: list, get, put, put on a condition, delete. Knows nothing of lakes.

boto3 does the talking: of what speaks S3 in Python, pyarrow's file system and s3fs cannot put on a condition together
with an answer that tells who came first. Every fault of the store becomes a message and an exit code here; messages
carry the store's code and our own words, never its text, which may quote a key.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.clock import utc_now
from pipeline.runtime.failpoints import failpoint
from pipeline.settings import is_loopback

ATTEMPTS, CONNECT_SECONDS, READ_SECONDS = 5, 10, 60
PIECE = 1 << 20
# What leads boto3 elsewhere if it changes while the process lives.
DECIDING = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_REGION",
    "AWS_MAX_ATTEMPTS",
)
REFUSED = {"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
NOT_FOUND, TAKEN, BUSY = {"404", "NoSuchKey"}, {"412", "PreconditionFailed"}, {"409", "ConditionalRequestConflict"}
FULL = {"507", "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"}
ELSEWHERE = {
    "301",
    "307",
    "400",
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
}
INSTALL = "pip install 'tweetbench[s3]'"


@dataclass(frozen=True)
class Stored:
    """An object as a listing shows it; `name` is relative to the bucket's prefix."""

    name: str
    byte_count: int
    etag: str
    modified: datetime


class Bucket:
    """The objects under one prefix of one bucket."""

    def __init__(self, url: str, *, attempts: int = ATTEMPTS, read_seconds: float = READ_SECONDS) -> None:
        self.url = url
        parts = urlsplit(url)
        self._bucket, prefix = parts.netloc, parts.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        # Making a client takes as long as a hundred requests, and a run opens its lake a dozen times.
        self._client = _client(url, attempts, read_seconds, tuple(map(os.environ.get, DECIDING)))
        self.store_time: datetime | None = None  # by the store's own clock, as of its last answer

    def list(self, folder: str = "") -> Iterator[Stored]:
        """Objects whose names begin with `folder`, in the order of their names."""
        token: dict[str, str] = {}
        while True:
            with self._asking("list the bucket"):
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix + folder, **token)
            self._note_time(page)
            for each in page.get("Contents", ()):
                name = each["Key"].removeprefix(self._prefix)
                yield Stored(name, each["Size"], each["ETag"], each["LastModified"])
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def get(self, name: str) -> tuple[bytes, str] | None:
        """An object's bytes and its etag; None where there is none."""
        last: TweetbenchError | None = None
        for _ in range(ATTEMPTS):  # a body that is cut off is no answer that boto3 repeats
            try:
                with self._asking(f"read {name}"):
                    answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
                    self._note_time(answer)
                    return answer["Body"].read(), answer["ETag"]
            except _AbsentError:
                return None
            except _CutError as error:
                last = error.words
        raise last or RuntimeError("unreachable")

    def download(self, name: str, target: Path) -> bool:
        """Write an object's bytes to a file, in pieces; False where there is none."""
        last: TweetbenchError | None = None
        for _ in range(ATTEMPTS):
            try:
                with self._asking(f"read {name}"), target.open("wb") as stream:
                    answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
                    self._note_time(answer)
                    for piece in answer["Body"].iter_chunks(PIECE):
                        stream.write(piece)
                    return True
            except _AbsentError:
                target.unlink(missing_ok=True)
                return False
            except _CutError as error:
                last = error.words
        raise last or RuntimeError("unreachable")

    def put(self, name: str, data: bytes | Path) -> str:
        """Store an object under a name that is nobody else's; its etag."""
        etag = self._put(name, data)
        if etag is None:
            raise RuntimeError("a put without a condition cannot fail on one")
        return etag

    def put_if_absent(self, name: str, data: bytes) -> str | None:
        """Store an object unless there is one of this name; its etag, or None where there is another.

        An answer that was lost is asked for again: what lies there is compared with `data`, so that nobody takes his
        own object for somebody else's. So `data` has to be unlike everybody else's.
        """
        return self._put(name, data, IfNoneMatch="*")

    def put_if_same(self, name: str, data: bytes, etag: str) -> str | None:
        """Store an object in the place of the one with this etag; None where there is another, or none."""
        return self._put(name, data, IfMatch=etag)

    def delete(self, name: str) -> None:
        """Remove an object; nothing happens where there is none."""
        with self._asking(f"remove {name}"):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def keeps_versions(self) -> bool | None:
        """True where the bucket keeps what is deleted or replaced; None where it may not be asked."""
        try:
            with self._asking("ask whether the bucket keeps versions"):
                answer = self._client.get_bucket_versioning(Bucket=self._bucket)
        except TweetbenchError as error:
            if error.exit_code in {Exit.AUTHENTICATION, Exit.CONFIGURATION}:
                return None
            raise
        return bool(answer.get("Status"))  # suspended keeps the old ones

    def _put(self, name: str, data: bytes | Path, **condition: str) -> str | None:
        last: TweetbenchError | None = None
        for number in range(ATTEMPTS):
            body: Any = data.open("rb") if isinstance(data, Path) else data
            try:
                with self._asking(f"write {name}"):
                    answer = self._client.put_object(
                        Bucket=self._bucket, Key=self._prefix + name, Body=body, **condition
                    )
                    self._note_time(answer)
                    failpoint("bucket.answered")
                    return str(answer["ETag"])
            except _TakenError:
                found = self.get(name)
                return found[1] if found is not None and found[0] == data else None
            except _AbsentError:
                return None  # nothing to replace
            except _BusyError as error:  # two puts of one name at the same moment: one of them has to ask again
                last = error.words
                time.sleep(0.05 * 2**number)
            finally:
                if isinstance(data, Path):
                    body.close()
        raise last or RuntimeError("unreachable")

    def _note_time(self, answer: Any) -> None:
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        self.store_time = parsedate_to_datetime(date) if date else utc_now()

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Turn what boto3 raises into what a person can act on, and into the three answers that are none."""
        from botocore import exceptions as boto
        from urllib3.exceptions import HTTPError

        try:
            yield
        except boto.ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPHeaders"):
                self._note_time(error.response)  # an object that is absent has an answer with a time, too
            _refuse(str(error.response.get("Error", {}).get("Code", "")), error, what, self.url)
        except (boto.ResponseStreamingError, boto.IncompleteReadError, HTTPError) as error:
            raise _CutError(_unreachable(what, self.url, "the answer was cut off", error)) from None
        except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError) as error:
            raise _unauthorised(what, self.url, "there are no credentials, or they cannot be read", error) from None
        except (boto.SSOError, boto.TokenRetrievalError, boto.UnauthorizedSSOTokenError) as error:
            raise _unauthorised(what, self.url, "the login has expired", error) from None
        except (boto.ConnectionError, boto.HTTPClientError) as error:  # time-outs and TLS among them
            raise _unreachable(what, self.url, "the store cannot be reached", error) from None
        except boto.BotoCoreError as error:
            raise _misconfigured(what, self.url, f"boto3 says {type(error).__name__}") from None


class _AnswerError(Exception):
    """An answer that a caller here deals with; `words` are for where it must not."""

    def __init__(self, words: TweetbenchError) -> None:
        super().__init__(str(words))
        self.words = words


class _AbsentError(_AnswerError):
    """There is no such object."""


class _TakenError(_AnswerError):
    """The condition does not hold."""


class _BusyError(_AnswerError):
    """Another request on the same name was at work."""


class _CutError(_AnswerError):
    """The body ended before its end."""


@cache
def _client(url: str, attempts: int, read_seconds: float, _: tuple[str | None, ...]) -> Any:
    try:
        import boto3
        from botocore import exceptions as boto
        from botocore.config import Config
    except ImportError:
        raise TweetbenchError(
            "a lake in a bucket needs boto3",
            where=f"TWEETBENCH_LAKE_URL={url}",
            why="it is not among what tweetbench installs for everybody",
            next_step=INSTALL,
            exit_code=Exit.CONFIGURATION,
        ) from None
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": int(os.environ.get("AWS_MAX_ATTEMPTS") or attempts)},
        # Checksums in trailers are unknown to many stores; the payload is signed, and what is read has a SHA-256.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"payload_signing_enabled": True},
        user_agent_extra="tweetbench",
    )
    try:
        client = boto3.session.Session().client("s3", config=config)
    except (boto.BotoCoreError, ValueError) as error:
        raise _misconfigured("open the bucket", url, f"boto3 says {type(error).__name__}") from None
    address = str(client.meta.endpoint_url)
    if not address.startswith("https://") and not is_loopback(address):
        raise _misconfigured("open the bucket", url, "its address is not https, and not on this machine")
    return client


def _refuse(code: str, error: Any, what: str, url: str) -> NoReturn:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchBucket":
        raise _misconfigured(what, url, "there is no bucket of this name") from None
    if code == "RequestTimeTooSkewed":
        raise _misconfigured(what, url, "the clock of this machine differs from the store's") from None
    if code in NOT_FOUND:
        raise _AbsentError(_misconfigured(what, url, "there is no such object")) from None
    if code in TAKEN:
        raise _TakenError(_misconfigured(what, url, "another object is there")) from None
    if code in BUSY or status == 409:
        raise _BusyError(_unreachable(what, url, f"others write the same object ({code})", error)) from None
    if code in FULL:
        raise TweetbenchError(
            "the store is full",
            where=url,
            why=f"it refused to {what} ({code}); nothing of this batch was committed",
            next_step="free some space, or raise the quota, then repeat the command",
            exit_code=Exit.IO,
        ) from None
    if code in REFUSED or status in {401, 403}:
        raise _unauthorised(what, url, f"the store refused ({code})", error) from None
    if code in ELSEWHERE or status in {301, 307, 400}:
        raise _misconfigured(what, url, f"the store says {code}: the region or the address may be another") from None
    if status == 501 or code == "NotImplemented":
        raise _misconfigured(what, url, "the store does not know how to put on a condition") from None
    raise _unreachable(what, url, f"the store answered {code or status} until the last try", error) from None


def _unreachable(what: str, url: str, why: str, error: BaseException) -> TweetbenchError:
    return TweetbenchError(
        "the lake's bucket does not answer",
        where=url,
        why=f"{why} ({type(error).__name__}), on the way to {what}",
        next_step="repeat the command later; what was read is kept, and nothing is committed twice",
        exit_code=Exit.UNAVAILABLE,
    )


def _unauthorised(what: str, url: str, why: str, error: BaseException) -> TweetbenchError:
    return TweetbenchError(
        "the lake's bucket refuses these credentials",
        where=url,
        why=f"{why} ({type(error).__name__}), on the way to {what}",
        next_step="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_PROFILE, then run: tweetbench doctor",
        exit_code=Exit.AUTHENTICATION,
    )


def _misconfigured(what: str, url: str, why: str) -> TweetbenchError:
    return TweetbenchError(
        "the lake's bucket cannot be used",
        where=url,
        why=f"{why}, on the way to {what}",
        next_step="check TWEETBENCH_LAKE_URL, AWS_REGION and AWS_ENDPOINT_URL_S3, then run: tweetbench doctor",
        exit_code=Exit.CONFIGURATION,
    )
