"What is handed to Quarto, and what becomes of its answer: lines, raw HTML, words for figures; no fault passes."
import base64
import json
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest
from test_site import SIDEBAR, cell, data, notebook, page, sound_site, text

ROOT = Path(__file__).parent.parent
PNG = base64.b64encode(b'\x89PNG').decode()


@pytest.fixture(scope='module')
def modules():
    sys.path.insert(0, str(ROOT/'nbs'))
    yield {name: import_module(name) for name in ('_handed', '_links', '_pictures', '_site', '_story')}
    sys.path.remove(str(ROOT/'nbs'))


@pytest.fixture(scope='module')
def handed(modules): return modules['_handed']


@pytest.fixture(scope='module')
def site(modules): return modules['_site']


def finished(handed, path, *cells, up='.'):
    page(path, *cells)
    handed.finish(path, up)
    return handed.read(path)['cells'][1:]


def picture(kind='image/png', **metadata):
    shown = PNG if kind == 'image/png' else '<svg/>'
    said = {kind: metadata} if metadata else {}
    return {'output_type': 'display_data', 'metadata': said, 'data': {kind: shown, 'text/plain': 'F'}}


TEXT = '## A heading\n\nA paragraph.\n\n| a |\n|---|\n| b |\n'


def test_every_source_and_text_is_a_list_of_lines(handed, tmp_path):
    stream = {'output_type': 'stream', 'name': 'stdout', 'text': 'one\ntwo'}
    path = tmp_path/'00_score.ipynb'
    code = cell('x = 1\n\nx', data(text__plain='1\n2'), stream)
    cells = finished(handed, path, text(TEXT), code, cell('', kind='raw'))
    assert ''.join(cells[0]['source']) == TEXT
    assert cells[0]['source'][:3] == ['## A heading\n', '\n', 'A paragraph.\n']
    assert cells[1]['source'] == ['x = 1\n', '\n', 'x'] and cells[2]['source'] == []
    assert cells[1]['outputs'][0]['data'] == {'text/plain': ['1\n', '2']}
    assert cells[1]['outputs'][1]['text'] == ['one\n', 'two']
    assert handed.read(path)['cells'][0]['source'][0] == '---\n'
    assert handed.handed_faults(path, 'a') == []


HTML = '<div onclick="x">\n\n```\n````code````\n```\n<b>bold</b></div>'


@pytest.mark.parametrize('kind, shown', [('text/html', HTML), ('application/javascript', 'let x = 1\nlet y = `2`')])
def test_html_and_script_go_as_raw_html(handed, modules, tmp_path, kind, shown):
    path = tmp_path/'00_score.ipynb'
    other = {'text/plain': 'Y', 'text/markdown': 'Z'}
    output = {'output_type': 'display_data', 'metadata': {}, 'data': {kind: shown, **other}}
    cells = finished(handed, path, cell('show()', output))
    data = cells[0]['outputs'][0]['data']
    assert list(data) == ['text/markdown'] and handed.handed_faults(path, 'a') == []
    html = modules['_links'].pandoc(''.join(data['text/markdown']))
    assert shown in html and '&lt;' not in html and '<p>' not in html


def test_badges_are_pictures_of_this_site(handed, site, tmp_path):
    badges = ('<a href="https://colab.research.google.com/x">'
              '<img src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open in Colab"></a> '
              '![Tests & more](https://github.com/melodynb/melodynb/actions/workflows/test.yml/badge.svg)')
    path = tmp_path/'how_to'/'own.ipynb'
    cells = finished(handed, path, text(badges), up='..')
    source = ''.join(cells[0]['source'])
    assert re.findall(r'src="([^"]*)"', source) == ['../badges/open-in-colab.svg', '../badges/tests-more.svg']
    drawing = (tmp_path/'badges'/'tests-more.svg').read_text()
    assert 'Tests &amp; more' in drawing and 'http' not in drawing.replace('http://www.w3.org/2000/svg', '')
    photo = '<img src="https://example.org/a.png" alt="Open in Colab">'
    assert ''.join(finished(handed, tmp_path/'01_audio.ipynb', text(photo))[0]['source']) == photo  # a fault, not a badge


