"""A worker at work: models loaded, then painting and posting until a signal says stop."""

import logging
import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from types import FrameType

from prometheus_client import CollectorRegistry

import clipit
from jobs import Claim
from jobs.forget import sweep
from jobs.logs import where
from jobs.painter import Painter
from jobs.settings import Store
from worker import monitor, pace
from worker.lease import Lease
from worker.loop import Bell, keep_doing, serve
from worker.mailers import Mailer, MailSettings
from worker.metrics import WorkerMetrics
from worker.post import composer, deliver
from worker.presence import present
from worker.recipe import DRAWERS
from worker.settings import WorkerSettings
from worker.studio import paint

POLLS_PER_LETTER_POLL = 4  # of jobs: the postman is told of the letters about this worker's own
TRIAL_STEPS = 4  # of which the first warms up
LONGEST_FAREWELL_S = 8  # for a letter on its way when the worker stops; one that hangs is sent by another worker later

log = logging.getLogger(__name__)


class Worker:
    """What the threads of a worker share: the store, what is counted and timed, and how they are woken and watched.

    `factors` tells how much slower than on the reference machine the drawers are here (see worker.pace), `models` the
    names of those that judge.
    """

    def __init__(self, settings: WorkerSettings, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings, self.store, self._clock = settings, store, clock
        self.factors: pace.Factors = {}
        self.models: tuple[str, ...] = ()
        self.registry = CollectorRegistry()
        self.metrics = WorkerMetrics(self.registry)
        self.stop = threading.Event()
        self.jobs, self.letters = Bell(), Bell()
        self.frames, self.posting, self.queue = monitor.Pulse(), monitor.Pulse(), monitor.Pulse()

    def end(self) -> None:
        """Ask both loops to end."""
        self.stop.set()
        self.jobs.ring()
        self.letters.ring()

    def hold(self, claim: Claim) -> AbstractContextManager[Lease]:
        lease_s, stall_s = self.settings.lease_s, self.settings.stall_s
        return Lease(self.store.queue, claim, lease_s, self.stop, stall_s=stall_s, abandon=_abandon, tell=self._beaten)

    def painted(self, went_well: bool) -> None:
        self.metrics.turned("painting", went_well)
        self.frames.beat()
        if went_well:
            self.queue.beat()

    def posted(self, went_well: bool) -> None:
        self.metrics.turned("posting", went_well)
        self.posting.beat()

    def watched(self, settings: clipit.Settings, frames: Iterator[clipit.Frame]) -> Iterator[clipit.Frame]:
        """The same frames, counted; from how long they took, but for the first, it is learnt what such ones take."""
        steps, began_at = -1, 0.0
        for frame in frames:
            self.metrics.drew()
            self.frames.beat()
            yield frame
            steps += 1
            began_at = began_at or self._clock()
        if steps >= pace.LEAST_STEPS:
            self.factors = pace.learned(self.factors, settings, (self._clock() - began_at) / steps)

    def painter(self) -> Painter:
        """The worker as others see it."""
        return Painter(name=self.settings.worker, paces=pace.paces(self.factors), models=self.models)

    def is_healthy(self) -> bool:
        """Whether both its loops work or wait, and do not hang."""
        return all(pulse.is_younger(self.settings.stall_s) for pulse in (self.frames, self.posting))

    def is_ready(self) -> bool:
        """Whether it could be given a job: its models are loaded, and the queue has answered of late."""
        silence_s = max(self.settings.lease_s, 3 * self.store.queue.poll_s)
        return not self.stop.is_set() and self.queue.is_younger(silence_s)

    def _beaten(self, outcome: str) -> None:
        self.metrics.beat(outcome)
        if outcome == "ok":
            self.queue.beat()


def run(settings: WorkerSettings, mail: MailSettings, store: Store, mailer: Mailer) -> None:
    """Paint and post until SIGTERM or SIGINT; a second signal ends the process at once.

    The models are loaded before the first claim: a worker that cannot paint takes no job, and no job waits for them.
    """
    worker = Worker(settings, store)
    _end_on_signal(worker.end)
    with ExitStack() as stack:
        if settings.metrics_port is not None:
            stack.enter_context(_watched(worker, settings.metrics_host, settings.metrics_port))
        postman = threading.Thread(target=_post, args=(worker, mail, mailer), name="postman", daemon=True)
        postman.start()
        try:
            log.info("loading", extra={"worker": settings.worker})
            worker.frames.beat()
            worker.posting.beat()
            models = clipit.load_models(clipit.Settings(prompts="a trial"))
            worker.models = models.clip_models
            worker.factors = {drawer: _tried(drawer, models) for drawer in DRAWERS.values()}
            log.info("ready", extra={"worker": settings.worker})
            stack.enter_context(store.queue.listen(worker.jobs.ring))
            stack.enter_context(present(store.queue, worker.painter))
            _paint(worker, models)
        finally:
            worker.end()
            postman.join(LONGEST_FAREWELL_S)
            log.info("stopped", extra={"worker": settings.worker})


@contextmanager
def _watched(worker: Worker, host: str, port: int) -> Iterator[None]:
    """Let others watch the worker; it paints on unwatched where the port is another's."""
    window = monitor.answer(worker.registry, worker.is_healthy, worker.is_ready)
    with ExitStack() as stack:
        try:
            stack.enter_context(monitor.served(window, host, port))
        except OSError as error:
            log.error("unwatched", extra={"port": port, "error": where(error)})
        yield


def _tried(drawer: str, models: clipit.Models) -> float:
    """The drawer's factor, by a few steps of a draft: it is known to work then, and the first job waits for nothing."""
    trial = clipit.Settings(prompts="a trial", drawer=drawer)
    drawing, times = clipit.stream(trial, models), []
    for _ in range(TRIAL_STEPS):
        began_at = time.perf_counter()
        next(drawing).pixels()
        times.append(time.perf_counter() - began_at)
    return pace.factor(trial, statistics.median(times[1:]))


def _paint(worker: Worker, models: clipit.Models) -> None:
    queue = worker.store.queue
    make = partial(
        paint,
        shelf=worker.store.shelf,
        begin=partial(clipit.stream, models=models),
        recipe=partial(clipit.recipe, models=models),
        pace=queue,
        watched=worker.watched,
    )

    def turn() -> bool:
        name, lease_s = worker.settings.worker, worker.settings.lease_s
        tidy = partial(sweep, queue, worker.store.shelf)
        served = serve(queue, make, worker.hold, tidy, worker=name, lease_s=lease_s, metrics=worker.metrics)
        if served:
            worker.letters.ring()
        return served

    keep_doing(turn, worker.stop, worker.jobs.rest, poll_s=queue.poll_s, tell=worker.painted)


def _post(worker: Worker, mail: MailSettings, mailer: Mailer) -> None:
    queue, shelf = worker.store.queue, worker.store.shelf
    tell = worker.metrics.lettered
    turn = partial(deliver, queue, shelf, composer(mail), mailer, lease_s=mail.letter_lease_s, tell=tell)
    keep_doing(turn, worker.stop, worker.letters.rest, poll_s=POLLS_PER_LETTER_POLL * queue.poll_s, tell=worker.posted)


def _end_on_signal(end: Callable[[], None]) -> None:
    numbers = (signal.SIGTERM, signal.SIGINT)

    def handle(number: int, frame: FrameType | None) -> None:
        end()
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)

    for number in numbers:
        signal.signal(number, handle)


def _abandon() -> None:
    """End the process around a painting that hangs; whoever started it starts it again, without the hang."""
    os._exit(os.EX_SOFTWARE)
