"""Taking orders: the article's form, the JSON that our page sends, and the choices that the page offers."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Form, HTTPException
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from api import start_images
from api.deps import (
    FROM_OUR_PAGE,
    CustomerDep,
    GateDep,
    OnlookerDep,
    QueueDep,
    RosterDep,
    SettingsDep,
    ShelfDep,
    guarded,
)
from api.errors import bad_field, documented
from api.gate import Gate
from api.painters import all_models, mean_paces
from api.settings import ApiSettings, SignIn
from api.views import JobView
from api.visitors import Visitor
from jobs import Aspect, Job, NotOnShelf, Order, Palette, Quality, Queue, Shelf, Status, Style
from jobs.order import MAX_ITERATIONS, MAX_PROMPT, MAX_SIDE, MIN_SIDE, Iterations, Prompt, Scale, Seed, is_start_image
from jobs.painter import Paces

RETRY_AFTER_S = 60

router = APIRouter(tags=["orders"])
full = documented(503, "The queue is full; `Retry-After` says for how many seconds.")


class ArticleForm(BaseModel):
    """The form of the article that Text2Art comes from, with its defaults."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[EmailStr, Field(description="Where the picture is sent.", examples=["you@example.com"])]
    prompts: Annotated[Prompt, Field(description="What to paint.")] = "Underwater City"
    quality: Annotated[Quality, Field(description="How long to paint.")] = Quality.DRAFT
    aspect: Annotated[Aspect, Field(description="The shape of the picture.")] = Aspect.SQUARE
    style: Annotated[Style, Field(description="What kind of picture.")] = Style.IMAGE
    scale: Annotated[Scale, Field(description="Times the base size; wins over the quality's own size.")] = 2.5
    make_video: Annotated[bool, Field(description="Also make a film of the painting.")] = False
    # the empty examples keep Swagger UI from filling in numbers of its own
    iterations: Annotated[Iterations | None, Field(description="Else the quality decides.", examples=[""])] = None
    seed: Annotated[Seed | None, Field(description="The same seed paints the same picture.", examples=[""])] = None

    def order(self) -> Order:
        return Order(prompt=self.prompts, **self.model_dump(exclude={"prompts"}))


class Accepted(BaseModel):
    """The answer to the form: `GET /api/jobs/{id}` tells how the job goes on."""

    id: str
    message: Literal["Task is processed in the background"] = "Task is processed in the background"


class Uploads(BaseModel):
    """What is accepted as a start image."""

    max_bytes: int = start_images.MAX_BYTES
    types: list[str] = start_images.TYPES


class SigningIn(BaseModel):
    """How people sign in on our page, and whether they must to order."""

    ways: Annotated[list[SignIn], Field(description="None where only programs do, by tokens that they bring.")]
    required: bool


class Choices(BaseModel):
    """What a form can offer, and what it costs: the seconds of `iterations` are each `step_s`, and `megapixel_s`
    besides for every million of pixels."""

    styles: list[Style] = list(Style)
    qualities: list[Quality] = list(Quality)
    aspects: list[Aspect] = list(Aspect)
    palettes: list[Palette] = list(Palette)
    max_prompt: int = MAX_PROMPT
    min_side: int = MIN_SIDE
    max_side: int = MAX_SIDE
    max_iterations: int = MAX_ITERATIONS
    start_image: Uploads = Uploads()
    painters: Annotated[int, Field(description="How many workers are present.")]
    paces: Annotated[Paces | None, Field(description="What they take on average; null when none is present.")]
    models: Annotated[list[str], Field(description="The models that judge what they paint, and know no other words.")]
    sign_in: Annotated[SigningIn | None, Field(description="Null where nobody signs in.")]


EXAMPLES = {
    "simple": {"summary": "A draft", "value": {"prompt": "castle underwater", "email": "you@example.com"}},
    "full": {
        "summary": "A public picture of chosen size and seed, without a film",
        "value": {
            "prompt": "castle underwater | watercolour:0.5",
            "email": "you@example.com",
            "style": "image",
            "quality": "normal",
            "size": [256, 144],
            "seed": 1,
            "make_video": False,
            "public": True,
        },
    },
}


@router.post("/generate", status_code=202, dependencies=[FROM_OUR_PAGE], responses=full | guarded)
def generate(
    form: Annotated[ArticleForm, Form()],
    customer: CustomerDep,
    queue: QueueDep,
    shelf: ShelfDep,
    settings: SettingsDep,
) -> Accepted:
    """Order a picture by the article's form. It is painted in the background and sent by mail."""
    return Accepted(id=_submit(form.order(), customer, queue, shelf, settings).id)


@router.post("/api/jobs", status_code=202, dependencies=[FROM_OUR_PAGE], responses=full | guarded)
def order_picture(
    order: Annotated[Order, Body(openapi_examples=EXAMPLES)],
    customer: CustomerDep,
    queue: QueueDep,
    shelf: ShelfDep,
    settings: SettingsDep,
    onlooker: OnlookerDep,
) -> JobView:
    """Order a picture. The answer is the job: its id is the key to its progress and its files, so keep it."""
    job = _submit(order, customer, queue, shelf, settings)
    return replace(onlooker, visitor=customer).see(job)


@router.get("/api/choices")
def choices(roster: RosterDep, gate: GateDep, settings: SettingsDep) -> Choices:
    """What can be ordered, how long it takes the painters who are present, and how people sign in."""
    painters = roster.present()
    return Choices(
        painters=len(painters),
        paces=mean_paces(painters),
        models=all_models(painters),
        sign_in=_signing_in(gate, settings),
    )


def check_room(queue: Queue, settings: ApiSettings) -> None:
    """Raise the refusal of an order when as many as there may be are waiting."""
    if queue.count(Status.QUEUED) >= settings.max_queue:
        raise HTTPException(
            503, "Too many pictures are waiting; please try again in a minute.", {"Retry-After": str(RETRY_AFTER_S)}
        )


def _signing_in(gate: Gate, settings: ApiSettings) -> SigningIn | None:
    if gate.verify is None:
        return None
    return SigningIn(ways=list(settings.ways_on_page), required=gate.required)


def _submit(order: Order, customer: Visitor | None, queue: Queue, shelf: Shelf, settings: ApiSettings) -> Job:
    _check_address(order, queue)
    _check_start_image(order, shelf)
    check_room(queue, settings)
    return queue.put(order, owner=customer.id if customer else None)


def _check_address(order: Order, queue: Queue) -> None:
    if queue.suppression(order.email) is not None:
        raise bad_field("email", "gets no mail any more: mails to it bounced, or it was unsubscribed")


def _check_start_image(order: Order, shelf: Shelf) -> None:
    if order.start_image is None:
        return
    if not is_start_image(order.start_image):  # other files have their own say about who sees them
        raise bad_field("start_image", "must be a key that POST /api/start-images gave")
    try:
        shelf.get(order.start_image)
    except NotOnShelf:
        raise bad_field("start_image", "is not known; send the picture to POST /api/start-images first") from None
