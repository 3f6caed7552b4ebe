"""Boxes on a page: left, top, right, bottom in points."""

from __future__ import annotations

from collections.abc import Iterable

Rect = tuple[float, float, float, float]


def touch(a: Rect, b: Rect) -> bool:
    """Whether two boxes share more than an edge."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def within(box: Rect, other: Rect) -> Rect:
    """What two boxes share."""
    return max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])


def union(boxes: Iterable[Rect]) -> Rect:
    """The smallest box that holds them all. Raises ValueError when there are none."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
