"Run every benchmark, or those that are named, each in a process of its own: `python -m benchmarks corpus sound`."
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = sorted(path.stem for path in HERE.glob('*.py') if path.stem not in ('__main__', '__init__', 'timing'))

unknown = set(sys.argv[1:]) - set(BENCHMARKS)
if unknown: sys.exit(f'no benchmark is called {", ".join(sorted(unknown))}; there are {", ".join(BENCHMARKS)}')
sys.exit(max(subprocess.run([sys.executable, '-m', f'benchmarks.{name}'], cwd=HERE.parent).returncode for name in sys.argv[1:] or BENCHMARKS))
