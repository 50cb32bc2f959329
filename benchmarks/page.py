"""How long the first look takes: the page loaded by Chromium from this machine, with an empty cache each time.

    python -m benchmarks.page

Bytes are those that come over the line; times are from the navigation's beginning, in milliseconds.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from api.app import create_app
from api.settings import ApiSettings
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue
from tests.browser import open_browser
from tests.frontend.conftest import served

RUNS = 15
WIDTHS = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}

MEASURE = """() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const loads = [navigation, ...performance.getEntriesByType("resource")];
  return {
    painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    loaded: navigation.loadEventEnd,
    complete: Math.max(...loads.map((load) => load.responseEnd)),
    bytes: loads.reduce((sum, load) => sum + load.transferSize, 0),
    files: loads.length,
  };
}"""


def look(browser: Browser, url: str, viewport: dict[str, int]) -> dict[str, float]:
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    found = page.evaluate(MEASURE)
    context.close()
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        app = create_app(ApiSettings(), MemoryQueue(), FolderShelf(Path(folder)))
        with served(app) as url:
            for name, viewport in WIDTHS.items():
                look(browser, url, viewport)  # the server's own first answer is not the page's fault
                looks = [look(browser, url, viewport) for _ in range(RUNS)]
                median = {key: statistics.median(each[key] for each in looks) for key in looks[0]}
                worst = max(each["complete"] for each in looks)
                print(
                    f"{name}: first paint {median['painted']:.0f} ms, load event {median['loaded']:.0f} ms, "
                    f"everything there {median['complete']:.0f} ms (worst of {RUNS}: {worst:.0f}); "
                    f"{median['bytes'] / 1000:.0f} kB in {median['files']:.0f} files"
                )


if __name__ == "__main__":
    main()
