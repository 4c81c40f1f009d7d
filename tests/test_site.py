"The documentation site: every fault of a link is found, none is invented, and pages stand without a server."
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope='module')
def site():
    sys.path.insert(0, str(ROOT/'nbs'))
    yield import_module('_site')
    sys.path.remove(str(ROOT/'nbs'))


def cell(source, *outputs, kind='code'):
    own = {'outputs': list(outputs), 'execution_count': None} if kind == 'code' else {}
    return {'cell_type': kind, 'id': 'c', 'metadata': {}, 'source': source, **own}


def data(**kinds):
    shown = {kind.replace('__', '/'): text for kind, text in kinds.items()}
    return {'output_type': 'display_data', 'metadata': {}, 'data': shown}


def page(path, *cells, title='A page', summary='A summary'):
    "A notebook as nbdev leaves it."
    name = path.with_suffix('.html').name.lstrip('0123456789_')
    head = cell(f'---\ntitle: {title}\ndescription: {summary}\noutput-file: {name}\n---\n', kind='raw')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({'cells': [head, *cells], 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}))


def text(source): return cell(source, kind='markdown')


ENTRY = data(text__markdown='---\n\n[source](https://github.com/melodynb/melodynb/blob/main/melodynb/score.py#L1)'
                            '{target="_blank"}\n\n### Score\n\n```python\nScore(a)\n```\n')
SIDEBAR = """website:
  sidebar:
    contents:
      - index.ipynb
      - 00_score.ipynb
      - section: More
        contents:
          - how_to/own.ipynb
"""
GOOD = """Well: [a](#a-heading-x_y), [b](how_to/own.ipynb), [c](how_to/own.ipynb#say-it), [d](how_to/own.html#mark), [e](#score),
[f](#score.bars), [g](https://melodynb.github.io/melodynb/score.html#score), [h](https://melodynb.github.io/melodynb/),
[i](play/index.html), [j](play/index.html#keys), ![k](play/icon.svg), [l](https://arxiv.org/abs/1803.01271),
[m](https://github.com/melodynb/melodynb/blob/main/README.md#install), [n](mailto:a@b.org)"""
SAY_IT = """## Say it

<a id="mark"></a> [back](../00_score.ipynb#score), [here](#mark), <a href="../score.html#score.bars">bars</a>"""
NAVBAR = "website:\n  navbar:\n    left:\n      - {text: Play, href: play/index.html}\n"


def sound_site(folder):
    "A small site that has no fault."
    page(folder/'index.ipynb', text('Hello.'))
    page(folder/'00_score.ipynb', text(f'## A heading, `x_y`\n\n{GOOD}'),
         cell('#| output: asis\n#| echo: false\nshow_doc(Score)', ENTRY))
    page(folder/'how_to'/'own.ipynb', text(SAY_IT))
    (folder/'play').mkdir()
    (folder/'play'/'index.html').write_text('<p id="keys"></p>')
    (folder/'play'/'icon.svg').write_text('<svg/>')
    (folder/'sidebar.yml').write_text(SIDEBAR)
    (folder/'_quarto.yml').write_text(NAVBAR)
    return folder


@pytest.fixture
def folder(tmp_path):
    return sound_site(tmp_path)


def check(site, folder):
    for path in site.notebooks(folder): site.finish(path, '..' if path.parent.name == 'how_to' else '.')
    return site.checked(folder, site.drafts(folder))[1]


def test_a_sound_site_has_no_fault(site, folder):
    assert 'melodynb.score.Score.bars' in import_module('melodynb._modidx').d['syms']['melodynb.score']
    assert check(site, folder) == []


