"use strict";
// The bytes of a message beside the tree of its fields: what is pointed at in one is lit in the other. Below it
// the stream: what of it the master's backlog still has, and how far each replica is.

class BytesPane {
  constructor(source) {
    this.source = source;
    this.hex = byId("hex");
    this.fields = byId("fields");
    this.tools = byId("bytes-tools");
    this.meaning = byId("bytes-meaning");
    this.inner = h("div", { class: "hex-rows", "aria-hidden": "true" });
    this.hex.append(this.inner);
    this.drawn = new Map();
    this.range = null;
    this.draw = onceAFrame(() => this.render());
    this.hex.addEventListener("scroll", this.draw, { passive: true });
    new ResizeObserver(() => {
      this.measure();
      this.draw();
    }).observe(this.hex);
    this.hex.addEventListener("pointerover", (event) => this.point(event.target));
    this.hex.addEventListener("click", (event) => {
      const field = this.point(event.target);
      if (field) this.open(field, true);
    });
    this.hex.addEventListener("keydown", (event) => this.keyHex(event));
    this.fields.addEventListener("pointerover", (event) => {
      const item = event.target.closest("[role=treeitem]");
      if (item) this.light(item.field, false);
    });
    this.fields.addEventListener("focusin", (event) => {
      const item = event.target.closest("[role=treeitem]");
      if (item) this.light(item.field, true);
    });
    this.fields.addEventListener("keydown", (event) => this.keyTree(event));
  }

  /** The messages of a moment. While one slides over moments, the bytes are asked for once one stays. */
  show(n, step, scene, sliding) {
    this.sliding = sliding;
    this.stream(scene);
    const messages = (step && step.messages) || [];
    if (n === this.n && messages.length === this.count) return;
    this.n = n;
    this.count = messages.length;
    this.tools.replaceChildren(...messages.slice(0, 40).map((message, index) => h("button", {
      type: "button", "aria-pressed": index === 0 ? "true" : "false", onclick: () => this.load(n, index),
      text: `${message.from} → ${message.to}: ${short(message.title, 28)}`,
    })));
    if (messages.length > 40) this.tools.append(h("span", { text: `and ${messages.length - 40} more` }));
    if (messages.length) this.load(n, 0);
    else this.clear(n ? "This step brought no bytes of a message." : "Nothing has been said yet.");
  }

  clear(words) {
    this.asked = null;
    this.data = null;
    this.bytes = null;
    this.range = null;
    say(byId("bytes-said"), words);
    say(this.meaning, "");
    this.fields.replaceChildren();
    this.reset();
  }

  load(n, index) {
    [...this.tools.querySelectorAll("button")].forEach((button, at) => set(button, "aria-pressed", String(at === index)));
    const asked = this.asked = {};
    if (!byId("bytes").offsetParent) {
      this.later = [n, index];
      return;
    }
    this.later = null;
    const ask = () => {
      if (this.asked !== asked) return;
      this.source.bytes(n, index).then((data) => {
        if (this.asked === asked) this.take(data);
      }, (error) => {
        if (this.asked === asked) this.clear(error.message);
      });
    };
    if (this.sliding) setTimeout(ask, 120);
    else ask();
  }

  /** The pane came into sight. */
  wake() {
    if (this.later) this.load(...this.later);
    this.measure();
    this.draw();
  }

  take(data) {
    this.data = data;
    const text = data.hex || "";
    this.bytes = new Uint8Array(text.length / 2);
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = parseInt(text.substr(i * 2, 2), 16);
    this.unknown = data.unknown || [];
    const parts = [`${data.from} → ${data.to}`, counted(data.size, "byte")];
    if (typeof data.offset === "number") parts.push(`bytes ${count(data.offset)} to ${count(data.offset + data.size - 1)} of the replication stream`);
    if (this.bytes.length < data.size) parts.push(`the first ${count(this.bytes.length)} are shown`);
    const said = byId("bytes-said");
    said.replaceChildren(h("strong", { text: short(data.title || "", 90) }), " ", parts.join(", "), data.meaning ? h("span", { class: "says", text: data.meaning }) : "");
    this.range = null;
    say(this.meaning, "");
    this.tree(data);
    this.reset();
  }

  // The hex side

  reset() {
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.hex.scrollTop = 0;
    this.measure();
    this.render();
  }

