"use strict";
// What the page can do beyond what it says without a script: sort tables, filter by target, family and script, show the
// details of a cell, unpack the cells of very large tables, and save tables and figures. It asks the network for nothing.
const facts = JSON.parse(document.getElementById("facts").textContent);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function make(name, attributes = {}, ...inside) {
  const one = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  one.append(...inside);
  return one;
}

// --- Sorting: a click on a heading sorts by its column, a second one the other way round, a third one not at all.

const main = cell => (cell.firstChild?.nodeValue ?? cell.textContent).trim();
function number(text) {
  const found = /[-+]?\d[\d,]*(\.\d+)?/.exec(text.replaceAll("−", "-"));
  return found ? parseFloat(found[0].replaceAll(",", "")) : NaN;
}

function sortable(table) {
  const body = table.tBodies[0], fixed = Number(table.dataset.fixed ?? 0), original = [...body.rows];
  if (original.length - fixed < 2) return;
  for (const heading of table.tHead.rows[0].cells) {
    const button = make("button", { type: "button", class: "sort" }, ...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sort(heading));
  }
  function sort(heading) {
    const column = heading.cellIndex, moving = original.slice(fixed), was = heading.getAttribute("aria-sort");
    const texts = new Map(moving.map(row => [row, row.cells[column].matches(".missing, .failed") ? "" : main(row.cells[column])]));
    const numeric = column > 0 && [...texts.values()].every(text => text === "" || !isNaN(number(text)));
    const [first, second] = numeric ? ["descending", "ascending"] : ["ascending", "descending"];
    const now = was === first ? second : was === second ? "" : first, sign = now === "descending" ? -1 : 1;
    const compare = (a, b) => numeric ? number(a) - number(b) : a.localeCompare(b, undefined, { numeric: true });
    if (now) moving.sort((a, b) => {
      const [left, right] = [texts.get(a), texts.get(b)];
      return left && right ? sign * compare(left, right) : (left === "") - (right === "");
    });
    for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
    if (now) heading.setAttribute("aria-sort", now);
    body.append(...original.slice(0, fixed), ...moving);
  }
}

// --- Filtering: rows, columns and whole parts that are about another target or language are hidden.

const filters = document.getElementById("filters");
const chosen = name => filters.elements[name]?.value ?? "";

function shownLanguage(language) {
  const [family, script] = facts.languages[language];
  return (!chosen("family") || chosen("family") === family) && (!chosen("script") || chosen("script") === script);
}

function filter(within = document) {
  for (const one of all("[data-target], [data-language]", within)) {
    const { target, language } = one.dataset;
    const gone = (target && chosen("target") && target !== chosen("target")) || (language && !shownLanguage(language));
    if (one.tagName !== "TH") one.hidden = Boolean(gone);
    else for (const row of one.closest("table").rows) row.cells[one.cellIndex].hidden = Boolean(gone);
  }
  const names = Object.keys(facts.languages), seen = names.filter(shownLanguage).length;
  const active = all("select", filters).some(one => one.value);
  filters.querySelector("[type=reset]").hidden = !active;
  filters.querySelector("output").textContent = active
    ? `${seen} of ${names.length} languages shown. Averages, counts and charts over languages stay those of all.` : "";
}

// --- Details of a cell, for mouse, touch and keyboard: what a pointer shows in a tooltip is also said at the bottom.

const details = document.body.appendChild(make("output", { class: "details", role: "status", hidden: "" }));

function explorable(table) {
  const first = table.querySelector("td[title]");
  if (!first) return;
  first.tabIndex = 0;
  table.parentElement.removeAttribute("tabindex");
  table.addEventListener("click", event => event.target.closest("td[title]") && go(event.target.closest("td[title]")));
  table.addEventListener("keydown", event => {
    const cell = event.target.closest("td"), moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key === "Escape") details.hidden = true;
    if (!cell || !moves[event.key]) return;
    event.preventDefault();
    const [down, right] = moves[event.key], rows = [...table.tBodies[0].rows];
    let [row, column] = [rows.indexOf(cell.parentElement) + down, cell.cellIndex + right];
    while (rows[row]?.cells[column] && !rows[row].cells[column].matches("td[title]:not([hidden], [hidden] *)")) { row += down; column += right; }
    if (rows[row]?.cells[column]) go(rows[row].cells[column]);
  });
  table.addEventListener("focusin", event => event.target.matches("td") && say(event.target));
  table.addEventListener("focusout", () => { details.hidden = true; });
  function go(cell) {
    for (const one of all("td[tabindex='0']", table)) one.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  }
  function say(cell) {
    const column = table.tHead.rows[0].cells[cell.cellIndex].textContent, row = cell.parentElement.cells[0].textContent;
    const small = all("small", cell).map(one => one.textContent);
    const rest = [main(cell), ...small, cell.title].join("; ");
    details.replaceChildren(make("b", {}, `${row} × ${column}: `), rest);
    details.hidden = false;
  }
}

