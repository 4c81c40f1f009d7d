/* Notes on staves, by Verovio, in a worker of its own: MusicXML in; the picture, and which note is when, out. */
import createVerovioModule from './vendor/verovio/verovio-module.mjs';
import { VerovioToolkit } from './vendor/verovio/verovio.mjs';

const SCALE = 40,
  LONGEST = 60000; // percent; what Verovio takes for the height of a page at most
const toolkit = createVerovioModule().then(module => new VerovioToolkit(module));

// The page has styles of its own, and allows no others.
const plain = svg => svg.replace(/<style[^]*?<\/style>/g, '').replace(/ style="[^"]*"/g, '');

onmessage = async ({ data: { call, xml, width } }) => {
  try {
    const kit = await toolkit;
    kit.setOptions({
      scale: SCALE,
      pageWidth: Math.max(700, Math.round((width * 100) / SCALE)),
      pageHeight: LONGEST,
      adjustPageHeight: true,
      pageMarginLeft: 20,
      pageMarginRight: 20,
      header: 'none',
      footer: 'none',
      breaks: 'auto',
      svgViewBox: true,
    });
    if (!kit.loadData(xml)) throw new Error('Verovio could not read the piece');
    const svg = plain(kit.renderToSVG(1)),
      times = kit.renderToTimemap({}).flatMap(({ qstamp, on = [] }) => on.map(id => [qstamp, id]));
    postMessage({ call, svg, times });
  } catch (error) {
    postMessage({ call, fault: error.message });
  }
};
