"A real browser and a real JupyterLab for the tests that need them."
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

TOKEN = 'melodynb-tests'
PROGRAMS = 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'


def find_chromium() -> str | None:
    "A Chromium from the system, or the one named by MELODYNB_CHROMIUM."
    return os.environ.get('MELODYNB_CHROMIUM') or next(filter(None, map(shutil.which, PROGRAMS)), None)


def why_no_browser() -> str:
    "The reason to skip browser tests, empty if they can run."
    try: import playwright.sync_api  # noqa: F401
    except ImportError: return 'playwright is not installed: pip install playwright'
    if find_chromium(): return ''
    return f'no Chromium found: install one of {", ".join(PROGRAMS)}, or set MELODYNB_CHROMIUM'


@contextmanager
def chromium():
    "A headless Chromium that may play sound without being asked."
    from playwright.sync_api import sync_playwright
    options = ['--no-sandbox', '--disable-dev-shm-usage', '--mute-audio']
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=options, timeout=180_000)
        try: yield browser
        finally: browser.close()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def _environment(home: Path) -> dict:
    "Jupyter's and IPython's folders inside `home`, so that nobody's own settings matter."
    names = dict(JUPYTER_CONFIG_DIR='config', JUPYTER_DATA_DIR='data', JUPYTER_RUNTIME_DIR='runtime',
                 IPYTHONDIR='ipython', JUPYTERLAB_SETTINGS_DIR='settings',
                 JUPYTERLAB_WORKSPACES_DIR='workspaces')
    folders = {name: str(home/folder) for name, folder in names.items()}
    for folder in folders.values(): Path(folder).mkdir(parents=True)
    news = home/'settings'/'@jupyterlab'/'apputils-extension'/'notification.jupyterlab-settings'
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps(dict(fetchNews='false', checkForUpdates=False)))
    return {**os.environ, **folders, 'JUPYTER_TOKEN': TOKEN, 'PYDEVD_DISABLE_FILE_VALIDATION': '1'}


@contextmanager
def jupyterlab(notebooks: Path, home: Path, seconds: float = 150):
    "A JupyterLab that serves the folder `notebooks` and keeps its own things in `home`; yields its address."
    port = _free_port()
    command = ['jupyterlab', '--no-browser', '--allow-root', '--ip=127.0.0.1',
               f'--port={port}', '--ServerApp.port_retries=0', '--expose-app-in-browser',
               f'--ServerApp.root_dir={notebooks}']
    address = f'http://127.0.0.1:{port}'
    with _served(command, home, f'{address}/api/status?token={TOKEN}', seconds): yield address


@contextmanager
def voila(notebook: Path, home: Path, seconds: float = 150):
    "The page that Voila makes of a notebook; yields its address."
    port = _free_port()
    address = f'http://127.0.0.1:{port}'
    command = ['voila', str(notebook), '--no-browser', f'--port={port}']
    with _served(command, home, f'{address}/voila/static/nonsense', seconds): yield address


@contextmanager
def _served(command: list[str], home: Path, sign: str, seconds: float):
    "A module that serves pages, until the block ends; it answers at the address `sign` once it is ready."
    log = home/'server.log'
    with open(log, 'w') as lines:
        server = subprocess.Popen([sys.executable, '-m', *command], env=_environment(home), stdout=lines, stderr=lines)
    try:
        _wait_for(sign, server, seconds, log)
        yield
    finally:
        server.terminate()
        try: server.wait(10)
        except subprocess.TimeoutExpired: server.kill()


def _wait_for(address: str, server, seconds: float, log: Path):
    "Until the server answers; its log if it never does."
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and server.poll() is None:
        try: return urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError: return None  # it says no, so it is there
        except OSError: time.sleep(.1)
    raise RuntimeError(f'no answer within {seconds} s:\n{log.read_text()[-2000:]}')


def new_page(browser):
    "A page as wide as a laptop's, patient with a busy machine."
    page = browser.new_page(viewport=dict(width=1300, height=1000))
    page.set_default_timeout(90_000)
    return page


def open_notebook(page, address: str, name: str, kernel: bool = True):
    "Open a notebook and, if asked, wait until its kernel is really connected: the page is idle long before."
    page.goto(f'{address}/lab/tree/{name}?token={TOKEN}&reset')
    page.wait_for_function('window.jupyterapp?.shell?.currentWidget?.sessionContext', timeout=120_000)
    if not kernel: return page.wait_for_selector('.jp-Notebook .jp-Cell')
    page.evaluate('() => jupyterapp.shell.currentWidget.sessionContext.ready')
    page.wait_for_function('''() => {
        const kernel = jupyterapp.shell.currentWidget.sessionContext.session?.kernel;
        return kernel?.connectionStatus === 'connected' && kernel?.status === 'idle' }''', timeout=120_000)


def run_all(page, seconds: float = 120):
    "Run every cell and wait for the last one."
    page.evaluate('''() => {
        window.__done = 0;
        jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.__done = 1 }) }''')
    page.wait_for_function('window.__done === 1', timeout=seconds*1000)


def save(page):
    "Save the notebook as the user would."
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
