"""What HWPX and DOCX share: a ZIP of XML parts, opened with limits, because both are hostile until proven otherwise.

A part is read up to a limit of real bytes, whatever the archive says of its size, so a ZIP bomb costs no more than the limit. XML
goes through expat itself: a document type declaration is refused (the formats forbid it, and every entity bomb and external
entity needs one), depth and number of elements are bounded. Names lose their namespace: prefixes and versions of the namespaces
vary between writers, local names do not.
"""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from tasks.read.refusal import Unusable

MAX_FILE = 1 << 30  # bytes of the archive
MAX_ENTRIES = 20_000
MAX_PART = 128 << 20  # bytes of an XML part as unpacked
MAX_ALL_PARTS = 512 << 20
MAX_ELEMENTS = 1_500_000  # up to 800 bytes of memory each; a thousand printed pages have a tenth of that
MAX_DEPTH = 150  # of nested elements; half a dozen a table in a table
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office and HWP 5 files, and encrypted new ones
Element = ElementTree.Element


class Package:
    """An open archive. `ole` says what a file is that is an OLE file instead."""

    def __init__(self, path: Path, ole: str) -> None:
        _check_head(path, ole)
        self._archive = zipfile.ZipFile(path)
        self._read = 0
        entries = self._archive.infolist()
        if len(entries) > MAX_ENTRIES:
            self.close()
            raise Unusable("too_large", f"holds {len(entries):,} parts, more than {MAX_ENTRIES:,}")
        self.names = {entry.filename for entry in entries}

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def part(self, name: str) -> Element | None:
        """The root element of a part; None when there is no such part."""
        if name not in self.names:
            return None
        if self._archive.getinfo(name).flag_bits & 1:
            raise Unusable("encrypted", "is protected by a password; save an unprotected copy")
        with self._archive.open(name) as file:
            data = file.read(MAX_PART + 1)
        self._read += len(data)
        if len(data) > MAX_PART or self._read > MAX_ALL_PARTS:
            raise Unusable(
                "too_large", f"{name} unpacks to more than {MAX_PART >> 20} MiB, or all parts to {MAX_ALL_PARTS >> 20}"
            )
        return parse_xml(data)

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """The parts that a part names (Office packages): id to kind (the last word of its type) and name."""
        folder, base = posixpath.split(name)
        root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
        found = {}
        for relation in () if root is None else root:
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
                found[relation.get("Id", "")] = relation.get("Type", "").rsplit("/", 1)[-1], target
        return found


def _check_head(path: Path, ole: str) -> None:
    with path.open("rb") as file:
        head = file.read(len(OLE))
    if not head:
        raise Unusable("empty", "the file has no bytes")
    if head == OLE:
        raise Unusable("encrypted", ole)
    if not head.startswith(b"PK"):
        raise Unusable("wrong_type", "is no ZIP archive, and so no document of this type; was it renamed?")
    if path.stat().st_size > MAX_FILE:
        raise Unusable("too_large", f"has more than {MAX_FILE >> 20} MiB")


def parse_xml(data: bytes) -> Element:
    """The root of an XML document, all names without their namespace. Raises ExpatError, or Unusable over its limits."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise Unusable("too_large", f"has XML deeper than {MAX_DEPTH} levels or of more than {MAX_ELEMENTS:,} elements")
        builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(name))

    def refuse(*_: object) -> None:
        raise Unusable("broken", "its XML has a document type declaration, which documents of this type never have")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data, True)
    return builder.close()


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of that name, and its child, and so on."""
    for name in path:
        element = None if element is None else element.find(name)
    return element


def number(element: Element | None, name: str, otherwise: int = 0, limit: int = 10**8) -> int:
    """An attribute as a whole number within ± `limit`; `otherwise` when it is absent or none."""
    try:
        value = int(float((element.get(name) if element is not None else None) or otherwise))
    except (ValueError, OverflowError):
        return otherwise
    return max(-limit, min(limit, value))