@pytest.mark.parametrize('kind', ['image/png', 'image/svg+xml'])
def test_a_figure_has_the_words_of_its_run(handed, tmp_path, kind):
    path = tmp_path/'a.ipynb'
    said = 'loss: "train" from 4 to 2'
    own = cell('#| fig-alt: mine\nplot()', picture(kind, alt='x'))
    cells = finished(handed, path, cell('plot()', picture(kind, alt=said)), own)
    assert cells[0]['source'][0] == f'#| fig-alt: {json.dumps(said)}\n'
    assert cells[1]['source'][0] == '#| fig-alt: "mine"\n' and handed.handed_faults(path, 'a') == []
    three = picture(kind, alt='one'), data(text__plain='2'), picture(kind, alt='three')
    several = finished(handed, path, cell('plot()', *three))
    assert several[0]['source'][0] == '#| fig-alt: ["one", "", "three"]\n'
    finished(handed, path, cell('plot()', picture(kind)))
    assert handed.handed_faults(path, 'a') == ['a: cell 2: a figure has no words: begin the cell with #| fig-alt:']


@pytest.mark.parametrize('words', ['Loss: it falls.', 'Two curves, each: "a" and a # b', "it's so", '"Quoted: already."'])
def test_own_words_may_hold_anything(handed, tmp_path, words):
    import yaml
    path = tmp_path/'a.ipynb'
    cells = finished(handed, path, cell(f'#| fig-alt: {words} \nplot()', picture()))
    said = yaml.safe_load(cells[0]['source'][0].removeprefix('#|'))['fig-alt']
    assert said == words.strip('"') and handed.handed_faults(path, 'a') == []


def test_wishes_that_stop_quarto_are_told(handed, tmp_path):
    path = tmp_path/'a.ipynb'
    finished(handed, path, cell('#| echo: false\n#| fig-cap: a: b: c\nplot()'), cell('#| label: fine\n\n#| no: wish: here'))
    found = handed.handed_faults(path, 'a')
    assert len(found) == 1 and found[0].startswith('a: cell 2: Quarto cannot read its wishes: mapping values')


def test_what_is_handed_wrongly_is_told(handed, tmp_path):
    path = tmp_path/'a.ipynb'
    page(path, text('## a\n\nb'), cell(['x'], data(text__html='<b>')))
    assert handed.handed_faults(path, 'a') == [
        'a: cell 1: its source is no list of lines', 'a: cell 2: its source is no list of lines',
        'a: cell 3: Quarto would load libraries for an output of text/html',
        'a: cell 3: a text of its output is no list of lines']


@pytest.mark.parametrize('before, level', [('Words.', 'h2'), ('## A heading', 'h3')])
def test_an_entry_is_one_level_below_what_stands_above(handed, modules, tmp_path, before, level):
    entry = data(text__markdown='---\n\n### clip\n\n*Cut.*\n')
    cells = finished(handed, tmp_path/'a.ipynb', text(before), cell('#| echo: false\nshow_doc(clip)', entry))
    html = modules['_links'].pandoc(''.join(cells[1]['outputs'][0]['data']['text/markdown']))
    assert f'<{level} id="clip">clip</{level}>' in html


@pytest.mark.parametrize('html, what', [
    ('<h1>a</h1><h2>b</h2><h3>c</h3><h2>d</h2>', None), ('<h3>menu</h3><h1>a</h1><h2>b</h2>', None),
    ('<h1>a</h1><h3>b</h3>', 'h3: a heading of level 1 comes before it, and none between'),
    ('<p><a id="x"></a> ## b</p>', '## b: this was meant as a heading, and is none; leave a line free above it'),
    ('<pre>## b</pre><p>#1 or C## 2</p><p>a <code>## b</code></p>', None),
    ('<img src="a.png" alt="">', None), ('<img src="a.png">', 'a.png: a picture without words')])