FAULTS = [  # a text, and what is wrong with it; '' where nothing is
    ('[x](01_audio.ipynb)', 'there is no notebook 01_audio.ipynb'),
    ('[x](audio.html)', 'there is no page or file audio.html'),
    ('[x](how_to/other.ipynb)', 'there is no notebook how_to/other.ipynb'),
    ('[x](own.ipynb)', 'there is no notebook own.ipynb'),
    ('[x](how_to/own.ipynb#say)', 'how_to/own.html has no anchor say'),
    ('[x](how_to/own.html#say)', 'how_to/own.html has no anchor say'),
    ('[x](#nowhere)', 'bad.html has no anchor nowhere'),
    ('[x](score.html#score.violin)', 'score.html has no anchor score.violin'),
    ('[x](https://melodynb.github.io/melodynb/score.html#violin)', 'score.html has no anchor violin'),
    ('[x](play/index.html#pedals)', 'play/index.html has no anchor pedals'),
    ('[x](play/)', ''),
    ('[x](how_to/)', 'there is no page or file how_to/index.html'),
    ('![x](play/photo.png)', 'there is no page or file play/photo.png'),
    ('<a href="how_to/own.html#say">x</a>', 'how_to/own.html has no anchor say'),
    ('<img alt="a" src="https://example.org/a.png">', 'the page loads this from another host'),
    ('<script src="https://example.org/a.js"></script>', 'the page loads this from another host'),
    ('<style>@import "https://example.org/a.css";</style>', 'the page loads this from another host'),
    ('<img alt="a" src="https://img.shields.io/badge.svg">', ''),
    ('[x](/score.html)', 'it begins at the root of the host, where this site need not be'),
    ('[x](http://arxiv.org/abs/1)', 'an address on another host begins with https://'),
    ('[x](https://localhost:8888/lab)', 'no address that a reader could open'),
    ('[x](https://github.com/melodynb/melodynb/blob/main/violin.py)', 'the repository has no violin.py'),
    ('[x](Score.html)', 'there is no page or file Score.html'),
    ('[x](score.html#Score)', 'score.html has no anchor Score'),
    ('[x](../README.md)', 'there is no page or file ../README.md'),
    ('[x](../elsewhere.ipynb)', 'there is no notebook ../elsewhere.ipynb'),
    ('[x]()', 'it names no place'),
    ('![x]()', 'it names no place'),
    ('[x][]\n\n[x]: gone.html', 'there is no page or file gone.html'),
    ('See [the score][nowhere] for more.', 'this was meant as a link, and is none'),
    ('See [the score] (score.html) or `a[i](b)`, `a][b`.', 'this was meant as a link, and is none'),
    ('| a |\n|---|\n| [x](gone.html) |', 'there is no page or file gone.html'),
    ('<table><tr><td><a href="gone.html">x</a></td></tr></table>', 'there is no page or file gone.html'),
    ('<details><summary>More</summary>\n\n[x](gone.html)\n\n</details>', 'there is no page or file gone.html'),
    ('<img alt="a" src="play/icon.svg" srcset="play/icon.svg 1x, play/icon2.svg 2x">', 'there is no page or file play/icon2.svg'),
    ('<video poster="gone.png"></video>', 'there is no page or file gone.png'),
    ('<object data="gone.svg"></object>', 'there is no page or file gone.svg'),
    ('<svg><image href="gone.png"/></svg>', 'there is no page or file gone.png'),
    ('<map><area href="gone.html"></map>', 'there is no page or file gone.html'),
    ('<p style="background: url(gone.png)">x</p>', 'there is no page or file gone.png'),
    ('[x](mailto:a@b.org)', ''),
    ('[x](mailto:nobody)', 'no mail address'),
    ('<a id="once" name="once"></a>', ''),
    ('<p id="two words">x</p>', 'an anchor has no space'),
    ('[x](javascript:alert(1))', 'no address that a reader could open'),
    ('## Twice {#twice}\n\n<a id="twice"></a>', '2 places have this anchor')]


@pytest.fixture(scope='module')
def told(site, tmp_path_factory):
    "All that is said of a site with a page for each fault."
    folder = sound_site(tmp_path_factory.mktemp('faulty'))
    names = [f'bad{place}' for place in range(len(FAULTS))]
    for name, (source, _) in zip(names, FAULTS): page(folder/f'{name}.ipynb', text(source))
    with (folder/'sidebar.yml').open('a') as menu: menu.writelines(f'      - {name}.ipynb\n' for name in names)
    return check(site, folder)


@pytest.mark.parametrize('place', range(len(FAULTS)))
def test_each_fault_is_found(told, place):
    what = FAULTS[place][1].replace('bad.html', f'bad{place}.html')
    found = [line for line in told if line.startswith(f'bad{place}.ipynb: ')]
    assert [what for line in found if what in line] == [what]*bool(what) and len(found) == bool(what), found