// --- Very large tables: the cells of a target are unpacked when its part is opened (see packed.py).

async function unpack(part) {
  const block = JSON.parse(part.querySelector("script").textContent), { arms, rows, per } = block;
  const bytes = Uint8Array.from(atob(block.cells), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const halves = new Uint8Array(await new Response(stream).arrayBuffer()), size = arms.length * rows.length;
  const whole = (plane, index) => (halves[2 * plane * size + index] | halves[(2 * plane + 1) * size + index] << 8) << 16 >> 16;
  const value = (plane, index) => whole(plane, index) === -32768 ? null : whole(plane, index) / per;
  const numbers = (plane, index) => {
    const [middle, below, above] = [0, 1, 2].map(one => value(plane + one, index));
    return [middle, below === null ? null : middle - below, above === null ? null : middle + above];
  };
  const text = (fraction, sign) => {
    const shown = Math.abs(100 * fraction).toFixed(1);
    return `${shown === "0.0" ? "" : fraction < 0 ? "−" : sign}${shown}`;
  };
  const span = (low, high, sign) => low === null || high === null ? "" : `[${text(low, sign)}, ${text(high, sign)}]`;
  function cell(index) {
    const status = facts.statuses[whole(0, index)], [mean, low, high] = numbers(1, index), [gain, from, to] = numbers(4, index);
    if (mean === null) return status === "failed" ? make("td", { class: "failed" }, "failed") : make("td", { class: "missing" }, "–");
    const sign = from === null || to === null ? 0 : (from > 0) - (to < 0), mark = { 1: "▲", "-1": "▼", 0: "" }[sign];
    const found = make("td", { class: `ok ${{ 1: "up", "-1": "down", 0: "" }[sign]}`, title: `status ${status}` }, text(mean, ""));
    const gained = gain === null ? "" : [text(gain, "+"), span(from, to, "+"), mark].filter(Boolean).join(" ");
    for (const one of [span(low, high, ""), gained, status === "partial" ? status : ""].filter(Boolean)) found.append(make("small", {}, one));
    if (gain && block.largest) {
      const strength = Math.min(Math.abs(gain / block.largest), 1), [real, luck] = [0.3 + 0.32 * strength, 0.18 * strength];
      found.style.background = `rgba(${gain > 0 ? facts.gain : facts.loss}, ${(sign ? real : luck).toFixed(2)})`;
    }
    return found;
  }
  const head = make("tr", {}, ...["language", ...arms].map(name => make("th", { scope: "col" }, name)));
  const lines = rows.map((title, row) => {
    const language = title.split(" ")[0], line = make("tr", {}, make("th", { scope: "row" }, title));
    if (language in facts.languages) line.dataset.language = language;
    line.append(...arms.map((_, arm) => cell(row * arms.length + arm)));
    return line;
  });
  const title = `${block.target}: ${block.metric}`;
  const table = make("table", { class: "map", "data-fixed": block.fixed }, make("caption", {}, title), make("thead", {}, head), make("tbody", {}, ...lines));
  const box = make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title }, table);
  part.querySelector("p").replaceWith(box);
  prepare(box);
  filter(part);
}

// --- Start.

function prepare(box) {
  const table = box.querySelector("table");
  if (table) { sortable(table); explorable(table); }
  saving(box);
}

for (const box of all(".scroll, .multiples")) prepare(box);
for (const part of all("details.packed")) part.addEventListener("toggle", () => unpack(part), { once: true });
if (all("select", filters).length) {
  filters.hidden = false;
  filters.addEventListener("change", () => filter());
  filters.addEventListener("reset", () => setTimeout(filter));
  filter();
}
const headings = all("main h2");
headings.forEach((one, place) => { one.id ||= `part-${place + 1}`; one.tabIndex = -1; });
if (headings.length > 3) {
  const links = headings.map(one => make("li", {}, make("a", { href: `#${one.id}` }, one.textContent)));
  document.querySelector("header").after(make("nav", { "aria-label": "Parts of this report" }, make("ul", {}, ...links)));
}
