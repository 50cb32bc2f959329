"""What a drawing will lack: words of its prompts that the small models do not know, to be said before it is drawn."""

from collections.abc import Iterator

from clipit.prompts import parse_extras, parse_story
from clipit.settings import Settings
from clipit.sketching.reading import Unknown, read, sentence
from clipit.weights.checkpoints import shipped


def unknown_words(settings: Settings) -> tuple[Unknown, ...]:
    """What the first of the judging models does not know of the texts to approach, each once, in their order.

    None where it is not one that ships: nobody can tell what other models have seen.
    """
    if settings.resolved().clip_models[0] not in shipped("clip"):
        return ()
    return tuple(dict.fromkeys(unknown for text in _approached(settings) for unknown in read(text).unknown))


def caveat(settings: Settings) -> str | None:
    """All unknown words in one sentence, with the nearest that are known; None where all are known."""
    return sentence(unknown_words(settings)) or None


def _approached(settings: Settings) -> Iterator[str]:
    """The texts of positive weight: the story's, if there is one, and those of the spots."""
    story = parse_story(settings.prompts).prompts if settings.prompts else ()
    spots = (*parse_extras(settings.spot_prompts), *parse_extras(settings.spot_prompts_off))
    return (prompt.text for prompt in (*story, *spots) if prompt.weight > 0)
