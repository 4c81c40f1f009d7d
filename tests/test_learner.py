"A learner's way in: the account is named before it is used, and each term is explained where it first stands."
import json
import re
from pathlib import Path

import pytest

import measure_code

NBS = Path(__file__).parent.parent/'nbs'
STORY = ['10_char_gpt', '20_text', '21_lora_gpt2', '30_bart', '40_remi', '41_remi_transformer', '41a_remi_models',
         '41b_compose', '42_bar_transformer', '42a_form_studies', '42b_own_music', '43_infill', '50_compare']
WAYS = {'from the first attempt': STORY, 'from the README': ['index', *STORY]}
BOX = '10_char_gpt.ipynb#where-this-story-comes-from'
FORMS = {'Bit': r'bits?', 'Family': r'famil(?:y|ies)', 'Held out': r'held[- _]out', 'Interval': r'intervals?',
         'KL divergence': r'KL', 'Logits': r'logits?', 'n-gram': r'n-grams?', 'Nat': r'nats?', 'Seed': r'seeds?',
         'Token': r'tokens?'}


def cells(name):
    return json.loads((NBS/f'{name}.ipynb').read_text(encoding='utf-8'))['cells']


def told(name):
    "Kind and text of what a reader reads of a page, in order: no title, no head, no imports, nothing that is folded."
    for cell in cells(name):
        source = ''.join(cell['source'])
        if cell['cell_type'] == 'code':
            if measure_code.is_library(source) or source.startswith('#| echo: false'): continue
            source = re.sub(r'^(from|import) .*$', '', source, flags=re.M)
        elif source.startswith('# ') or '**Time:**' in source and name != 'index': continue
        text, list_of_pages, _ = source.partition('## The notebooks')
        yield cell['cell_type'], text
        if list_of_pages: return


def glossary():
    "Each term with its line."
    text = '\n'.join(''.join(cell['source']) for cell in cells('glossary') if cell['cell_type'] == 'markdown')
    return dict(re.findall(r'^## (.+)\n\n(.+?) First met', text, re.M))


TERMS = glossary()
every_term = pytest.mark.parametrize('term', TERMS)


def anchor(term): return term.lower().replace(' ', '-')


def first_use(term, names):
    "The text in which a reader meets a term, or what is said after it, where the term stands in code."
    form = re.compile(rf'\b{FORMS.get(term, term)}\b', re.I)
    texts = [pair for name in names for pair in told(name)]
    def uses(source): return form.search(re.sub(r'\]\([^)]*\)', ']', source))
    at = next(place for place, (_, source) in enumerate(texts) if uses(source))
    return next(source for kind, source in texts[at:] if kind == 'markdown')


def explanation(term, text):
    "The sentence that leads to the glossary, and what follows its colon."
    sentences = re.split(r'(?<=[.?!])\s+(?=[A-Z`*\[])|\n\n', text)
    return next((one for one in sentences if f'](glossary.ipynb#{anchor(term)})' in one), '')


def stems(text):
    "The words that carry its sense, as beginnings."
    return {word[:4].lower() for word in re.findall(r'[A-Za-z]{4,}', re.sub(r'\]\([^)]*\)', ']', text))}


@every_term
@pytest.mark.parametrize('way', WAYS)
def test_a_term_is_explained_where_it_first_stands(term, way):
    text = first_use(term, WAYS[way])
    sentence = explanation(term, text)
    assert sentence, f'{term} first stands here, and nothing leads to the glossary:\n{text[:400]}'
    after = text[text.index(sentence):][:len(sentence) + 260]
    common = stems(after) & stems(TERMS[term]) - stems(term)
    assert len(common) >= 2, f'{term} is named and not explained: {sentence}'


@every_term
def test_a_glossary_entry_has_a_line_a_number_and_a_way_back(term):
    found = cells('glossary')
    places = [i for i, cell in enumerate(found) if ''.join(cell['source']).startswith(f'## {term}\n')]
    assert len(places) == 1
    entry, number = (''.join(cell['source']) for cell in found[places[0]:places[0] + 2])
    page = re.search(r'First met \[[^\]]+\]\((\w+)\.ipynb', entry)[1]
    assert page in STORY and f'](glossary.ipynb#{anchor(term)})' in ''.join(text for _, text in told(page))
    assert re.search(r'print\(.*\{', number), 'the number is computed'


def test_the_terms_that_stop_a_newcomer_are_there():
    asked = 'perplexity, KL divergence, logits, softmax, interval, dropout, seed, temperature, embedding, bit, nat, held out'
    assert set(asked.split(', ')) | {'lora', 'token'} <= {term if term == 'KL divergence' else term.lower() for term in TERMS}
    assert [*TERMS] == sorted(TERMS, key=str.lower), 'in the order of the alphabet'


@pytest.mark.parametrize('name', ['index', *STORY])
def test_the_account_is_named_before_it_is_used(name):
    "In a box on the landing page and in attempt 1, elsewhere by a link to that box."
    text = '\n'.join(source for kind, source in told(name) if kind == 'markdown')
    bare = re.sub(r'\]\([^)]*\)', lambda link: ' '*len(link[0]), text)
    used = re.search(r'\baccounts?\b(?! and no network)', bare)
    if not used: return
    box = text.find('Where this story comes from')
    if name in ('index', '10_char_gpt'): assert 0 <= box < used.start()
    else: assert BOX in text[:used.end() + len(BOX) + 4], text[max(0, used.start() - 100):used.end() + 100]
