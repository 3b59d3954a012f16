// Saving a table or figure as it is shown: as SVG, as a picture of it (PNG, PDF), and its numbers (CSV).

const SVG = "http://www.w3.org/2000/svg", SHARPER = 3, LONGEST = 8000;

function svgElement(name, attributes, ...inside) {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  one.append(...inside);
  return one;
}

// Draws what the page shows: backgrounds, borders, words and charts, where they are, in the colours of paper.
function drawing(box) {
  const paper = document.documentElement.classList;
  paper.add("paper");
  box.scrollLeft = 0;
  const whole = box.querySelector(":scope > table, :scope > svg") ?? box, frame = whole.getBoundingClientRect();
  const [width, height] = [Math.ceil(frame.width) + 16, Math.ceil(frame.height) + 16];
  const root = svgElement("svg", { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  root.append(svgElement("rect", { width, height, fill: "#fff" }));
  const place = rect => ({ x: (rect.left - frame.left + 8).toFixed(1), y: (rect.top - frame.top + 8).toFixed(1), width: rect.width.toFixed(1), height: rect.height.toFixed(1) });
  function chart(one) {
    const copy = one.cloneNode(true), [from, to] = [[one, ...one.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
    from.forEach((element, index) => {
      for (const name of ["fill", "stroke"]) {
        if (/var|currentColor/.test(element.getAttribute(name) ?? "")) to[index].setAttribute(name, getComputedStyle(element)[name]);
      }
    });
    for (const [key, value] of Object.entries(place(one.getBoundingClientRect()))) copy.setAttribute(key, value);
    copy.setAttribute("overflow", "visible");
    root.append(copy);
  }
  function words(node, style) {
    const range = document.createRange(), lines = [];
    for (const word of node.nodeValue.matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const rect = range.getBoundingClientRect(), last = lines.at(-1);
      if (!rect.width) continue;
      if (last && Math.abs(last.rect.top - rect.top) < 2) last.text += ` ${word[0]}`;
      else lines.push({ rect, text: word[0] });
    }
    for (const { rect, text } of lines) {
      const { x } = place(rect), size = parseFloat(style.fontSize);
      const y = (rect.top - frame.top + 8 + rect.height / 2 + 0.35 * size).toFixed(1);
      root.append(svgElement("text", { x, y, fill: style.color, "font-family": "system-ui, sans-serif", "font-size": size, "font-weight": style.fontWeight }, text));
    }
  }
  function walk(element) {
    if (element.localName === "svg") return chart(element);
    const style = getComputedStyle(element), rect = element.getBoundingClientRect();
    if (style.display === "none" || element.localName === "script") return;
    const [clear, bordered] = [/, 0\)$|^transparent$/.test(style.backgroundColor), /^T[HD]$/.test(element.tagName)];
    if (element !== whole && (!clear || bordered)) {
      root.append(svgElement("rect", { ...place(rect), fill: clear ? "none" : style.backgroundColor, stroke: bordered ? style.borderTopColor : "none" }));
    }
    if (style.boxShadow.includes("inset")) {
      const inner = { left: rect.left + 1, top: rect.top + 1, width: rect.width - 2, height: rect.height - 2 };
      root.append(svgElement("rect", { ...place(inner), fill: "none", stroke: style.boxShadow.match(/rgba?\([^)]*\)/)[0], "stroke-width": 2 }));
    }
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) words(child, style);
      else if (child.nodeType === Node.ELEMENT_NODE) walk(child);
    }
  }
  walk(whole);
  paper.remove("paper");
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

async function painted({ text, width, height }) {
  const image = new Image(), scale = Math.min(SHARPER, LONGEST / width, LONGEST / height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = make("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// One page with one picture, without loss.
async function pdf(shape) {
  const canvas = await painted(shape), { width, height } = canvas;
  const dots = canvas.getContext("2d").getImageData(0, 0, width, height).data, colours = new Uint8Array(3 * width * height);
  for (let dot = 0; dot < width * height; dot++) colours.set(dots.subarray(4 * dot, 4 * dot + 3), 3 * dot);
  const packed = await new Response(new Blob([colours]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer();
  const [wide, high] = [shape.width * 0.75, shape.height * 0.75], content = `q ${wide} 0 0 ${high} 0 0 cm /I Do Q`;
  const objects = [
    ["<< /Type /Catalog /Pages 2 0 R >>"],
    ["<< /Type /Pages /Kids [3 0 R] /Count 1 >>"],
    [`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${wide} ${high}] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>`],
    [`<< /Length ${content.length} >>\nstream\n${content}\nendstream`],
    [`<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /Length ${packed.byteLength} >>\nstream\n`, packed, "\nendstream"],
  ];
  const parts = ["%PDF-1.4\n"], starts = [];
  const size = () => new Blob(parts).size;
  objects.forEach((one, index) => { starts.push(size()); parts.push(`${index + 1} 0 obj\n`, ...one, "\nendobj\n"); });
  const table = starts.map(start => `${String(start).padStart(10, "0")} 00000 n \n`).join(""), end = size();
  parts.push(`xref\n0 ${starts.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${starts.length + 1} /Root 1 0 R >>\nstartxref\n${end}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
}

// What a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers.
function csv(rows) {
  const field = value => {
    const text = String(value ?? ""), safe = /^\s*[=+\-@]/.test(text) && isNaN(text) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `${rows.map(row => row.map(field).join(",")).join("\n")}\n`;
}

function numbersOf(box) {
  const data = box.querySelector("script.numbers");
  if (data) return JSON.parse(data.textContent);
  const table = box.querySelector("table"), columns = [...table.tHead.rows[0].cells].map(one => one.textContent.trim());
  const rows = [["row", "column", "value", "further", "details"]];
  for (const row of table.tBodies[0].rows) {
    if (row.hidden) continue;
    [...row.cells].slice(1).forEach((cell, index) => {
      const further = all("small", cell).map(one => one.textContent).join("; ").replaceAll("−", "-");
      const value = main(cell).replaceAll("−", "-").replace(/^\+(?=\d)/, "").replace(/ [▲▼]$/, "");
      if (!cell.hidden) rows.push([row.cells[0].textContent.trim(), columns[index + 1], value, further, cell.title]);
    });
  }
  return rows;
}

function saving(box) {
  const label = box.getAttribute("aria-label"), name = `${document.title} ${label}`.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80);
  const kinds = {
    SVG: async () => new Blob([drawing(box).text], { type: "image/svg+xml" }),
    PNG: async () => new Promise(async done => (await painted(drawing(box))).toBlob(done)),
    PDF: () => pdf(drawing(box)),
    CSV: async () => new Blob([csv(numbersOf(box))], { type: "text/csv" }),
  };
  const part = make("details", { class: "save" }, make("summary", { "aria-label": `Save: ${label}` }, "Save"));
  part.addEventListener("toggle", () => {
    for (const [kind, blob] of Object.entries(kinds)) {
      const button = make("button", { type: "button" }, kind);
      button.addEventListener("click", async () => {
        const url = URL.createObjectURL(await blob());
        make("a", { href: url, download: `${name}.${kind.toLowerCase()}` }).click();
        setTimeout(() => URL.revokeObjectURL(url), 60000);
      });
      part.append(button);
    }
  }, { once: true });
  box.after(part);
}
