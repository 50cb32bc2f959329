"""What the world may see of a job: everything but the address."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from api.recent import Recent
from jobs import Aspect, Exhibit, Files, Job, Progress, Quality, Queue, Status, Style

EXAMPLE: dict[str, JsonValue] = {
    "id": "q6Zr0f3m1hXcW9bT2sLk8A",
    "status": "running",
    "prompt": "castle underwater",
    "style": "image",
    "quality": "draft",
    "aspect": "square",
    "public": False,
    "position": 0,
    "progress": {"step": 30, "of": 100, "score": 0.31},
    "attempt": 1,
    "links": {
        "preview": "/r/q6Zr0f3m1hXcW9bT2sLk8A/preview.webp?v=30",
        "picture": None,
        "film": None,
        "thumbnail": None,
    },
    "error": None,
    "created_at": "2030-01-01T12:00:00Z",
    "started_at": "2030-01-01T12:00:02Z",
    "finished_at": None,
}


class ProgressView(BaseModel):
    """Iteration `step` of `of`, and how well the picture matches the prompt so far."""

    step: int
    of: int
    score: float


class Links(BaseModel):
    """Where the job's files are; null for what does not exist (yet)."""

    preview: str | None = None
    picture: str | None = None
    film: str | None = None
    thumbnail: str | None = None


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
    progress: ProgressView | None
    attempt: Annotated[int, Field(description="How often a worker has begun it.")]
    links: Links
    error: Annotated[str | None, Field(description="Why it failed, for a person to read.")]
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None


def view(job: Job, position: int = 0) -> JobView:
    return JobView(
        **job.model_dump(include={"id", "status", "attempt", "error", "created_at", "started_at", "finished_at"}),
        **job.order.model_dump(include={"prompt", "style", "quality", "aspect", "public"}),
        position=position,
        progress=_progress(job.progress),
        links=_links(job),
    )


def view_exhibit(exhibit: Exhibit) -> ExhibitView:
    return ExhibitView(
        **exhibit.model_dump(include={"id", "created_at", "started_at", "finished_at"}),
        **exhibit.wish.model_dump(include={"prompt", "style", "quality", "aspect"}),
        links=Links(**_file_links(exhibit.id, exhibit.files)),
    )


def look_up(queue: Queue | Recent, job_id: str) -> JobView:
    """The job as it is now. Raises JobNotFound."""
    job = queue.get(job_id)
    return view(job, queue.position(job_id) if job.status == Status.QUEUED else 0)


def _progress(progress: Progress | None) -> ProgressView | None:
    return ProgressView(step=progress.step, of=progress.of, score=progress.score) if progress else None


def _links(job: Job) -> Links:
    if job.revoked_at:
        return Links()
    links = _file_links(job.id, job.files) if job.files else {}
    if job.progress and job.progress.preview:
        # the step makes the address new, so that the page loads the new preview
        links["preview"] = f"/r/{job.id}/preview.webp?v={job.progress.step}"
    return Links(**links)


def _file_links(job_id: str, files: Files) -> dict[str, str]:
    names = {"picture": "picture.png", "thumbnail": "thumbnail.webp"}
    if files.film is not None:
        names["film"] = "film.mp4"
    return {kind: f"/r/{job_id}/{name}" for kind, name in names.items()}
