"""A differentiable rasteriser: brush strokes of cubic Bezier segments, painted one over the other. Pure PyTorch.

A pixel's coverage is `clamp(width / 2 - distance + 0.5, 0, 1)`, the distance being that of its centre from the curve;
so edges are smooth over one pixel, caps and joins round. Curves are flattened to straight pieces, pieces meet only the
tiles that they can touch, and each tile is painted in order. The gradient is exact: by the envelope theorem only the
nearest point of a curve moves an edge, and what lay behind each stroke is kept, so that nothing is divided by what
shines through.

Letters: B pictures of N strokes, S = B * N strokes of up to K segments, P pieces, G pairs of a stroke and a tile, Q
pixels of a tile, E pixels on edges.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

TILE = 8  # pixels a side
TOLERANCE = 0.125  # pixels between a curve and its pieces
MOST_PIECES = 64  # of a segment
POINT = 1e-6  # pixels: a shorter piece has no direction of its own
RANKS = 255  # a mask: at most 3 * MOST_PIECES pieces of a stroke meet in a tile
BLOCK = 1024  # pairs of a stroke and a tile that are measured together: they fit a core's cache

# From four control points to the coefficients of t^0 .. t^3.
POWERS = ((1.0, 0.0, 0.0, 0.0), (-3.0, 3.0, 0.0, 0.0), (3.0, -6.0, 3.0, 0.0), (-1.0, 3.0, -3.0, 1.0))


class _Layers(NamedTuple):
    """Rows of different lengths laid out layer by layer: first all first items, then all second ones, and so on.

    Longer rows come first, so that each layer is one slice.
    """

    rows: Tensor  # by falling length
    place: Tensor  # of each row among these
    items: Tensor  # which of all items, numbered row by row, lies where
    where: Tensor  # where each item lies
    slices: list[slice]


def _layers(lengths: Tensor, total: int) -> _Layers:
    """The layout of rows of these lengths, `total` items altogether."""
    rows = lengths.argsort(descending=True, stable=True)
    place = _inverse(rows)
    sizes = len(lengths) - lengths.bincount().cumsum(0)[:-1]
    ends = sizes.cumsum(0)
    starts = (ends - sizes).index_select(0, _ranks(lengths, total))
    where = starts + place.repeat_interleave(lengths, output_size=total)
    slices = [slice(end - size, end) for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]
    return _Layers(rows, place, _inverse(where), where, slices)


def _inverse(permutation: Tensor) -> Tensor:
    inverse = torch.empty_like(permutation)
    inverse[permutation] = torch.arange(len(permutation), device=permutation.device)
    return inverse


def _ranks(lengths: Tensor, total: int) -> Tensor:
    """0, 1, ... within each of the consecutive runs of these lengths."""
    first = (lengths.cumsum(0) - lengths).repeat_interleave(lengths, output_size=total)
    return torch.arange(total, device=lengths.device) - first


def _rows(lengths: Tensor) -> Tensor:
    """Which of the consecutive runs of these lengths each item is in."""
    return torch.arange(len(lengths), device=lengths.device).repeat_interleave(lengths)


class _Pieces(NamedTuple):
    """Straight pieces of curves, each (P,). Seen from a piece, u runs along it from its middle, v across it."""

    segment: Tensor  # 0 .. S * K - 1
    t0: Tensor  # where it begins and ends on its segment
    t1: Tensor
    x: Tensor  # its middle
    y: Tensor
    dx: Tensor  # its direction, of length 1
    dy: Tensor
    half: Tensor  # half its length

    def local(self, index: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """u and v of the points (x, y), each seen from the piece `index`."""
        mx, my, dx, dy = (values.index_select(0, index) for values in (self.x, self.y, self.dx, self.dy))
        x, y = x - mx, y - my
        return dx * x + dy * y, dx * y - dy * x


def _pieces(coefficients: Tensor, segments: Tensor) -> _Pieces:
    """Cut curves, (S, K, 4, 2), of which the first `segments` (S,) count, into as many pieces as they bend."""
    most = coefficients.shape[1]
    _, _, c2, c3 = coefficients.unbind(2)
    bend = torch.maximum((2 * c2).norm(dim=2), (2 * c2 + 6 * c3).norm(dim=2))  # the second derivative at both ends
    counts = (bend / (8 * TOLERANCE)).sqrt().ceil().clamp(1, MOST_PIECES).long()  # S, K
    counts = (counts * (torch.arange(most, device=counts.device) < segments[:, None])).flatten()

    segment = _rows(counts)
    at = _ranks(counts, len(segment)).to(bend.dtype)
    count = counts.index_select(0, segment)
    t0, t1 = at / count, (at + 1) / count
    cubic = [values.index_select(0, segment) for values in coefficients.flatten(0, 1).flatten(1).unbind(1)]
    x0, x1, y0, y1 = (_cubic(cubic[axis::2], t) for axis in (0, 1) for t in (t0, t1))
    length = torch.hypot(x1 - x0, y1 - y0)
    long = length > POINT
    dx, dy = torch.where(long, (x1 - x0) / length, 1), torch.where(long, (y1 - y0) / length, 0)
    return _Pieces(segment, t0, t1, (x0 + x1) / 2, (y0 + y1) / 2, dx, dy, length / 2)


def _cubic(coefficients: list[Tensor], t: Tensor) -> Tensor:
    c0, c1, c2, c3 = coefficients
    return ((c3 * t + c2) * t + c1) * t + c0


class _Grid(NamedTuple):
    """Tiles that cover B pictures of `width` x `height` pixels, row by row, picture after picture."""

    batch: int
    width: int
    height: int

    @property
    def columns(self) -> int:
        return -(-self.width // TILE)

    @property
    def rows(self) -> int:
        return -(-self.height // TILE)

    def corner(self, tile: Tensor) -> tuple[Tensor, Tensor]:
        """x and y of a tile's left and upper edge in its picture."""
        return tile % self.columns * TILE, tile // self.columns % self.rows * TILE

    def pictures(self, tiles: Tensor) -> Tensor:
        """(3, tiles, Q) to (B, 3, H, W)."""
        grid = tiles.view(3, self.batch, self.rows, self.columns, TILE, TILE).permute(1, 0, 2, 4, 3, 5)
        return grid.reshape(self.batch, 3, self.rows * TILE, self.columns * TILE)[..., : self.height, : self.width]

    def tiles(self, pictures: Tensor) -> Tensor:
        """(B, 3, H, W) to (3, tiles, Q), padded with 0."""
        padding = (0, self.columns * TILE - self.width, 0, self.rows * TILE - self.height)
        grid = F.pad(pictures, padding).view(self.batch, 3, self.rows, TILE, self.columns, TILE)
        return grid.permute(1, 0, 2, 4, 3, 5).reshape(3, -1, TILE * TILE)


