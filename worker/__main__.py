"""`python -m worker`: one worker, settings from the environment."""

import logging

from jobs.settings import StoreSettings
from worker.run import run
from worker.settings import WorkerSettings


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run(WorkerSettings(), StoreSettings())


if __name__ == "__main__":
    main()