def test_what_a_listener_would_miss_is_told(modules, html, what):
    links = modules['_links']
    assert links.reading_faults(links.Page('a.html', 'a.html', html)) == ([f'a.html: {what}'] if what else [])


# Figures in words

def drawn(draw):
    from matplotlib.figure import Figure
    axes = Figure().subplots()
    draw(axes)
    return axes.figure


@pytest.mark.parametrize('draw, words', [
    (lambda axes: axes.plot([0, 1, 2], [1, 5, 2], label='train'), 'loss, line train from 1 to 2, highest 5 at 1; over step'),
    (lambda axes: axes.bar(['a', 'b'], [.25, .5]), 'loss, bars: a 0.25, b 0.5; over step'),
    (lambda axes: axes.barh(['a', 'b'], [1, 3]), 'loss, bars: a 1, b 3; over step'),
    (lambda axes: axes.bar(range(12), range(12)), 'loss, bars: 12, highest 11 at 11, lowest 0 at 0; over step'),
    (lambda axes: axes.scatter([1, 2], [3, 4], label='tunes'), 'loss, 2 points tunes; over step'),
    (lambda axes: axes.imshow([[0, 1], [2, 3], [4, 5]]), 'loss, a map of 3 rows and 2 columns, from 0 to 5; over step'),
    (lambda axes: axes.axvline(3, label='ours'), 'loss, line ours at 3; over step'),
    (lambda axes: axes.axhline(7, label='dice'), 'loss, line dice at 7; over step'),
    (lambda axes: axes.plot([1, 2], [float('nan'), 2], label='gap'), 'loss, line gap at 2; over step'),
    (lambda axes: axes.text(0, 0, 'a box of words'), 'loss, a box of words; over step')])
def test_a_figure_is_described_by_its_values(modules, draw, words):
    figure = drawn(lambda axes: (draw(axes), axes.set(xlabel='step', ylabel='loss')))
    assert modules['_pictures'].describe(figure) == words
    figure.axes[0].set_title('Twice\nas much')
    assert modules['_pictures'].describe(figure) == f'Twice as much: {words}'


def test_panels_are_counted_and_long_words_end(modules):
    from matplotlib.figure import Figure
    figure = Figure()
    for place, axes in enumerate(figure.subplots(1, 2)): axes.plot([0, 1, 2], [place, 1, 9], label='x'*600)
    words = modules['_pictures'].describe(figure)
    assert words.startswith('2 panels. line xxx') and len(words) <= modules['_pictures'].MOST
    assert modules['_pictures'].describe(Figure()) == 'A drawing without axes'


def test_a_run_notes_what_its_figures_show(modules, tmp_path, monkeypatch):
    monkeypatch.setenv('MPLBACKEND', 'Agg')  # what a shell may say; the pages want their figures all the same
    path = tmp_path/'one.ipynb'
    first = 'import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [1, 2, 4], label="a")\nplt.show()'
    notebook(path, first, 'plt.bar(["x"], [2]);')
    ran, error = modules['_story'].run(path)
    assert error is None
    outputs = [output for cell in ran.cells for output in cell.get('outputs', ()) if 'data' in output]
    found = [output['metadata']['image/png']['alt'] for output in outputs]
    assert found == ['line a from 1 to 4', 'bars: x 2']


# The menus

def sidebars():
    import yaml
    return yaml.safe_load((ROOT/'nbs'/'sidebar.yml').read_text(encoding='utf-8'))['website']['sidebar']


def test_the_menu_can_mark_where_a_page_is(modules):
    bars = sidebars()
    held = {bar['id']: {link for link, _ in modules['_links'].menu(bar['contents'])} for bar in bars}
    assert len(held) == len(bars) > 3
    everything = [link for links in held.values() for link in links]
    assert len(set(everything)) == len(everything)  # two sidebars with one page would mark two items
    top = [link for link, text in modules['_links'].menus(ROOT/'nbs')['_quarto.yml'] if text]
    owners = [[name for name, links in held.items() if link in links] for link in top]
    assert sorted(name for names in owners for name in names) == sorted(held), 'each section has one item of the menu'
    assert all(len(names) <= 1 for names in owners)