def test_nothing_else_is_told(told):
    assert all(line.startswith('bad') for line in told)


def test_a_page_that_stands_as_it_is_is_checked(site, folder):
    (folder/'play'/'index.html').write_text(
        '<p id="keys"></p> <a href="../score.html#score">a</a> <a href="../00_score.html">b</a> <script src="gone.js"></script>')
    assert check(site, folder) == ['play/index.html: ../00_score.html: there is no page or file 00_score.html',
                                   'play/index.html: gone.js: there is no page or file play/gone.js']


def test_a_style_sheet_is_checked(site, folder):
    (folder/'styles.css').write_text(
        '@import "https://example.org/a.css"; p { background: url(play/icon.svg) } i { background: url("gone.png") }')
    assert check(site, folder) == ['styles.css: https://example.org/a.css: the page loads this from another host',
                                   'styles.css: gone.png: there is no page or file gone.png']


def test_links_in_outputs_and_summaries_are_checked(site, folder):
    shown = cell('show()', data(text__html='<a href="gone.html">x</a>'), data(text__markdown='![x](lost.png)'))
    page(folder/'how_to'/'own.ipynb', text('## Say it\n\n<a id="mark"></a>'), shown, summary='See [x](away.html).')
    assert check(site, folder) == [f'how_to/own.ipynb: {name}: there is no page or file how_to/{name}'
                                   for name in ('away.html', 'gone.html', 'lost.png')]


def test_players_of_a_site_share_style_script_and_sounds(site, folder, tmp_path_factory):
    from melodynb.display import Player
    from melodynb.score import Note, Score, Track
    tunes = [Score([Track([Note(60 + step, k, 1) for k in range(4)])], title=f'{step}') for step in (0, 7, 0)]
    whole = [data(text__html=Player(tune).html) for tune in tunes]
    page(folder/'how_to'/'own.ipynb', text('## Say it\n\n<a id="mark"></a>'), cell('show()', *whole))
    page(folder/'00_score.ipynb', text(f'## A heading, `x_y`\n\n{GOOD}'), cell('Score', ENTRY, whole[0]))
    assert check(site, folder) == []
    deep, top = (site.draft(folder/name, folder).html for name in ('how_to/own.ipynb', '00_score.ipynb'))
    assert deep.count('data-player=') == 3 and 'base64' not in deep + top
    for html, up in (deep, '../'), (top, ''):
        assert html.count('<style>') == html.count('<script>') == 0
        assert html.count(f'<script src="{up}player.js" defer>') == html.count(f'href="{up}player.css"') == 1
        assert html.index('player.css') < html.index('data-player=') and f'src="{up}sounds/' in html
    assert len([*(folder/'sounds').glob('*.mp3')]) == 2 # two distinct pieces
    assert (folder/'player.js').read_text(encoding='utf-8') in Player.shared()[1]
    into = tmp_path_factory.mktemp('plain')/'pages'
    site.preview(site.drafts(folder), folder, into)
    assert (into/'player.css').exists() and (into/'sounds').is_dir()


def test_two_notebooks_that_become_one_page_are_told(site, folder):
    page(folder/'10_score.ipynb', text('## Another'))
    with (folder/'sidebar.yml').open('a') as menu: menu.write('      - 10_score.ipynb\n')
    assert '00_score.ipynb: score.html: 10_score.ipynb becomes this page, too' in check(site, folder)


def test_what_cannot_be_read_is_told_before_anything_runs(site, folder, monkeypatch):
    assert site.missing(folder) == []
    (folder/'00_score.ipynb').write_text('{"cells": [\n<<<<<<< HEAD\n')
    (folder/'how_to'/'own.ipynb').write_text('{"cells": []}')
    (folder/'sidebar.yml').write_text('website:\n  - a: [\n')
    monkeypatch.setitem(sys.modules, 'pypandoc', None)
    found = site.missing(folder)
    assert [line.split(',')[0].split(':')[0] for line in found] == [
        'Pandoc', '00_score.ipynb is no notebook that can be read', 'how_to/own.ipynb has no cells',
        'sidebar.yml cannot be read']
    assert 'line 2 column 1' in found[1] and 'pip install pypandoc_binary' in found[0]
    assert all('\n' not in line for line in found)
    monkeypatch.setattr(site, 'HERE', folder)
    monkeypatch.setattr(sys, 'argv', ['_site.py', '--check'])
    with pytest.raises(SystemExit) as stopped: site.main()
    assert stopped.value.code == '\n'.join(found)


