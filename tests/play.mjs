/* What the scripts of the page 'Play it here' answer under Node.js: takes a folder with them, and a list of questions as
JSON on the standard input; gives the list of answers. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [,, folder] = process.argv, load = name => import(pathToFileURL(path.join(folder, name)));
const names = ['network.js', 'remi.js', 'files.js', 'links.js', 'rhythm.js'];
const [{ Network }, { Language, Piece, Place }, { abc, midi, musicXml }, { fromLink, toLink }, { quantised }] = await Promise.all(names.map(load));
const record = JSON.parse(fs.readFileSync(path.join(folder, 'model.json'))), networks = {};
const network = (name, plain = false) =>
  networks[name + plain] ||= new Network(record[name], new Uint8Array(fs.readFileSync(path.join(folder, record[name].file.name))), plain);
const language = new Language(record['remi-folk']);

const written = async ({ plain = false, ...recipe }) => {
  const piece = new Piece(language, recipe);
  let tokens = 0;
  for await (const _ of piece.write(network('remi-folk', plain).reader())) tokens += 1;
  return { piece, tokens };
};

const acts = {
  logits: ({ model, parts, seconds, plain = false }) => { // of a row of ids, read part by part
    const reader = network(model, plain).reader(), before = process.cpuUsage();
    const found = parts.flatMap(ids => reader.read(ids)), { user, system } = process.cpuUsage(before);
    return seconds ? (user + system) / 1e6 : found.map(logits => [...logits]);
  },
  masks: ({ form, ids, given }) => {
    const place = new Place({ language, ...form }, ids.slice(0, given));
    return ids.slice(given).map(id => {
      const mask = Buffer.from(place.allowed).toString('hex');
      place.push(id);
      return mask;
    });
  },
  piece: async ({ recipe }) => {
    const before = process.cpuUsage(), { piece, tokens } = await written(recipe), { user, system } = process.cpuUsage(before), { music, ids, trial = 0 } = piece;
    return { ids, trial, tokens, seconds: (user + system) / 1e6, ...music, notes: music.notes.map(({ start, duration, pitch }) => [start, duration, pitch]) };
  },
  again: async ({ recipe, gap }) => {
    const { piece } = await written(recipe), fault = piece.refusal(gap.first, gap.stop);
    if (fault) return { fault };
    for await (const _ of piece.rewrite(network('remi-folk').reader(), gap)) ;
    return { ids: piece.ids, read: piece.gap.behind, key: piece.music.key, notes: piece.music.notes.map(({ start, duration, pitch }) => [start, duration, pitch]) };
  },
  odds: async ({ recipe }) => (await written(recipe)).piece.chances.map(shares => shares && [...shares]),
  files: async ({ recipe }) => {
    const { piece: { music } } = await written(recipe), told = { grid: language.grid, title: 'A <b> & "c"', fifths: language.ears.keys[music.key].fifths };
    return { abc: abc(music, told), xml: musicXml(music, told), midi: Buffer.from(midi(music.notes, { ...music, ...told })).toString('hex'),
      notes: music.notes.map(({ start, duration, pitch }) => [start, duration, pitch]) };
  },
  phrase: ({ strokes, ...told }) => quantised(strokes, told),
  link: ({ hash }) => fromLink(hash),
  asLink: ({ recipe }) => toLink(recipe),
};

const answers = [];
for (const question of JSON.parse(fs.readFileSync(0))) answers.push(await acts[question.act](question));
process.stdout.write(JSON.stringify(answers));
