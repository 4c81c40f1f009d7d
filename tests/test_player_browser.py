"The player where it lives: in a real browser, on a page of its own and in a real JupyterLab."
import json
from dataclasses import replace

import numpy as np
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


@pytest.fixture
def strict(browser):
    "A browser that lets nothing sound before somebody clicks."
    words = ['--no-sandbox', '--mute-audio', '--autoplay-policy=document-user-activation-required']
    strict = browser.browser_type.launch(executable_path=lab.find_chromium(), args=words)
    yield strict
    strict.close()


@pytest.fixture(scope='module')
def page_file(tmp_path_factory):
    return players(DUET, ALONE, labels=['two', 'one']).save(tmp_path_factory.mktemp('page')/'players.html')


@pytest.fixture
def page(browser, page_file):
    "A fresh page with two players; at the end it must have stayed at home and kept quiet."
    page = lab.new_page(browser)
    page.add_init_script(STARTED)
    asked, said = [], []
    page.on('request', lambda request: asked.append(request.url.split(',')[0][:60]))
    page.on('console', lambda message: said.append(message.text))
    page.on('pageerror', lambda error: said.append(str(error)))
    page.goto(page_file.as_uri())
    page.wait_for_function('document.querySelectorAll(".melodynb[data-live]").length === 2')
    yield page
    page.close()
    assert all(url.startswith(('data:', 'file:')) for url in asked), asked
    assert not said, said


# Every note that is sent to the loudspeaker: when, and for how long.
STARTED = """window.started = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function(when, over) {
    const { duration: seconds } = this.buffer, samples = this.buffer.getChannelData(0);
    started.push({ when, over, now: this.context.currentTime, seconds, samples });
    start.call(this, when, over) }"""


def state(page, which=0):
    "What a player shows now, read in one go."
    return page.evaluate('''which => {
        const root = document.querySelectorAll('.melodynb')[which], player = root.melodynb;
        const text = name => root.querySelector(name).textContent;
        const at = view => +root.querySelector(view + ' .cursor').getAttribute('x');
        const lit = view => {
            const notes = [...root.querySelectorAll(view + ' .lit')].map(mark => +mark.dataset.note);
            return [...new Set(notes)].sort((a, b) => a - b) };
        return { time: player.currentTime, paused: player.paused, roll: lit('.roll'), sheet: lit('.sheet'),
                 cursor: at('.roll'), line: at('.sheet'), shown: text('.clock'), now: text('.now'),
                 button: text('.play') } }''', which)


def pitch_of(samples, rate):
    "The MIDI number of a tone, by the lag at which it is most like itself."
    part = np.asarray(samples[2000:6000])
    power = np.abs(np.fft.rfft(part, 16384))**2
    likeness = np.fft.irfft(power)[:2000]
    low = int(rate/2100)
    lag = low + int(likeness[low:].argmax())
    return round(69 + 12*np.log2(rate/lag/440))


def started(page):
    "The notes that were sent to the loudspeaker since the last time: second, pitch, seconds."
    found = page.evaluate("""() => started.splice(0).map(({ when, over, now, seconds, samples }) =>
        ({ when, over, now, seconds, samples: [...samples.slice(0, 6000)] }))""")
    rate = page.evaluate('melodynbContext.sampleRate')
    return [dict(one, pitch=pitch_of(one.pop('samples'), rate)) for one in found]


def sounding(score, seconds):
    "Which notes the score itself says sound at a moment."
    def sounds(n): return score.seconds_at(n.start) <= seconds < score.seconds_at(n.end)
    return [k for k, n in enumerate(score.notes) if sounds(n)]


def settled(page, seconds, which=0):
    "The state once the sound has jumped to about `seconds`."
    page.wait_for_function('''([which, seconds]) => {
        const player = document.querySelectorAll('.melodynb')[which].melodynb;
        return Math.abs(player.currentTime - seconds) < .2 }''', arg=[which, seconds])
    return state(page, which)


def test_it_plays_and_both_pictures_follow(page):
    before = state(page)
    assert before['paused'] and before['now'].startswith('upbeat')
    page.locator('.play').first.click()
    page.wait_for_function("document.querySelector('.melodynb').melodynb.currentTime > 5.3")
    page.locator('.play').first.click()
    after = settled(page, state(page)['time'])
    assert after['paused'] and after['cursor'] > before['cursor'] and after['line'] > before['line']
    assert after['roll'] == after['sheet'] == sounding(DUET, after['time'])
    assert len(after['roll']) == 2
    assert 'G3' not in after['now'] and 'C3' in after['now'] and 'bar' in after['now']


