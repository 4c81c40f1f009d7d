"The Studio as people meet it: in a real JupyterLab, with a mouse, a keyboard and ears."
import json

import pytest

import jupyterlab as lab
from melodynb.editing import from_link
from melodynb.score import Note, Score, Track, write_midi
from melodynb.recipe import Recipe, make

WHY_NOT = lab.why_no_browser()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]

CELLS = 'from melodynb.studio import Studio', 'studio = Studio()\nstudio'
HOSTILE = '<script>window.__stung = 1</script>"><img src=x onerror="window.__stung = 2">'


@pytest.fixture(scope='module')
def browser():
    with lab.chromium() as browser: yield browser


@pytest.fixture(scope='module')
def jupyter(tmp_path_factory):
    "A JupyterLab on an empty folder, to be filled with notebooks and files."
    folder = tmp_path_factory.mktemp('notebooks')
    with lab.jupyterlab(folder, tmp_path_factory.mktemp('home')) as address: yield address, folder


class Desk:
    "A page with the Studio on it, and what a person does there."
    def __init__(self, page, folder): self.page, self.folder = page, folder

    def button(self, name): return self.page.locator(f'.melodynb-studio button:text-is("{name}")')
    def press(self, name): self.button(name).click()
    def choose(self, label, option): self.page.get_by_label(label, exact=True).select_option(option)
    def wait(self, script, value=None): return self.page.wait_for_function(script, arg=value)

    def until(self, act, script, value=None, times=5):
        "Do something, and do it again where the picture moved away under the pointer."
        from playwright.sync_api import TimeoutError as Late
        for _ in range(times - 1):
            act()
            try: return self.page.wait_for_function(script, arg=value, timeout=15_000)
            except Late: pass
        act()
        return self.wait(script, value)

    def told(self, text):
        "Wait until the line that says what happens has this text."
        self.wait('''text => {
            const said = document.querySelector('.melodynb-studio .status');
            return said?.textContent.includes(text) }''', text)

    def says(self, text):
        "Wait until this text stands anywhere in the Studio."
        self.wait("text => document.querySelector('.melodynb-studio').textContent.includes(text)", text)

    def recipe(self, seed=None):
        "The recipe under the player, once the player is alive and the recipe has this seed."
        self.wait('''seed => {
            const shown = document.querySelector('.melodynb-result .recipe pre');
            const alive = document.querySelector('.melodynb-result .melodynb[data-live]');
            if (!shown || !alive) return false;
            return seed === null || JSON.parse(shown.textContent).seed === seed }''', seed)
        return Recipe.from_json(self.page.locator('.melodynb-result .recipe pre').text_content())

    def edits(self, count):
        "The edits under the player, once it is alive and there are so many."
        self.wait('''count => {
            const shown = document.querySelector('.melodynb-result .recipe pre');
            const alive = document.querySelector('.melodynb-result .melodynb[data-live]');
            return shown && alive && (JSON.parse(shown.textContent).edits || []).length === count }''', count)
        return json.loads(self.page.locator('.melodynb-result .recipe pre').text_content()).get('edits', [])

    def give_file(self, name, data):
        "Upload a file through the button."
        (self.folder/name).write_bytes(data)
        button = self.page.locator('.melodynb-studio .jupyter-button', has_text='Upload MIDI')
        with self.page.expect_file_chooser() as chooser: button.click()
        chooser.value.set_files(self.folder/name)

    def alert(self): return self.page.locator('.melodynb-studio [role=alert]').inner_text()


def notebook(sources):
    "A notebook of code cells, as its file holds it."
    rest = dict(cell_type='code', metadata={}, execution_count=None, outputs=[])
    cells = [dict(rest, id=f'cell-{i}', source=source) for i, source in enumerate(sources)]
    kernel = dict(name='python3', display_name='Python 3', language='python')
    return dict(cells=cells, metadata=dict(kernelspec=kernel), nbformat=4, nbformat_minor=5)


@pytest.fixture
def desk(browser, jupyter, request):
    "A notebook that was run; afterwards nothing may have come from elsewhere, nor an error been said."
    address, folder = jupyter
    name = f'{request.node.name}.ipynb'
    (folder/name).write_text(json.dumps(notebook(CELLS)))
    page, asked, said = lab.new_page(browser), [], []
    page.on('request', lambda asking: asked.append(asking.url))
    page.on('websocket', lambda socket: asked.append(socket.url.replace('ws://', 'http://')))
    page.on('console', lambda message: said.append(message.text) if message.type == 'error' else None)
    page.on('pageerror', lambda error: said.append(str(error)))
    lab.open_notebook(page, address, name)
    lab.run_all(page)
    desk = Desk(page, folder)
    desk.told('Press Generate')
    yield desk
    page.evaluate('() => jupyterapp.shell.currentWidget.sessionContext.shutdown()')
    page.close()
    elsewhere = [url[:80] for url in asked if not url.startswith((address, 'data:', 'blob:'))]
    assert not elsewhere, elsewhere
    assert not said, said


