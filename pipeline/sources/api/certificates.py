"""Whom requests trust: the public certificate authorities and those that a person names. Checking is never off.

`REQUESTS_CA_BUNDLE` takes the place of the public authorities, as it does for every program on requests;
`TWEETBENCH_CA_FILE` adds to whichever apply.
"""

import ssl
from pathlib import Path

from urllib3.util.ssl_ import create_urllib3_context

CA_VARIABLE = "TWEETBENCH_CA_FILE"
# OpenSSL's numbers: not valid yet, or not any more; made for another name, or address; without a part that RFC 5280
# asks for, which Python overlooks before 3.13.
OUT_OF_TIME, OTHER_NAME, OLD_FORM = {9, 10}, {62, 64}, set(range(80, 94))

NOT_TRUSTED = "the certificate of {host} is not trusted"
NO_HTTPS = "{host} cannot be asked over a secure connection"
# OpenSSL's words for an answer that is not TLS, which old and new versions call differently; and for no common ground.
NOT_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}
NO_COMMON_TLS = {
    *("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE", "WRONG_SSL_VERSION"),
    *("SSLV3_ALERT_HANDSHAKE_FAILURE", "DH_KEY_TOO_SMALL", "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"),
}


class Untrusted(Exception):  # noqa: N818 - what was found out about a server
    """A server that cannot be trusted with a request: what, why, and what a person can do about it."""

    def __init__(self, why: str, step: str, what: str = NOT_TRUSTED) -> None:
        super().__init__(why)
        self.why, self.step, self.what = why, step, what


def trusting(ca_file: Path) -> ssl.SSLContext:
    """A context that trusts the authorities in a file; requests adds the public ones."""
    context = create_urllib3_context()
    context.load_verify_locations(ca_file)
    return context


def find_untrusted(error: BaseException) -> Untrusted | None:
    """The certificate that a request failed for, the file of authorities that is not there, or the lack of TLS, which
    another attempt would meet again; None for the rest."""
    if type(error) is OSError and "CA certificate bundle" in str(error):
        return Untrusted(
            f"there is no usable file of authorities to check it by: {str(error).rpartition(': ')[2]}",
            "correct or remove REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE",
        )
    seen: list[BaseException] = [error]
    for each in seen:
        if isinstance(each, ssl.SSLCertVerificationError):
            return _explained(each)
        if isinstance(each, ssl.SSLError) and each.reason in NOT_TLS | NO_COMMON_TLS:
            return _without_tls(str(each.reason))
        inner = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        seen += [one for one in inner if isinstance(one, BaseException) and one not in seen]
    return None


def _explained(error: ssl.SSLCertVerificationError) -> Untrusted:
    said = error.verify_message or "no reason given"
    if error.verify_code in OUT_OF_TIME:
        step = "check this machine's clock, or tell those who run the server"
        return Untrusted(f"it is not valid at this time ({said})", step)
    if error.verify_code in OTHER_NAME:
        step = "check the address, or tell those who run the server"
        return Untrusted(f"it is made out to another name ({said})", step)
    if error.verify_code in OLD_FORM:
        step = "have its authority issue certificates with these parts, or run tweetbench with Python 3.12 until then"
        return Untrusted(f"it, or its authority's, lacks a part that Python asks for from 3.13 on ({said})", step)
    step = (
        f"if it is signed by an authority of your own, put its certificate (PEM) into a file, name it in {CA_VARIABLE}"
    )
    return Untrusted(f"no authority that is trusted here has signed it ({said})", step)


def _without_tls(reason: str) -> Untrusted:
    if reason in NO_COMMON_TLS:
        step = "have its TLS brought up to date (version 1.2 or later)"
        return Untrusted(f"it offers no encryption that is accepted here ({reason})", step, NO_HTTPS)
    step = "check the address and its port, and the proxy if there is one on the way; a server of your own needs TLS"
    return Untrusted("what answers there speaks plain HTTP, or something else than HTTPS", step, NO_HTTPS)