def test_the_first_play_does_not_wait_for_the_upbeat(page):
    page.evaluate("""addEventListener('melodynb-play', event => { window.from = event.detail.currentTime }, { once: true })""")
    page.locator('.play').first.click()
    page.wait_for_function('window.from !== undefined')
    assert 2.7 < page.evaluate('window.from') < 3


def test_starting_one_pauses_the_other(page):
    page.locator('.play').nth(0).click()
    page.wait_for_function("!document.querySelectorAll('.melodynb')[0].melodynb.paused")
    page.locator('.play').nth(1).click()
    page.wait_for_function("""() => { const [first, second] = document.querySelectorAll('.melodynb');
        return first.melodynb.paused && !second.melodynb.paused }""")
    assert state(page, 0)['button'].endswith('Play') and state(page, 1)['button'].endswith('Pause')


@pytest.mark.parametrize('index', [5, 14])
def test_a_click_on_a_note_goes_there(page, index):
    start = float(DUET.seconds_at(DUET.notes[index].start))
    for view in ('.roll', '.sheet'):
        page.evaluate("document.querySelector('.melodynb').melodynb.seek(0)")
        settled(page, 0)
        note = page.locator(f'.melodynb >> nth=0 >> {view} [data-note="{index}"]').first
        note.click(position=dict(x=3, y=3), force=True)
        found = settled(page, start)
        assert abs(found['time'] - start) < .02
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
    page.wait_for_function("!document.querySelector('.melodynb').melodynb.paused")
    page.keyboard.press(' ')
    page.wait_for_function("document.querySelector('.melodynb').melodynb.paused")
    for kind in 'range', 'submit', 'checkbox', 'checkbox': # tempo, loop, parts; the roll stands between them
        page.keyboard.press('Tab')
        if page.evaluate('document.activeElement.getAttribute("role")') == 'slider': page.keyboard.press('Tab')
        assert page.evaluate('document.activeElement.type').replace('button', 'submit') == kind
    page.focus('.slider')
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
    colors = page.evaluate('''['.clock', '.sheet .notehead', '.roll text', '.play'].map(what => {
        const style = getComputedStyle(document.querySelector('.melodynb ' + what));
        return what.includes(' ') ? style.fill : style.color })''')
    for color in colors: assert (sum(map(float, color[4:-1].split(','))) > 380) == bright, colors


def test_calm_readers_get_steps_instead_of_motion(page):
    page.emulate_media(reduced_motion='reduce')
    places = []
    for seconds in (5.1, 5.5, 5.9):
        page.evaluate('seconds => document.querySelector(".melodynb").melodynb.seek(seconds)', seconds)
        places.append(settled(page, seconds)['line'])
    assert len(set(places)) == 1


def test_a_narrow_page_stacks_and_does_not_overflow(page):
    page.set_viewport_size(dict(width=360, height=800))
    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')
    tops = page.evaluate("""[...document.querySelectorAll('.melodynb')]
        .map(root => root.getBoundingClientRect().top)""")
    assert tops[1] > tops[0]


# Practising

def press_play(page):
    page.locator('.play').first.click()
    page.wait_for_function("!document.querySelector('.melodynb').melodynb.paused")


def set_tempo(page, percent):
    page.locator('.wishes input[type=range]').first.fill(str(percent))


def heard(page, count):
    "The first notes that are sent to the loudspeaker from here on."
    page.wait_for_function('count => started.length >= count', arg=count)
    return started(page)[:count]


@pytest.mark.parametrize('percent', [50, 100, 150])
def test_tempo_changes_when_and_how_long_and_not_which(page, percent):
    set_tempo(page, percent)
    page.evaluate("document.querySelector('.melodynb').melodynb.seek(0)")
    press_play(page)
    first, *rest = heard(page, 4 if percent > 50 else 2)
    begin = float(DUET.seconds_at(DUET.notes[0].start))
    for one, n in zip([first, *rest], DUET.notes):
        start, end = map(float, DUET.seconds_at([n.start, n.end]))
        assert one['when'] - first['when'] == pytest.approx((start - begin)*100/percent, abs=.002)
        assert one['pitch'] == n.pitch
        assert one['seconds'] == pytest.approx((end - start)*100/percent + .25, abs=.002) # .25: a piano's release
    assert state(page)['shown'].endswith({50: '0:51', 100: '0:25', 150: '0:17'}[percent])
    assert page.locator('output').first.inner_text() == f'{percent} %'


