"""What repeats outside the margins: tabs beside the text, watermarks across it, heads that are drawn as a ruled table.

Each must repeat the same text in the same place. A tab stands outside of where the lines of the text begin and end; a
watermark is slanted or large, or lies on the lines; a table is a running head only near an edge, and when no more of its
numbers vary than a page number and a date would. Anything else that repeats inside the page is text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from statistics import median

from tasks.clean.drops import Gone, Place
from tasks.clean.similar import DIGITS
from tasks.records import Block, Box, Page

FEWEST_PAGES = 3  # for a tab they are enough: a chapter may be short
STEP = 4.0  # points: the same place
BESIDE = 2.0  # points between a tab and where the lines begin or end
SIDE, SIDE_DOWN = 0.07, 0.12  # of the page width: where a tab stands, and one that is written downwards
FLAT = 8.0  # times its height: no slanted line
WIDE = 0.4  # of the page width: a line of text
LARGE = 2.5  # times the height of the text: a slanted or a large line
SAMPLE = 20  # pages on which a line is compared with the others
MOST_BLOCKS = 500
ON_LINES = 0.5  # share of the pages on which a watermark lies on other lines
TABLE_EDGE = 0.25  # of the page height
VARYING = 3  # numbers of a head that may differ from page to page

Found = tuple[Place, Block]
Side = tuple[float, float, int]  # pages of one size, left and right ones apart: their margins differ


def overlays(pages: Sequence[Page], known: Mapping[Place, Gone], enough: float) -> dict[Place, Gone]:
    """Tabs, and watermarks and head tables that `enough` pages show. What is `known` to go plays no part."""
    groups = _repeated(pages, known)
    if not groups:
        return {}
    edges, letter = _text_edges(pages, known), median(b.box.y1 - b.box.y0 for p in pages for b in p.blocks)
    gone: dict[Place, Gone] = {}
    for group in groups:
        on_enough = len({page for (page, _), _ in group}) >= enough
        if group[0][1].kind == "table":
            gone |= _head_table(group, pages) if on_enough else {}
        elif all(_is_beside(block, pages[page], edges.get(_side(pages[page], page))) for (page, _), block in group):
            gone |= {place: Gone("side_tab", "beside the text") for place, _ in group}
        elif on_enough and _is_watermark(group, pages, letter):
            gone |= {place: Gone("watermark", "across the text") for place, _ in group}
    return gone


def _repeated(pages: Sequence[Page], known: Mapping[Place, Gone]) -> list[list[Found]]:
    """Blocks that say the same but for numbers, in one place on several pages."""
    spots = [[_spot(block) for block in page.blocks] for page in pages]
    often = {spot for spot, number in Counter(chain.from_iterable(spots)).items() if number >= FEWEST_PAGES}
    groups: dict[tuple[int, str], list[Found]] = defaultdict(list)
    for number, page in enumerate(pages):
        for index, spot in enumerate(spots[number]):
            if spot in often and (number, index) not in known:
                block = page.blocks[index]
                groups[spot, DIGITS.sub("#", block.text)].append(((number, index), block))
    return [group for group in groups.values() if len({page for (page, _), _ in group}) >= FEWEST_PAGES]


def _spot(block: Block) -> int:
    """Where a block stands and its first letter, which tells most of them apart, as one number."""
    box, first = block.box, block.text[:1]
    return hash((int(box.x0 / STEP), int(box.y0 / STEP), "#" if first.isdigit() else first))


def _side(page: Page, index: int) -> Side:
    return page.width, page.height, index % 2


def _text_edges(pages: Sequence[Page], known: Mapping[Place, Gone]) -> dict[Side, tuple[float, float]]:
    """Where the wide lines begin and end, if there is one a page."""
    wide: dict[Side, list[Box]] = defaultdict(list)
    on: Counter[Side] = Counter()
    for number, page in enumerate(pages):
        side = _side(page, number)
        on[side] += 1
        boxes = (b.box for i, b in enumerate(page.blocks) if (number, i) not in known)
        wide[side] += [box for box in boxes if box.x1 - box.x0 > max(WIDE * page.width, FLAT * (box.y1 - box.y0))]
    return {side: (min(b.x0 for b in boxes), max(b.x1 for b in boxes)) for side, boxes in wide.items() if len(boxes) >= on[side]}


def _is_beside(block: Block, page: Page, edges: tuple[float, float] | None) -> bool:
    """Whether a block with letters stands outside of all wide lines, at the very edge or drawn downwards near it."""
    box = block.box
    if edges is None or not any(c.isalpha() for c in block.text):
        return False
    down = len(block.text) > 1 and box.y1 - box.y0 > 2 * (box.x1 - box.x0)
    edge = (SIDE_DOWN if down else SIDE) * page.width
    left = box.x1 <= min(edge, edges[0] - BESIDE)
    return left or box.x0 >= max(page.width - edge, edges[1] + BESIDE)


def _is_watermark(group: Sequence[Found], pages: Sequence[Page], letter: float) -> bool:
    """Whether it is slanted or large, or lies on lines that change from page to page."""
    box = group[0][1].box
    if min(box.x1 - box.x0, box.y1 - box.y0) >= LARGE * letter:
        return True
    some = group[:: 1 + len(group) // SAMPLE]
    covering = [text for (page, _), block in some if (text := _covered_by(block, pages[page])) is not None]
    return len(set(covering)) >= FEWEST_PAGES and len(covering) >= ON_LINES * len(some)


def _covered_by(block: Block, page: Page) -> str | None:
    """The first line of the page that a block lies on; pages of too many pieces are not searched."""
    if len(page.blocks) > MOST_BLOCKS:
        return None
    return next((other.text for other in page.blocks if other is not block and _covers(block.box, other.box)), None)


def _covers(a: Box, b: Box) -> bool:
    """Whether two lines lie on one another; those of a paragraph only touch."""
    across, down = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return across > 0 and down > ON_LINES * min(a.y1 - a.y0, b.y1 - b.y0)


def _head_table(group: Sequence[Found], pages: Sequence[Page]) -> dict[Place, Gone]:
    numbers = [DIGITS.findall(block.text) for _, block in group]
    varying = sum(len(set(column)) > 1 for column in zip(*numbers, strict=False))
    if varying > VARYING:
        return {}
    return dict(_at_an_edge(group, pages))


def _at_an_edge(group: Sequence[Found], pages: Sequence[Page]) -> Iterator[tuple[Place, Gone]]:
    for place, block in group:
        height = pages[place[0]].height
        if block.box.y1 <= TABLE_EDGE * height:
            yield place, Gone("running_header", "a table at the top of the pages")
        elif block.box.y0 >= (1 - TABLE_EDGE) * height:
            yield place, Gone("running_footer", "a table at the foot of the pages")