class _Pairs(NamedTuple):
    """Which piece may be the nearest to a pixel of which tile, in groups (G,) by tile and, within, as painted."""

    piece: Tensor
    u: Tensor  # of the tile's middle, seen from the piece
    v: Tensor
    lengths: Tensor  # (G,), how many pairs a group has
    stroke: Tensor  # (G,)
    tile: Tensor  # (G,)


def _candidates(pieces: _Pieces, reach: Tensor, grid: _Grid) -> tuple[Tensor, Tensor, Tensor]:
    """Pieces and the columns and rows of the tiles that their boxes touch."""
    ranges = []
    for middle, along, tiles in ((pieces.x, pieces.dx, grid.columns), (pieces.y, pieces.dy, grid.rows)):
        extent = along.abs() * pieces.half + reach
        first = ((middle - extent + 0.5) / TILE - 1).ceil().clamp(0, tiles).int()
        last = ((middle + extent - 0.5) / TILE).floor().clamp(-1, tiles - 1).int()
        ranges += [first, (last - first + 1).clamp(min=0)]
    left, across, top, down = ranges
    counts = across * down
    piece = _rows(counts)
    at = _ranks(counts, len(piece)).int()
    across = across.index_select(0, piece)
    return piece, left.index_select(0, piece) + at % across, top.index_select(0, piece) + at // across


