"The Studio as a web page for a class: two lines, served by Voila, in a real browser."
import json
import re
from pathlib import Path

import ipywidgets
import pytest

import jupyterlab as lab

ROOT = Path(__file__).parent.parent
WHY_NOT = lab.why_no_browser()
OLD = int(ipywidgets.__version__.partition('.')[0]) < 8
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT),
              pytest.mark.skipif(OLD, reason='Voila shows the widgets of ipywidgets 8 and later')]


def two_lines():
    "The notebook that the how-to tells a teacher to write."
    cells = json.loads((ROOT/'nbs'/'how_to'/'classroom.ipynb').read_text(encoding='utf-8'))['cells']
    told = next(text for text in (''.join(cell['source']) for cell in cells) if 'voila studio.ipynb' in text)
    return re.findall(r'^ {4,}(from melodynb\.studio import Studio|Studio\(\))$', told, re.M)


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    "The page as a pupil opens it in a room without a network, and the addresses on other hosts that it asked for."
    folder = tmp_path_factory.mktemp('served')
    code = [dict(cell_type='code', id=f'c{place}', metadata={}, outputs=[], execution_count=None, source=line)
            for place, line in enumerate(two_lines())]
    kernel = dict(name='python3', display_name='Python 3', language='python')
    page = dict(cells=code, metadata=dict(kernelspec=kernel), nbformat=4, nbformat_minor=5)
    (folder/'studio.ipynb').write_text(json.dumps(page))
    with lab.voila(folder/'studio.ipynb', tmp_path_factory.mktemp('home')) as address, lab.chromium() as browser:
        page, foreign = lab.new_page(browser), []
        def answer(route):
            if route.request.url.startswith((address, 'data:', 'blob:')): return route.continue_()
            foreign.append(route.request.url)
            route.abort()
        page.route('**/*', answer)
        page.goto(address, timeout=180_000)
        page.wait_for_selector('.melodynb-studio button:text-is("Generate")', timeout=180_000)
        yield page, foreign


def test_the_two_lines_are_told(): assert two_lines() == ['from melodynb.studio import Studio', 'Studio()']


def test_a_pupil_makes_a_tune(page):
    page, _ = page
    page.locator('.melodynb-studio button:text-is("Generate")').click()
    page.wait_for_selector('.melodynb-result .melodynb[data-live]', timeout=180_000)
    recipe = json.loads(page.locator('.melodynb-result .recipe pre').text_content())
    assert recipe['seed'] >= 0
    assert 'from melodynb' not in page.locator('body').inner_text()  # the page shows no code


def test_what_voila_wants_from_another_host_is_but_a_style(page):
    assert [url for url in page[1] if not url.endswith('.css')] == []


OUTSIDE = '''() => {
    const all = '.melodynb-studio :is(button, input, select, textarea, p, label, caption)';
    const shown = [...document.querySelectorAll(all)].filter(one => one.offsetParent && !one.closest('.view, .melodynb-piano'));
    const cut = shown.filter(one => one.getBoundingClientRect().right > innerWidth + 1);
    return [document.documentElement.scrollWidth <= innerWidth, cut.map(one => one.outerHTML.slice(0, 80))] }'''


@pytest.mark.parametrize('drawer', ['Look closer', 'Rewrite bars', 'Edit notes', 'Compare two', 'History'])
def test_nothing_is_cut_off_on_a_telephone(page, drawer):
    page, _ = page
    page.set_viewport_size(dict(width=360, height=700))
    if not page.locator('.melodynb-result .melodynb').count(): page.locator('button:text-is("Generate")').click()
    page.wait_for_selector('.melodynb-result .melodynb[data-live]', timeout=180_000)
    tab = page.locator(f'.melodynb-studio button:text-is("{drawer}")')
    tab.click()
    page.wait_for_function('tab => tab.classList.contains("mod-active")', arg=tab.element_handle())
    assert page.evaluate(OUTSIDE) == [True, []]
