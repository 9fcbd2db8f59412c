"use strict";
// Where the data comes from: a lab over a WebSocket, or a session that lies in the page. The panes can't tell
// them apart: both answer scene(n), step(n), steps(a, b), bytes(n, i), series(points), log(node) and run(line).

/** What both sources have: where one is, what there is, and who listens. */
class Source {
  constructor() {
    this.session = { title: "replab", kind: "lab", live: false };
    this.first = 0;
    this.position = 0;
    this.end = 0;
    this.outline = "";
    this.since = 0; // from which character on the outline is new to the sequence
    this.marks = [];
    this.branches = [];
    this.columns = [];
    this.branch = 1;
    this.drives = false;
    this.busy = false;
    this.slow = false; // a line that this page typed takes its time
    this.prompt = "lab>";
    this.lesson = null;
    this.listeners = {};
  }

  on(event, listener) {
    (this.listeners[event] ||= []).push(listener);
  }

  emit(event, value) {
    for (const listener of this.listeners[event] || []) listener(value);
  }

  /** What the step that leads to moment `n` is, as one letter: see the sequence. */
  kind(n) {
    return this.outline[n - 1] || ".";
  }
}

/** The last pages of steps that were asked for, so that scrolling asks once. */
class StepPages {
  constructor(load, change) {
    this.load = load;
    this.change = change;
    this.pages = new Map();
    this.wanted = new Set();
    this.epoch = 0;
  }

  static size = 100;

  get(n) {
    const page = this.pages.get(Math.floor((n - 1) / StepPages.size));
    return page && page.get(n);
  }

  /** What steps a…b are, as far as is known; asks for the rest. */
  want(a, b) {
    const last = Math.floor((b - 1) / StepPages.size);
    for (let p = Math.floor((a - 1) / StepPages.size); p <= last; p++) {
      const page = this.pages.get(p);
      const complete = page && (page.full || page.end >= b);
      // While one slides, only what stays in sight is asked for: each answer lets the sequence ask again.
      if (complete || this.wanted.has(p) || this.wanted.size >= 3) continue;
      this.wanted.add(p);
      const epoch = this.epoch;
      const from = p * StepPages.size + 1;
      this.load(from, from + StepPages.size - 1).then((steps) => {
        this.wanted.delete(p);
        if (epoch !== this.epoch) return this.change();
        const held = new Map(steps.map((step) => [step.n, step]));
        held.full = held.size === StepPages.size;
        held.end = steps.length ? steps[steps.length - 1].n : from;
        this.pages.delete(p);
        this.pages.set(p, held);
        if (this.pages.size > 100) this.pages.delete(this.pages.keys().next().value);
        this.change();
      }, () => this.wanted.delete(p));
    }
  }

  put(step) {
    const p = Math.floor((step.n - 1) / StepPages.size);
    const page = this.pages.get(p);
    if (page && (page.end === step.n - 1 || page.has(step.n))) {
      page.set(step.n, step);
      page.end = Math.max(page.end, step.n);
      page.full = page.size === StepPages.size;
    }
  }

  /** Another future: what comes after `n` is not what it was. */
  forget(n) {
    const from = Math.floor(n / StepPages.size);
    this.epoch += 1;
    for (const p of [...this.pages.keys()]) {
      if (p > from) this.pages.delete(p);
      else if (p === from) {
        const page = this.pages.get(p);
        for (const m of [...page.keys()]) if (m > n) page.delete(m);
        page.full = false;
        page.end = Math.min(page.end, n);
        if (!page.size) this.pages.delete(p);
      }
    }
  }
}

/** A lab that runs: every question has a number, and its answer has the same. */
class LiveSource extends Source {
  constructor(address) {
    super();
    this.session.live = true;
    this.questions = new Map();
    this.last = 0;
    this.pages = new StepPages((a, b) => this.steps(a, b), () => this.emit("steps"));
    this.socket = new WebSocket(address);
    this.socket.onmessage = (event) => {
      this.arrived = performance.now();
      let message;
      try {
        message = JSON.parse(event.data);
      } catch {
        return;
      }
      this.hear(message);
    };
    this.socket.onclose = () => this.leave("The connection to replab is closed.");
  }

  leave(why) {
    if (this.gone) return;
    this.gone = true;
    for (const question of this.questions.values()) question.reject(new Error(why));
    this.questions.clear();
    this.emit("bye", why);
  }

  hear(message) {
    if (message.id !== undefined) {
      const question = this.questions.get(message.id);
      this.questions.delete(message.id);
      if (!question) return;
      if (message.error !== undefined) question.reject(new Error(message.error));
      else question.resolve(message);
      return;
    }
    switch (message.type) {
    case "session":
      this.session = message;
      this.first = message.first || 0;
      this.emit("session");
      break;
    case "now": this.hearNow(message); break;
    case "printed": this.emit("printed", message); break;
    case "busy":
      this.busy = true;
      this.emit("busy", message);
      break;
    case "bye": this.leave(message.why || "The session has ended."); break;
    }
  }

