"The listening test where it is taken: in a real browser, by listeners with planted answers."
import json
import random
from collections import Counter

import pytest

import jupyterlab as lab
from melodynb.listening import listened, listening_test
from melodynb.score import Note, Score, Track

WHY_NOT = lab.why_no_browser()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]


def tune(number):
    notes = [Note(55 + (5*k + number*(k + 3)) % 24, k/2, .5) for k in range(12)]
    return Score([Track(notes)], title=f'Secret {number}')


@pytest.fixture(scope='module')
def exam(tmp_path_factory):
    groups = {'people': [tune(n) for n in range(3)], 'zzmachine': [tune(n) for n in range(3, 6)]}
    return listening_test(groups, tmp_path_factory.mktemp('exam'), seconds=3, title='Six <tunes> & "more"')


@pytest.fixture(scope='module')
def browser():
    with lab.chromium() as browser: yield browser


@pytest.fixture
def device(browser):
    "A phone of a listener, which must stay at home and keep quiet."
    context = browser.new_context(viewport=dict(width=360, height=740), color_scheme='dark', accept_downloads=True)
    context.set_default_timeout(60_000)
    yield context
    context.close()


def opened(device, exam):
    page = device.new_page()
    asked, said = [], []
    page.on('request', lambda request: asked.append(request.url.split(',')[0][:60]))
    page.on('console', lambda message: said.append(message.text))
    page.on('pageerror', lambda error: said.append(str(error)))
    page.goto(exam.page.as_uri())
    page.stayed_home = lambda: not said and all(url.startswith(('data:', 'file:', 'blob:')) for url in asked)
    return page


def code_now(page): return page.evaluate('state.given.order[state.place]')


def play(page):
    "Hear enough of a piece that the page lets us answer."
    page.evaluate("() => { const audio = document.querySelector('audio'); audio.playbackRate = 4; audio.play() }")
    page.locator('fieldset:enabled').wait_for()


def like(page, value):
    play(page)
    page.locator(f'input[name=liking][value="{value}"]').check()


def save(page, path):
    with page.expect_download() as download: page.locator('#save').click()
    download.value.save_as(path)
    return json.loads(path.read_text())


def listen(page, exam, liking, maker, path):
    "One listener from the first question to the file; answers by the group that a code stands for."
    group = {code: piece['group'] for code, piece in exam.key['pieces'].items()}
    page.get_by_role('button', name='Begin').click()
    for _ in group:
        like(page, liking[group[code_now(page)]])
        page.locator('.main').click()
    page.get_by_role('button', name='Go on').click()
    for _ in group:
        page.locator(f'input[name=maker][value="{maker[group[code_now(page)]]}"]').check()
        page.locator('.main').click()
    return save(page, path)


def test_planted_answers_come_out_as_rates(device, exam, tmp_path):
    page = opened(device, exam)
    planted = [({'people': 6, 'zzmachine': 2}, {'people': 2, 'zzmachine': -1}),
               ({'people': 5, 'zzmachine': 3}, {'people': 1, 'zzmachine': 2})]
    given = []
    for number, (liking, maker) in enumerate(planted):
        given.append(listen(page, exam, liking, maker, tmp_path/f'{number}.json'))
        page.get_by_role('button', name='Somebody else').click()
    found = listened(tmp_path, exam.folder)
    rows = {row['group']: row for row in found.rows}
    assert rows['people']['liking'].value == 5.5 and rows['zzmachine']['liking'].value == 2.5
    assert rows['people']['called a person'].value == 1 and rows['zzmachine']['called a person'].value == .5
    assert found.right.value == .75 and not found.skipped
    assert given[0]['listener'] != given[1]['listener'] and given[0]['seed'] != given[1]['seed']
    assert {len(one['order']) for one in given} == {6} and all(one['heard'] > 0 for one in given[0]['answers'].values())
    assert page.stayed_home()