def test_the_picture_keeps_up_with_another_tempo(page):
    set_tempo(page, 150)
    page.evaluate("document.querySelector('.melodynb').melodynb.seek(4)")
    press_play(page)
    first, = heard(page, 1)
    clock, seen = page.evaluate("""() => new Promise(done => setTimeout(() => { // what is seen, and the clock of the sound
        const cursor = +document.querySelector('.cursor').getAttribute('x') + 1;
        const { map } = document.querySelector('.melodynb').melodynb, step = map.findIndex(([, x]) => x > cursor);
        const [[a, left], [b, right]] = [map[step - 1], map[step]];
        done([melodynbContext.currentTime, a + (cursor - left)/(right - left)*(b - a)]) }, 1200))""")
    # a frame of this machine, and what the device is late
    assert seen == pytest.approx(4 + (clock - first['when'])*1.5, abs=.12)


def test_a_change_of_tempo_keeps_the_place(page):
    page.evaluate("document.querySelector('.melodynb').melodynb.seek(6)")
    press_play(page)
    page.wait_for_function("document.querySelector('.melodynb').melodynb.currentTime > 7")
    before = state(page)['time']
    set_tempo(page, 50)
    after = state(page)['time']
    assert before <= after < before + .6
    page.wait_for_timeout(1500)
    assert state(page)['time'] - after < 1.2 # it did slow down


def test_a_loop_goes_round_and_stays_inside(page):
    player = page.locator('.melodynb').first
    player.get_by_role('button', name='Loop').click()
    player.get_by_label('Loop from bar').fill('3')
    player.get_by_label('Loop to bar').fill('3')
    page.keyboard.press('Tab')
    set_tempo(page, 150)
    begin, end = map(float, DUET.seconds_at([12, 16])) # the third bar after an upbeat in 4/4: beats 12 to 16
    press_play(page)
    page.wait_for_function("started.length >= 14")
    notes = [n for n in DUET.notes if 12 <= n.start < 16]
    found = started(page)[:2*len(notes)]
    assert [one['pitch'] for one in found] == [n.pitch for n in notes]*2
    assert found[len(notes)]['when'] - found[0]['when'] == pytest.approx((end - begin)/1.5, abs=.002)
    for _ in range(8):
        assert begin - .01 <= state(page)['time'] <= end
        page.wait_for_timeout(150)
    chosen = page.evaluate("[...document.querySelectorAll('.chosen')].map(one => one.getBoundingClientRect().width)")
    assert chosen[0] > 50 and chosen[1] == 0
    assert player.get_by_role('button', name='Loop').get_attribute('aria-pressed') == 'true'
    player.get_by_role('button', name='Loop').click()
    assert not player.get_by_label('Loop from bar').is_visible()


def test_a_loop_is_chosen_by_mouse_and_by_keys(page):
    box = page.locator('.slider').first.bounding_box()
    def loop(): return page.evaluate("document.querySelector('.melodynb').melodynb.loop")
    page.keyboard.down('Shift')
    page.mouse.move(box['x'] + 160, box['y'] + 50)
    page.mouse.down()
    page.mouse.move(box['x'] + 300, box['y'] + 50, steps=3)
    page.mouse.up()
    page.keyboard.up('Shift')
    begin, end = loop()
    edges = DUET.seconds_at([3, *range(4, 44, 4)]).tolist()
    assert begin < end
    for place in (begin, end): assert min(abs(place - edge) for edge in edges) < .01
    page.focus('.slider')
    for key, seconds in [('Home', 0), ('PageUp', 4), ('[', None), ('PageUp', 8), ('ArrowRight', 8.5), (']', None)]:
        page.keyboard.press(key)
        if seconds is not None: settled(page, seconds)
    assert loop() == pytest.approx([4, 8.5], abs=.01)
    page.keyboard.press('l')
    assert loop() is None


