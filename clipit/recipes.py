"""Recipes: what decides a picture, as plain data that travels with it and paints it again."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from clipit.settings import Settings

if TYPE_CHECKING:
    from clipit.loading import Models


def differing(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """Names of weights whose digests are not the same, or that only one of the two has."""
    return sorted(name for name in ours.keys() | theirs if ours.get(name) != theirs.get(name))


def release() -> str:
    """The version that is installed."""
    try:
        return version("text2art")
    except PackageNotFoundError:  # a checkout that was not installed
        return "unknown"


def recipe(settings: Settings, models: "Models") -> dict[str, object]:
    """Settings with nothing left open, the size that is drawn, digests of the weights and of images, version."""
    settings = settings.resolved()
    values = settings.as_dict() | {"size": list(models.size(settings))}
    if settings.start == "sketch" and models.sketcher is None:
        values["start"] = "noise"
    return {**values, "weights": models.weights(settings), "text2art": release()}
