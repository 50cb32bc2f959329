"""From published files to ours: out of the catalogue into the cache, or from one path to another."""

from pathlib import Path

from clipit.errors import ClipitError
from clipit.weights import cache
from clipit.weights.catalogue import Entry, File, Source
from clipit.weights.checkpoints import save_published, source_of
from clipit.weights.digests import digest
from clipit.weights.download import PATIENT, Patience, Progress, fetch
from clipit.weights.formats import UNTOLD, Published, Trained, read_published


def convert(
    file: Path, target: Path, described: Path | None = None, trained: Trained = UNTOLD, half: bool = False
) -> Published:
    """Write a published file in our form. `described` is its .yaml, `half` asks for float16. Raises ClipitError."""
    model = read_published(file, described, trained)
    save_published(target, model, {"file": file.name, "sha256": digest(file)}, half)
    return model


def _install(
    entry: Entry, file: Path, described: Path | None, found: str, address: str | None, half: bool = False
) -> Path:
    """`found` is the file's SHA-256."""
    trained = Trained(entry.quick_gelu, entry.mean, entry.deviation)
    model = read_published(file, described, trained)
    if model.kind != entry.kind:
        raise ClipitError(f"{file.name} holds a {model.kind}, and {entry.name} is a {entry.kind}")
    target = cache.converted(entry)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = {"name": entry.name, "file": file.name, "sha256": found, "address": address}
    save_published(target, model, source, half)
    return target


def install(entry: Entry, file: Path, described: Path | None = None, half: bool = False) -> Path:
    """Put a file that came another way into the cache, as what the catalogue names so. Raises ClipitError."""
    found, known = digest(file), {source.checkpoint.sha256 for source in entry.sources}
    if None not in known and not any(found.startswith(each) for each in known if each):
        raise ClipitError(f"{file.name} is not {entry.name}: its SHA-256 is {found}")
    return _install(entry, file, described, found, None, half)


def _known(entry: Entry, file: File) -> str | None:
    """The digest that a file must have: the published one, or that of the first download."""
    if file.sha256 or not (here := cache.converted(entry)).is_file():
        return file.sha256
    source = source_of(here)
    return str(source["sha256"]) if source.get("address") == file.address else None


def _bring(entry: Entry, source: Source, progress: Progress, patience: Patience, keep: bool, half: bool) -> Path:
    checkpoint, described = source.checkpoint, source.described
    paths = [cache.published(entry, checkpoint.address)]
    if described is not None:
        paths.append(paths[0].with_suffix(".yaml"))
        fetch(described.address, paths[1], described.sha256, patience=patience)
    found = fetch(checkpoint.address, paths[0], _known(entry, checkpoint), progress, patience)
    target = _install(entry, paths[0], None, found, checkpoint.address, half)
    for path in paths if not keep else ():
        path.unlink()
    return target


def bring(
    entry: Entry,
    progress: Progress = lambda there, total: None,
    patience: Patience = PATIENT,
    keep: bool = False,
    half: bool = False,
) -> Path:
    """Download a model of the catalogue, convert it, and give its file. `keep` leaves the published one beside it.

    Sources are tried in order. Raises ClipitError, saying what was wrong with each.
    """
    failures = []
    for source in entry.sources:
        try:
            return _bring(entry, source, progress, patience, keep, half)
        except ClipitError as error:
            failures.append(str(error))
    raise ClipitError("; ".join(failures))