def state(page):
    "What the player of the result shows now, read in one go."
    return page.evaluate('''() => {
        const root = document.querySelector('.melodynb-result .melodynb');
        const { currentTime: time, paused } = root.melodynb;
        const marks = view => [...root.querySelectorAll(view + ' .lit')].map(mark => +mark.dataset.note);
        const lit = view => [...new Set(marks(view))];
        const cursor = +root.querySelector('.roll .cursor').getAttribute('x');
        return { time, paused, roll: lit('.roll'), sheet: lit('.sheet'), cursor } }''')


def test_make_hear_ask_compare_and_keep(desk):
    page = desk.page
    page.get_by_label('Seed', exact=True).fill('7')
    page.keyboard.press('Tab')
    desk.press('Generate')
    recipe = desk.recipe(seed=7)
    assert recipe == Recipe(seed=7)

    before = state(page)
    page.click('.melodynb-result .play')
    desk.wait('''() => {
        const player = document.querySelector('.melodynb-result .melodynb').melodynb;
        return !player.paused && player.currentTime > 1.5 }''')
    page.click('.melodynb-result .play')
    desk.wait('''() => {
        return document.querySelector('.melodynb-result .melodynb').melodynb.paused }''')
    page.focus('.melodynb-result .slider')
    page.keyboard.press('PageUp') # where a note sounds, wherever the pause fell
    desk.wait("() => document.querySelectorAll('.melodynb-result .lit').length > 1")
    after = state(page)
    assert after['time'] > before['time'] + 1 and after['cursor'] > before['cursor']
    assert after['roll'] == after['sheet'] and len(after['roll']) == 1

    desk.press('Look closer')
    desk.wait("() => document.querySelector('.melodynb-odds .chosen')")
    note = page.locator('.melodynb-result .sheet [data-note="9"]').first
    odds = make(recipe).odds(9)
    desk.until(lambda: note.click(position=dict(x=3, y=3), force=True), '''wanted => {
        const names = [...document.querySelectorAll('.melodynb-odds th')].map(one => one.textContent);
        return names.join() === wanted }''', ','.join(one.label for one in odds))
    chosen = next(one.label for one in odds if one.chosen)
    assert page.locator('.melodynb-odds .chosen th').inner_text() == chosen
    desk.wait('''() => {
        const said = [...document.querySelectorAll('.melodynb-studio [role=status]')];
        const texts = said.map(one => one.textContent);
        return texts.some(text => /copied/i.test(text) && text.includes('training pieces')) }''')

    desk.press('Again')
    assert desk.recipe(seed=8) == Recipe(seed=8)
    desk.press('Compare two')
    desk.press('Put side by side')
    desk.wait("() => document.querySelectorAll('.melodynb-several .melodynb[data-live]').length === 2")
    assert 'seed' not in page.locator('.melodynb-several').inner_text()
    assert page.locator('.melodynb-result .melodynb').count() == 0
    desk.press('A is better')
    desk.wait('''() => {
        const wanted = ['A was', '1 of 1', '0 of 1'];
        return wanted.every(text => document.body.textContent.includes(text)) }''')

    for ending in '', '-2':
        desk.press('Save')
        desk.told(f'remi-folk-seed-8{ending}.mid')
        saved = (desk.folder/f'remi-folk-seed-8{ending}.mid').read_bytes()
        assert saved == write_midi(make(Recipe(seed=8)).score)
    desk.press('History')
    page.get_by_label('Made', exact=True).select_option(index=0)
    desk.wait("() => document.querySelector('.melodynb-studio textarea').value.includes('\"seed\": 7')")
    desk.press('Make it from the recipe')
    assert desk.recipe(seed=7) == recipe


