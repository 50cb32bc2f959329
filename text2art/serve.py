"""`text2art api` and `text2art worker`, the two halves of the service, each alone; and `text2art gradio`.

What they need is imported when they run: a machine for the API has no engine.
"""

import os
import signal
import sys
from contextlib import ExitStack
from types import FrameType
from typing import Annotated

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from jobs import logs
from jobs.settings import StoreSettings
from text2art.addresses import Host, Port, check_free, reachable
from text2art.environment import need, opened_store, told_plainly
from text2art.tunnel import Tunnel, announce, open_tunnel


def api(host: Host = "127.0.0.1", port: Port = 8000, tunnel: Tunnel = False) -> None:
    """Run the page and the API alone."""
    import uvicorn

    from api.app import create_app
    from api.gate import open_gate
    from api.settings import ApiSettings, refuse_unsafe

    check_free(host, port)
    signal.signal(signal.SIGTERM, _leave)
    with ExitStack() as stack:
        if tunnel:
            announce(stack.enter_context(open_tunnel(reachable(host), port)))
        with told_plainly():
            settings, stored = ApiSettings(), StoreSettings()
            refuse_unsafe(settings, stored)
        _set_up_logs(stored, settings)
        store = stack.enter_context(opened_store())
        gate = open_gate(settings, store.firebase)
        # No access log: its lines hold job ids, and who knows a job's id may see the job.
        uvicorn.run(
            create_app(settings, store.queue, store.shelf, gate=gate),
            host=host,
            port=port,
            access_log=False,
            log_config=None,  # ours
            timeout_graceful_shutdown=3,  # seconds; pages hold event streams open for as long as they are shown
        )


def worker() -> None:
    """Run one worker alone; start as many as the machine can bear."""
    need("torch", extra="worker")
    from worker.mailers import MailSettings, open_mailer
    from worker.run import run
    from worker.settings import WorkerSettings, refuse_unsafe

    with told_plainly():
        settings, mail, stored = WorkerSettings(), MailSettings(), StoreSettings()
        refuse_unsafe(mail, stored)
    _set_up_logs(stored, settings, mail)
    with opened_store() as store, open_mailer(mail, stored) as mailer:
        run(settings, mail, store, mailer)


def gradio(
    host: Host = "127.0.0.1",
    port: Port = 7860,
    share: Annotated[bool, typer.Option("--share", help="Also give it a public address, through gradio.live.")] = False,
) -> None:
    """Run the article's page in Gradio: a sentence in, picture and film out, one painting at a time."""
    need("gradio", extra="gradio")
    check_free(host, port)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # its makers need not know
    from text2art.demo import serve

    serve(host, port, share)


def _set_up_logs(stored: StoreSettings, *settings: BaseSettings) -> None:
    values = (value for each in settings for _, value in each)
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    logs.set_up(as_json=stored.log_format == "json", secrets=secrets)


def _leave(number: int, frame: FrameType | None) -> None:
    """End in order: uvicorn, once it has shut down, hands a signal on to who listened to it before."""
    sys.exit(0)