def test_menus_are_checked_both_ways(site, folder):
    page(folder/'lost.ipynb', text('nobody links here'))
    (folder/'sidebar.yml').write_text(SIDEBAR + '      - gone.ipynb\n')
    (folder/'_quarto.yml').write_text(NAVBAR.replace('play/', 'played/'))
    assert check(site, folder) == ['_quarto.yml: played/index.html: there is no page or file played/index.html',
                                   'sidebar.yml: gone.ipynb: there is no notebook gone.ipynb',
                                   'lost.ipynb: no menu lists it']


def test_texts_of_the_repository_are_checked(site, folder):
    home = 'https://melodynb.github.io/melodynb'
    repository = 'https://github.com/melodynb/melodynb/blob/main'
    (folder/'README.md').write_text(
        f'# A title\n\n[a](#a-title) [b](nbs/x.ipynb) [c]({home}/none.html) [d](#b) '
        '[e](deep/OTHER.md#here) [f](deep/OTHER.md#gone) [g][h]\n')
    (folder/'deep').mkdir()
    (folder/'deep'/'OTHER.md').write_text(
        f'# Here\n\n[a](../README.md#a-title) [b](README.md) [c]({repository}/README.md#gone)\n')
    sound = site.checked(folder, site.drafts(folder), folder)[0]
    assert site.text_faults(sound, ['README.md', 'NONE.md', 'deep/OTHER.md']) == [
        'README.md: nbs/x.ipynb: the repository has no nbs/x.ipynb',
        f'README.md: {home}/none.html: there is no page or file none.html',
        'README.md: #b: README.md has no anchor b',
        'README.md: deep/OTHER.md#gone: deep/OTHER.md has no anchor gone',
        'README.md: [g][h]: this was meant as a link, and is none',
        'deep/OTHER.md: README.md: the repository has no deep/README.md',
        f'deep/OTHER.md: {repository}/README.md#gone: README.md has no anchor gone']


def test_widgets_are_what_stands_in_for_them(site, folder):
    view = {'application/vnd.jupyter.widget-view+json': {'model_id': 'x'}}
    both, alone = data(text__html='<b>still</b>'), data(text__plain='Slider()')
    for output in both, alone: output['data'] |= view
    page(folder/'how_to'/'own.ipynb', text('## Say it\n\n<a id="mark"></a>'), cell('studio', both, alone))
    path = folder/'how_to'/'own.ipynb'
    path.write_text(path.read_text().replace('{}, "nbformat"', '{"widgets": {"state": 1}}, "nbformat"'))
    assert check(site, folder) == []
    kept = path.read_text()
    assert 'widget' not in kept and '<b>still</b>' in kept and 'Slider()' not in kept


def test_plain_pages_lead_to_each_other(site, folder, tmp_path_factory):
    into = tmp_path_factory.mktemp('plain')/'pages'
    check(site, folder)
    site.preview(site.drafts(folder), folder, into)
    below, top = (into/'how_to'/'own.html').read_text(), (into/'score.html').read_text()
    assert 'href="../score.html#score"' in below and 'href="../play/index.html"' in below
    assert 'href="how_to/own.html#say-it"' in top
    assert (into/'play'/'index.html').exists() and not list(into.rglob('*.ipynb'))


def notebook(path, *sources):
    cells = [text('# Title\n\n> Summary.'), *map(cell, sources)]
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {'kernelspec': {'name': 'python3', 'display_name': 'python3'}}
    path.write_text(json.dumps({'cells': cells, 'metadata': kernel, 'nbformat': 4, 'nbformat_minor': 4}))


def test_only_what_changed_is_run_again(site, tmp_path, capsys):
    source, work = tmp_path/'nbs', tmp_path/'work'
    notebook(source/'one.ipynb', '#| exec_doc\nprint("fir" + "st")')
    notebook(source/'deep'/'two.ipynb', 'print("sec" + "ond")')
    def ran():
        failed = site.execute(source, work)
        return failed, [line.split()[0] for line in capsys.readouterr().out.split('\n') if line]
    assert ran() == ([], ['one', 'deep/two']) and ran() == ([], [])
    staged = site.stage(source, work)
    assert 'first' in (staged/'one.ipynb').read_text() and 'second' in (staged/'deep'/'two.ipynb').read_text()
    assert 'exec_doc' not in (staged/'one.ipynb').read_text() # nbdev need not run it again
    notebook(source/'one.ipynb', '1/0')
    assert ran() == (['one'], ['one']) and ran() == (['one'], ['one']) # a failure is not kept


