"""What the world may see of a job: everything but the address, and who ordered it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from api.painters import Roster
from api.recent import Recent
from api.visitors import Visitor
from jobs import Aspect, Exhibit, Files, Job, Palette, Progress, Quality, Queue, Status, Style
from jobs.life import exhibited

EXAMPLE: dict[str, JsonValue] = {
    "id": "q6Zr0f3m1hXcW9bT2sLk8A",
    "status": "running",
    "prompt": "castle underwater",
    "style": "image",
    "quality": "draft",
    "aspect": "square",
    "public": False,
    "recipe": {
        "prompt": "castle underwater",
        "style": "image",
        "quality": "draft",
        "aspect": "square",
        "size": None,
        "scale": None,
        "iterations": None,
        "seed": 1297284301,
        "palette": None,
        "make_video": True,
        "public": False,
        "start_image": False,
    },
    "position": 0,
    "eta_s": 14,
    "progress": {"step": 30, "of": 100, "score": 0.31, "note": None},
    "attempt": 1,
    "mine": True,
    "links": {
        "preview": "/r/q6Zr0f3m1hXcW9bT2sLk8A/preview.webp?v=30",
        "picture": None,
        "film": None,
        "thumbnail": None,
        "vector": None,
        "pixels": None,
        "page": None,
    },
    "error": None,
    "created_at": "2030-01-01T12:00:00Z",
    "started_at": "2030-01-01T12:00:02Z",
    "finished_at": None,
}

# The files of a finished job, by the names that their addresses end in.
NAMES = {
    "picture": "picture.png",
    "thumbnail": "thumbnail.webp",
    "film": "film.mp4",
    "vector": "vector.svg",
    "pixels": "pixels.png",
}


class ProgressView(BaseModel):
    """Iteration `step` of `of`, and how well the picture matches the prompt so far."""

    step: int
    of: int
    score: float
    note: Annotated[str | None, Field(description="What is left out of the picture, for a person to read.")] = None


class Links(BaseModel):
    """Where the job's files are; null for what does not exist (yet)."""

    preview: str | None = None
    picture: str | None = None
    film: str | None = None
    thumbnail: str | None = None
    vector: Annotated[str | None, Field(description="The strokes of a painting, as SVG.")] = None
    pixels: Annotated[str | None, Field(description="Pixel art with one pixel for each of its cells.")] = None
    page: Annotated[str | None, Field(description="The picture's own page, once the gallery shows it.")] = None


class Recipe(BaseModel):
    """What was ordered: the same again paints the same picture, on the same worker."""

    prompt: str
    style: Style
    quality: Quality
    aspect: Aspect
    size: tuple[int, int] | None
    scale: float | None
    iterations: int | None
    seed: Annotated[int, Field(description="The one that was used, also where none was ordered.")]
    palette: Palette | None
    make_video: bool
    public: bool
    start_image: Annotated[bool, Field(description="Whether it began from a picture, which is shown to nobody.")]


class ExhibitView(BaseModel):
    """A picture in the gallery. Times are UTC."""

    id: str
    prompt: str
    style: Style
    quality: Quality
    aspect: Aspect
    links: Links
    created_at: AwareDatetime
    started_at: AwareDatetime
    finished_at: AwareDatetime
    likes: int
    liked: Annotated[bool, Field(description="Whether the visitor who asks likes it.")]
    page: Annotated[str, Field(description="Its own page.")]


class JobView(BaseModel):
    """A job as anyone who knows its id may see it. Times are UTC."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    status: Status
    prompt: str
    style: Style
    quality: Quality
    aspect: Aspect
    public: Annotated[bool, Field(description="Whether the gallery shows it once it is done.")]
    position: Annotated[int, Field(description="How many jobs are before this one; 0 when it is next or has begun.")]
    recipe: Recipe
    eta_s: Annotated[
        int | None,
        Field(description="Seconds until it is done, about; null when it has ended, or no painter is present."),
    ]
    progress: ProgressView | None
    attempt: Annotated[int, Field(description="How often a worker has begun it.")]
    mine: Annotated[bool, Field(description="Whether the visitor who asks ordered it.")]
    links: Links
    error: Annotated[str | None, Field(description="Why it failed, for a person to read.")]
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None


@dataclass(frozen=True)
class Onlooker:
    """A visitor who looks at jobs, and whom to ask how they stand."""

    jobs: Queue | Recent
    roster: Roster
    clock: Callable[[], datetime]
    visitor: Visitor | None = None  # None: not known

    def look_up(self, job_id: str) -> JobView:
        """The job as it is now. Raises JobNotFound."""
        return self.see(self.jobs.get(job_id))

    def see(self, job: Job) -> JobView:
        position = self.jobs.position(job.id) if job.status == Status.QUEUED else 0
        mine = self.visitor is not None and self.visitor.ordered(job)
        return view(job, position=position, eta_s=self.roster.eta_s(job, position, self.clock()), mine=mine)


def view(job: Job, *, position: int = 0, eta_s: int | None = None, mine: bool = False) -> JobView:
    return JobView(
        **job.model_dump(include={"id", "status", "attempt", "error", "created_at", "started_at", "finished_at"}),
        **job.order.model_dump(include={"prompt", "style", "quality", "aspect", "public"}),
        recipe=_recipe(job),
        position=position,
        eta_s=eta_s,
        progress=_progress(job.progress),
        mine=mine,
        links=_links(job),
    )


def view_exhibit(exhibit: Exhibit, *, liked: bool = False) -> ExhibitView:
    return ExhibitView(
        **exhibit.model_dump(include={"id", "created_at", "started_at", "finished_at", "likes"}),
        **exhibit.wish.model_dump(include={"prompt", "style", "quality", "aspect"}),
        liked=liked,
        page=page_of(exhibit.id),
        links=Links(**_file_links(exhibit.id, exhibit.files), page=page_of(exhibit.id)),
    )


def page_of(job_id: str) -> str:
    """Where a picture of the gallery has its own page."""
    return f"/a/{job_id}"


def _recipe(job: Job) -> Recipe:
    wish = job.order.wish.model_dump() | {"seed": job.seed, "start_image": job.order.start_image is not None}
    return Recipe(**wish)


def _progress(progress: Progress | None) -> ProgressView | None:
    return ProgressView(**progress.model_dump(exclude={"preview"})) if progress else None


def _links(job: Job) -> Links:
    if job.revoked_at:
        return Links()
    links = _file_links(job.id, job.files) if job.files else {}
    if job.progress and job.progress.preview:
        # the step makes the address new, so that the page loads the new preview
        links["preview"] = f"/r/{job.id}/preview.webp?v={job.progress.step}"
    if exhibited(job):
        links["page"] = page_of(job.id)
    return Links(**links)


def _file_links(job_id: str, files: Files) -> dict[str, str]:
    return {kind: f"/r/{job_id}/{NAMES[kind]}" for kind, key in files.model_dump().items() if key is not None}