  measure() {
    const unit = rem();
    const across = this.hex.clientWidth < unit * 31 ? 8 : 16;
    const height = Math.round(unit * 1.35);
    if (across === this.across && height === this.rowHeight) {
      this.sizeRows();
      return;
    }
    this.across = across;
    this.rowHeight = height;
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.sizeRows();
  }

  sizeRows() {
    this.inner.style.height = `${Math.ceil((this.bytes ? this.bytes.length : 0) / this.across) * this.rowHeight}px`;
  }

  render() {
    if (!this.bytes || !this.hex.clientHeight || !this.across) return;
    const rows = Math.ceil(this.bytes.length / this.across);
    const first = Math.max(0, Math.floor(this.hex.scrollTop / this.rowHeight) - 2);
    const last = Math.min(rows, Math.ceil((this.hex.scrollTop + this.hex.clientHeight) / this.rowHeight) + 2);
    for (const [index, row] of this.drawn) {
      if (index >= first && index < last) continue;
      row.remove();
      this.drawn.delete(index);
    }
    for (let index = first; index < last; index++) {
      if (!this.drawn.has(index)) {
        const row = this.row(index);
        this.drawn.set(index, row);
        this.inner.append(row);
      }
    }
    this.mark();
  }

  row(index) {
    const from = index * this.across;
    const row = h("div", { class: "hex-row" }, h("span", { class: "at", text: from.toString(16).padStart(4, "0") }));
    row.style.transform = `translateY(${index * this.rowHeight}px)`;
    const hex = h("span", { class: "octets" });
    const text = h("span", { class: "chars" });
    for (let i = from; i < from + this.across; i++) {
      const byte = this.bytes[i];
      const there = byte !== undefined;
      const hidden = there && this.unknown.some(([a, b]) => i >= a && i < b);
      const octet = h("span", { text: !there ? "  " : hidden ? "??" : byte.toString(16).padStart(2, "0") });
      const char = h("span", { text: !there ? " " : hidden ? "?" : byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "." });
      if (there) octet.at = char.at = i;
      if (hidden) octet.className = char.className = "hidden-byte";
      else if (there && (byte < 32 || byte > 126)) char.className = "unprintable";
      if (i % 8 === 7 && i % this.across !== this.across - 1) octet.classList.add("gap");
      hex.append(octet);
      text.append(char);
    }
    row.append(hex, text);
    row.cells = [...hex.children].map((octet, i) => [octet, text.children[i]]);
    row.from = from;
    return row;
  }

  mark() {
    const [from, to] = this.range || [-1, -1];
    for (const row of this.drawn.values()) {
      row.cells.forEach((pair, i) => {
        const at = row.from + i;
        const lit = at >= from && at < to;
        for (const cell of pair) {
          if (cell.lit === lit) continue;
          cell.lit = lit;
          cell.classList.toggle("lit", lit);
        }
      });
    }
  }

  point(target) {
    if (target.at === undefined || !this.data || !this.data.field) return null;
    const field = this.deepest(target.at);
    this.light(field, false);
    this.mirror(field);
    return field;
  }

  deepest(at) {
    let field = this.data.field;
    for (;;) {
      const inner = (field.fields || []).find((each) => at >= each.at[0] && at < each.at[1]);
      if (!inner) return field;
      field = inner;
    }
  }

  keyHex(event) {
    if (!this.data || !this.data.field) return;
    const by = { ArrowDown: this.across, ArrowUp: -this.across }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const last = this.bytes.length - 1;
    const at = Math.max(0, Math.min(last, (this.range ? this.range[0] : -by) + by));
    const field = this.deepest(at);
    this.light(field, true);
    this.mirror(field);
  }

  /** Lights a field's bytes, and says what it means. */
  light(field, scroll) {
    if (!field) return;
    const [from, to] = this.range = field.at;
    this.mark();
    const range = (one, first, last) => (first === last ? `${one} ${count(first)}` : `${one}s ${count(first)}–${count(last)}`);
    const { offset } = this.data;
    const where = range("byte", from, to - 1) + (typeof offset === "number" ? `, ${range("offset", offset + from, offset + to - 1)} of the stream` : "");
    this.meaning.replaceChildren(h("strong", { text: field.name }), ` ${where}`, field.value ? ` = ${short(String(field.value), 120)}` : "", field.meaning ? ` — ${field.meaning}` : "");
    if (scroll) {
      const y = Math.floor(from / this.across) * this.rowHeight;
      if (y < this.hex.scrollTop || y + this.rowHeight > this.hex.scrollTop + this.hex.clientHeight) this.hex.scrollTop = y - this.hex.clientHeight / 3;
    }
  }

