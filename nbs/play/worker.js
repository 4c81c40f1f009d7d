/* The networks at work, beside the page, so that it stays quick: answers each question with what it asks for. */
import { MOST_READERS, Network } from './network.js';

const networks = new Map(),
  readers = new Map();

const acts = {
  load: ({ name, sizes, bytes }) => {
    networks.set(name, new Network(sizes, bytes));
  },
  open: ({ name, reader }) => {
    readers.set(reader, networks.get(name).reader());
    if (readers.size > MOST_READERS) readers.delete(readers.keys().next().value); // whoever had it has stopped
  },
  read: ({ reader, ids, last }) => readers.get(reader)?.read(ids, last),
  afresh: ({ reader, ids }) => readers.get(reader)?.afresh(ids),
  window: ({ reader, ids }) => readers.get(reader)?.window(ids),
};

onmessage = ({ data }) => {
  try {
    postMessage({ call: data.call, answer: acts[data.act](data) });
  } catch (error) {
    postMessage({ call: data.call, fault: error.message });
  }
};
postMessage({ ready: true });
