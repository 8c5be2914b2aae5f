/**
 * Words → nodes, by textContent alone, so that no words can ever become markup.
 * The little that a text may hold: paragraphs, "## " headings, "- " lists, **bold**, [words](/path), telephone numbers.
 */

const PIECES = /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\((\/(?![\/\\])[^\s)\\]*)\)|(?<![\w+])((?:\+44|0)\d(?:[ ]?\d){8,9}|0800 1111|0845 46 4\d|116[ ]?\d{3}|999|112|111|101|105|18000)(?![\w])/g;

/** @param {string} tag @param {{[name: string]: string}} [attributes] @param {(Node | string)[]} children */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** One line of words, with its links. @param {string} line @param {{numbersOnly?: boolean}} [how] */
export function inline(line, { numbersOnly = false } = {}) {
  const out = document.createDocumentFragment();
  let at = 0;
  for (const found of line.matchAll(PIECES)) {
    const [whole, bold, label, path, number] = found;
    if (numbersOnly && !number) continue;
    out.append(line.slice(at, found.index));
    if (bold) out.append(el("strong", {}, bold));
    else if (label) out.append(el("a", { href: path, target: "_blank" }, label));
    else out.append(el("a", { href: `tel:${number.replaceAll(" ", "")}` }, number));
    at = found.index + whole.length;
  }
  out.append(line.slice(at));
  return out;
}

/** A whole text, in blocks. @param {string} text */
export function blocks(text) {
  const out = document.createDocumentFragment();
  for (const block of text.split(/\n\s*\n/)) {
    /** @type {HTMLElement | null} */
    let open = null;
    for (const line of block.split("\n")) {
      if (!line.trim()) continue;
      const heading = /^#{1,4} +(.*)$/.exec(line);
      const item = /^\s*[-*] +(.*)$/.exec(line);
      if (heading) {
        out.append(el("h3", {}, inline(heading[1])));
        open = null;
      } else if (item) {
        if (open?.tagName !== "UL") out.append((open = el("ul")));
        open.append(el("li", {}, inline(item[1])));
      } else if (open?.tagName === "UL" && /^\s/.test(line)) {
        open.lastElementChild?.append(" ", inline(line.trim()));
      } else {
        if (open?.tagName !== "P") out.append((open = el("p")));
        else open.append(" ");
        open.append(inline(line.trim()));
      }
    }
  }
  return out;
}

/** `HH:MM` here, from an RFC 3339 time. @param {string} at */
export function clock(at) {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "" : time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** @param {string} id @returns {any} */
export const byId = (id) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id} in this page`);
  return found;
};