def test_stop_and_what_was_written_stays(desk):
    page = desk.page
    desk.choose('Model', 'remi-chorales')
    readout = page.locator('.widget-hslider:has(label:text-is("Bars")) .widget-readout')
    readout.fill('64')
    page.keyboard.press('Enter')
    desk.press('Generate')
    desk.wait('''() => {
        const said = document.querySelector('.melodynb-studio .status').textContent;
        const pictures = document.querySelectorAll('.melodynb-live img').length;
        return pictures === 1 && /[1-9]\\d* notes so far/.test(said) }''')
    desk.press('Stop')
    desk.told('stopped by you')
    recipe = desk.recipe()
    assert (recipe.model, recipe.bars) == ('remi-chorales', 64) and recipe.tokens > 3
    score = make(recipe).score
    assert len(score.bar_starts()) < 64
    assert f'{len(score.notes)} notes' in page.locator('.melodynb-studio .status').first.inner_text()
    assert desk.button('Stop').is_disabled() and desk.button('Generate').is_enabled()


def test_files_that_are_damaged_or_hostile(desk):
    page = desk.page
    desk.choose('Begin with', 'a file of mine: MIDI, MusicXML, ABC')
    desk.give_file('damaged.mid', b'MThd\0\0\0\6\0\0\0\1')
    desk.wait("() => document.querySelector('.melodynb-studio [role=alert]')")
    assert 'damaged.mid' in desk.alert() and 'Traceback' not in page.locator('.jp-Notebook').inner_text()
    desk.press('Generate')
    desk.wait('''() => {
        const said = document.querySelector('.melodynb-studio [role=alert]');
        return said?.textContent.includes('upload one') }''')

    score = Score((Track(tuple(Note(60 + k, k, 1) for k in range(4)), name=HOSTILE),), title=HOSTILE)
    desk.give_file('hostile.mid', write_midi(score))
    desk.wait("() => document.querySelector('.melodynb-studio').textContent.includes('hostile.mid: 4 notes')")
    desk.press('Generate')
    assert desk.recipe().opening.startswith('midi:')
    assert page.locator('.melodynb-result strong').first.inner_text() == f'{HOSTILE}, then remi-folk, seed 0'
    desk.press('Look closer')
    desk.wait("() => document.querySelector('.melodynb-odds .chosen')")
    desk.press('History')
    assert page.evaluate('window.__stung') is None
    assert page.locator('.melodynb-studio img[onerror]').count() == 0


def test_keys_sound_and_the_keyboard_reaches_them(desk):
    page = desk.page
    desk.choose('Begin with', 'notes I type or play')
    page.locator('.melodynb-pitch-60:visible').click()
    page.locator('.melodynb-pitch-64:visible').focus()
    page.keyboard.press('Enter')
    page.keyboard.press('Tab')
    page.keyboard.press(' ') # F, without the mouse
    desk.wait('''() => {
        const fields = [...document.querySelectorAll('.melodynb-studio input')];
        return fields.some(field => field.value === 'C E F') }''')
    assert page.evaluate('window.melodynbStudio.played') == [60, 64, 65]
    page.focus('.melodynb-studio button:text-is("Generate")')
    for letter in 'dda': page.keyboard.press(letter) # commands of JupyterLab elsewhere
    page.keyboard.press('Enter')
    assert desk.recipe().opening == 'notes:C E F'
    # by way of Stop, while that could be pressed
    desk.wait("() => document.activeElement.textContent.includes('Generate')")
    assert page.locator('.jp-Notebook .jp-Cell').count() == len(CELLS)
    names = page.evaluate('''() => {
        const all = '.melodynb-studio :is(button, input, select, textarea, [role=slider])';
        const shown = [...document.querySelectorAll(all)]
            .filter(one => one.offsetParent && one.type !== 'file');
        const name = one => one.textContent.trim() || one.getAttribute('aria-label')
            || one.labels?.[0]?.textContent || one.outerHTML.slice(0, 200);
        return shown.map(name) }''')
    assert not [name for name in names if name.startswith('<')]


def test_library_code_is_folded_and_a_click_opens_it(browser, jupyter):
    "What `melodynb notebooks` writes, as JupyterLab shows it before anything runs."
    from melodynb.fold import for_readers
    address, folder = jupyter
    page = notebook(['#| export\ndef twice(x):\n    return 2*x', 'twice(3)'])
    (folder/'folded.ipynb').write_text(json.dumps(for_readers(page)))
    tab = lab.new_page(browser)
    try:
        lab.open_notebook(tab, address, 'folded.ipynb', kernel=False)
        placeholder = tab.locator('.jp-Notebook .jp-InputPlaceholder')
        placeholder.wait_for()
        assert placeholder.count() == 1 and not tab.get_by_text('return 2*x').is_visible()
        placeholder.locator('button, svg, div').first.click()
        tab.get_by_text('return').first.wait_for()
        assert tab.get_by_text('#@title Library: twice').first.is_visible()
        tab.screenshot(path=str(folder/'fold.png'))
    finally: tab.close()


