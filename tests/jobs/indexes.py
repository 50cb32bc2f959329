"""What the emulator lets pass and Firestore refuses: queries without an index in firestore.indexes.json.

The rules are those of https://firebase.google.com/docs/firestore/query-data/index-overview: every field has an index of
its own unless it is exempt; equalities are merged from these; an equality together with a range or an order on another
field needs a composite index, the equalities first and the orders behind them, each in its direction. `in` is several
equalities; what an array contains is compared like an equality, in an index that says so.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
from google.cloud.firestore_v1.types import RunAggregationQueryRequest, RunQueryRequest, StructuredQuery

SHIPPED = Path(__file__).parents[2] / "firestore.indexes.json"

Ordered = tuple[tuple[str, str], ...]  # fields, each ASCENDING or DESCENDING
_RANGES = ("LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL")


class IndexesRequired(grpc.UnaryStreamClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Lets queries pass that the indexes serve, raises AssertionError for others, and keeps what it refused."""

    def __init__(self, indexes: dict[str, Any]) -> None:
        self._indexes = indexes
        self.refused: list[str] = []
        self.seen: set[str] = set()

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        if isinstance(request, RunQueryRequest):
            self._check(request.structured_query)
        if isinstance(request, RunAggregationQueryRequest):
            self._check(request.structured_aggregation_query.structured_query)
        return continuation(details, request)

    def intercept_stream_stream(self, continuation: Callable[..., Any], details: Any, requests: Iterator[Any]) -> Any:
        return continuation(details, self._checked(requests))

    def _checked(self, requests: Iterator[Any]) -> Iterator[Any]:
        for request in requests:
            self._check(request.add_target.query.structured_query)
            yield request

    def _check(self, query: StructuredQuery) -> None:
        collection, equal, ordered = shape(query)
        text = f"{collection}: {sorted(equal)} == ... order by {ordered}"
        self.seen.add(text)
        if not is_served(self._indexes, collection, equal, ordered):
            self.refused.append(text)
            raise AssertionError(f"no index for {text}")


def shipped() -> dict[str, Any]:
    return json.loads(SHIPPED.read_text())


def shape(query: StructuredQuery) -> tuple[str, frozenset[str], Ordered]:
    """The collection, the fields compared by `==` (or "field CONTAINS"), the order; that of a range is implied."""
    [source] = query.from_
    assert not source.all_descendants, "a collection group's query needs rules that are not written here"
    equal, ranged = set(), []
    for field, operator in _comparisons(query.where):
        if operator in ("EQUAL", "IN"):
            equal.add(field)
        elif operator == "ARRAY_CONTAINS":
            equal.add(f"{field} CONTAINS")
        else:
            assert operator in _RANGES, f"{operator} needs rules that are not written here"
            ranged.append(field)
    ordered = tuple((order.field.field_path, order.direction.name) for order in query.order_by)
    assert len(set(ranged)) <= 1, "ranges on several fields need rules that are not written here"
    if ranged and not ordered:
        ordered = ((ranged[0], "ASCENDING"),)
    assert not ranged or ordered[0][0] == ranged[0], "a range on a field needs the order on it first"
    return source.collection_id, frozenset(equal), tuple(pair for pair in ordered if pair[0] != "__name__")


def is_served(indexes: dict[str, Any], collection: str, equal: frozenset[str], ordered: Ordered) -> bool:
    if ordered and (equal or len(ordered) > 1):
        return any(_fits(index, collection, equal, ordered) for index in indexes["indexes"])
    return not any(_is_exempt(indexes, collection, field) for field in {*equal, *(field for field, _ in ordered)})


def _fits(index: dict[str, Any], collection: str, equal: frozenset[str], ordered: Ordered) -> bool:
    fields = [_spelled(field) for field in index["fields"]]
    first, rest = fields[: len(equal)], fields[len(equal) :]
    return (
        (index["collectionGroup"], index["queryScope"]) == (collection, "COLLECTION")
        and {field for field, _ in first} == equal
        and tuple(rest) == ordered
    )


def _spelled(field: dict[str, str]) -> tuple[str, str]:
    return (field["fieldPath"], field["order"]) if "order" in field else (f"{field['fieldPath']} CONTAINS", "")


def _is_exempt(indexes: dict[str, Any], collection: str, field: str) -> bool:
    return any(
        override["collectionGroup"] == collection
        and (field.split()[0] == override["fieldPath"] or field.startswith(override["fieldPath"] + "."))
        and override["indexes"] == []
        for override in indexes["fieldOverrides"]
    )


def _comparisons(where: StructuredQuery.Filter) -> Iterator[tuple[str, str]]:
    if "composite_filter" in where:
        assert where.composite_filter.op.name == "AND", "OR needs rules that are not written here"
        for part in where.composite_filter.filters:
            yield from _comparisons(part)
    elif "field_filter" in where:
        yield where.field_filter.field.field_path, where.field_filter.op.name
    else:
        assert "unary_filter" not in where, "a test for null needs rules that are not written here"
