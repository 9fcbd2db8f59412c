"use strict";
// The wire as a sequence: a column for each node and one for all clients, a row for each step that has something
// to draw. Only the rows in sight are in the document, so that a million of them scroll like ten.

/** A browser can't make an element of any height: beyond this the bar moves more than a row for a row. */
const TALLEST = 8e6;

/** The rows of an outline: a step each, except that keep-alives in a row are one. */
class Rows {
  constructor() {
    this.unfolded = new Set();
    this.build("");
  }

  /** Reads an outline from its character `since` on; the rows before it stay. */
  build(outline, since = 0) {
    let length = since ? this.at(since) : 0;
    // Back to where a run of keep-alives began, for it may go on.
    while (length > 0 && outline[this.from[length] - 1] === "k") length -= 1;
    length = Math.max(0, length);
    const begin = length > 0 ? this.from[length] : 1;
    this.outline = outline;
    const from = [];
    const to = [];
    let running = false;
    let folded = true;
    for (let n = begin; n <= outline.length; n++) {
      const kind = outline.charCodeAt(n - 1);
      if (kind === 46) continue; // "."
      if (kind !== 107) running = false; // "k"
      else if (!running) {
        running = true;
        folded = !this.unfolded.has(n);
      } else if (folded) {
        to[to.length - 1] = n;
        continue;
      }
      from.push(n);
      to.push(n);
    }
    this.put("from", length, from);
    this.put("to", length, to);
    this.length = length + from.length;
  }

  put(name, at, numbers) {
    let held = this[name];
    if (!held || held.length < at + numbers.length) {
      const larger = new Int32Array(Math.ceil((at + numbers.length) * 1.5) + 64);
      if (held) larger.set(held.subarray(0, at));
      held = this[name] = larger;
    }
    held.set(numbers, at);
  }

  /** The last row that begins at or before step `n`; -1 if there is none. */
  at(n) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.from[middle] <= n) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

