"""Some thirty faults, each put into a copy of the package: do the tests that guard it notice?

`python tests/faults.py` applies one after the other and runs the tests named beside it; `python tests/faults.py 3 7` only
those. The tests must pass before a fault counts. One that goes unnoticed is printed, and the exit status says so. Run it
before and after tests are thinned out."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAULTS = [  # module, what is there, what is put in its place, the tests that should notice
    ('score', 'if start < beat + NEAR]', 'if start < beat - NEAR]', 'test_score.py'),
    ('score', '> note.duration/2 - NEAR', '> note.duration - NEAR', 'test_score.py'),
    ('audio', '(np.asarray(pitch) - 69)/12', '(np.asarray(pitch) - 68)/12', 'test_audio.py'),
    ('rhythm', '_PLAIN = [FINEST*2**k for k in range(9)]', '_PLAIN = [FINEST*2**k for k in range(7)]', 'test_notation.py'),
    ('notation', 'start < item.start + line', 'start <= item.start + line', 'test_notation.py'),
    ('display', '<img alt="{html.escape(alt)}"', '<img alt="{alt}"', 'test_display.py'),
    ('display', "or 'placeholder' in kinds", '', 'test_pictures.py'),
    ('tokenizers', 'return [] if self.end is None else [self.end]', 'return []', 'test_tokenizers.py'),
    ('corpus', 'steps + 128 if octaves else steps % 12', 'steps + 128 if octaves else steps % 11', 'test_corpus.py'),
    ('ngrams', '[np.minimum(counts, 3).astype(int)]', '[np.minimum(counts, 2).astype(int)]', 'test_metrics.py'),
    ('listener', 'middle = share + z*z/2/count', 'middle = share + z*z/count', 'test_evaluate.py'),
    ('form', 'self.upbeat = min(before, len(lines) - 2)', 'self.upbeat = min(0, len(lines) - 2)', 'test_form.py'),
    ('form', '[::-1][np.argmax(lengths[::-1])]', '[np.argmax(lengths)]', 'test_form.py'),
    ('whole_listener', '_SCALES[np.argmin(losses)]*odds', '_SCALES[-1]*odds', 'test_whole_listener.py'),
    ('copies', 'run[0].max() + 1 if', 'run[0].max() if', 'test_music_metrics.py'),
    ('figures', 'return [(1 - level)/2, (1 + level)/2]', 'return [(1 - level)/4, (1 + level)/2]', 'test_metrics.py'),
    ('remi', 'COUNTDOWN + 2 - self.left', 'COUNTDOWN + 1 - self.left', 'test_remi.py'),
    ('models', 'is_causal=causal', 'is_causal=False', 'test_models.py'),
    ('train', 'self.plan.clip or math.inf', 'math.inf', 'test_train.py'),
    ('sample', 'logits = logits/temperature', 'logits = logits*temperature', 'test_sample.py'),
    ('pretrained', 'manual_seed(seed))*.02', 'manual_seed(seed))*.2', 'test_pretrained.py'),
    ('bart', 'min(note.duration, length - note.start)', 'note.duration', 'test_bart.py'),
    ('recipe', 'weights = weights_hash(recipe.model, version)', 'weights = recipe.weights', 'test_recipe.py'),
    ('compose', 'return min(last) % 12', 'return max(last) % 12', 'test_remi_music.py'),
    ('tokenizers', '(len(parcel) + 1)*len(row) > self.symbols', 'len(parcel)*len(row) > self.symbols', 'test_tokenizers.py'),
    ('remi', 'read_Fill = read_Density = read_Start', 'read_Fill = read_Start', 'test_remi.py'),
    ('models', 'if turns is None: turns = self.turns[', 'turns = self.turns[', 'test_models.py'),
    ('models', 'sorted(folders, key=age)', 'sorted(folders)', 'test_checkpoints.py'),
    ('train', 'weights[name].to(mean.dtype), 1 - kept)', 'weights[name].to(mean.dtype), kept)', 'test_train.py'),
    ('train', "_group(tensors, 'mean').items()", "{}.items()", 'test_train.py'),
    ('sample', "if hasattr(model, 'window')", 'if False', 'test_sample.py'),
    ('recipe', 'if recipe.weights == weights_hash(recipe.model): return None', 'return None', 'test_recipe.py'),
    ('cli', 'if path.exists() and not force', 'if not path.exists() and not force', 'test_cli.py'),
]


def copied(folder):
    "The package and its tests, in a folder of their own."
    left_out = shutil.ignore_patterns('__pycache__', '.ipynb_checkpoints')
    for name in ('melodynb', 'tests', 'benchmarks', 'nbs', 'data'):
        shutil.copytree(ROOT/name, folder/name, symlinks=True, ignore=left_out)
    for path in ROOT.glob('*.*'):
        if path.is_file(): shutil.copy(path, folder)
    return folder


def put_in(folder, module, before, after):
    "Change one place of a module; it must be there exactly once."
    path = folder/'melodynb'/f'{module}.py'
    text = path.read_text(encoding='utf-8')
    if text.count(before) != 1: sys.exit(f'{module} has {text.count(before)} places with {before!r}: name another one')
    path.write_text(text.replace(before, after), encoding='utf-8')
    return path, text


def pytest_status(folder, tests):
    "The exit status of these tests: 0 where they pass, 1 where some fail."
    env = {**os.environ, 'PYTHONPATH': str(folder), 'MELODYNB_SIZE': 'tiny', 'OMP_NUM_THREADS': '1'}
    paths = [f'tests/{name}' for name in tests.split()]
    command = [sys.executable, '-m', 'pytest', '-x', '-q', '-p', 'no:cacheprovider', *paths]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True).returncode


def demand_passes(folder, tests):
    "Tests that fail without a fault would notice every fault."
    failed = [name for name in sorted({*tests}) if pytest_status(folder, name)]
    if failed: sys.exit(f'these fail as they are, without a fault: {", ".join(failed)}')


def main():
    chosen = [int(word) - 1 for word in sys.argv[1:]] or range(len(FAULTS))
    missed = []
    with tempfile.TemporaryDirectory() as place:
        folder = copied(Path(place))
        demand_passes(folder, [FAULTS[number][3] for number in chosen])
        for number in chosen:
            module, before, after, tests = FAULTS[number]
            path, text = put_in(folder, module, before, after)
            found = pytest_status(folder, tests) == 1
            path.write_text(text, encoding='utf-8')
            print(f'{number + 1:>2}  {module:<11} {"noticed" if found else "MISSED"}', flush=True)
            if not found: missed.append(number + 1)
    sys.exit(f'missed: {missed}' if missed else None)


if __name__ == '__main__': main()
