"""A worker process, assembled: settings, queue, shelf, models, then painting and posting until a signal says stop."""

import logging
import os
import signal
import threading
from email.message import EmailMessage
from functools import partial
from types import FrameType

import clipit
from jobs import Claim, Job, Queue, Shelf
from jobs.settings import StoreSettings, open_queue, open_shelf
from worker.lease import Lease
from worker.loop import keep_doing, serve
from worker.mail import enclosed, render
from worker.outbox import OutboxFolder
from worker.post import Mailer, deliver
from worker.settings import WorkerSettings
from worker.studio import paint

log = logging.getLogger(__name__)


def run(settings: WorkerSettings, store: StoreSettings) -> None:
    """Paint and post until SIGTERM or SIGINT; a second signal ends the process at once.

    The models are loaded before the first claim: a worker that cannot paint takes no job, and no job waits for them.
    """
    stop = threading.Event()
    _stop_on_signal(stop)
    queue, shelf = open_queue(store), open_shelf(store)
    mailer = OutboxFolder(settings.outbox or store.data / "outbox")
    postman = threading.Thread(target=_post, args=(settings, queue, shelf, mailer, stop), name="postman")
    postman.start()
    try:
        log.info("action=loading worker=%s", settings.worker)
        models = _load_models()
        log.info("action=ready worker=%s", settings.worker)
        _paint(settings, queue, shelf, models, stop)
    finally:
        stop.set()
        postman.join()
        queue.close()
        log.info("action=stopped worker=%s", settings.worker)


def _load_models() -> clipit.Models:
    """The models, tried out on a tiny picture: they are known to work then, and the first job waits for nothing."""
    trial = clipit.Settings(prompts="a trial", size=(32, 32), iterations=1)
    models = clipit.load_models(trial)
    for _ in clipit.stream(trial, models):
        pass
    return models


def _paint(settings: WorkerSettings, queue: Queue, shelf: Shelf, models: clipit.Models, stop: threading.Event) -> None:
    make = partial(
        paint, shelf=shelf, stream=partial(clipit.stream, models=models), recipe=partial(clipit.recipe, models=models)
    )

    def hold(claim: Claim) -> Lease:
        return Lease(queue, claim, settings.lease_s, stop, stall_s=settings.stall_s, abandon=_abandon)

    turn = partial(serve, queue, make, hold, worker=settings.worker, lease_s=settings.lease_s)
    keep_doing(turn, stop, settings.poll_s)


def _post(settings: WorkerSettings, queue: Queue, shelf: Shelf, mailer: Mailer, stop: threading.Event) -> None:
    def compose(job: Job) -> EmailMessage:
        return render(job, enclosed(job, shelf), sender=settings.mail_from, public_url=str(settings.public_url))

    keep_doing(partial(deliver, queue, compose, mailer, lease_s=settings.lease_s), stop, settings.poll_s)


def _stop_on_signal(stop: threading.Event) -> None:
    numbers = (signal.SIGTERM, signal.SIGINT)

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)

    for number in numbers:
        signal.signal(number, handle)


def _abandon() -> None:
    """End the process around a painting that hangs; whoever started it starts it again, without the hang."""
    os._exit(os.EX_SOFTWARE)