  hearNow(message) {
    if (message.outline) {
      const { from, text } = message.outline;
      if (from < this.outline.length) this.pages.forget(from);
      this.since = Math.min(this.since, from);
      this.outline = this.outline.slice(0, from) + text;
    }
    if (message.marks) {
      const from = message.marks.from || 0;
      this.marks = this.marks.filter((mark) => mark[0] <= from).concat(message.marks.list || []);
    }
    for (const name of ["position", "end", "branch", "branches", "columns", "prompt", "drives"]) {
      if (message[name] !== undefined) this[name] = message[name];
    }
    this.busy = message.busy || false;
    this.lesson = message.lesson || null;
    if (message.step) this.pages.put(message.step);
    this.emit("now", message);
  }

  ask(question) {
    if (this.gone) return Promise.reject(new Error("The connection to replab is closed."));
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.questions.set(id, { resolve, reject });
      const text = JSON.stringify({ id, ...question });
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
      else this.socket.addEventListener("open", () => this.socket.send(text), { once: true });
    });
  }

  run(line) {
    return this.ask({ line });
  }

  async scene(n) {
    return (await this.ask({ ask: "scene", moment: n })).scene;
  }

  async step(n) {
    if (n <= 0) return null;
    return (await this.ask({ ask: "step", moment: n })).step;
  }

  async steps(from, to) {
    return (await this.ask({ ask: "steps", from, to: Math.min(to, Math.max(this.end, from)) })).steps || [];
  }

  known(n) {
    return this.pages.get(n);
  }

  want(a, b) {
    this.pages.want(Math.max(a, 1), Math.min(b, this.end));
  }

  async bytes(n, message) {
    return (await this.ask({ ask: "bytes", moment: n, message })).bytes;
  }

  async series(points) {
    return (await this.ask({ ask: "series", points })).series;
  }

  async log(node, limit) {
    return (await this.ask({ ask: "log", node, limit })).log || [];
  }

  complete(line) {
    return this.ask({ ask: "complete", line });
  }

  stop() {
    return this.ask({ ask: "stop" });
  }

  drive() {
    return this.ask({ ask: "drive" });
  }
}

/**
 * A session that lies in the page, as entries: a step each, or a folded stretch of many. An entry's scene is the
 * difference from the one before; every so many are held whole.
 */
class EmbeddedSource extends Source {
  constructor(data) {
    super();
    this.session = data;
    this.entries = data.steps || [];
    this.pool = data.bytes || [];
    this.columns = data.columns || [];
    this.marks = data.marks || [];
    this.branches = data.branches || [];
    const current = this.branches.find((branch) => branch.current);
    if (current) this.branch = current.number;
    const { entries } = this;
    this.first = entries.length ? entries[0].n : 0;
    this.end = entries.length ? entries[entries.length - 1].n : 0;
    this.position = this.first;
    // One letter for each step, so that a row of the sequence is the same here and in a lab.
    const letters = [];
    let n = 0;
    entries.forEach((entry, index) => {
      const since = entry.folded ? entry.since : entry.n;
      if (since > n + 1) letters.push(".".repeat(since - n - 1));
      const letter = (data.outline || "")[index] || ".";
      letters.push(entry.folded ? "k".repeat(entry.n - since + 1) : letter);
      n = entry.n;
    });
    this.outline = letters.join("");
    this.held = new Map();
    this.cursor = this.empty();
    this.warm = -1;
    setTimeout(() => this.prepare(), 200);
  }

  static every = 400;

  empty() {
    return { index: -1, nodes: new Map(), links: new Map(), clients: [], walls: [], paths: [] };
  }

  copy(state) {
    return { ...state, nodes: new Map(state.nodes), links: new Map(state.links) };
  }

  /** Walks the whole session in small bites, so that a slide to anywhere finds a whole scene near. */
  prepare() {
    const until = performance.now() + 12;
    const last = this.entries.length - 1;
    while (performance.now() < until && this.warm < last) {
      this.warm = Math.min(this.warm + 50, last);
      this.walk(this.warm);
    }
    if (this.warm < last) setTimeout(() => this.prepare(), 4);
  }