  // The tree side

  tree(data) {
    this.parents = new Map();
    this.opened = new Set();
    if (!data.field) {
      this.fields.replaceChildren();
      return;
    }
    const root = h("ul", { role: "tree", "aria-label": "Fields" });
    const hold = (field) => {
      for (const inner of field.fields || []) {
        this.parents.set(inner, field);
        hold(inner);
      }
    };
    hold(data.field);
    root.append(this.item(data.field, 1));
    this.fields.replaceChildren(root);
    const top = root.firstElementChild;
    set(top, "tabindex", "0");
    this.expand(top, true);
    // A message of few fields is shown whole.
    if (this.parents.size <= 14) for (const item of [...root.querySelectorAll("[role=treeitem]")]) this.expand(item, true);
    if (data.more) this.fields.append(h("p", { class: "dim", text: `${count(data.more)} more fields are left out.` }));
  }

  item(field, level) {
    const inner = (field.fields || []).length > 0;
    const item = h("li", { role: "treeitem", tabindex: "-1", "aria-level": level, "aria-expanded": inner ? "false" : null },
      h("div", { class: "field" },
        h("span", { class: "twist", "aria-hidden": "true", text: inner ? "▸" : "" }),
        h("span", { class: "field-name", text: field.name }),
        field.value !== undefined && field.value !== "" ? h("span", { class: "field-value", text: short(String(field.value), 60) }) : null,
        field.meaning ? h("span", { class: "field-meaning", text: field.meaning }) : null));
    item.field = field;
    item.firstElementChild.addEventListener("click", () => {
      item.focus();
      this.expand(item, item.getAttribute("aria-expanded") === "false");
    });
    return item;
  }

  expand(item, open) {
    if (!item.hasAttribute("aria-expanded")) return;
    const shown = item.getAttribute("aria-expanded") === "true";
    if (shown === open) return;
    set(item, "aria-expanded", String(open));
    item.querySelector(".twist").textContent = open ? "▾" : "▸";
    if (!open) {
      item.querySelector(":scope > ul").remove();
      return;
    }
    const group = h("ul", { role: "group" });
    const level = Number(item.getAttribute("aria-level")) + 1;
    const add = (from) => {
      const all = item.field.fields;
      for (const field of all.slice(from, from + 200)) group.append(this.item(field, level));
      if (all.length > from + 200) {
        const rest = h("li", { role: "none" }, h("button", { type: "button", text: `${count(all.length - from - 200)} more`, onclick: () => { rest.remove(); add(from + 200); } }));
        group.append(rest);
      }
    };
    add(0);
    item.append(group);
  }

  itemOf(field) {
    return [...this.fields.querySelectorAll("[role=treeitem]")].find((item) => item.field === field);
  }

  /** Opens the tree down to a field. */
  open(field, focus) {
    const way = [];
    for (let each = field; each; each = this.parents.get(each)) way.unshift(each);
    let item;
    for (const each of way) {
      item = this.itemOf(each) || item;
      if (item && each !== field) this.expand(item, true);
    }
    if (!item) return;
    if (focus) item.focus();
    item.scrollIntoView({ block: "nearest" });
    this.mirror(field);
  }

  /** Lights the row of the tree that holds a field: its own, or that of the nearest that is shown. */
  mirror(field) {
    let item;
    for (let each = field; each && !item; each = this.parents.get(each)) item = this.itemOf(each);
    if (this.mirrored) this.mirrored.classList.remove("lit");
    this.mirrored = item;
    if (!item) return;
    item.classList.add("lit");
    item.firstElementChild.scrollIntoView({ block: "nearest" });
  }

