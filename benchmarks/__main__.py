"Run every benchmark, or those that are named, each in a process of its own: `python -m benchmarks corpus sound`."
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
APART = '__main__', 'timing', 'against'  # what the others share, and what needs a revision to compare with
BENCHMARKS = sorted(path.stem for path in HERE.glob('*.py') if path.stem not in APART)


def run(name):
    "The exit status of one benchmark."
    return subprocess.run([sys.executable, '-m', f'benchmarks.{name}'], cwd=HERE.parent).returncode


def main(names):
    if unknown := sorted(set(names) - set(BENCHMARKS)):
        sys.exit(f'no benchmark is called {", ".join(unknown)}; there are {", ".join(BENCHMARKS)}')
    sys.exit(max(map(run, names or BENCHMARKS)))


if __name__ == '__main__': main(sys.argv[1:])
