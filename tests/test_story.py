"`make story`: pages and music from notebooks, and a failing cell that is shown."
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHOWN = """from melodynb.score import Note, Score, Track
display(Score([Track([Note(72, 0, 1)])]))
Score([Track([Note(60 + step, step, 1) for step in (0, 2, 4, 5)])], title='Four <notes> & more')"""


def notebook(path, title, *sources):
    "A small notebook file."
    text = {'cell_type': 'markdown', 'id': 'title', 'metadata': {}, 'source': f'# {title}\n\n> With $x^2$ in it.'}
    code = [{'cell_type': 'code', 'id': f'c{i}', 'metadata': {}, 'outputs': [], 'execution_count': None, 'source': source}
            for i, source in enumerate(sources)]
    path.write_text(json.dumps({'cells': [text, *code], 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}))


@pytest.fixture(scope='module')
def story(tmp_path_factory):
    "What a run of three notebooks leaves, the second of which fails."
    folder = tmp_path_factory.mktemp('a story')
    notebook(folder/'00_first.ipynb', 'First', '#| hide\nhidden = 1', SHOWN, '#| eval: false\nraise SystemExit',
             '#| export\nkept = hidden')
    notebook(folder/'01_second.ipynb', 'Second', 'good = 1', 'good/0', 'never = 1')
    notebook(folder/'02_third.ipynb', 'Third', 'print("reached the " + "end")', '#| label: index-table\n"lent to the " + "index"')
    command = [sys.executable, ROOT/'nbs'/'_story.py', '--notebooks', folder, '--into', folder/'out']
    return subprocess.run(command, capture_output=True, text=True), folder/'out'


def test_a_failing_cell_is_shown_and_the_rest_goes_on(story):
    done, out = story
    assert done.returncode == 1
    assert '01_second.ipynb failed' in done.stderr and 'good/0' in done.stderr and 'ZeroDivisionError' in done.stderr
    assert 'reached the end' in (out/'02_third.html').read_text()
    assert 'ZeroDivisionError' in (out/'01_second.html').read_text()
    assert re.search(r'^00_first +\d+ s, 2 pieces of music$', done.stdout, re.M)


def told_to_stop(folder, number):
    "What a run says, and leaves, that gets a signal in its second cell."
    begin = 'import os\nopen("begun", "w").write(str(os.getpid()))'
    notebook(folder/'00_long.ipynb', 'Long', begin, 'import time\ntime.sleep(600)')
    notebook(folder/'01_never.ipynb', 'Never', '1')
    command = [sys.executable, ROOT/'nbs'/'_story.py', '--notebooks', folder, '--into', folder/'out']
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (folder/'begun').exists() or not (folder/'begun').read_text(): time.sleep(.05)
    time.sleep(.3)
    run.send_signal(number)
    said = run.communicate(timeout=60)
    return run.returncode, said, int((folder/'begun').read_text())


@pytest.mark.skipif(os.name == 'nt', reason='Windows has no such signals')
def test_a_signal_stops_all_and_the_kernel_too(tmp_path):
    status, (out, said), kernel = told_to_stop(tmp_path, signal.SIGTERM)
    assert status == 128 + signal.SIGTERM and 'stopped by SIGTERM in 00_long.ipynb' in said
    assert '01_never' not in out
    with pytest.raises(ProcessLookupError): os.kill(kernel, 0)


def test_a_kernel_that_dies_without_a_word_is_named(tmp_path):
    notebook(tmp_path/'00_dies.ipynb', 'Dies', 'good = 1', 'import os\nos._exit(9)', 'never = 1')
    command = [sys.executable, ROOT/'nbs'/'_story.py', '--notebooks', tmp_path, '--into', tmp_path/'out']
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and '00_dies.ipynb failed' in done.stderr
    assert 'os._exit(9)' in done.stderr and 'died in it without a word' in done.stderr


def test_music_that_is_shown_is_kept(story):
    _, out = story
    for kind, start in ('mid', b'MThd'), ('wav', b'RIFF'), ('svg', b'<'):
        assert (out/'music'/f'00_first-01.{kind}').read_bytes().startswith(start)
    assert 'Four &lt;notes&gt; &amp; more' in (out/'index.html').read_text()


def test_pages_show_what_a_reader_wants(story):
    page = (story[1]/'00_first.html').read_text()
    assert '<math' in page and 'hidden = 1' not in page and '#| export' not in page and 'kept' in page


def test_players_of_a_page_share_one_script(story):
    page = (story[1]/'00_first.html').read_text()
    assert page.count("data-player='") == 2
    players = [part for part in page.split('<script>')[1:] if 'melodynb-' in part.split('</script>')[0]]
    assert len(players) == 1 and page.count('melodynb-several{') == 1


def test_what_a_cell_lends_to_the_index_is_shown_there(story):
    _, out = story
    for page in 'index', '02_third': assert (out/f'{page}.html').read_text().count('lent to the index') == 1
    assert '"lent to the "' not in (out/'index.html').read_text().replace('&quot;', '"')


def test_no_page_needs_a_network(story):
    for page in story[1].glob('*.html'):
        assert not re.search(r'<(script|link|img|audio|iframe)[^>]+(src|href)=["\']?(https?:)?//', page.read_text())


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path/'mine.txt').write_text('mine')
    command = [sys.executable, ROOT/'nbs'/'_story.py', '--into', tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode and 'holds other files' in done.stderr and (tmp_path/'mine.txt').read_text() == 'mine'


def test_a_notebook_that_is_still_building_its_score_runs_through(tmp_path):
    command = [sys.executable, ROOT/'nbs'/'_story.py', '00_score', '--into', tmp_path/'out']
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_library_code_is_folded_under_its_name(story):
    page = (story[1]/'00_first.html').read_text()
    fold = re.search(r'<details class="folded"><summary>Library: kept</summary>(.*?)</details>', page, re.S)
    assert fold and 'hidden' in fold[1]