def test_liking_comes_first_and_cannot_be_reached_again(device, exam):
    page = opened(device, exam)
    page.get_by_role('button', name='Begin').click()
    assert page.locator('.main').is_disabled() and page.locator('input[name=liking]').first.is_disabled()
    assert page.locator('input[name=maker]').count() == 0
    for _ in range(6):
        like(page, 4)
        page.locator('.main').click()
    assert page.get_by_role('button', name='Back').count() == 0
    page.get_by_role('button', name='Go on').click()
    assert page.locator('input[name=liking]').count() == 0 and page.get_by_role('button', name='Back').count() == 0
    assert page.stayed_home()


def test_a_reload_loses_nothing_and_a_listener_may_stop(device, exam, tmp_path):
    page = opened(device, exam)
    page.get_by_role('button', name='Begin').click()
    order = page.evaluate('state.given.order')
    like(page, 7)
    page.locator('.main').click()
    page.reload()
    assert page.evaluate('state.given.order') == order and page.locator('h2').inner_text() == 'Piece 2 of 6'
    like(page, 3)
    page.reload()
    assert page.locator('input[name=liking][value="3"]').is_checked()
    page.get_by_role('button', name='Stop here').click()
    given = save(page, tmp_path/'early.json')
    assert [given['answers'][code]['liking'] for code in order[:2]] == [7, 3] and len(given['answers']) == 2
    page.get_by_role('button', name='Back to the pieces').click()
    assert page.locator('h2').inner_text() == 'Piece 3 of 6'
    assert page.stayed_home()


def test_where_nothing_can_be_kept_the_page_says_so(device, exam):
    device.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    page = opened(device, exam)
    assert 'do not reload' in page.locator('#storage').inner_text()
    page.get_by_role('button', name='Begin').click()
    like(page, 5)
    assert page.locator('.main').is_enabled()


def test_chance_orders_are_fair(device, exam):
    "Each piece is first about as often as any other; the order follows from the seed alone."
    page = opened(device, exam)
    firsts = page.evaluate('[...Array(3000).keys()].map(k => shuffled(SOUNDS.keys(), k*2654435761 >>> 0)[0])')
    counts = Counter(firsts)
    assert len(counts) == 6 and all(420 < count < 580 for count in counts.values()) # 500 on average, sd 20
    seed = random.Random(0).randrange(2**32)
    assert page.evaluate(f'shuffled(SOUNDS.keys(), {seed})') == page.evaluate(f'shuffled(SOUNDS.keys(), {seed})')


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_it_fits_a_phone_and_speaks(browser, exam, scheme):
    "No sideways scroll at 360 px; every field has a name; keys alone are enough."
    page = browser.new_page(viewport=dict(width=360, height=740), color_scheme=scheme)
    page.goto(exam.page.as_uri())
    page.keyboard.press('Tab')
    page.keyboard.press('Enter')
    assert page.evaluate('document.activeElement.textContent') == 'Piece 1 of 6'
    play(page)
    page.locator('input[name=liking]').first.focus()
    page.keyboard.press('ArrowRight')
    assert page.locator('input[name=liking][value="2"]').is_checked()
    assert page.get_by_role('radio', name='7, very much').count() == 1
    assert page.get_by_role('group', name='How much do you like it?').count() == 1
    assert page.get_by_role('progressbar', name='How far you are').count() == 1
    assert page.evaluate('document.documentElement.scrollWidth') <= 360
    assert min(page.evaluate('''[...document.querySelectorAll('.scale label, button')]
        .map(one => one.getBoundingClientRect().height)''')) >= 44 # pixels under a thumb
    page.close()


def test_the_page_names_nobody(exam):
    source = exam.page.read_text(encoding='utf-8')
    assert 'zzmachine' not in source and 'Secret' not in source
    assert '<title>Six &lt;tunes&gt; &amp; &quot;more&quot;</title>' in source
    data = source.partition('id="test">')[2].partition('</script>')[0]
    codes = [piece['code'] for piece in json.loads(data)['pieces']]
    assert codes == sorted(codes) == list(exam.key['pieces'])
