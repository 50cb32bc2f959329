"""What a worker counts, for Prometheus. The registry is handed in, so that two workers in one process do not add up."""

from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from jobs import Claim, Letter
from jobs.life import utc_now

WAITS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
PAINTINGS_S = (5, 10, 20, 40, 60, 120, 300, 600, 1200, 2400, 4800)

# What the service aims at; alert rules compare them with the histograms.
SLO_S = {
    "claim_latency_p95": 2.0,  # while workers are idle
    "mail_delay_p95": 60.0,
}


class WorkerMetrics:
    """Counters and histograms of one worker. Times are in seconds."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"text2art_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"text2art_{name}", text, buckets=buckets, registry=registry)

        self._claims = counter("claims", "Jobs claimed, by which attempt it was", "attempt")
        self._waited = histogram("claim_latency_seconds", "From the order to the first claim", WAITS_S)
        self._ended = counter("jobs_ended", "How this worker's paintings ended", "outcome")
        self._painting = histogram("painting_seconds", "From the claim to the end of the painting", PAINTINGS_S)
        self._iterations = counter("iterations", "Iterations drawn; its rate is iterations per second")
        self._heartbeats = counter("heartbeats", "Heartbeats, by whether the queue took them", "outcome")
        self._letters = counter("letters", "What became of letters that were taken", "outcome")
        self._mailed = histogram("mail_delay_seconds", "From the end of a job to its mail", WAITS_S)
        self._trouble = counter("troubled_turns", "Turns of a loop that failed: the store does not answer", "loop")
        targets = Gauge("text2art_slo_seconds", "What the service aims at", ["slo"], registry=registry)
        for name, seconds in SLO_S.items():
            targets.labels(name).set(seconds)

    def claimed(self, claim: Claim) -> None:
        job = claim.job
        self._claims.labels(str(job.attempt)).inc()
        if claim.token == 1 and job.started_at is not None:  # neither given back nor started again before
            self._waited.observe((job.started_at - job.created_at).total_seconds())

    def ended(self, outcome: str, seconds: float) -> None:
        """`outcome` is done, failed, refused, released, lost, or unsettled where the store did not answer."""
        self._ended.labels(outcome).inc()
        self._painting.observe(seconds)

    def drew(self) -> None:
        self._iterations.inc()

    def beat(self, outcome: str) -> None:
        """`outcome` is ok, failed or lost."""
        self._heartbeats.labels(outcome).inc()

    def lettered(self, letter: Letter, outcome: str) -> None:
        """`outcome` is sent, delayed, refused, suppressed, lost or alarm."""
        self._letters.labels(outcome).inc()
        if outcome == "sent":
            self._mailed.observe((self._clock() - letter.ended_at).total_seconds())

    def turned(self, loop: str, went_well: bool) -> None:
        if not went_well:
            self._trouble.labels(loop).inc()
