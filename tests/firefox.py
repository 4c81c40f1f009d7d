"Firefox ESR, asked through WebDriver BiDi: a page, and what its scripts answer."
import json
import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress

WAIT = 60  # seconds for one answer
PROGRAM = shutil.which('firefox-esr')
WHY_NONE = '' if PROGRAM else 'Firefox ESR is not here: install the package firefox-esr'


class Firefox:
    "One window of a browser."
    def __init__(self, address):
        import websocket
        self.socket = websocket.create_connection(f'{address}/session', timeout=WAIT, suppress_origin=True)
        self.number = 0
        self.told('session.new', capabilities={})
        self.window = self.told('browsingContext.getTree')['contexts'][0]['context']

    def told(self, method, **params):
        "The result of a command; `AssertionError` with what the browser says where it fails."
        self.number += 1
        self.socket.send(json.dumps(dict(id=self.number, method=method, params=params)))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get('id') == self.number: break
        assert answer['type'] == 'success', answer
        return answer['result']

    def open(self, address): self.told('browsingContext.navigate', context=self.window, url=address, wait='complete')

    def ask(self, script):
        "What an expression is worth, as JSON has it; a promise is waited for."
        script = f'(async () => JSON.stringify(await ({script})))()'
        found = self.told('script.evaluate', expression=script, target={'context': self.window}, awaitPromise=True)
        assert found['type'] == 'success', found
        return json.loads(found['result'].get('value', 'null'))

    def wait(self, script):
        "Wait until an expression is true."
        self.ask(f'''new Promise((resolve, reject) => {{
            const end = Date.now() + {1000*WAIT - 5000};
            const look = () => {script} ? resolve(true) : Date.now() > end
                ? reject(new Error('never true: ' + document.body.innerText.slice(0, 2000))) : setTimeout(look, 50);
            look() }})''')


@contextmanager
def firefox():
    "A headless one with a profile of its own."
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [PROGRAM, '--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            said = (re.search(r'WebDriver BiDi listening on (ws://\S+)', line) for line in process.stderr)
            address = next(found[1] for found in said if found)
            threading.Thread(target=process.stderr.read, daemon=True).start() # so that it never waits to be heard
            yield Firefox(address)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired): process.wait(20)
            process.kill()