def test_focus_comes_back_to_the_button_that_was_pressed(desk):
    "Eight times with Enter: while a piece is written Stop has the focus, and then the button has it again."
    page = desk.page
    desk.press('Generate')
    desk.told('Piece 1')
    for time in range(8):
        name = ('Again', 'Generate')[time % 2]
        page.focus(f'.melodynb-studio button:text-is("{name}")')
        page.keyboard.press('Enter')
        desk.told(f'Piece {time + 2}')
        desk.wait('name => document.activeElement.textContent.includes(name)', name)


def test_bars_are_rewritten_and_a_note_changed_with_the_keyboard(desk):
    page = desk.page
    desk.press('Generate')
    first = make(desk.recipe(seed=0))
    desk.press('Rewrite bars')
    for end in 'to', 'to', 'from', 'from': # as fast as keys can be pressed, once the handle is there
        handle = page.locator(f'[aria-label="Which bars, {end}"]')
        handle.wait_for()
        handle.focus()
        page.keyboard.press('ArrowRight')
    desk.says('Bars 3 to 4 are chosen')
    desk.press('Write three proposals')
    desk.told('choose one')
    desk.wait("() => document.querySelectorAll('.melodynb-several .melodynb[data-live] .seam').length === 3")
    page.focus('.melodynb-studio button:text-is("Take proposal 3")')
    page.keyboard.press('Enter')
    desk.told('Piece 2')
    desk.wait("() => document.querySelector('.melodynb-result .melodynb[data-live] .seam')")
    recipe = desk.recipe()
    assert recipe.gap == (3, 5) if first.score.notes[0].start else (2, 4)
    taken = make(recipe)
    lines = first.score.bar_lines()
    start, stop = lines[recipe.gap[0]], lines[recipe.gap[1]]
    kept = [n for i, n in enumerate(taken.score.notes) if i not in taken.new]
    assert kept == [n for n in first.score.notes if not start <= n.start < stop]

    desk.press('Edit notes')
    desk.says('Chosen: ')
    page.focus('.melodynb-studio button:text-is("Higher")')
    for time in 1, 2:
        page.keyboard.press('Enter')
        desk.told(f'{time} edit')
        edits = desk.edits(time)
        assert page.evaluate('document.activeElement.textContent') == 'Higher'
    assert [one[0] for one in edits] == ['move', 'move']
    with page.expect_download() as waiting: desk.press('Download')
    assert waiting.value.suggested_filename.endswith('-edited.mid')


MIDI = '''() => {
    const access = { inputs: new Map() };
    window.plug = name => { access.inputs.set(name, { name }); access.onstatechange?.() };
    window.unplug = name => { access.inputs.delete(name); access.onstatechange() };
    window.send = (...data) => [...access.inputs.values()][0].onmidimessage({ data, timeStamp: performance.now() });
    navigator.requestMIDIAccess = async () => access }'''
HEARD = "() => !(document.querySelector('.melodynb-result .melodynb')?.melodynb?.paused ?? true)"


def test_call_and_response_on_all_kinds_of_keys(desk):
    "Only the browser's MIDI is a stand-in: a row of ports that can be plugged, unplugged and struck."
    page = desk.page
    desk.choose('Begin with', 'a phrase I play, answered in turns')
    page.evaluate('() => { navigator.requestMIDIAccess = undefined }')
    desk.press('Use a MIDI keyboard')
    desk.says('This browser knows no MIDI keyboards')
    desk.press('Play in turns')
    desk.told('Your turn')
    for letter in 'adgk': # commands of JupyterLab elsewhere
        page.keyboard.down(letter)
        page.wait_for_timeout(150)
        page.keyboard.up(letter)
    desk.says('You played 4 notes')
    desk.told('Turn 1 is answered')
    desk.wait(HEARD) # it is played by itself
    recipe = json.loads(page.locator('.melodynb-result .recipe pre').text_content())
    assert [note[0] for note in recipe['turns'][0]['notes']] == [60, 64, 67, 72]

    page.evaluate(MIDI)
    desk.press('Use a MIDI keyboard')
    desk.says('No MIDI keyboard is connected')
    page.evaluate("plug('Clavier')")
    desk.says('Listening to Clavier')
    page.evaluate('send(0x90, 62, 99)')
    desk.wait(f'() => !({HEARD})()') # whoever plays is not played over
    page.evaluate('() => { send(0x80, 62, 0); send(0x90, 66, 99) }')
    page.evaluate("unplug('Clavier')") # with a key down
    desk.says('Clavier was unplugged')
    desk.says('You played 2 notes')
    desk.press('Answer now')
    desk.told('Turn 2 is answered')
    page.locator('.melodynb-duet .melodynb-pitch-67').click()
    desk.says('You played 1 note ')
    desk.press('Stop')
    desk.told('The turns are over')
    told = json.loads(page.locator('.melodynb-result .recipe pre').text_content())['turns']
    assert [[note[0] for note in turn['notes']] for turn in told] == [[60, 64, 67, 72], [62, 66]]
    assert page.locator('.jp-Notebook .jp-Cell').count() == len(CELLS)


