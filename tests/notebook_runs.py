"""Notebooks run as `nbdev-test` runs them, each in a process of its own.

Where processes can be forked, each begins with the heavy imports behind it: a server that has done nothing but import
makes them. A notebook cannot tell the difference, but for the seconds that it saves."""
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAVY = ['torch', 'accelerate', 'transformers', 'peft', 'miditok', 'music21', 'verovio', 'matplotlib.pyplot', 'ipywidgets',
         'nbdev.test', 'melodynb.studio', 'melodynb.compare', 'melodynb.workshop']
SERVER = 'forkserver' if 'forkserver' in multiprocessing.get_all_start_methods() else 'spawn'


def run_here(path, log):
    "Run one notebook in this process, whose output goes to a file; the exit status says whether it passed."
    with open(log, 'wb') as file:
        for stream in 1, 2: os.dup2(file.fileno(), stream)
    from nbdev.config import get_config
    from nbdev.test import test_nb
    os.chdir(ROOT)
    config = get_config()
    passed, _ = test_nb(path, skip_flags=config.tst_flags.split(), basepath=config.config_path)
    sys.stdout.flush()
    sys.exit(not passed)


def run(path):
    "Run one notebook in a new process; its exit status and what it printed."
    context = multiprocessing.get_context(SERVER)
    if SERVER == 'forkserver': context.set_forkserver_preload(HEAVY)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder)/'log'
        process = context.Process(target=run_here, args=(path, log))
        process.start()
        process.join()
        return process.exitcode, log.read_text(encoding='utf-8', errors='replace') if log.exists() else ''