  /** The entry that step `n` is, or lies in. */
  index(n) {
    let low = 0;
    let high = this.entries.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle].n < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The state after the entry at `index`: from the whole scene before it, or from where one was last. */
  walk(index) {
    let nearest = Math.floor(index / EmbeddedSource.every) * EmbeddedSource.every;
    while (nearest >= 0 && !this.held.has(nearest)) nearest -= EmbeddedSource.every;
    if (this.cursor.index > index || this.cursor.index < nearest) {
      this.cursor = nearest >= 0 ? this.copy(this.held.get(nearest)) : this.empty();
    }
    const state = this.cursor;
    while (state.index < index) {
      state.index += 1;
      const delta = this.entries[state.index].scene || {};
      for (const name in delta.nodes) {
        const change = delta.nodes[name];
        if (change === null) state.nodes.delete(name);
        else state.nodes.set(name, Object.assign({ name }, state.nodes.get(name), change));
      }
      for (const id in delta.links) {
        const link = delta.links[id];
        if (link === null) state.links.delete(id);
        else state.links.set(id, Object.assign({}, state.links.get(id), link));
      }
      for (const part of ["clients", "walls", "paths"]) if (delta[part]) state[part] = delta[part];
      if (state.index % EmbeddedSource.every === 0 && !this.held.has(state.index)) {
        this.held.set(state.index, this.copy(state));
      }
    }
    return state;
  }

  sceneNow(n) {
    if (!this.entries.length) return { moment: 0, us: 0, nodes: [], links: [], clients: [], walls: [], paths: [] };
    const index = this.index(n);
    const state = this.walk(index);
    const { time, us } = this.entries[index];
    return {
      moment: n, time, us, nodes: [...state.nodes.values()], links: [...state.links.values()],
      clients: state.clients, walls: state.walls, paths: state.paths,
    };
  }

  async scene(n) {
    return this.sceneNow(n);
  }

  known(n) {
    const entry = this.entries[this.index(n)];
    return entry && entry.n >= n && (entry.folded ? entry.since : entry.n) <= n ? entry : undefined;
  }

  want() {}

  async step(n) {
    return this.known(n) || null;
  }

  async bytes(n, message) {
    const step = this.known(n);
    const bytes = step && step.bytes && this.pool[step.bytes[message]];
    if (!bytes) throw new Error("This page does not hold the bytes of this message.");
    return bytes;
  }

  async series(points) {
    const last = this.entries.length - 1;
    const many = Math.max(1, Math.min(points, last));
    const nodes = {};
    const moments = [];
    const us = [];
    for (let at = 0; at <= many && last >= 0; at++) {
      const index = Math.round((last * at) / many);
      const state = this.walk(index);
      moments.push(this.entries[index].n);
      us.push(this.entries[index].us);
      for (const node of state.nodes.values()) {
        const row = nodes[node.name] ||= { offset: [], keys: [], output: [], backlog: [] };
        row.offset[at] = node.offset ?? null;
        row.keys[at] = node.keys ?? null;
        row.output[at] = node.output ?? null;
        row.backlog[at] = node.backlog ? node.backlog.length : null;
      }
      if (at % 10 === 9) await new Promise((resolve) => setTimeout(resolve));
    }
    for (const row of Object.values(nodes)) {
      for (const fact in row) row[fact] = Array.from({ length: moments.length }, (_, at) => row[fact][at] ?? null);
    }
    return { moments, us, nodes };
  }

  async log(node, limit, n) {
    if (!this.logs) {
      this.logs = new Map();
      for (const step of this.entries) {
        for (const entry of step.logs || []) {
          if (!this.logs.has(entry.node)) this.logs.set(entry.node, []);
          this.logs.get(entry.node).push({ n: step.n, time: step.time, level: entry.level, text: entry.text });
        }
      }
    }
    const all = this.logs.get(node) || [];
    let end = all.length;
    while (end > 0 && all[end - 1].n > n) end -= 1;
    return all.slice(Math.max(0, end - limit), end);
  }

  /** Of the prompt's lines those that only move: there is no lab behind this page. */
  async run(line) {
    const [verb, argument] = line.split(" ");
    const here = this.index(this.position);
    const to = {
      step: () => here + 1, back: () => here - 1, goto: () => this.index(Number(argument)),
      next: () => this.after(here, true), continue: () => this.after(here, false),
    }[verb];
    if (!to) throw new Error("This page shows what happened; only the lab can do more.");
    const index = Math.max(0, Math.min(this.entries.length - 1, to()));
    if (this.entries.length) this.position = this.entries[index].n;
    this.emit("now", {});
  }

  /** The entry to which `next` (a phase) or `continue` (a mark) goes. */
  after(here, phase) {
    const mark = this.marks.find((each) => each[0] > this.position);
    const until = mark ? this.index(mark[0]) : this.entries.length - 1;
    if (phase) {
      for (let index = here + 1; index < until; index++) {
        if ((this.entries[index].entered || []).length) return index;
      }
    }
    return until;
  }
}

/** A long session stands in the page compressed by gzip, in base64. */
async function unpacked(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** The session in the page, if there is one; else the lab that served it. */
async function openSource() {
  const held = byId("session");
  if (held) {
    const text = held.textContent;
    held.remove();
    return new EmbeddedSource(JSON.parse(held.type === "application/json" ? text : await unpacked(text)));
  }
  const token = new URLSearchParams(location.search).get("token") || "";
  return new LiveSource(`ws://${location.host}/socket?token=${encodeURIComponent(token)}`);
}
