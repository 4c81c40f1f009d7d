"Pictures that are saved: the same in every program, whole on their paper, as SVG, PNG and PDF; and nothing else is said."
import base64
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import jupyterlab as lab
from melodynb import cli, display
from melodynb.corpus import load_corpus
from melodynb.display import Engraving, Player, engrave
from melodynb.notation import written_bars
from melodynb.recipe import Recipe, make, save
from melodynb.score import MelodyError, Note, Score, Track

NAMES = 'Flute', 'Solo viola of our school', 'The very long name of a violoncello that nobody ever cuts'
EDGE = 4  # pixels at the left of the paper where nothing may be


def scale(low, count=24): return [Note(low + (0, 2, 4, 5, 7, 5, 4, 2)[k % 8], k, 1) for k in range(count)]


def named(*names): return Score([Track(scale(60), program=40, name=name) for name in names], key='C major')


def band():
    hat = [Note(42, k/2, .1) for k in range(8)]
    beat = Track(hat + [Note((36, 38)[k % 2], k, .1) for k in range(4)], drums=True, name='Drums')
    bass = Track([Note(40 + 5*(k % 2), k, 1) for k in range(4)], program=33, name='Bass')
    return Score([bass, beat], key='A minor')


def threes():
    thirds = [Note(60 + k % 5, k/3, 1/3) for k in range(12)]
    return Score([Track(thirds + [Note(72, 4, 4)])], meter='2/2', bpm=90)


@lru_cache
def scores():
    folk = load_corpus('folk')
    jig = next(s for s in folk if s.meter == (6, 8) and s.key == 'D major').bars(9)
    return {'folk': folk[0], 'chorale': load_corpus('chorales')[3], 'jig': jig, 'band': band(),
            'threes': threes(), 'names': named(*NAMES), 'slow': replace(threes(), meter='3/8', bpm=66)}


def roll(score):
    bars = written_bars(score, Fraction(score.notes[0].start).limit_denominator(48), score.end)
    return display._roll(score, bars).svg(score, bars)


PAGES = 'folk', 'chorale', 'jig', 'band', 'threes', 'names', 'folk, roll', 'chorale, roll'


@lru_cache
def page(name):
    title, _, kind = name.partition(', ')
    return roll(scores()[title]) if kind else engrave(scores()[title])


# Programs that draw

def size(svg):
    width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups()
    return round(float(width)), round(float(height))


def by_cairosvg(svg):
    import cairosvg
    return cairosvg.svg2png(bytestring=svg.encode())


def by_command(*command):
    "A program that draws a file and writes PNG to its standard output."
    def drawn(svg):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)/'page.svg'
            path.write_text(svg, encoding='utf-8')
            return subprocess.run([*command, path], capture_output=True, check=True).stdout
    return drawn


PROGRAMS = {'cairosvg': by_cairosvg, 'rsvg-convert': by_command('rsvg-convert'),
            'inkscape': by_command('inkscape', '--export-type=png', '--export-filename=-')}


def why_not(program):
    "Why a program cannot draw here, empty if it can."
    if program == 'cairosvg':
        try: import cairosvg  # noqa: F401
        except (ImportError, OSError) as error: return f'cairosvg is not installed: pip install cairosvg ({error})'
        return ''
    return '' if shutil.which(program) else f'{program} is not installed'


def drawing(program):
    if reason := why_not(program): pytest.skip(reason)
    return PROGRAMS[program]


every_program = pytest.mark.parametrize('program', PROGRAMS)


@pytest.fixture(scope='module')
def in_browser():
    if reason := lab.why_no_browser(): pytest.skip(reason)
    with lab.chromium() as browser:
        tab = browser.new_page()

        def drawn(svg):
            width, height = size(svg)
            data = base64.b64encode(svg.encode()).decode()
            tab.set_viewport_size(dict(width=width, height=height))
            tab.set_content(f'<body style="margin: 0"><img style="display: block" width="{width}" '
                            f'src="data:image/svg+xml;base64,{data}">')
            tab.wait_for_function('document.images[0].complete')
            return tab.screenshot(clip=dict(x=0, y=0, width=width, height=height))
        drawn.tab = tab
        yield drawn


