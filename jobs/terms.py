"""The terms by which a SQLite gallery finds a picture: see `sqlite_gallery`."""

from jobs.gallery import words_of

ALL = ""  # the term that finds every picture


def terms_of(prompt: str, style: str) -> list[str]:
    """What finds a picture of this prompt and style, each term once."""
    return [ALL, style_term(style), *words_of(prompt)]


def style_term(style: str) -> str:
    """Like no word: these have no colon."""
    return f":{style}"