def test_a_notebook_depends_on_the_modules_behind_it(site, tmp_path):
    library = tmp_path/'melodynb'
    library.mkdir()
    modules = dict(score='x = 1', audio='def f():\n    from melodynb.score import x', other='y = 1')
    for name, source in modules.items(): (library/f'{name}.py').write_text(source)
    notebook(tmp_path/'one.ipynb', 'from melodynb.audio import f')
    def made_of(): return site.fingerprint(tmp_path/'one.ipynb', library)
    first = made_of()
    (library/'other.py').write_text('y = 2')
    assert made_of() == first
    (library/'score.py').write_text('x = 2')
    assert made_of() != first


def test_library_code_is_folded_and_has_its_name(site, tmp_path):
    library = cell('#| export\ndef bars(x): ...')
    for told, entries in (True, 'inside'), (False, 'behind'):
        cells = site.with_folds([text('Why.'), library, cell('bars(1)')], told)
        kinds = [one['cell_type'] for one in cells]
        opened = ''.join(cells[1]['source'])
        assert '<summary>Library: bars</summary>' in opened and 'def bars(x)' in opened and '#|' not in opened
        assert cells[2 if kinds[2] == 'code' else 1] == library and cells[-1] == cell('bars(1)')
        assert ('</details>' in opened) == (entries == 'behind')


def every_name_is_found(whole):
    "The search has an item for each public name, and the item leads to a place that is there, and is no solution."
    search, links = import_module('_search'), import_module('_links')
    items, start = search.entries(), links.Page('index.ipynb', 'index.html', '')
    assert [item['href'] for item in items if links.fault(start, item['href'], whole)] == []
    assert not [item['href'] for item in items if 'solutions' in item['href'] or '#' not in item['href']]
    found = {(item['crumbs'][1], item['title']) for item in items}
    modules = [f'melodynb.{path.stem}' for path in (ROOT/'melodynb').glob('[!_]*.py')]
    for module in filter(lambda module: hasattr(import_module(module), '__all__'), modules):
        names = import_module(module).__all__
        homes = {name: getattr(getattr(import_module(module), name), '__module__', None) for name in names}
        own = {name for name, home in homes.items() if name.isupper() or home == module}
        assert own <= {name for _, name in found}, module
    assert ('melodynb.ngrams', 'KneserNey') in found and ('melodynb.score', 'Score.bars') in found


@pytest.mark.timeout(900)
def test_the_site_of_this_repository(site):
    "`make docs-check`, and what a visitor of the landing page meets first."
    done = subprocess.run([sys.executable, ROOT/'nbs'/'_site.py', '--check'], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-6000:]
    pages = ROOT/'_pages'/'check'/'_proc'
    assert all(site.handed_faults(path, path.name) == [] for path in site.notebooks(pages))
    assert all(site.header(site.read(path)).get('description') for path in site.notebooks(pages))
    assert 'search: false' in (pages/'solutions'/'_metadata.yml').read_text()
    whole = (pages/'_quarto.yml').read_text()
    assert 'image: /card.png' in whole and (pages/'card.png').read_bytes()[1:4] == b'PNG'
    drafts = {draft.source: draft for draft in site.drafts(pages)}
    every_name_is_found(site.checked(pages, list(drafts.values()))[0])
    landing = drafts['index.ipynb'].html
    _, _, rest = landing.partition('</blockquote>')
    before_text = rest.partition('<p><a href="https://colab')[0]
    assert before_text.count('<audio') == 4 and rest.count('<audio') == 4
    gallery = drafts['gallery.ipynb'].html
    assert gallery.count('<audio') == 20 and len(gallery) < 6e6
    story = drafts['10_char_gpt.ipynb'].html
    assert '<summary>Library: CharGPT</summary>' in story and '#| export' not in landing + gallery + story
