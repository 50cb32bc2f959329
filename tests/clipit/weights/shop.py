"""A server on this machine that hands out one file, well or badly."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Visit"], None]


@dataclass
class Shop:
    """Its goods, the answers it gives in turn (the last one for ever), and what it was asked."""

    goods: bytes
    answers: list[Answer]
    etag: str | None = '"first"'
    asked: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.goods).hexdigest()


class Visit(BaseHTTPRequestHandler):
    shop: Shop
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        shop = self.shop
        shop.asked.append(dict(self.headers))
        answer = shop.answers.pop(0) if len(shop.answers) > 1 else shop.answers[0]
        with contextlib.suppress(ConnectionError):  # of a visitor who has left
            answer(self)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass

    def start(self, status: int, length: int | None, **headers: str | None) -> None:
        self.send_response(status)
        usual = {"ETag": self.shop.etag, "Content_Length": None if length is None else str(length)}
        headers = {**usual, "Connection": "close", **headers}
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    @property
    def wanted(self) -> int:
        """The byte it is asked to begin with; 0 where the file is no longer that of If-Range."""
        span = self.headers.get("Range")
        same = self.headers.get("If-Range") in (None, self.shop.etag)
        return int(span.removeprefix("bytes=").removesuffix("-")) if span and same else 0


def begin(visit: Visit, more: int = 0) -> bytes:
    """Say what is to come, and give it."""
    goods, first = visit.shop.goods, visit.wanted
    length = len(goods) + more
    if first:
        visit.start(206, length - first, Content_Range=f"bytes {first}-{length - 1}/{length}")
    else:
        visit.start(200, length)
    return goods[first:]


def well(visit: Visit) -> None:
    visit.wfile.write(begin(visit))


def promises(more: int) -> Answer:
    """All that is wanted, said to be so many bytes longer."""
    return lambda visit: visit.wfile.write(begin(visit, more))


def breaks_off(after: int) -> Answer:
    """So many bytes of what is wanted, and then the line is dead."""
    return lambda visit: visit.wfile.write(begin(visit)[:after])


def stalls(after: int) -> Answer:
    """So many bytes, and then silence until the shop closes."""

    def answer(visit: Visit) -> None:
        breaks_off(after)(visit)
        visit.wfile.flush()
        visit.shop.closing.wait()

    return answer


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(visit: Visit) -> None:
        visit.start(status, len(body), **headers)
        visit.wfile.write(body)

    return answer


def ignores_range(visit: Visit) -> None:
    visit.start(200, len(visit.shop.goods))
    visit.wfile.write(visit.shop.goods)


def hangs_up(visit: Visit) -> None:
    """Not a word."""


@contextlib.contextmanager
def open_shop(goods: bytes, *answers: Answer) -> Iterator[Shop]:
    shop = Shop(goods, list(answers) or [well])
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Visit", (Visit,), {"shop": shop}))
    server.daemon_threads = True
    shop.address = f"http://127.0.0.1:{server.server_port}/model.pt"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shop
    finally:
        shop.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
