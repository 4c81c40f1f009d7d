"""Processes that begin with the heavy imports behind them, where processes can be forked.

A server that has done no more than `tests/warm.py` makes them; whatever runs in one cannot tell, but for the seconds.
Each has its own memory and its own exit status, as a fresh interpreter has."""
import multiprocessing
import os
import runpy
import sys
import tempfile
import traceback
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
SERVER = 'forkserver' if 'forkserver' in multiprocessing.get_all_start_methods() else 'spawn'


def processes():
    "Where processes come from: a server, started in the root of the project, for it imports as a shell there would."
    context = multiprocessing.get_context(SERVER)
    if SERVER == 'forkserver':
        from multiprocessing import forkserver
        context.set_forkserver_preload(['tests.warm'])
        before = os.getcwd()
        os.chdir(ROOT)
        try: forkserver.ensure_running()
        finally: os.chdir(before)
    return context


def logged(log, function, *arguments):
    "Call a function whose output goes to a file, and end with the status that it exits with or returns."
    with open(log, 'wb') as file:
        for stream in 1, 2: os.dup2(file.fileno(), stream)
    try: status = function(*arguments)
    except SystemExit as end: status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    if isinstance(status, str): print(status, file=sys.stderr)
    for stream in sys.stdout, sys.stderr: stream.flush()
    sys.exit(status if isinstance(status, int) else int(status is not None))


def run(function, *arguments):
    "Call a function in a new process; its exit status and what it printed."
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder)/'log'
        process = processes().Process(target=logged, args=(log, function, *arguments))
        process.start()
        process.join()
        return process.exitcode, log.read_text(encoding='utf-8', errors='replace') if log.exists() else ''


def module(name, *arguments, folder=ROOT):
    "As `python -m NAME ARGUMENTS` in a folder."
    os.chdir(folder)
    sys.path[0] = str(folder)
    sys.argv = [name, *map(str, arguments)]
    runpy.run_module(name, run_name='__main__', alter_sys=True)


def notebook(path):
    "Run one notebook as `nbdev-test` does; 0 if it passed."
    import nbdev.test
    from nbdev.config import get_config
    os.chdir(ROOT)
    config = get_config()
    nbdev.test.CaptureShell = partial(nbdev.test.CaptureShell, mpl_format='png')  # not of a retina screen's size
    passed, _ = nbdev.test.test_nb(path, skip_flags=config.tst_flags.split(), basepath=config.config_path)
    return int(not passed)