def _pairs(pieces: _Pieces, stroke: Tensor, reach: Tensor, strokes: int, grid: _Grid) -> _Pairs:
    """`stroke` and `reach` (P,): whose piece it is, and from which distance on it covers nothing; `strokes` is N."""
    piece, column, row = _candidates(pieces, reach, grid)
    u, v = pieces.local(piece, column * TILE + TILE / 2, row * TILE + TILE / 2)
    near = reach + (TILE - 1) / 2 * (pieces.dx.abs() + pieces.dy.abs())
    touching = (v.abs() < near.index_select(0, piece)) & (u.abs() < (near + pieces.half).index_select(0, piece))
    kept = touching.nonzero().squeeze(1)
    piece = piece.index_select(0, kept)
    stroke = stroke.index_select(0, piece)
    tile = (stroke // strokes * grid.rows + row.index_select(0, kept)) * grid.columns + column.index_select(0, kept)

    # Pieces come stroke by stroke, so a stable sort by tiles is one by tiles and strokes.
    tile, order = tile.int().sort(stable=True)
    kept, piece, stroke = kept.index_select(0, order), piece.index_select(0, order), stroke.index_select(0, order)
    lengths = (tile.long() * strokes + stroke % strokes).unique_consecutive(return_counts=True)[1]
    first = lengths.cumsum(0) - lengths
    pairs = _Pairs(piece, u.index_select(0, kept), v.index_select(0, kept), lengths, stroke[first], tile[first].long())
    return _without_far(pairs, pieces.half, reach)


def _without_far(pairs: _Pairs, half: Tensor, reach: Tensor) -> _Pairs:
    """Leave out pieces that another of the group hides: nearer to every pixel, or near enough to cover all of them."""
    half, reach = half.index_select(0, pairs.piece), reach.index_select(0, pairs.piece)
    distance = torch.hypot((pairs.u.abs() - half).clamp_(min=0), pairs.v)
    group = _rows(pairs.lengths)
    least = distance.new_full((len(pairs.lengths),), torch.inf).scatter_reduce_(0, group, distance, "amin")
    least = least.index_select(0, group)
    corner = (TILE - 1) * 0.5**0.5  # from a tile's middle to its outmost pixel
    kept = (distance <= least + torch.where(least + corner <= reach - 1, 0, 2 * corner)).nonzero().squeeze(1)
    piece, u, v, group = (values.index_select(0, kept) for values in (pairs.piece, pairs.u, pairs.v, group))
    return pairs._replace(piece=piece, u=u, v=v, lengths=group.bincount(minlength=len(pairs.lengths)))


def _pixels(like: Tensor) -> Tensor:
    """x, y and 1 for each pixel of a tile, (3, Q), from the tile's middle."""
    line = torch.arange(TILE, dtype=like.dtype, device=like.device) - (TILE - 1) / 2
    return torch.stack([line.repeat(TILE), line.repeat_interleave(TILE), torch.ones_like(line).repeat(TILE)])


def _cover(pairs: _Pairs, pieces: _Pieces, reach: Tensor) -> tuple[Tensor, Tensor]:
    """Coverage (G, Q) of each group's pixels, and which of its pairs is nearest to each; `reach` (G,)."""
    groups, bits = len(pairs.lengths), torch.int32 if reach.dtype == torch.float32 else torch.int64
    layers = _layers(pairs.lengths, len(pairs.piece))
    piece, u, v = (values.index_select(0, layers.items) for values in (pairs.piece, pairs.u, pairs.v))
    dx, dy, half = (values.index_select(0, piece) for values in (pieces.dx, pieces.dy, pieces.half))
    along, across = torch.stack([dx, dy, u], 1), torch.stack([-dy, dx, v], 1)

    pixels = _pixels(reach)
    best = reach.new_full((groups, TILE * TILE), torch.inf)
    for begin in range(0, groups, BLOCK):
        for rank, layer in enumerate(layers.slices):
            end = min(begin + BLOCK, layer.stop - layer.start)
            if end <= begin:
                break
            here = slice(layer.start + begin, layer.start + end)
            beyond = (along[here] @ pixels).abs_().sub_(half[here, None]).clamp_(min=0)
            squared = (across[here] @ pixels).square_().addcmul_(beyond, beyond)
            # The rank rides in the lowest bits of the distance, so that one minimum finds both.
            squared.view(bits).bitwise_and_(~RANKS).bitwise_or_(rank)
            torch.minimum(best[begin:end], squared, out=best[begin:end])
    best = best.index_select(0, layers.place)
    winner = (best.view(bits) & RANKS).to(torch.uint8)
    return (reach[:, None] - best.sqrt_()).clamp_(0, 1), winner


def _blend(coverage: Tensor, colours: Tensor, layers: list[slice], ground: Tensor) -> Tensor:
    """What is seen after each stroke, (3, G, Q); `colours` (4, G), `coverage` (G, Q), `ground` (3, tiles, Q)."""
    seen, behind = coverage.new_empty(3, *coverage.shape), ground
    for layer in layers:
        alpha = coverage[layer] * colours[3, layer, None]
        behind = torch.lerp(behind[:, : len(alpha)], colours[:3, layer, None], alpha, out=seen[:, layer])
    return seen


def _unblend(
    gradient: Tensor, seen: Tensor, coverage: Tensor, colours: Tensor, layers: list[slice], ground: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients by coverage (G, Q) and colours (4, G) from that by the tiles, (3, tiles, Q), which is used up."""
    by_coverage, by_colours = torch.empty_like(coverage), torch.empty_like(colours)
    below = [ground, *(seen[:, layer] for layer in layers)]
    for layer, behind in reversed(list(zip(layers, below, strict=False))):
        colour, opacity, covered = colours[:3, layer, None], colours[3, layer, None], coverage[layer]
        here = gradient[:, : len(covered)]
        by_alpha = (colour - behind[:, : len(covered)]).mul_(here).sum(0)
        own = here * (covered * opacity)
        by_colours[:3, layer] = own.sum(2)
        by_colours[3, layer] = (by_alpha * covered).sum(1)
        torch.mul(by_alpha, opacity, out=by_coverage[layer])
        here.sub_(own)
    return by_coverage, by_colours


def _sums(values: Tensor, index: Tensor, rows: int) -> Tensor:
    """(rows, C): the sums of those rows of `values` that have the same index, added in the same order every time."""
    total = values.new_zeros(rows, values.shape[1])
    if values.is_cuda:  # there it sorts, while index_add_ adds in any order
        return total.index_put_((index,), values, accumulate=True)
    return total.index_add_(0, index, values)


class _Scene(NamedTuple):
    """What the way back needs to know of the way there; groups lie in the order of painting, layer by layer."""

    grid: _Grid
    pieces: _Pieces
    piece: Tensor  # of each pair
    first: Tensor  # (G,), of a group's pairs
    stroke: Tensor  # (G,)
    tile: Tensor  # (G,)
    layers: list[slice]  # of groups
    touched: Tensor  # the tiles that lie below them


def _edges(by_coverage: Tensor, winner: Tensor, scene: _Scene) -> Tensor:
    """Gradient by the coefficients (S * K, 8): the nearest point of a curve moves the edge that a pixel lies on.

    `by_coverage` is 0 but on edges.
    """
    pieces = scene.pieces
    pixel = by_coverage.flatten().nonzero().squeeze(1)
    group, at = pixel // TILE**2, pixel % TILE**2
    rank = winner.flatten().index_select(0, pixel)
    piece = scene.piece.index_select(0, scene.first.index_select(0, group) + rank)
    left, top = (edge.index_select(0, group) for edge in scene.grid.corner(scene.tile))
    u, v = pieces.local(piece, left + at % TILE + 0.5, top + at // TILE + 0.5)
    dx, dy, half = (values.index_select(0, piece) for values in (pieces.dx, pieces.dy, pieces.half))

    nearest = u.clamp(-half, half)
    beyond = u - nearest
    force = by_coverage.flatten().index_select(0, pixel) / torch.hypot(beyond, v)
    x, y = force * (beyond * dx - v * dy), force * (beyond * dy + v * dx)
    share = torch.where(half > 0, nearest / half, 0) / 2 + 0.5  # of the second end
    by_ends = torch.stack([x, y, x * share, y * share], 1)  # E, 4
    x, y, x1, y1 = _sums(by_ends, piece, len(pieces.segment)).unbind(1)  # P
    t0, t1 = pieces.t0, pieces.t1
    moments = [(axis - end) * t0**power + end * t1**power for power in range(4) for axis, end in ((x, x1), (y, y1))]
    return torch.stack(moments, 1)


class _Paint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, coefficients, widths, colours, segments, width, height, ground):
        batch, strokes, most = coefficients.shape[:3]
        grid = _Grid(batch, width, height)
        pieces = _pieces(coefficients.flatten(0, 1), segments.flatten())
        stroke = pieces.segment // most
        reach = widths.flatten() / 2 + 0.5
        pairs = _pairs(pieces, stroke, reach[stroke], strokes, grid)
        coverage, winner = _cover(pairs, pieces, reach[pairs.stroke])

        touched, lengths = pairs.tile.unique_consecutive(return_counts=True)
        layers = _layers(lengths, len(pairs.tile))  # the lowest stroke of every tile, the second of every tile, ...
        values = coverage, winner, pairs.stroke, pairs.tile, pairs.lengths.cumsum(0) - pairs.lengths
        coverage, winner, stroke, tile, first = (x.index_select(0, layers.items) for x in values)
        tiles = grid.tiles(ground.expand(batch, 3, height, width))
        below = tiles[:, touched[layers.rows]]
        seen = _blend(coverage, colours.flatten(0, 1).t()[:, stroke], layers.slices, below)
        tiles[:, touched] = seen[:, layers.where[lengths.cumsum(0) - 1]]

        ctx.scene = _Scene(grid, pieces, pairs.piece, first, stroke, tile, layers.slices, touched[layers.rows])
        ctx.save_for_backward(coefficients, widths, colours, below, coverage, winner, seen)
        return grid.pictures(tiles)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        scene: _Scene = ctx.scene
        coefficients, widths, colours, below, coverage, winner, seen = ctx.saved_tensors
        tiles = scene.grid.tiles(gradient)[:, scene.touched]
        own = colours.flatten(0, 1).t()[:, scene.stroke]
        by_coverage, by_colours = _unblend(tiles, seen, coverage, own, scene.layers, below)
        by_colours = _sums(by_colours.t(), scene.stroke, widths.numel()).view_as(colours)
        by_coverage *= (coverage > 0) & (coverage < 1)
        by_widths = _sums(by_coverage.sum(1, keepdim=True) / 2, scene.stroke, widths.numel()).view_as(widths)
        by_coefficients = _sums(
            _edges(by_coverage, winner, scene), scene.pieces.segment, coefficients[..., 0, 0].numel()
        )
        return by_coefficients.view_as(coefficients), by_widths, by_colours, None, None, None, None


def paint(
    points: Tensor,
    segments: Tensor,
    widths: Tensor,
    colours: Tensor,
    width: int,
    height: int,
    ground: Tensor | None = None,
) -> Tensor:
    """Paint strokes on a ground of `width` x `height` pixels, white where none is given: (B, 3, height, width).

    `points` (B, N, 3K+1, 2) are control points in pixels from the upper left corner; the first `segments` (B, N) of the
    K <= 3 segments of a stroke are painted, the first stroke lowest. `widths` (B, N) are in pixels, at least 1;
    `colours` (B, N, 4) are red, green, blue and opacity in 0..1. Differentiable by points, widths and colours. The
    ground is anything that can be expanded to the result.

    Chromium paints the SVG of a start picture 0.6/255 otherwise in the mean, 23/255 at most. Of scattered curves it is
    1.3/255 and 90/255: where a thin stroke turns back on itself, a pixel between its two edges is near to one only.
    """
    last = points.shape[2] - 3
    controls = torch.stack([points[:, :, first : last + first : 3] for first in range(4)], 3)  # B, N, K, 4, 2
    coefficients = points.new_tensor(POWERS) @ controls
    ground = points.new_ones(1, 3, 1, 1) if ground is None else ground
    return _Paint.apply(coefficients, widths, colours, segments, width, height, ground)