class SequencePane {
  constructor(source, go) {
    this.source = source;
    this.go = go;
    this.rows = new Rows();
    this.position = 0;
    this.cursor = -1;
    this.body = byId("sequence-body");
    this.head = byId("sequence-head");
    this.space = h("div", { class: "rows", role: "listbox", tabindex: "0", "aria-label": "Sequence of messages; Enter goes to a moment, or unfolds pings" });
    this.body.append(this.space);
    this.drawn = new Map();
    this.draw = onceAFrame(() => this.render());
    this.body.addEventListener("scroll", () => {
      this.head.scrollLeft = this.body.scrollLeft;
      this.draw();
    }, { passive: true });
    new ResizeObserver(() => {
      this.measure();
      this.render();
    }).observe(this.body);
    this.space.addEventListener("click", (event) => {
      const row = event.target.closest("[data-row]");
      if (row) this.choose(Number(row.dataset.row));
    });
    this.space.addEventListener("keydown", (event) => this.key(event));
    source.on("steps", () => {
      this.forgetRows();
      this.draw();
    });
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.body.clientHeight / this.height) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (by) {
      const from = this.cursor >= 0 ? this.cursor : this.rows.at(this.position);
      this.cursor = Math.max(0, Math.min(this.rows.length - 1, from + by));
      this.reveal(this.cursor);
      this.draw();
    } else if (event.key === "Enter" && this.cursor >= 0) this.choose(this.cursor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(index) {
    const { from, to } = this.rows;
    this.cursor = index;
    const step = this.source.known(from[index]);
    if (to[index] !== from[index] && !(step && step.folded)) {
      this.rows.unfolded.add(from[index]);
      this.rebuild();
    } else this.go(to[index]);
  }

  rebuild() {
    this.rows.build(this.source.outline);
    this.forgetRows();
    this.resize();
    this.draw();
  }

  forgetRows(since = 0) {
    for (const [index, row] of this.drawn) if (index >= this.rows.length || this.rows.to[index] >= since) row.key = "";
  }

  measure() {
    this.height = Math.round(rem() * 2.25);
    this.unit = rem() / 16;
    this.gutter = (this.body.clientWidth < 520 * this.unit ? 54 : 112) * this.unit;
    const columns = Math.max(1, this.source.columns.length);
    const room = this.body.clientWidth - this.gutter - 2;
    const wish = columns * 170 * this.unit;
    this.notes = room > wish + 200 * this.unit ? Math.max(190 * this.unit, Math.min(340 * this.unit, room - columns * 230 * this.unit)) : 0;
    this.column = Math.max((columns > 12 ? 70 : 50) * this.unit, (room - this.notes) / columns);
    this.width = this.gutter + this.column * columns + this.notes;
    this.lifelines = this.source.columns.map((_, index) => `M${this.x(index)} 0V${this.height}`).join("");
    this.forgetRows();
    this.drawHead();
    this.resize();
  }

  x(index) {
    return this.gutter + this.column * (index + 0.5);
  }

  drawHead() {
    const inner = h("div", { class: "sequence-names" });
    inner.style.width = `${this.width}px`;
    this.source.columns.forEach((column, index) => {
      const name = h("span", { class: `column-name ${column.kind || ""}`, text: column.name });
      name.style.left = `${this.x(index)}px`;
      name.style.maxWidth = `${this.column - 6}px`;
      inner.append(name);
    });
    this.head.replaceChildren(inner);
    this.index = new Map(this.source.columns.map((column, at) => [column.name, at]));
    this.clients = this.source.columns.findIndex((column) => column.kind === "clients");
  }

  party(name) {
    const at = this.index.get(name);
    return at === undefined ? this.clients : at;
  }

  resize() {
    if (!this.height) return;
    this.total = this.rows.length * this.height + this.height;
    this.tall = Math.min(this.total, TALLEST);
    this.space.style.height = `${this.tall}px`;
    this.space.style.width = `${this.width}px`;
  }

  /** Where in all the rows the top of what is seen is. */
  top() {
    const most = this.tall - this.body.clientHeight;
    if (this.total <= TALLEST || most <= 0) return this.body.scrollTop;
    return (this.body.scrollTop / most) * (this.total - this.body.clientHeight);
  }

  scrollTo(top) {
    const most = this.tall - this.body.clientHeight;
    if (this.total > TALLEST && most > 0) top = (top / (this.total - this.body.clientHeight)) * most;
    this.body.scrollTop = top;
  }

  reveal(index) {
    const view = this.body.clientHeight;
    const top = this.top();
    const y = index * this.height;
    if (y < top + this.height || y + this.height * 2 > top + view) this.scrollTo(Math.max(0, y - view * 0.55));
  }

  show(position) {
    const columns = this.source.columns.map((column) => column.name).join(" ");
    if (this.rows.outline !== this.source.outline) {
      const since = Math.min(this.source.since, this.rows.outline.length);
      this.source.since = Infinity;
      this.rows.build(this.source.outline, since);
      this.forgetRows(since);
      this.resize();
    }
    if (columns !== this.columnsKey) {
      this.columnsKey = columns;
      this.measure();
    }
    if (position !== this.position) {
      this.position = position;
      this.cursor = -1;
    }
    if (this.body.clientHeight) {
      this.reveal(Math.max(0, this.rows.at(position)));
      this.across(this.source.known(position));
    }
    this.draw();
  }

  /** Of many columns, brings those of a step into sight. */
  across(step) {
    const view = this.body.clientWidth;
    if (!step || this.width <= view + 1) return;
    const named = (step.messages || step.packets || []).slice(0, 4).flatMap((said) => [said.from, said.to]).concat((step.changes || []).slice(0, 1).map((change) => change.node));
    const places = named.map((name) => this.index.get(name)).filter((at) => at !== undefined).map((at) => this.x(at));
    if (!places.length) return;
    const left = Math.min(...places) - this.column / 2;
    const right = Math.max(...places) + this.column / 2;
    if (left >= this.body.scrollLeft && right <= this.body.scrollLeft + view) return;
    this.body.scrollLeft = right - left > view ? right - view : (left + right - view) / 2;
  }

  render() {
    if (!this.body.clientHeight || !this.height) return;
    const top = this.top();
    const first = Math.max(0, Math.floor(top / this.height) - 3);
    const last = Math.min(this.rows.length, Math.ceil((top + this.body.clientHeight) / this.height) + 3);
    const shift = this.total > TALLEST ? this.body.scrollTop - top : 0;
    for (const [index, row] of this.drawn) {
      if (index >= first && index < last) continue;
      row.element.remove();
      this.drawn.delete(index);
    }
    if (last > first) this.source.want(this.rows.from[first], this.rows.to[first] === this.rows.from[first] ? this.rows.from[last - 1] : this.rows.from[first]);
    const current = this.rows.at(this.position);
    for (let index = first; index < last; index++) {
      let row = this.drawn.get(index);
      if (!row) {
        row = { element: h("div", { role: "option", class: "row", id: `row-${index}`, "data-row": index }), key: "" };
        this.drawn.set(index, row);
        this.space.append(row.element);
      }
      const y = `translateY(${index * this.height + shift}px)`;
      if (row.element.style.transform !== y) row.element.style.transform = y;
      const from = this.rows.from[index];
      const to = this.rows.to[index];
      this.source.want(from, from);
      this.source.want(to, to);
      const step = this.source.known(from);
      const end = to === from ? step : this.source.known(to);
      row.element.className = `row${from > this.position ? " future" : ""}${index === current ? " current" : ""}${index === this.cursor ? " cursor" : ""}`;
      set(row.element, "aria-selected", index === current);
      // What is drawn is drawn once; where one is changes its colours alone.
      const key = `${from} ${to} ${!!step} ${!!end}`;
      if (row.key === key) continue;
      row.key = key;
      row.element.style.height = `${this.height}px`;
      this.row(row.element, from, to, step, end);
    }
    set(this.space, "aria-activedescendant", this.cursor >= 0 ? `row-${this.cursor}` : null);
    if (current < 0 && first === 0) this.space.classList.add("at-start");
    else this.space.classList.remove("at-start");
  }

  row(element, from, to, step, end) {
    const picture = s("svg", { width: this.width, height: this.height, "aria-hidden": "true" });
    picture.append(s("path", { class: "lifelines", d: this.lifelines }));
    const u = this.unit;
    const when = h("span", { class: "when" }, h("span", { class: "moment", text: String(from) }));
    when.style.width = `${this.gutter - 2}px`;
    if (step && this.gutter > 100 * u) when.append(h("span", { class: "clock", text: step.time.slice(6) }));
    if (step && to === from && (step.entered || []).length) when.append(h("span", { class: "phase-text", text: step.entered.join(", ") }));
    const folded = to !== from;
    let words;
    if (folded) words = this.fold(picture, from, to, step, end);
    else if (!step) words = `${from}`;
    else words = this.arrows(picture, step);
    element.replaceChildren(when, picture);
    set(element, "aria-label", words);
  }

  fold(picture, from, to, step, end) {
    const begin = step && step.folded ? this.source.known(step.since - 1) || step : step;
    const span = begin && end && end.us > begin.us ? duration(end.us - begin.us) + " of pings" : "pings";
    const words = `${step && step.folded ? "" : "▸ "}${span} and acknowledgements (${counted(to - from + 1, "step")})`;
    const left = this.gutter + 4;
    const right = Math.min(this.width - this.notes, this.body.clientWidth) - 6;
    const shown = fitting(words, right - left - 8, 12 * this.unit);
    picture.append(
      s("rect", { class: "fold", x: left, y: 5, width: right - left, height: this.height - 10, rx: 3 }),
      s("text", { class: "fold-text", x: (left + right) / 2, y: this.height / 2 + 4 * this.unit, "text-anchor": "middle", text: shown }));
    return `${from} to ${to}: ${words}`;
  }

  /** What a step says: its messages from one to another as one arrow each way, else what befell whom. */
  arrows(picture, step) {
    const said = [];
    for (const message of step.messages || []) {
      const last = said[said.length - 1];
      if (last && last.from === message.from && last.to === message.to) {
        last.titles.push(message.title);
        last.fault ||= message.fault;
      } else said.push({ from: message.from, to: message.to, titles: [message.title], fault: message.fault, side: message.side });
    }
    if (!said.length) {
      for (const packet of (step.packets || []).slice(0, 2)) {
        said.push({ from: packet.from, to: packet.to, titles: [packetWord(packet.kind)], packet: true, fault: packet.kind === "reset" });
      }
    }
    const u = this.unit;
    const notes = this.remarks(step);
    const shown = said.slice(0, 2);
    shown.forEach((each, index) => {
      const y = shown.length === 1 ? this.height / 2 : this.height * (index ? 0.73 : 0.27);
      if (each.titles.length > 1 && said.length === 1) each.text = each.titles.slice(0, 3).join(" · ") + (each.titles.length > 3 ? ` + ${each.titles.length - 3}` : "");
      else each.text = each.titles.join(" · ");
      if (index === 1 && said.length > 2) each.text += ` + ${said.length - 2} more`;
      this.arrow(picture, each, y, shown.length === 1);
    });
    const life = step.kind === "fault" || step.kind === "life" || step.kind === "command" || step.kind === "setting" || step.kind === "time";
    const grave = step.kind === "fault" || (step.changes || []).some((change) => change.fact === "life" && ["killed", "dark", "ended"].includes(change.after));
    const [log] = step.logs || [];
    if (!said.length) this.note(picture, step, life ? step.what : notes[0] || (log ? `${log.node} logs: ${log.text}` : step.what), grave);
    else if ((step.decisions || []).length) {
      const at = this.party(step.decisions[0].node);
      if (at >= 0) picture.append(s("path", { class: "decision", d: `M${this.x(at)} ${this.height - 12} l5 5 l-5 5 l-5 -5 Z` }));
    }
    if (this.notes && notes.length && (said.length || life)) {
      picture.append(s("text", { class: "remark", x: this.width - this.notes + 8, y: this.height / 2 + 4 * this.unit, text: fitting(notes.join("; "), this.notes - 14, 12 * this.unit) }));
    }
    if ((step.entered || []).length) {
      picture.append(s("path", { class: "phase", d: `M0 .5 H${this.width - this.notes}` }));
    }
    return `${step.n}: ${said.length ? said.map((each) => `${each.from} to ${each.to}: ${each.text || each.titles.join(", ")}`).join("; ") : step.what}${notes.length ? "; " + notes.join("; ") : ""}`;
  }

  remarks(step) {
    return (step.decisions || []).map((decision) => `${decision.node}: ${decision.title}`)
      .concat(step.remarks || []).concat((step.changes || []).filter((change) => change.fact === "life" || change.fact === "role").map((change) => `${change.node} is ${change.after}`));
  }

  arrow(picture, said, y, alone) {
    const a = this.party(said.from);
    const b = this.party(said.to);
    const u = this.unit;
    if (a < 0 || b < 0) return;
    const x1 = this.x(a);
    const x2 = this.x(b);
    const way = x2 > x1 ? 1 : -1;
    const letter = 6.7 * u;
    const room = (a === b ? this.column : Math.abs(x2 - x1)) - 30 * u;
    const most = alone ? this.width - this.gutter - this.notes - 16 * u : Math.max(room, 60 * u);
    // Where two arrows share a row and the words don't fit between an arrow's ends, they stand behind it.
    const end = Math.max(x1, x2) + 8 * u;
    const behind = !alone && a !== b && said.text.length * letter > most && this.width - this.notes - end > most + 40 * u;
    const text = short(said.text, Math.max(4, Math.min(64, Math.floor((behind ? this.width - this.notes - end - 8 * u : most) / letter))));
    const width = text.length * letter + 6 * u;
    const above = alone && width > room;
    if (above) y += 8 * u;
    const kind = said.packet ? " packet" : said.fault ? " fault" : said.side === "acceptor" ? " incoming" : " outgoing";
    if (a === b) {
      picture.append(s("path", { class: "arrow" + kind, d: `M${x1} ${y - 6} h24 v12 h-18` }));
    } else {
      picture.append(
        s("path", { class: "arrow" + kind, d: `M${x1} ${y} H${x2 - way * 7}` }),
        s("path", { class: "head" + kind, d: `M${x2 - way * 1.5} ${y} l${-way * 8} -4.5 v9 Z` }));
    }
    // Words stand on the arrow where they fit between its ends, else above it, wherever lifelines are.
    if (behind) picture.append(...this.label(text, end + width / 2, y, width, kind));
    else if (above) picture.append(...this.label(text, (x1 + x2) / 2, y - 15 * u, width, kind));
    else {
      let middle = (x1 + x2) / 2;
      if (a === b) middle = x1 + 30 + width / 2;
      else if (Math.abs(b - a) > 2) middle = x2 - way * (width / 2 + 18 * u);
      else if (Math.abs(b - a) > 1 && width < this.column - 16) middle = x2 - way * (this.column / 2 + 2);
      picture.append(...this.label(text, middle, y, width, kind));
    }
  }

  label(text, middle, y, width, kind) {
    const u = this.unit;
    middle = Math.max(this.gutter + width / 2, Math.min(middle, this.width - this.notes - width / 2 - 2));
    return [
      s("rect", { class: "under", x: middle - width / 2, y: y - 7 * u, width, height: 14 * u }),
      s("text", { class: "words" + kind, x: middle, y: y + 4 * u, "text-anchor": "middle", text }),
    ];
  }

  /** A fault, a life's beginning or end, a decision: in a box on the lifeline of the one it concerns. */
  note(picture, step, words, fault) {
    const named = (step.decisions || step.changes || step.logs || [])[0];
    let at = named ? this.party(named.node) : -1;
    if (at < 0) {
      const word = step.what.split(/[\s,'’]+/).find((each) => this.index.has(each));
      at = word === undefined ? -1 : this.index.get(word);
    }
    if (at < 0) at = 0;
    const pixels = 12 * this.unit;
    const weight = fault ? 600 : 400;
    const right = Math.min(this.width - this.notes, this.gutter + Math.max(300, this.body.clientWidth - this.gutter - this.notes)) - 4;
    const text = fitting((fault ? "✕ " : "") + words, right - this.gutter - 20, pixels, weight);
    const width = textWidth(text, pixels, weight) + 14;
    const left = Math.min(this.x(at) - width / 2, this.width - this.notes - 4 - width);
    const x = Math.max(this.gutter + 2, left);
    picture.append(
      s("rect", { class: `note${fault ? " fault" : ""}`, x, y: 5, width, height: this.height - 10, rx: 2 }),
      s("text", { class: `note-text${fault ? " fault" : ""}`, x: x + width / 2, y: this.height / 2 + 4 * this.unit, "text-anchor": "middle", text }));
  }
}