def grey(png, block=1):
    "0 black, 1 white, on white paper; the mean of each square of so many pixels."
    image = Image.open(io.BytesIO(png)).convert('RGBA')
    paper = Image.new('RGBA', image.size, 'white')
    paper.alpha_composite(image)
    pixels = np.asarray(paper.convert('L'), float)/255
    rows, columns = (length//block for length in pixels.shape)
    return pixels[:rows*block, :columns*block].reshape(rows, block, columns, block).mean((1, 3))


def difference(one, other):
    "The share of the ink that is elsewhere, and how grey the worst square of eight pixels is, of two PNGs."
    pair = [grey(png, 8) for png in (one, other)]
    rows, columns = np.min([picture.shape for picture in pair], axis=0)
    off = np.abs(np.subtract(*(picture[:rows, :columns] for picture in pair)))
    return off.mean()/(1 - pair[1]).mean(), off.max()


# One picture, four programs

@pytest.mark.browser
@every_program
@pytest.mark.parametrize('name', PAGES)
def test_every_program_draws_the_same(name, program, in_browser):
    "Measured: up to 4 % of the ink, mostly where letters have soft edges. A style sheet with `:is` made it 40 to 98 %."
    there, here = drawing(program)(page(name)), in_browser(page(name))
    assert [Image.open(io.BytesIO(png)).size for png in (there, here)] == [size(page(name))]*2
    elsewhere, worst = difference(there, here)
    assert elsewhere < .08 and worst < .3, f'{elsewhere:.1%} of the ink, {worst:.2f} in one place'


@pytest.mark.browser
def test_the_comparison_notices_a_lost_stem(in_browser):
    "One stem and one flag fewer is more than programs differ by."
    whole = page('jig')
    less = re.sub(r'<use [^>]*class="flag"/>', '', re.sub(r'<path [^>]*class="stem"/>', '', whole, count=1), count=1)
    assert less != whole and difference(in_browser(less), in_browser(whole))[1] > .02
    bare = re.sub(r' stroke="currentColor"', '', whole)
    assert difference(in_browser(bare), in_browser(whole))[0] > .3


@pytest.mark.parametrize('name', PAGES)
def test_attributes_say_it_all(name):
    "Nothing that one of the programs lacks: no style, no span, no picture in the picture, no address without its prefix."
    root = ElementTree.fromstring(page(name))
    assert not re.search(r'<style| style=|<tspan|<symbol|<(?!svg)\w+ [^>]*viewBox| href=', page(name))
    assert root.get('fill') == 'currentColor' and 'placeholder' not in page(name)
    for group in root.iter('{http://www.w3.org/2000/svg}g'): assert len(group)


def test_tempo_and_bar_number_have_their_faces():
    def group(kind): return re.search(f'<g class="{kind}[^>]*>', page('folk'))[0]
    assert 'font-weight="bold"' in group('tempo') and 'font-style="italic"' in group('mNum')


@pytest.mark.browser
def test_a_dark_page_lends_its_colour(in_browser):
    in_browser(page('jig'))
    tab = in_browser.tab
    tab.set_content(f'<body style="color: rgb(230, 230, 230)">{Player(scores()["jig"]).html}')
    tab.wait_for_selector('.sheet .stem', state='attached')
    look = '''name => {
        const found = getComputedStyle(document.querySelector(`.sheet ${name}`));
        return [found.fill, found.stroke, found.display] }'''
    light = 'rgb(230, 230, 230)'
    assert tab.evaluate(look, 'path.stem')[1] == tab.evaluate(look, '.staff > path')[1] == light
    assert tab.evaluate(look, 'use.notehead')[0] == tab.evaluate(look, '.tempo path')[0] == light
    assert tab.evaluate(look, '.tempo text')[:2] == [light, 'none']
    assert tab.evaluate(look, '.paper')[2] == 'none'
    tab.evaluate('document.querySelector(".sheet [data-note]").classList.add("lit")')
    assert {*tab.evaluate(look, '.lit .stem')[:2]} == {*tab.evaluate(look, '.lit use')[:2]} == {'rgb(213, 94, 0)'}


# Words on the page

def ink(png, rows=slice(None)):
    "Which columns of a picture are not white, in some of its rows."
    return (grey(png)[rows] < .8).any(0)


ODD_NAMES = 'WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW', '大提琴獨奏與管弦樂團第二部', 'R&D <b> of the band'


@every_program
@pytest.mark.parametrize('names', [*NAMES, *ODD_NAMES])
def test_a_name_stays_on_the_paper(names, program):
    columns = ink(drawing(program)(engrave(named(names, 'Cello'))))
    assert not columns[:EDGE].any() and columns.any()


@pytest.mark.browser
@pytest.mark.parametrize('names', [NAMES, ODD_NAMES])
def test_a_name_stays_on_the_paper_in_a_browser(names, in_browser):
    columns = ink(in_browser(engrave(named(*names))))
    assert not columns[:EDGE].any() and columns.any()


def texts(svg): return [''.join(text.itertext()) for text in ElementTree.fromstring(svg).iter() if 'text' in text.tag]


def test_a_long_name_is_in_lines():
    shown = texts(engrave(named(*NAMES)))
    assert 'Flute' in shown and NAMES[1] in shown
    assert ' '.join(line for line in shown if line in NAMES[2]) == NAMES[2]
    assert any(line.endswith('…') for line in texts(engrave(named('word '*40, 'Cello'))))
    assert 'R&D <b> of the band' in texts(engrave(named(ODD_NAMES[2], 'Cello')))


def drawn_by_verovio(page):
    "What becomes of MusicXML that no score leads to yet."
    import verovio
    kit = verovio.toolkit(False)
    kit.setResourcePath(str(files('verovio')/'data'))
    kit.setOptions(dict(display._VEROVIO, pageWidth=2250))
    assert kit.loadData(page)
    return display._lean(kit.renderToSVG(1))


def one_part(unit='quarter', dots=0, short=''):
    note = '<note><pitch><step>C</step><octave>5</octave></pitch><duration>1</duration><type>quarter</type></note>'
    attributes = ('<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time>'
                  '<clef><sign>G</sign><line>2</line></clef></attributes>')
    mark = f'<metronome><beat-unit>{unit}</beat-unit>{"<beat-unit-dot/>"*dots}<per-minute>80</per-minute></metronome>'
    tempo = f'<direction placement="above"><direction-type>{mark}</direction-type></direction>'
    bars = ''.join(f'<measure number="{bar}">{(attributes + tempo)*(bar == 1)}{note*4}</measure>' for bar in range(1, 14))
    return ('<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>Flute</part-name>'
            f'<part-abbreviation>{short}</part-abbreviation></score-part></part-list>'
            f'<part id="P1">{bars}</part></score-partwise>')


@every_program
def test_an_abbreviation_stays_on_the_paper(program):
    svg = drawn_by_verovio(one_part(short='MWMWMWMWMWMWMWM.'))
    assert texts(svg).count('MWMWMWMWMWMWMWM.') > 1
    assert not ink(drawing(program)(svg))[:EDGE].any()


def gaps(columns):
    "How many white columns lie between one stroke of ink and the next, from the first stroke on."
    edges = np.flatnonzero(np.diff(columns.astype(int)))
    return (edges[2::2] - edges[1:-1:2]).tolist()


@every_program
@pytest.mark.parametrize('dots', [0, 1])
@pytest.mark.parametrize('unit', ['half', 'quarter', 'eighth', '16th'])
def test_a_tempo_reads_without_a_gap(unit, dots, program):
    "Note, dot, equals sign, number: the dot close to its note, then the space of a word."
    svg = drawn_by_verovio(one_part(unit, dots))
    assert '= 80' in texts(svg)
    png = drawing(program)(svg)
    top = min(np.flatnonzero((grey(png) < .8)[:, 80:].any(1)))
    found = gaps(ink(png, slice(top, top + 14))[72:])[:1 + dots]
    assert all(gap <= 3 for gap in found[:-1]) and 2 <= found[-1] <= 9, found


def test_a_meter_in_threes_gets_its_dot():
    "6/8 counts dotted quarters: two shapes before the number; 3/4 has one."
    def shapes(score): return len(re.search(r'class="tempo".*?</g>', engrave(score))[0].split('<path')) - 1
    assert shapes(scores()['jig']) == 2 and shapes(replace(scores()['threes'], meter='3/4')) == 1


# Files

def test_the_ending_decides(tmp_path):
    jig = page('jig')
    assert jig.save(tmp_path/'jig').read_bytes() == jig.save(tmp_path/'jig.svg').read_bytes() == jig.encode()
    for name in 'jig.jpg', 'jig.html', 'jig.svgz', 'jig.mid':
        with pytest.raises(MelodyError, match=f'{name}.*end it in .svg, .png or .pdf'): jig.save(tmp_path/name)
    assert {path.name for path in tmp_path.iterdir()} == {'jig', 'jig.svg'}


@pytest.fixture
def only(monkeypatch, tmp_path):
    "Leave one program to draw with, or none."
    def left(program):
        if program != 'cairosvg': monkeypatch.setitem(sys.modules, 'cairosvg', None)
        folder = tmp_path/'programs'
        folder.mkdir()
        if shutil.which(program): (folder/program).symlink_to(shutil.which(program))
        monkeypatch.setenv('PATH', str(folder))
    return left


@every_program
def test_png_and_pdf_by_each_program(program, only, tmp_path):
    drawing(program)
    only(program)
    path = page('jig').save(tmp_path/'jig.PNG')
    image = Image.open(path)
    assert image.size == tuple(2*length for length in size(page('jig')))
    assert image.convert('RGBA').getpixel((0, 0)) == (255, 255, 255, 255)
    path = page('jig').save(tmp_path/'jig.pdf')
    assert path.read_bytes().startswith(b'%PDF')
    with pytest.raises(FileExistsError, match='exist_ok=True'): page('jig').save(path)


@every_program
def test_letters_of_any_alphabet_reach_each_program(program, only):
    "Inkscape 1.2 counts letters where it should count bytes, and loses the end of what comes through a pipe."
    ends_in_letters = page('chorale, roll')
    there = drawing(program)(ends_in_letters)
    only(program)
    twice = Engraving(ends_in_letters).picture('png')
    rows = len(grey(there, 8)) - 1
    assert np.abs(grey(twice, 16)[:rows] - grey(there, 8)[:rows]).max() < .15


def test_where_nothing_draws_a_sentence_says_what_to_do(only, tmp_path, monkeypatch, capsys):
    only('nothing')
    for form in 'png', 'pdf':
        with pytest.raises(MelodyError, match=f'draw {form.upper()}: pip install cairosvg'):
            page('jig').save(tmp_path/f'jig.{form}')
    assert page('jig').save(tmp_path/'jig.svg').exists()
    def never(*_, **__): raise AssertionError('a model wrote what nobody can draw')
    monkeypatch.setattr(cli, '_made', never)
    assert cli.main(['generate', '--out', str(tmp_path/'a.png')]) == 1
    assert 'pip install cairosvg' in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {'programs', 'jig.svg'}


@pytest.mark.skipif(os.name == 'nt', reason='a script stands for a program that fails')
def test_a_program_that_fails_leaves_no_file(only, tmp_path):
    only('nothing')
    program = tmp_path/'programs'/'rsvg-convert'
    program.write_text('#!/bin/sh\necho out of ink >&2\nexit 3\n')
    program.chmod(0o755)
    with pytest.raises(MelodyError, match='rsvg-convert drew no PNG .out of ink'): page('jig').save(tmp_path/'jig.png')
    assert [path.name for path in tmp_path.iterdir()] == ['programs']


def test_a_very_long_page_still_fits_into_a_png():
    assert display._zoom('<svg viewBox="0 0 900 300">', 'png') == 2
    assert display._zoom('<svg viewBox="0 0 900 60000">', 'png')*60000 < 32768
    assert display._zoom('<svg viewBox="0 0 900 60000">', 'pdf') == 1


@pytest.fixture
def can_draw():
    try: Engraving.check_form('png')
    except MelodyError as error: pytest.skip(str(error))


def test_recipe_and_command_save_pictures(can_draw, tmp_path, capsys):
    result = make(Recipe(bars=2))
    for kind, begin in {'SVG': b'<svg', 'PNG': b'\x89PNG', 'PDF': b'%PDF'}.items():
        path = save(result, tmp_path, kind)
        assert path.suffix == f'.{kind.lower()}' and path.read_bytes().startswith(begin)
        target = tmp_path/f'a.{kind.lower()}'
        assert cli.main(['generate', '--bars', '2', '--seed', '0', '--out', str(target)]) == 0
        assert target.read_bytes().startswith(begin)
    assert (tmp_path/'a.svg').read_text(encoding='utf-8') == engrave(result.score)


# Silence

TALK = '''
from test_pictures import *
several = [*scores().values(), *load_corpus('folk')[5:200:50], load_corpus('chorales')[7], named(*ODD_NAMES)]
for score in several:
    engrave(score)
    engrave(score, width=200) # too narrow for what stands in a bar
'''


def test_engraving_says_nothing():
    "Neither Python nor the libraries below it, to either stream, for a dozen scores and for pages that are too narrow."
    there = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = subprocess.run([sys.executable, '-W', 'always', '-c', TALK], capture_output=True, text=True, env=there)
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')
