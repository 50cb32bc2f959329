"""What clipit refuses, and why."""


class ClipitError(ValueError):
    """A setting that cannot be drawn; the message names what is accepted."""
