"""How long the models that ship take to load, each time in a new process that has torch already, and their size.

python -m benchmarks.loading [--runs 7]
"""

import argparse
import statistics
import subprocess
import sys

from clipit.weights.checkpoints import WEIGHTS

LOAD = """
import time, torch, clipit, clipit.drawing
began = time.perf_counter()
clipit.load_models(clipit.Settings(prompts="castle underwater"))
print(time.perf_counter() - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    seconds = sorted(float(subprocess.check_output([sys.executable, "-c", LOAD])) for _ in range(runs))
    sizes = {path.name: path.stat().st_size / 1e6 for path in sorted(WEIGHTS.glob("*.safetensors"))}
    print(f"loaded in {statistics.median(seconds):.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f}, {runs} processes)")
    print(f"{sum(sizes.values()):.1f} MB: {', '.join(f'{name} {size:.1f}' for name, size in sizes.items())}")


if __name__ == "__main__":
    main()