def test_notes_are_dragged_with_a_mouse_and_a_finger(desk):
    page = desk.page
    desk.press('Generate')
    score = make(desk.recipe(seed=0)).score
    desk.press('Edit notes')
    desk.says('Chosen: ')
    place = max(range(1, len(score.notes)), key=lambda i: score.notes[i].duration)
    measures = page.locator('.melodynb-drag').evaluate('svg => ({ ...svg.dataset })')
    beat, row = float(measures['beat']), float(measures['row'])
    def ends(): # left, right, middle of its height; in one go, as it may be drawn anew at any time
        return page.evaluate('''place => {
            const note = document.querySelector(`.melodynb-drag [data-note="${place}"]`);
            note.scrollIntoView({ block: 'center' });
            const { left, right, top, bottom } = note.getBoundingClientRect();
            return [left, right, (top + bottom)/2] }''', place)
    def drag(x, y, right, up, end=page.mouse.up):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + right/2, y - up/2)
        page.mouse.move(x + right, y - up)
        end()
    left, right, y = ends()
    x = (left + right)/2
    drag(x, y, beat/2, 2*row, end=lambda: page.keyboard.press('Escape')) # nothing happens
    page.mouse.up()
    drag(x, y, 0, 2*row)
    first = score.notes[place]
    assert desk.edits(1) == [['move', list(first), 0, 2, 0]]
    desk.wait('place => !document.querySelector(`.melodynb-drag [data-note="${place}"]`).hasAttribute("transform")', place)
    left, right, y = ends()
    drag(right - 3, y, beat, 0) # its right end
    longer = desk.edits(2)[1]
    assert longer[0] == 'lengthen' and longer[2] == 1
    for stay in 1, 0:
        desk.press('Undo')
        desk.edits(stay)
    left, right, y = ends()
    x = (left + right)/2
    finger = page.context.new_cdp_session(page)
    for kind, points in ('Start', [(x, y)]), ('Move', [(x, y + row)]), ('Move', [(x, y + 3*row)]), ('End', []):
        touches = [dict(x=across, y=down) for across, down in points]
        finger.send('Input.dispatchTouchEvent', dict(type=f'touch{kind}', touchPoints=touches))
    assert desk.edits(1) == [['move', list(first), 0, -3, 0]]


def test_a_kernel_that_dies_takes_nothing_along_and_a_link_brings_a_piece_back(desk):
    page = desk.page
    for press, seed in ('Generate', 0), ('Again', 1):
        desk.press(press)
        desk.recipe(seed=seed)
    page.evaluate('''() => {
        const value = { writeText: async text => { window.__link = text } };
        Object.defineProperty(navigator, 'clipboard', { value }) }''')
    page.locator('.melodynb-link').click()
    desk.says('The link is copied')
    link = page.evaluate('window.__link')
    assert link.startswith(page.url.partition('?')[0]) and 'token' not in link
    assert from_link(link) == page.locator('.melodynb-result .recipe pre').text_content()

    code = 'import os; os._exit(1)'
    page.evaluate('code => { jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code }) }', code)
    page.locator('.jp-Dialog-button').first.click() # JupyterLab says so, too
    desk.says('The kernel is gone')
    kept = page.get_by_label('Recipes of all pieces that were made here, one a line').input_value().splitlines()
    assert [json.loads(line)['seed'] for line in kept] == [0, 1]
    page.click('.melodynb-result .play')
    desk.wait(HEARD)
    for name, ending in ('This piece as a MIDI file', '.mid'), ('Download all recipes', 'recipes.txt'):
        with page.expect_download() as waiting: page.get_by_text(name).click()
        assert waiting.value.suggested_filename.endswith(ending) and waiting.value.path().stat().st_size > 100

    end = '#' + link.partition('#')[2]
    desk.wait("() => jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'idle'")
    page.evaluate('() => { delete window.melodynbStudio }') # as on a page that was just opened
    page.evaluate('end => { location.hash = end }', end)
    lab.run_all(page)
    assert desk.recipe(seed=1) == Recipe.from_json(kept[1])
    assert page.locator('.melodynb-gone').count() == 0
