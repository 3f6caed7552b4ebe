"""Is an endpoint on this machine or in the private network? Asked before a byte of a document leaves.

A name counts by all the addresses it resolves to: one public address among them is one too many.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from tasks.errors import LlmError, SettingsError


def refuse_if_public(base_url: str) -> None:
    """Raise SettingsError when the host is not loopback or private, LlmError when its name cannot be resolved."""
    host = urlsplit(base_url).hostname or ""
    if public := [address for address in _addresses(host, base_url) if not _is_private(address)]:
        raise SettingsError(
            f"{base_url}: local_only is set, and {host} is {public[0]}, which is neither this machine nor a private network; "
            f"nothing was sent"
        )


def _is_private(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    ip = mapped or ip
    # "Private" also holds addresses for documentation and the unspecified one, where no model answers.
    return ip.is_loopback or ip.is_link_local or (ip.is_private and not ip.is_unspecified)


def _addresses(host: str, base_url: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise LlmError(f"{base_url}: {host or 'the host'} cannot be resolved ({exc}); mend base_url") from None
    return sorted({str(address[4][0]) for address in found})