# The search

def test_names_stand_before_what_quarto_indexed(modules, tmp_path):
    search = import_module('_search')
    (tmp_path/'search.json').write_text('[{"href": "a.html"}]')
    search.add_names(tmp_path)
    found = json.loads((tmp_path/'search.json').read_text())
    assert found[-1] == {'href': 'a.html'} and len(found) == len(search.entries()) + 1
    own = {item['title']: item for item in found[:-1]}
    assert own['KneserNey']['href'] == 'ngrams.html?KneserNey#kneserney'
    assert own['load_corpus']['section'] == 'load_corpus()' and own['load_corpus']['text'].startswith('load_corpus: ')
    said = [item for item in found[:-1] if item['text'].partition(': ')[2]]
    assert len(said) > .8*len(found)  # constants, and methods that need no word, say nothing


@pytest.mark.parametrize('code, names', [
    ('A = 1', ['A']), ('TWO_2: dict[str, int] = {}', ['TWO_2']), ('A, B = 1, 2', ['A', 'B']), ('a = 1', []),
    ('A == 1', []), ('    A = 1', []), ('if x: A = 1', []), ('Aa = 1', [])])
def test_constants_have_a_place(site, code, names):
    assert site.constants(f'import os\n{code}\n') == names
    cells = site.with_folds([cell(f'#| export\n{code}'), cell(f'#| export\n{code}')], True)
    opened = [''.join(one['source']) for one in cells if '<summary>' in ''.join(one['source'])]
    assert [f'<a id="{name}"></a>' in opened[0] for name in names] == [True]*len(names)
    assert '<a id' not in opened[1]  # no place twice


# Faults are fatal: a program in Quarto's place says and draws what a real one might

QUARTO = """import pathlib, sys
out = pathlib.Path('_docs')
out.mkdir()
(out/'index.html').write_text({html!r})
print({says!r}, file=sys.stderr)
sys.exit({code})
"""


@pytest.mark.skipif(sys.platform == 'win32', reason='the stand-in is a script')
@pytest.mark.parametrize('html, says, code, what', [
    ('<h1>fine</h1>', 'Output created: _docs/index.html', 0, None),
    ('<script src="https://example.org/require.js"></script>', '', 0, 'the page loads this from another host'),
    ('<a href="gone.html">x</a>', '', 0, 'there is no page or file gone.html'),
    ('<h1>fine</h1>', '\x1b[33mWARN: Unable to resolve link target: a.ipynb\x1b[39m', 0, 'Quarto: WARN: Unable to resolve'),
    ('<h1>fine</h1>', '[WARNING] Div at line 3 unclosed', 0, 'Quarto: [WARNING] Div at line 3 unclosed'),
    ('<h1>fine</h1>', 'ERROR: no such theme', 1, 'Quarto stopped:\nERROR: no such theme')])
def test_faults_in_what_was_drawn_are_fatal(site, tmp_path, monkeypatch, capsys, html, says, code, what):
    program = tmp_path/'bin'/'quarto'
    program.parent.mkdir()
    script = tmp_path/'quarto.py'
    script.write_text(QUARTO.format(html=html, says=says, code=code))
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(program.parent))
    monkeypatch.setattr(site, 'ROOT', tmp_path)
    monkeypatch.setattr(site, 'HERE', sound_site(tmp_path/'nbs'))
    monkeypatch.setattr(site, 'processed', lambda check: site.HERE)
    monkeypatch.setattr(site, 'plain', lambda folder, keep: False)  # the pages that are handed over have no fault
    monkeypatch.setattr(sys, 'argv', ['_site.py'])
    if what is None:
        site.main()
        told = capsys.readouterr()
        assert re.search(r'^1 pages +0 +0\.0 +0$', told.out, re.M) and not told.err
        return
    with pytest.raises(SystemExit) as stopped: site.main()
    assert what in capsys.readouterr().err + str(stopped.value.code)