  keyTree(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item) return;
    const all = [...this.fields.querySelectorAll("[role=treeitem]")];
    const at = all.indexOf(item);
    const open = item.getAttribute("aria-expanded");
    let to;
    switch (event.key) {
    case "ArrowDown": to = all[at + 1]; break;
    case "ArrowUp": to = all[at - 1]; break;
    case "Home": to = all[0]; break;
    case "End": to = all[all.length - 1]; break;
    case "ArrowRight":
      if (open === "false") this.expand(item, true);
      else to = open ? all[at + 1] : null;
      break;
    case "ArrowLeft":
      if (open === "true") this.expand(item, false);
      else to = item.parentElement.closest("[role=treeitem]");
      break;
    case "Enter":
    case " ":
      this.expand(item, open === "false");
      break;
    default: return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (to) {
      set(item, "tabindex", "-1");
      set(to, "tabindex", "0");
      to.focus();
    }
  }

  // The stream

  stream(scene) {
    const box = byId("stream");
    const masters = scene.nodes.filter((node) => node.backlog && typeof node.offset === "number");
    if (!masters.length) {
      box.replaceChildren();
      this.streamKey = "";
      return;
    }
    if (!masters.some((node) => node.name === this.of)) this.of = (masters.find((node) => node.role === "master") || masters[0]).name;
    const master = masters.find((node) => node.name === this.of);
    const others = [];
    for (const node of scene.nodes) {
      if (node === master || node.role === "sentinel") continue;
      const known = (master.replicas || []).find((each) => each.name === node.name);
      if (!known && node.master !== master.name) continue;
      if (typeof node.offset !== "number" && !known) continue;
      const at = typeof node.offset === "number" && node.offset >= 0 ? node.offset : known ? known.acknowledged : 0;
      const same = node.replid === master.replid || node.replid === master.replid2;
      others.push({ name: node.name, at, same, leads: node.role === "master" });
    }
    const key = JSON.stringify([this.of, master.backlog, master.offset, master.output, others, masters.map((each) => each.name), rem()]);
    if (key === this.streamKey) return;
    this.streamKey = key;
    const first = master.backlog.first;
    const from = Math.min(first - 1, ...others.filter((each) => each.same).map((each) => each.at));
    const span = Math.max(1, master.offset - from);
    const x = (offset) => 2 + (96 * (Math.max(from, Math.min(offset, master.offset)) - from)) / span;
    const picker = masters.length > 1
      ? h("label", {}, " of ", h("select", { onchange: (event) => { this.of = event.target.value; this.stream(scene); } },
        ...masters.map((node) => h("option", { value: node.name, selected: node.name === this.of, text: node.name }))))
      : ` of ${master.name}`;
    const bar = s("svg", { class: "backlog", width: "100%", height: "26", "aria-hidden": "true" },
      s("rect", { class: "stream-all", x: `${x(from)}%`, y: 10, width: `${x(master.offset) - x(from)}%`, height: 8 }),
      s("rect", { class: "stream-held", x: `${x(first - 1)}%`, y: 6, width: `${Math.max(0.6, x(master.offset) - x(first - 1))}%`, height: 16 }));
    const list = h("ul", { class: "stream-list" });
    for (const each of others.slice(0, 24)) {
      const need = master.offset - each.at;
      let words;
      if (each.leads) words = "is a master itself now";
      else if (!each.same) words = "has another history: needs a full sync";
      else if (need < 0) words = `is ${size(-need)} ahead of it`;
      else if (need === 0) words = "has all of it";
      else if (each.at + 1 < first) words = `lacks ${size(need)}, of which the backlog no longer has all: needs a full sync`;
      else words = `still needs ${size(need)}; the backlog has them`;
      if (each.same) bar.append(s("rect", { class: "stream-at", x: `${x(each.at) - 0.2}%`, y: 2, width: "0.4%", height: 24 }));
      list.append(h("li", {}, h("b", { text: each.name }), ` at ${count(each.at)} ${words}`));
    }
    if (others.length > 24) list.append(h("li", { text: `and ${others.length - 24} more` }));
    box.replaceChildren(
      h("p", {}, h("b", { text: "Backlog" }), picker, master.backlog.length
        ? `: bytes ${count(first)} to ${count(first + master.backlog.length - 1)}, ${size(master.backlog.length)} of at most ${size(master.backlog.size)}; offset ${count(master.offset)}`
        : `: empty, room for ${size(master.backlog.size)}; offset ${count(master.offset)}`),
      bar, list);
  }
}
