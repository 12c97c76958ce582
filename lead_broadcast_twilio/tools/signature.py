"""What Twilio puts into the header X-Twilio-Signature."""

import base64
import hmac
from urllib.parse import urlsplit


def compute_signature(auth_token: str, url: str, form) -> bytes:
    """Sign a request as Twilio does.

    :param url: as Twilio was given it, with its query string
    :param form: the POST parameters, a ``werkzeug.datastructures.MultiDict``; the
        values of a name that is repeated are signed in their order, each once
    """
    pairs = (
        f"{name}{value}"
        for name in sorted(form)
        for value in sorted(set(form.getlist(name)))
    )
    text = url + "".join(pairs)
    # what is no text cannot have been signed, and must not be an error either
    digest = hmac.digest(auth_token.encode(), text.encode("utf-8", "replace"), "sha1")
    return base64.b64encode(digest)


def is_signed(auth_token: str, url: str, form, signature: str) -> bool:
    """Compare a request's signature with the one it must have, in constant time."""
    given = signature.encode("utf-8", "replace")
    return any(
        [
            hmac.compare_digest(compute_signature(auth_token, signed_url, form), given)
            for signed_url in _possible_urls(url)
        ]
    )


def _possible_urls(url: str) -> list[str]:
    """The URL, and the URL without its port, which Twilio leaves out with https."""
    parts = urlsplit(url)
    if not parts.port:
        return [url]
    host = parts.netloc.rpartition(":")[0]
    return [url, parts._replace(netloc=host).geturl()]
