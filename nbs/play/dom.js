/* Small things that every part of the page needs. */
export const find = id => document.getElementById(id);
export const calm = matchMedia('(prefers-reduced-motion: reduce)');
export const breath = () =>
  new Promise(resolve => {
    setTimeout(resolve);
  });
export const percent = share => Math.round(100 * share);
export const count = (number, word) => (number === 1 ? `1 ${word}` : `${number} ${word}s`);

export const html = (tag, attributes = {}, text = '') => {
  const element = Object.assign(document.createElement(tag), { textContent: text });
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  return element;
};

export const svg = (tag, attributes = {}, text = '') => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.textContent = text;
  return element;
};
