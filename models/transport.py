"""The program's only way to a network: GET over https, for models that their owner asked for.

Redirects are followed by hand, since each of them is a decision: to https and nowhere else. Plain
http is for a mirror on this machine alone. No cookie, no account and no referrer is ever sent.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from types import TracebackType
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from models.errors import ModelError

HUB = "https://huggingface.co"
TIMEOUT = 30.0  # seconds without a byte
_MOST_REDIRECTS = 5
# Where systems keep the certificates that they trust. OpenSSL looks where it was built, which in a
# frozen program, or with python.org's Python on macOS, is a place that is not there.
_BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class Unreachable(ModelError):
    """A server that cannot be reached now; trying again may help."""


class Refused(ModelError):
    """An answer that is not taken; trying again at the same place does not help."""


@dataclass(slots=True)
class Response:
    """An answer: its body is read piece by piece, `first` are the headers of the first hop."""

    status: int
    headers: Message
    first: Message  # what the asked server itself said, before any redirect
    host: str  # that sends the body
    body: Any

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; b"" at the end. Raises Unreachable."""
        try:
            data: bytes = self.body.read1(size)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise cut_off(self.host) from error
        return data

    def __enter__(self) -> Response:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError, http.client.HTTPException):
            self.body.close()


def require_base(address: str) -> str:
    """Return a base address without its last slash. Raises Refused for what is none."""
    parts = _split(address)
    plain = parts is not None and not (parts.query or parts.fragment or parts.username)
    if parts is None or not plain or not _is_allowed(address, here=True):
        raise Refused(
            "A mirror's address begins with https://.",
            "Plain http:// is for a server on this computer alone: http://127.0.0.1:8080.",
        )
    return address.rstrip("/")


def address_of(base: str, repository: str, revision: str, path: str) -> str:
    """Return the address of a repository's file, as the hub and its mirrors have it."""
    return f"{base}/{quote(repository)}/resolve/{quote(revision, safe='')}/{quote(path)}"


def get(address: str, headers: Mapping[str, str]) -> Response:
    """Ask for an address and follow its redirects. Raises Unreachable and Refused."""
    here = _is_loopback(_split(address))
    first: Message | None = None
    host = ""
    for _ in range(_MOST_REDIRECTS + 1):
        host = _host(address)
        if not _is_allowed(address, here=here):
            raise Refused(
                f"{host} is not reached over https, so nothing is fetched from there.",
                "Use another mirror.",
            )
        response = _open(address, headers)
        first = response.headers if first is None else first
        if response.status not in _REDIRECTS:
            return Response(response.status, response.headers, first, host, response)
        target = response.headers.get("Location", "")
        response.close()
        try:
            address = urljoin(address, target)
        except ValueError:
            address = target  # which is none, and is refused as such
    raise Refused(f"{host} only redirects.", "Use another mirror.")


def cut_off(host: str) -> Unreachable:
    """Return the error for a connection that ended too early."""
    return Unreachable(
        f"The connection to {host} was cut off.",
        "Get the model again: it goes on from where it was.",
    )


def _open(address: str, headers: Mapping[str, str]) -> Any:
    # Made of what is needed alone: the default opener also knows file:, ftp: and data:, and
    # follows redirects. The system's proxy is used, as the owner's browser does.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if _is_loopback(_split(address)) else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_trusted()),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(  # noqa: S310 -- _is_allowed looked at the scheme
        address, headers={"User-Agent": "Pocket-LLM", "Accept-Encoding": "identity", **headers}
    )
    host = _host(address)
    try:
        return opener.open(request, timeout=TIMEOUT)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise Refused(
                f"{host} does not show a certificate that can be trusted.",
                "Check this computer's date and the network that it is in.",
            ) from error
        raise Unreachable(
            f"{host} cannot be reached.", "Check the connection, or use a mirror."
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise cut_off(host) from error


def _trusted() -> ssl.SSLContext:
    """Return a context that trusts whom the system trusts."""
    context = ssl.create_default_context()
    known = ssl.get_default_verify_paths()
    if sys.platform != "win32" and not (known.cafile or known.capath):
        for bundle in _BUNDLES:
            with suppress(OSError):
                context.load_verify_locations(bundle)
                break
    return context


def _split(address: str) -> Any:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _is_allowed(address: str, *, here: bool) -> bool:
    """Whether an address may be asked; `here` allows plain http to this machine."""
    parts = _split(address)
    if parts is None:
        return False
    return parts.scheme == "https" or (here and parts.scheme == "http" and _is_loopback(parts))


def _is_loopback(parts: Any) -> bool:
    try:
        return parts is not None and ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False  # a name may mean any machine


def _host(address: str) -> str:
    parts = _split(address)
    return parts.hostname if parts is not None else "The server"
