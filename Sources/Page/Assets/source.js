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
    this.marks = [];
    this.branches = [];
    this.columns = [];
    this.branch = 1;
    this.drives = false;
    this.busy = false;
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
      if (complete || this.wanted.has(p)) continue;
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

/** A session that lies in the page: its scenes are differences, of which every so many are held whole. */
class EmbeddedSource extends Source {
  constructor(data) {
    super();
    this.session = data;
    this.first = data.first || 0;
    this.position = this.first;
    this.stepList = data.steps || [];
    this.deltas = data.scenes || [];
    this.pool = data.bytes || [];
    this.columns = data.columns || [];
    this.marks = data.marks || [];
    this.branches = data.branches || [];
    const current = this.branches.find((branch) => branch.current);
    if (current) this.branch = current.number;
    const last = this.stepList.length ? this.stepList[this.stepList.length - 1].n : 0;
    this.end = Math.max(this.first + Math.max(this.deltas.length - 1, 0), last);
    const outline = data.outline || "";
    this.outline = outline.length < this.end ? ".".repeat(this.end - outline.length) + outline : outline;
    this.held = new Map();
    this.cursor = { index: -1, nodes: new Map(), links: new Map(), clients: [], walls: [], paths: [] };
    this.warm = -1;
    setTimeout(() => this.prepare(), 200);
  }

  static every = 400;

  /** Walks the whole session in small bites, so that a slide to anywhere finds a whole scene near. */
  prepare() {
    const until = performance.now() + 12;
    while (performance.now() < until && this.warm < this.deltas.length - 1) {
      this.warm = Math.min(this.warm + 50, this.deltas.length - 1);
      this.walk(this.warm);
    }
    if (this.warm < this.deltas.length - 1) setTimeout(() => this.prepare(), 4);
  }

  copy(state) {
    return { ...state, nodes: new Map(state.nodes), links: new Map(state.links) };
  }

  /** Brings the cursor to the scene at `index`. */
  walk(index) {
    const nearest = Math.floor(index / EmbeddedSource.every) * EmbeddedSource.every;
    if (this.cursor.index > index || this.cursor.index < nearest) {
      for (let i = nearest; i >= 0 && i > (this.cursor.index > index ? -1 : this.cursor.index); i -= EmbeddedSource.every) {
        if (this.held.has(i)) {
          this.cursor = this.copy(this.held.get(i));
          break;
        }
      }
      if (this.cursor.index > index) {
        this.cursor = { index: -1, nodes: new Map(), links: new Map(), clients: [], walls: [], paths: [] };
      }
    }
    const state = this.cursor;
    while (state.index < index) {
      state.index += 1;
      const delta = this.deltas[state.index] || {};
      for (const name in delta.nodes) {
        const change = delta.nodes[name];
        if (change === null) state.nodes.delete(name);
        else state.nodes.set(name, Object.assign({ name }, state.nodes.get(name), change));
      }
      for (const id in delta.links) {
        const link = delta.links[id];
        if (link === null) state.links.delete(id);
        else state.links.set(id, link);
      }
      if (delta.clients) state.clients = delta.clients;
      if (delta.walls) state.walls = delta.walls;
      if (delta.paths) state.paths = delta.paths;
      if (state.index % EmbeddedSource.every === 0 && !this.held.has(state.index)) {
        this.held.set(state.index, this.copy(state));
      }
    }
    return state;
  }

  sceneNow(n) {
    const state = this.walk(Math.max(0, Math.min(n - this.first, this.deltas.length - 1)));
    const step = this.known(n);
    return {
      moment: n, time: step ? step.time : this.session.start, us: step ? step.us : 0,
      nodes: [...state.nodes.values()], links: [...state.links.values()],
      clients: state.clients, walls: state.walls, paths: state.paths,
    };
  }

  async scene(n) {
    return this.sceneNow(n);
  }

  known(n) {
    const offset = this.stepList.length ? this.stepList[0].n : 1;
    const step = this.stepList[n - offset];
    if (step && step.n === n) return step;
    this.byNumber ||= new Map(this.stepList.map((each) => [each.n, each]));
    return this.byNumber.get(n);
  }

  want() {}

  async step(n) {
    return this.known(n) || null;
  }

  async steps(from, to) {
    return this.stepList.filter((step) => step.n >= from && step.n <= to);
  }

  async bytes(n, message) {
    const step = this.known(n);
    const index = step && step.bytes ? step.bytes[message] : -1;
    if (index === undefined || index < 0 || !this.pool[index]) throw new Error("This page does not hold the bytes of this message.");
    return this.pool[index];
  }

  async series(points) {
    const last = this.deltas.length - 1;
    const moments = [];
    for (let i = 0; i <= Math.min(points, last); i++) moments.push(Math.round((last * i) / Math.max(1, Math.min(points, last))));
    const nodes = {};
    const us = [];
    for (const [at, index] of moments.entries()) {
      const state = this.walk(index);
      const step = this.known(index + this.first);
      us.push(step ? step.us : 0);
      for (const node of state.nodes.values()) {
        const row = nodes[node.name] ||= { offset: [], keys: [], output: [], backlog: [] };
        row.offset[at] = node.offset ?? null;
        row.keys[at] = node.keys ?? null;
        row.output[at] = node.output ?? null;
        row.backlog[at] = node.backlog ? node.backlog.length : null;
      }
      if (at % 20 === 19) await new Promise((resolve) => setTimeout(resolve));
    }
    return { moments: moments.map((index) => index + this.first), us, nodes };
  }

  async log(node, limit, n) {
    if (!this.logs) {
      this.logs = new Map();
      for (const step of this.stepList) {
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
    const here = this.position;
    const to = { step: here + 1, back: here - 1, goto: Number(argument), next: this.after(here, true), continue: this.after(here, false) }[verb];
    if (to === undefined || Number.isNaN(to)) throw new Error("This page shows what happened; only the lab can do more.");
    this.position = Math.max(this.first, Math.min(this.end, to));
    this.emit("now", {});
  }

  /** The moment to which `next` (a phase) or `continue` (a mark) goes. */
  after(here, phase) {
    const mark = this.marks.find((each) => each[0] > here);
    const until = mark ? mark[0] : this.end;
    if (!phase) return until;
    for (let n = here + 1; n < until; n++) {
      const step = this.known(n);
      if (step && step.entered && step.entered.length) return n;
    }
    return until;
  }
}

/** The session in the page, if there is one; else the lab that served it. */
function openSource() {
  const held = byId("session");
  if (held) {
    const data = JSON.parse(held.textContent);
    held.remove();
    return new EmbeddedSource(data);
  }
  const token = new URLSearchParams(location.search).get("token") || "";
  return new LiveSource(`ws://${location.host}/socket?token=${encodeURIComponent(token)}`);
}
