"Pages of the site in a real browser: wide things on a narrow screen, by day and by night, for eyes and ears."
import base64
import sys
from importlib import import_module
from pathlib import Path

import engines
import jupyterlab as lab
import pytest
from test_site import cell, data, page, sound_site, text

ROOT = Path(__file__).parent.parent
WHY_NOT = lab.why_no_browser()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]

LONG = 'fill(score, bars=(4, 8), seed=[0, 1, 2], temperature=.9, rhythm=score.bars(4, 8))'
WORDS = f"""## A heading of more words than fit into one line of a telephone

A paragraph with `{LONG}` in it, [a link](how_to/own.ipynb), and a formula: $x^2 + y^2$.

### Melodies_that_are_named_without_a_single_place_to_break_the_line_at_all

- an item with `{LONG}`

| a column | another column of a table | a third column that is wide | and a fourth one |
|---|---|---|---|
| `{LONG}` | words and words and words | more words and more words | 12345678901234567890 |

<details><summary>More</summary><p id="deep">In a fold.</p></details>

$$a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u + v + w + x + y + z = 0$$
"""


def figure():
    "A figure as a notebook shows one."
    from io import BytesIO
    from matplotlib.figure import Figure
    drawn, into = Figure(figsize=(11, 3)), BytesIO()
    drawn.subplots().plot([1, 2, 3])
    drawn.savefig(into)
    alt = {'image/png': {'alt': 'a line from 1 to 3'}}
    picture = {'image/png': base64.b64encode(into.getvalue()).decode()}
    return {'output_type': 'display_data', 'metadata': alt, 'data': picture}


@pytest.fixture(scope='module')
def pages(tmp_path_factory):
    "Plain pages of a small site; one has everything that is wide."
    from melodynb.corpus import load_corpus
    from melodynb.display import players
    sys.path.insert(0, str(ROOT/'nbs'))
    site, folder = import_module('_site'), sound_site(tmp_path_factory.mktemp('site'))
    tunes = load_corpus('folk')[:2]
    music = data(text__html=players(*tunes)._repr_html_())
    code = cell(f'print({LONG!r}) # {"and a remark " * 6}', data(text__plain='0123456789 '*30), figure(), music)
    page(folder/'index.ipynb', text(WORDS), code)
    for path in site.notebooks(folder): site.finish(path, '..' if path.parent.name == 'how_to' else '.')
    into = tmp_path_factory.mktemp('plain')/'pages'
    site.preview(site.drafts(folder), folder, into)
    sys.path.remove(str(ROOT/'nbs'))
    return into


@pytest.fixture(scope='module')
def axe(request, tmp_path_factory):
    "The text of the script that finds barriers."
    folder = engines.kept('axe-core', request, tmp_path_factory)
    return (folder/'node_modules'/'axe-core'/'axe.min.js').read_text(encoding='utf-8')


@pytest.fixture(scope='module')
def browser():
    with lab.chromium() as browser: yield browser


def opened(browser, pages, scheme='light', width=1280):
    page = browser.new_page(viewport=dict(width=width, height=900), color_scheme=scheme, reduced_motion='reduce')
    page.goto((pages/'index.html').as_uri())
    page.wait_for_selector('.melodynb[data-live]')
    return page


WIDER = """width => [...document.querySelectorAll('main *')].filter(part => {
    if (part.getBoundingClientRect().right <= width + 1) return false
    for (let around = part; around !== document.body; around = around.parentElement)
        if (getComputedStyle(around).overflowX !== 'visible') return false
    return true }).map(part => part.outerHTML.slice(0, 80))"""
SCROLLS = """() => [...document.querySelectorAll('main *')].filter(part =>
    part.scrollWidth > part.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(part).overflowX)).map(part =>
    part.closest('pre, table, math, .view, .cell-output, .input_area')?.nodeName ?? part.outerHTML.slice(0, 80))"""


def test_nothing_but_wide_things_scrolls_on_a_phone(browser, pages):
    page = opened(browser, pages, width=390)
    assert page.evaluate('document.documentElement.scrollWidth') == 390
    assert page.evaluate(WIDER, 390) == []
    moving = set(page.evaluate(SCROLLS))
    assert moving <= {'PRE', 'TABLE', 'math', 'DIV'} and 'PRE' in moving, moving


def test_code_of_a_hundred_letters_fits_beside_nothing(browser, pages):
    page = opened(browser, pages)
    wide = page.evaluate("""() => {
        const pre = document.querySelector('main pre')
        const probe = document.createElement('span')
        probe.textContent = '0'.repeat(100)
        probe.style.cssText = 'position: absolute; font: ' + getComputedStyle(pre.querySelector('code') ?? pre).font
        document.body.append(probe)
        return [probe.getBoundingClientRect().width, pre.clientWidth] }""")
    assert wide[0] < wide[1], wide


@pytest.mark.parametrize('scheme', ['light', 'dark'])
@pytest.mark.parametrize('width', [390, 1280])
def test_no_serious_barrier(browser, pages, axe, scheme, width):
    page = opened(browser, pages, scheme, width)
    page.evaluate(axe)
    found = page.evaluate('axe.run(document)')['violations']
    told = [(one['id'], node['html'][:120]) for one in found if one['impact'] in ('serious', 'critical')
            for node in one['nodes']]
    assert told == []


def test_a_link_into_a_fold_opens_it(browser, pages):
    page = opened(browser, pages)
    assert not page.locator('#deep').is_visible()
    page.evaluate("location.hash = '#deep'")
    page.wait_for_function("document.querySelector('#deep').closest('details').open")


def test_night_is_dark_and_day_is_light(browser, pages):
    light, dark = (opened(browser, pages, scheme).evaluate('getComputedStyle(document.body).backgroundColor')
                   for scheme in ('light', 'dark'))
    brightness = [sum(map(int, colour[4:-1].split(','))) for colour in (light, dark)]
    assert brightness[0] > 600 and brightness[1] < 150
