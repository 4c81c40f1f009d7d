"The player where it lives: in a real browser, on a page of its own and in a real JupyterLab."
import json
from dataclasses import replace

import pytest

import jupyterlab as lab
from melodynb.display import players
from melodynb.score import Change, Note, Score, Track

WHY_NOT = lab.why_no_browser()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]

# Two bars after an upbeat, faster from beat 8 on; two voices, the lower one silent at first.
# Long enough not to end while we look.
UPPER = Track([Note(67 + k % 5, 3 + k, 1) for k in range(40)], name='Upper')
LOWER = Track([Note(48, 4 + 2*k, 2) for k in range(19)], name='Lower')
DUET = Score([UPPER, LOWER], bpm=60, key='C major', title='Duet <b>&</b> "more"',
             changes=[Change(8, 'bpm', 120)])
ALONE = Score([replace(UPPER, name='')], bpm=100, title='Alone')


@pytest.fixture(scope='module')
def browser():
    with lab.chromium() as browser: yield browser


@pytest.fixture(scope='module')
def page_file(tmp_path_factory):
    return players(DUET, ALONE, labels=['two', 'one']).save(tmp_path_factory.mktemp('page')/'players.html')


@pytest.fixture
def page(browser, page_file):
    "A fresh page with two players; at the end it must have stayed at home and kept quiet."
    page = lab.new_page(browser)
    asked, said = [], []
    page.on('request', lambda request: asked.append(request.url.split(',')[0][:60]))
    page.on('console', lambda message: said.append(message.text))
    page.on('pageerror', lambda error: said.append(str(error)))
    page.goto(page_file.as_uri())
    page.wait_for_function('[...document.querySelectorAll("audio")].every(audio => audio.readyState >= 1)')
    yield page
    page.close()
    assert all(url.startswith(('data:', 'file:')) for url in asked), asked
    assert not said, said


def state(page, which=0):
    "What a player shows now, read in one go."
    return page.evaluate('''which => {
        const root = document.querySelectorAll('.melodynb')[which], audio = root.querySelector('audio');
        const text = name => root.querySelector(name).textContent;
        const at = view => +root.querySelector(view + ' .cursor').getAttribute('x');
        const lit = view => {
            const notes = [...root.querySelectorAll(view + ' .lit')].map(mark => +mark.dataset.note);
            return [...new Set(notes)].sort((a, b) => a - b) };
        return { time: audio.currentTime, paused: audio.paused, roll: lit('.roll'), sheet: lit('.sheet'),
                 cursor: at('.roll'), line: at('.sheet'), shown: text('.clock'), now: text('.now'),
                 button: text('.play') } }''', which)


def sounding(score, seconds):
    "Which notes the score itself says sound at a moment."
    def sounds(n): return score.seconds_at(n.start) <= seconds < score.seconds_at(n.end)
    return [k for k, n in enumerate(score.notes) if sounds(n)]


def settled(page, seconds, which=0):
    "The state once the sound has jumped to about `seconds`."
    page.wait_for_function('''([which, seconds]) => {
        const audio = document.querySelectorAll('.melodynb')[which].querySelector('audio');
        return !audio.seeking && Math.abs(audio.currentTime - seconds) < .2 }''', arg=[which, seconds])
    return state(page, which)


def test_it_plays_and_both_pictures_follow(page):
    before = state(page)
    assert before['paused'] and before['now'].startswith('upbeat')
    page.locator('.play').first.click()
    page.wait_for_function("document.querySelector('audio').currentTime > 5.3")
    page.locator('.play').first.click()
    after = settled(page, state(page)['time'])
    assert after['paused'] and after['cursor'] > before['cursor'] and after['line'] > before['line']
    assert after['roll'] == after['sheet'] == sounding(DUET, after['time'])
    assert len(after['roll']) == 2
    assert 'G3' not in after['now'] and 'C3' in after['now'] and 'bar' in after['now']


def test_the_first_play_does_not_wait_for_the_upbeat(page):
    page.evaluate("""() => { const audio = document.querySelector('audio');
        audio.addEventListener('play', () => { window.from = audio.currentTime }, { once: true }) }""")
    page.locator('.play').first.click()
    page.wait_for_function('window.from !== undefined')
    assert 2.7 < page.evaluate('window.from') < 3


def test_starting_one_pauses_the_other(page):
    page.locator('.play').nth(0).click()
    page.wait_for_function("!document.querySelectorAll('audio')[0].paused")
    page.locator('.play').nth(1).click()
    page.wait_for_function("""() => { const [first, second] = document.querySelectorAll('audio');
        return first.paused && !second.paused }""")
    assert state(page, 0)['button'].endswith('Play') and state(page, 1)['button'].endswith('Pause')


@pytest.mark.parametrize('index', [5, 14])
def test_a_click_on_a_note_goes_there(page, index):
    start = float(DUET.seconds_at(DUET.notes[index].start))
    for view in ('.roll', '.sheet'):
        page.evaluate("document.querySelector('audio').currentTime = 0")
        settled(page, 0)
        note = page.locator(f'.melodynb >> nth=0 >> {view} [data-note="{index}"]').first
        note.click(position=dict(x=3, y=3), force=True)
        found = settled(page, start)
        assert index in sounding(DUET, found['time'] + .01)
        assert found['roll'] == found['sheet'] == sounding(DUET, found['time'])


def test_dragging_seeks(page):
    box = page.locator('.slider').first.bounding_box()
    page.mouse.move(box['x'] + 60, box['y'] + 50)
    page.mouse.down()
    page.mouse.move(box['x'] + 160, box['y'] + 50, steps=4)
    middle = state(page)['time']
    page.mouse.move(box['x'] + 260, box['y'] + 50, steps=4)
    page.mouse.up()
    page.mouse.move(box['x'] + 100, box['y'] + 50)
    assert 0 < middle < state(page)['time']