def test_a_part_is_silent_and_the_others_are_not(page):
    page.evaluate("document.querySelector('.melodynb').melodynb.seek(4)")
    boxes = page.get_by_role('checkbox')
    assert [boxes.nth(k).evaluate('box => box.labels[0].textContent') for k in range(2)] == ['■ U: Upper', '■ L: Lower']
    boxes.nth(1).uncheck()
    press_play(page)
    page.wait_for_timeout(300)
    gains = page.evaluate("document.querySelector('.melodynb').melodynb.channels.map(channel => channel.gain.value)")
    assert gains == [1, 0]
    page.evaluate("document.querySelector('.melodynb').melodynb.pause()")
    found = state(page)
    assert found['roll'] == [k for k in sounding(DUET, found['time']) if DUET.notes[k].pitch > 60]
    press_play(page)
    faint = page.evaluate("getComputedStyle(document.querySelector('.roll .muted')).opacity")
    assert float(faint) < .5 and page.locator('.melodynb').first.locator('.roll .muted').count() == len(LOWER.notes)
    boxes.nth(1).check()
    page.wait_for_timeout(200)
    gains = page.evaluate("document.querySelector('.melodynb').melodynb.channels.map(channel => channel.gain.value)")
    assert gains == pytest.approx([1, 1], abs=.01) and page.locator('.muted').count() == 0


@pytest.mark.parametrize('index', [6, 23])
def test_a_click_while_it_plays_starts_with_that_note(page, index):
    press_play(page)
    heard(page, 1)
    page.locator(f'.melodynb >> nth=0 >> .roll [data-note="{index}"]').first.click(position=dict(x=12, y=3), force=True)
    start, end = map(float, DUET.seconds_at([DUET.notes[index].start, DUET.notes[index].end]))
    assert page.evaluate("document.querySelector('.melodynb').melodynb.from") == pytest.approx(start, abs=.001)
    found = started(page)
    whole = [one for one in found if one['over'] == 0 and one['pitch'] == DUET.notes[index].pitch]
    assert whole and whole[0]['seconds'] == pytest.approx(end - start + .25, abs=.002)
    assert 0 <= whole[0]['when'] - whole[0]['now'] < .2 # at once, and after the click


def test_who_takes_a_player_away_takes_its_sound(page):
    press_play(page)
    heard(page, 1)
    page.evaluate("window.gone = document.querySelector('.melodynb'); gone.remove()")
    page.wait_for_function('gone.melodynb.paused && !gone.melodynb.out')


def test_no_sound_is_a_sentence_and_the_music_goes_on(strict, page_file):
    "Where nobody has touched the page a context stays suspended, as one does in Firefox without a sound device."
    page = lab.new_page(strict)
    page.add_init_script(STARTED)
    # by the page itself: what a test evaluates counts as a touch
    page.add_init_script("addEventListener('load', () => document.querySelector('.play').click())")
    page.goto(page_file.as_uri())
    page.locator('.trouble').first.filter(has_text='no sound device').wait_for()
    page.wait_for_function("document.querySelector('.trouble').textContent.includes('no sound device')")
    assert page.evaluate('melodynbContext.state') == 'suspended'
    assert page.locator('.trouble').first.get_attribute('role') == 'status'
    before = state(page)
    page.wait_for_timeout(700)
    after = state(page)
    assert after['time'] > before['time'] + .4 and after['cursor'] > before['cursor'] and not after['paused']
    assert page.locator('.trouble').nth(1).inner_text() == ''
    page.locator('.melodynb').first.locator('.clock').click() # now somebody has
    page.evaluate('melodynbContext.resume()')
    page.wait_for_function("started.length > 0 && document.querySelector('.trouble').textContent === ''")
    assert state(page)['time'] >= after['time']
    page.close()


def test_names_and_keys_of_what_one_practises_with(page):
    player = page.locator('.melodynb').first
    tempo = player.get_by_label('Tempo')
    tempo.focus()
    page.keyboard.press('ArrowLeft')
    assert tempo.input_value() == '95' and tempo.get_attribute('aria-valuetext') == '95 percent'
    assert state(page)['time'] == 0, 'an arrow in a field moves the field alone'
    player.get_by_role('button', name='Loop').focus()
    page.keyboard.press(' ')
    assert player.get_by_label('Loop from bar').is_visible() and state(page)['paused']
    names = page.evaluate("""[...document.querySelectorAll('.melodynb :is(button, input, [tabindex])')].map(one =>
        (one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent).trim())""")
    assert all(names)
    small = page.evaluate("""[...document.querySelectorAll('.melodynb :is(button, label)')]
        .filter(one => one.offsetParent).map(one => one.getBoundingClientRect().height)""")
    assert min(small) >= 24 # pixels


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
    page.wait_for_function("document.querySelector('.melodynb').melodynb.currentTime > 1")
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
    page.evaluate("document.querySelector('.jp-OutputArea-output audio').play()")
    page.wait_for_function("document.querySelector('.jp-OutputArea-output audio').duration > 9")
    page.close()