def test_the_keyboard_reaches_everything(page):
    page.keyboard.press('Tab')
    assert page.evaluate('document.activeElement.className') == 'play'
    page.keyboard.press(' ')
    page.wait_for_function("!document.querySelector('audio').paused")
    page.keyboard.press(' ')
    page.wait_for_function("document.querySelector('audio').paused")
    page.keyboard.press('Tab')
    assert page.evaluate('document.activeElement.getAttribute("role")') == 'slider'
    for key, seconds in [('Home', 0), ('PageUp', 4), ('ArrowRight', 5), ('PageUp', 8), ('ArrowRight', 8.5),
                         ('ArrowLeft', 8), ('PageDown', 4)]:
        page.keyboard.press(key)
        settled(page, seconds)
    slider = page.locator('.slider').first
    assert slider.get_attribute('aria-valuetext').startswith('bar 1, beat 1')
    assert float(slider.get_attribute('aria-valuenow')) == pytest.approx(4, abs=.2)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == 'solid'


def test_names_for_those_who_do_not_see(page):
    names = page.evaluate('''() => {
        const label = part => part.getAttribute('aria-label');
        const labels = root => [root, ...root.querySelectorAll('.play, svg[role=img]')].map(label);
        return [...document.querySelectorAll('.melodynb')].map(labels) }''')
    for found, score in zip(names, (DUET, ALONE), strict=True):
        assert found == [f'Player: {score.title}', f'Play {score.title}', 'Piano roll', 'Sheet music']
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(part => part.id)")
    assert ids and len(ids) == len(set(ids))


@pytest.mark.parametrize('scheme, bright', [('light', False), ('dark', True)])
def test_it_is_legible_in_both_themes(page, scheme, bright):
    page.emulate_media(color_scheme=scheme)
    colors = page.evaluate('''['.clock', '.sheet .notehead use', '.roll text', '.play'].map(what => {
        const style = getComputedStyle(document.querySelector('.melodynb ' + what));
        return what.includes(' ') ? style.fill : style.color })''')
    for color in colors: assert (sum(map(float, color[4:-1].split(','))) > 380) == bright, colors


def test_calm_readers_get_steps_instead_of_motion(page):
    page.emulate_media(reduced_motion='reduce')
    places = []
    for seconds in (5.1, 5.5, 5.9):
        page.evaluate('seconds => { document.querySelector("audio").currentTime = seconds }', seconds)
        places.append(settled(page, seconds)['line'])
    assert len(set(places)) == 1


def test_a_narrow_page_stacks_and_does_not_overflow(page):
    page.set_viewport_size(dict(width=360, height=800))
    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')
    tops = page.evaluate("""[...document.querySelectorAll('.melodynb')]
        .map(root => root.getBoundingClientRect().top)""")
    assert tops[1] > tops[0]


# In JupyterLab

CELL = '''from melodynb.score import Note, Score, Track
scale = Track([Note(60 + k, k, 1) for k in range(16)])
tune = Score([scale], bpm=100, key='C major', title='Up <script>alert(1)</script>')
tune'''


@pytest.fixture(scope='module')
def jupyter(tmp_path_factory):
    "A JupyterLab that serves a notebook which ends in a Score."
    home, folder = tmp_path_factory.mktemp('home'), tmp_path_factory.mktemp('notebooks')
    cell = dict(cell_type='code', id='tune', metadata={}, source=CELL, execution_count=None, outputs=[])
    kernel = dict(name='python3', display_name='Python 3', language='python')
    notebook = dict(cells=[cell], metadata=dict(kernelspec=kernel), nbformat=4, nbformat_minor=5)
    (folder/'tune.ipynb').write_text(json.dumps(notebook))
    with lab.jupyterlab(folder, home) as address: yield address, folder


def test_a_notebook_plays_and_survives_without_trust(browser, jupyter):
    address, folder = jupyter
    page = lab.new_page(browser)
    lab.open_notebook(page, address, 'tune.ipynb')
    lab.run_all(page)
    page.wait_for_selector('.melodynb[data-live]')
    page.click('.melodynb .play')
    page.wait_for_function("document.querySelector('.melodynb audio').currentTime > 1")
    page.click('.melodynb .play')
    found = settled(page, state(page)['time'])
    assert found['roll'] == found['sheet'] and len(found['roll']) == 1 and found['cursor'] > 50
    page.focus('.melodynb .slider')
    page.keyboard.press('ArrowRight') # JupyterLab has plans of its own for this key
    settled(page, found['time'] + .6)

    lab.save(page)
    saved = json.loads((folder/'tune.ipynb').read_text())
    assert saved['cells'][0]['outputs'], 'the notebook was saved without its output'
    shown = saved['cells'][0]['outputs'][0]['data']['text/html']
    shown.append('<!-- from a stranger: its signature no longer holds -->')
    (folder/'stranger.ipynb').write_text(json.dumps(saved))
    lab.open_notebook(page, address, 'stranger.ipynb', kernel=False)
    output = page.locator('.jp-OutputArea-output').last
    output.locator('audio').wait_for(state='visible')
    for alive in ('.play', 'svg', 'script'): assert output.locator(alive).count() == 0
    title, _, facts = output.inner_text().split('\n')
    assert (title, facts) == ('Up <script>alert(1)</script>', 'C major · 4/4 · ♩ = 100 · 0:09')
    page.wait_for_function("""() => {
        const pictures = [...document.querySelectorAll('.jp-OutputArea-output img')];
        return pictures.filter(image => image.naturalWidth > 100).length === 2 }""")
    page.wait_for_function("document.querySelector('.jp-OutputArea-output audio').duration > 9")
    page.close()
