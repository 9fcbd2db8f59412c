"use strict";
// The page as a whole: one moment is shown in all panes, and every click becomes a line that one could have typed.

/** A menu of lines, above it what is known of the thing it belongs to. */
class Menu {
  constructor(run, source) {
    this.run = run;
    this.source = source;
    this.element = byId("menu");
    this.element.addEventListener("keydown", (event) => {
      const items = [...this.element.querySelectorAll("button")];
      const at = items.indexOf(document.activeElement);
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by && items.length) items[(at + by + items.length) % items.length].focus();
      else if (event.key === "Home" && items.length) items[0].focus();
      else if (event.key === "End" && items.length) items[items.length - 1].focus();
      else if (event.key === "Escape" || event.key === "Tab") this.close(true);
      else {
        event.stopPropagation();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.element.hidden && !this.element.contains(event.target)) this.close(false);
    });
  }

  open(x, y, title, facts, lines, from) {
    this.from = from;
    const live = this.source.session.live;
    const items = live ? lines : [];
    this.element.replaceChildren(
      h("p", { class: "menu-title", id: "menu-title", text: title }),
      facts.length ? h("div", { class: "menu-facts", tabindex: "0", role: "group", "aria-labelledby": "menu-title" }, h("table", {}, h("tbody", {}, ...facts.slice(0, 120).map(([name, value]) => h("tr", {}, h("th", { scope: "row", text: name }), h("td", { text: valueWords(value) })))))) : "",
      items.length ? h("div", { role: "menu", "aria-labelledby": "menu-title" }, ...items.map(([line, words, disabled]) => h("button", {
        type: "button", role: "menuitem", disabled: disabled || !this.source.drives,
        onclick: () => { this.close(true); this.run(line); },
      }, h("code", { text: line }), h("span", { text: words })))) : "");
    this.element.hidden = false;
    const box = this.element.getBoundingClientRect();
    this.element.style.left = `${Math.max(6, Math.min(x, innerWidth - box.width - 6))}px`;
    this.element.style.top = `${Math.max(6, Math.min(y, innerHeight - box.height - 6))}px`;
    const first = this.element.querySelector("button:not([disabled])") || this.element.querySelector("[tabindex]");
    if (first) first.focus();
  }

  close(back) {
    if (this.element.hidden) return;
    this.element.hidden = true;
    if (back && this.from && this.from.isConnected) this.from.focus();
  }

  node(node, x, y, from) {
    const { name } = node;
    const runs = node.life === "running" || !node.life;
    const lines = runs
      ? [[`kill ${name}`, "end it at once, as kill -9 does"], [`kill ${name} --power`, "its machine loses its power"], [`pause ${name}`, "let it stand still, as SIGSTOP does"],
        [`stop ${name}`, "end it cleanly, as SHUTDOWN does"], [`client ${this.fresh()} ${name}`, "open a client to it"], [`${name} INFO replication`, "what it says of itself"]]
      : node.life === "paused"
        ? [[`resume ${name}`, "let it go on, as SIGCONT does"], [`kill ${name}`, "end it at once, as kill -9 does"]]
        : [[`restart ${name}`, "start it again, on its disk"]];
    if (runs && node.role !== "sentinel") lines.push([`why ${name}`, "its last decision"]);
    const facts = node.facts && node.facts.length ? node.facts : ["role", "life", "address", "master", "offset", "keys", "replid", "state"].filter((fact) => node[fact] !== undefined && node[fact] !== null).map((fact) => [fact, node[fact]]);
    this.open(x, y, `${name}: ${[node.role, LIVES[node.life]].filter(Boolean).join(", ")}`, facts, lines, from);
  }

  fresh() {
    const taken = new Set((this.scene ? this.scene.clients || [] : []).map((client) => client.name).concat(this.scene ? this.scene.nodes.map((node) => node.name) : []));
    for (let i = 1; ; i++) if (!taken.has(`c${i}`)) return `c${i}`;
  }

  link(edge, scene, x, y, from) {
    const facts = [["kind", edge.kind], ...edge.links.flatMap((link) => [[`link ${link.id}`, [link.place || link.phase, `${link.from} opened it`, link.lag !== undefined ? `${duration(link.lag)} one way` : "", `${(link.flights || []).length + (link.more || 0)} in flight`].filter(Boolean).join(", ")]])];
    const lines = [];
    for (const link of edge.links.slice(0, 4)) lines.push([`cut ${link.id}`, "reset the connection: both ends see RST"]);
    const between = `${edge.from} ${edge.to}`;
    const named = scene.nodes.some((node) => node.name === edge.from) && scene.nodes.some((node) => node.name === edge.to);
    if (named) {
      const slow = edge.links.some((link) => link.slow);
      lines.push([`lag ${between} ${slow ? "50us" : "200ms"}`, slow ? "as fast as it was" : "let each packet travel 200 ms"]);
      const wall = (scene.walls || []).some((each) => each.between.includes(edge.from) && each.between.includes(edge.to));
      if (wall || (scene.paths || []).some((path) => [path.from, path.to].includes(edge.from) && [path.from, path.to].includes(edge.to))) lines.push([`heal ${between}`, "make the network whole again"]);
      if (!wall) lines.push([`partition ${between}`, "let nothing through between them"], [`partition ${between} --one-way`, `let nothing from ${edge.from} to ${edge.to} through`]);
    }
    this.open(x, y, `${edge.from} and ${edge.to}`, facts, lines, from);
  }

  flight(link, flight, scene, x, y, from) {
    const other = flight.towards === link.to ? link.from : link.to;
    const facts = [["from", other], ["to", flight.towards], ["link", link.id]];
    if (flight.size) facts.push(["size", counted(flight.size, "byte")]);
    if (typeof flight.due === "number") facts.push(["arrives in", flight.due > scene.us ? duration(flight.due - scene.us) : "now"]);
    if (flight.held) facts.push(["held", "by a wall or a pause"]);
    const lines = flight.choose ? [[flight.choose, "deliver it first"]] : [];
    this.open(x, y, flight.title || packetWord(flight.kind), facts, lines, from);
  }
}

/** The panes by the digits that go to them, and what the page calls them. */
const paneNames = { picture: "topology", sequence: "sequence", bytes: "bytes", why: "why", prompt: "prompt", lesson: "lesson" };

/** Panes in the places that a width has for them: as tabs where several share one. */
class Layout {
  constructor(panes, wake) {
    this.panes = panes;
    this.wake = wake;
    this.chosen = {};
    this.bars = new Bars();
    this.available = new Set(Object.keys(panes));
  }

  arrange() {
    const wide = innerWidth / rem();
    const have = (names) => names.filter((name) => this.available.has(name));
    let plan;
    let name;
    if (wide < 62 || innerHeight / rem() < 26) {
      name = "narrow";
      plan = { picture: have(["picture", "lesson", "sequence", "bytes", "why", "prompt"]) };
    } else if (wide < 108) {
      name = "middle";
      plan = this.available.has("prompt")
        ? { lesson: have(["lesson"]), picture: ["picture"], prompt: ["prompt"], side: ["sequence", "bytes", "why"] }
        : { picture: ["picture"], prompt: ["why"], side: ["sequence", "bytes"] };
    } else {
      name = "wide";
      plan = this.available.has("prompt")
        ? { lesson: have(["lesson"]), picture: ["picture"], prompt: ["prompt"], side: ["sequence"], third: ["bytes"], fourth: ["why"] }
        : { picture: ["picture"], prompt: ["why"], side: ["sequence"], third: ["bytes"] };
    }
    const key = JSON.stringify([name, plan]);
    if (key === this.key) return;
    this.key = key;
    this.bars.forget();
    this.name = name;
    this.plan = plan;
    document.body.className = `layout-${name}${(plan.lesson || []).length ? " with-lesson" : ""}${plan.fourth ? " with-fourth" : ""}`;
    const parking = byId("main");
    for (const pane of Object.values(this.panes)) {
      pane.hidden = true;
      parking.append(pane);
    }
    for (const stack of document.querySelectorAll(".stack")) stack.replaceChildren();
    for (const place in plan) this.stack(place, plan[place]);
  }

  stack(place, names) {
    const stack = byId(`stack-${place}`);
    stack.hidden = !names.length;
    if (!names.length) return;
    const title = (name) => this.panes[name].dataset.title;
    if (names.length === 1) {
      const [name] = names;
      stack.append(h("h2", { class: "pane-title", id: `title-${name}`, text: title(name) }), this.panes[name]);
      this.panes[name].hidden = false;
      set(this.panes[name], "role", "region");
      set(this.panes[name], "aria-labelledby", `title-${name}`);
      this.wake(name);
      return;
    }
    const list = h("div", { class: "tabs", role: "tablist", "aria-label": "Panes" });
    for (const name of names) {
      list.append(h("button", { type: "button", role: "tab", id: `title-${name}`, "aria-controls": name, onclick: () => this.select(name), text: title(name) }));
      set(this.panes[name], "role", "tabpanel");
      set(this.panes[name], "aria-labelledby", `title-${name}`);
      stack.append(this.panes[name]);
    }
    list.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const at = names.findIndex((name) => list.querySelector(`#title-${name}`) === document.activeElement);
      const to = names[(at + by + names.length) % names.length];
      this.select(to);
      byId(`title-${to}`).focus();
    });
    stack.prepend(list);
    this.select(names.includes(this.chosen[place]) ? this.chosen[place] : names[0]);
  }

  select(name) {
    for (const place in this.plan) {
      const names = this.plan[place];
      if (!names.includes(name) || names.length < 2) continue;
      this.chosen[place] = name;
      for (const each of names) {
        this.panes[each].hidden = each !== name;
        const tab = byId(`title-${each}`);
        set(tab, "aria-selected", String(each === name));
        set(tab, "tabindex", each === name ? "0" : "-1");
        if (each === name) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    }
    this.wake(name);
  }

  has(name, available) {
    if (this.available.has(name) === available) return false;
    if (available) this.available.add(name);
    else this.available.delete(name);
    return true;
  }
}

/** The bars between the topology and what stands right of it and under it; arrows move them, too. */
class Bars {
  constructor() {
    this.main = byId("main");
    this.picture = byId("stack-picture");
    new ResizeObserver(() => this.place()).observe(this.picture);
    this.listen(byId("across"), "--across", "clientX", ["ArrowLeft", "ArrowRight"]);
    this.listen(byId("down"), "--down", "clientY", ["ArrowUp", "ArrowDown"]);
  }

  share(name) {
    return name === "--across" ? this.picture.offsetWidth / this.main.clientWidth : this.picture.offsetHeight / this.main.clientHeight;
  }

  move(name, share) {
    this.main.style.setProperty(name, `${(100 * Math.max(0.15, Math.min(0.85, share))).toFixed(1)}%`);
    this.place();
  }

  place() {
    const { picture } = this;
    const across = byId("across").style;
    const down = byId("down").style;
    across.left = `${picture.offsetLeft + picture.offsetWidth}px`;
    across.top = "0";
    across.height = `${this.main.clientHeight}px`;
    down.top = `${picture.offsetTop + picture.offsetHeight}px`;
    down.left = `${picture.offsetLeft}px`;
    down.width = `${picture.offsetWidth}px`;
    set(byId("across"), "aria-valuenow", Math.round(100 * this.share("--across")));
    set(byId("down"), "aria-valuenow", Math.round(100 * this.share("--down")));
  }

  listen(bar, name, axis, keys) {
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      this.from = { at: event[axis], share: this.share(name) };
    });
    bar.addEventListener("pointermove", (event) => {
      if (!this.from) return;
      const whole = name === "--across" ? this.main.clientWidth : this.main.clientHeight;
      this.move(name, this.from.share + (event[axis] - this.from.at) / whole);
    });
    const end = () => {
      if (this.from) bar.blur();
      this.from = null;
    };
    bar.addEventListener("pointerup", end);
    bar.addEventListener("pointercancel", end);
    bar.addEventListener("keydown", (event) => {
      const at = keys.indexOf(event.key);
      if (at < 0) return;
      event.preventDefault();
      event.stopPropagation();
      this.move(name, this.share(name) + (at ? 0.03 : -0.03));
    });
  }

  /** Another layout has shares of its own. */
  forget() {
    this.main.style.removeProperty("--across");
    this.main.style.removeProperty("--down");
  }
}

class Page {
  constructor(source) {
    this.source = source;
    this.looking = null;
    this.moves = 0;
    const run = (line) => this.run(line);
    const go = (n) => this.go(n);
    this.menu = new Menu(run, source);
    this.topology = new TopologyPane(source, this.menu);
    this.sequence = new SequencePane(source, go);
    this.bytes = new BytesPane(source);
    this.timeline = new Timeline(source, { look: (n) => this.look(n), go, run });
    this.why = new WhyPane(source);
    this.prompt = new PromptPane(source, run);
    this.lesson = new LessonPane(source, run);
    this.layout = new Layout(Object.fromEntries(["lesson", "picture", "sequence", "bytes", "why", "prompt"].map((name) => [name, byId(name)])), (name) => this.wake(name));
    this.layout.has("lesson", false);
    this.settings();
    this.session();
    addEventListener("resize", onceAFrame(() => this.layout.arrange()));
    source.on("session", () => this.session());
    source.on("now", (message) => this.now(message));
    source.on("bye", (why) => {
      this.stopPlaying();
      this.notice(why);
      document.body.classList.add("gone");
    });
    this.buttons();
    document.addEventListener("keydown", (event) => this.key(event));
    // A click with the pointer leaves the keys to the page: space is then a step again.
    document.addEventListener("click", (event) => {
      const button = event.detail && event.target.closest && event.target.closest("button, summary");
      if (button && !button.closest("#menu, dialog, [role=tablist]")) button.blur();
      for (const open of document.querySelectorAll("details.legend[open], details.marks-list[open]")) if (!open.contains(event.target)) open.open = false;
    });
    source.on("printed", (message) => this.bring(message));
    addEventListener("hashchange", () => this.toHash());
    if (!source.session.live) {
      this.now({});
      this.toHash();
    } else this.notice("Waiting for replab …");
  }

  session() {
    const { session } = this.source;
    say(byId("title"), session.title || "replab");
    document.title = session.title || "replab";
    this.layout.has("prompt", !!session.live);
    this.layout.arrange();
    set(byId("step"), "title", "Step (space or →)");
    set(byId("continue"), "title", session.live ? "Continue (c)" : "To the next mark (c)");
  }

  /** A hash like #m39 names a moment, #last the last one. A lab that others look at is not moved by it. */
  toHash() {
    const match = location.hash.match(/^#(?:m(\d+)|last)$/);
    if (!match) return;
    const asked = match[1] === undefined ? this.source.end : Number(match[1]);
    const n = Math.max(this.source.first, Math.min(this.source.end, asked));
    if (n === this.source.position) return;
    if (this.source.session.live) this.look(n);
    else this.go(n);
  }

  now(message) {
    const { source } = this;
    if (this.layout.has("lesson", source.session.live && this.lesson.show())) this.layout.arrange();
    this.prompt.show();
    this.drives();
    const n = source.position;
    this.timeline.show(this.looking ?? n);
    if (!this.begun) {
      this.begun = true;
      this.notice("");
      if (source.session.live && /^#(m\d+|last)$/.test(location.hash)) setTimeout(() => this.toHash());
    }
    if (this.looking !== null) {
      this.sequence.show(this.looking);
      return;
    }
    if (message.scene) this.display(n, message.scene, message.step || null);
    else if (source.sceneNow) {
      this.display(n, source.sceneNow(n), source.known(n) || null);
      if (location.hash !== `#m${n}` && this.begun && n !== source.first) history.replaceState(null, "", `#m${n}`);
    }
  }

  /** Who asks for bytes or reasons has the pane with them in sight, if it lies behind a tab that is neither prompt nor lesson. */
  bring({ line, by, text }) {
    if (by !== "page" || !this.source.drives) return;
    const name = /^(x|why)\b/.exec((line || "").trim());
    const pane = name && { x: "bytes", why: "why" }[name[1]];
    if (pane === "why") this.why.answer(line.trim(), text || "");
    const place = pane && Object.values(this.layout.plan).find((names) => names.includes(pane));
    if (place && !["picture", "prompt", "lesson"].some((each) => place.includes(each))) this.layout.select(pane);
  }

  display(n, scene, step) {
    this.shown = n;
    this.scene = scene;
    this.menu.scene = scene;
    this.sentence(n, scene, step);
    this.sequence.show(n);
    this.bytes.show(n, step, scene, this.timeline.sliding);
    this.topology.show(scene, step);
    this.why.show(n, step, scene);
    if (this.source.arrived) {
      // How long it took from the socket's message until it is on the screen.
      const from = this.source.arrived;
      this.source.arrived = 0;
      requestAnimationFrame(() => setTimeout(() => {
        this.latency = performance.now() - from;
        document.documentElement.dataset.latency = this.latency.toFixed(1);
      }));
    }
  }

  /** One sentence on what has just happened. */
  sentence(n, scene, step) {
    const { source } = this;
    const branch = source.branches.length > 1 ? `branch ${source.branch}` : "";
    say(byId("where"), [`moment ${count(n)} of ${count(source.end)}`, step ? step.time : scene.time, step && step.place, branch].filter(Boolean).join(" · "));
    set(document.documentElement, "data-moment", n);
    const parts = [];
    if (!step) parts.push(n === 0 ? "Nothing has happened yet: step, or start a node at the prompt." : `Moment ${n}.`);
    else {
      const messages = step.messages || [];
      const first = telling(messages);
      const [decision] = step.decisions || [];
      if (first) {
        // What a command means is said by the command, and what came back belongs to it.
        const meaning = (first.meaning || "").replace(/\.$/, "");
        const told = meaning && !meaning.startsWith(`command: ${first.title.slice(0, 8)}`);
        // Two lines are to hold all of it.
        const title = short(named(first.title, scene), 70);
        const more = (step.changes || []).some((change) => change.fact === "keys" || change.fact === "role") ? 60 : 0;
        const room = Math.min(170, Math.max(60, 230 - title.length - more - (decision ? Math.min(110, decision.title.length) : 0)));
        parts.push(`${first.from} says to ${first.to}: `, h("strong", { text: title }), told ? ` — ${short(named(meaning, scene), room)}` : "");
        const [answer] = messages.slice(-1);
        if (messages.length === 2 && answer.from === first.to && answer.to === first.from) parts.push(`, ${answer.from} answers: `, h("strong", { text: short(answer.title, 70) }));
        else if (messages.length > 1) parts.push(` (and ${counted(messages.length - 1, "message")} more)`);
      } else parts.push(h("strong", { text: short(step.what, 160) }));
      if (decision) parts.push(". ", `${decision.node} then: `, h("em", { text: short(named(decision.title, scene), 110) }));
      const lost = (step.changes || []).find((change) => change.fact === "keys" && Number(change.before) > 0 && Number(change.after) === 0);
      if (lost) parts.push(". ", h("em", { text: `${lost.node} has no key any more, it had ${count(Number(lost.before))}` }));
      const life = (step.changes || []).find((change) => change.fact === "role");
      if (life) parts.push(`. ${life.node} is now ${valueWords(life.after)}`);
    }
    byId("sentence").replaceChildren(...parts);
  }

  notice(words, ...buttons) {
    const box = byId("notice");
    box.hidden = !words;
    box.replaceChildren(words || "", ...buttons);
  }

  drives() {
    const { source } = this;
    const may = source.session.live ? source.drives : true;
    for (const id of ["home", "back", "step", "next", "continue", "end", "play"]) byId(id).disabled = !may;
    byId("moment").disabled = false;
  }

  /** Shows a moment without going there; of many that are asked for only the last is. */
  look(n) {
    if (n === null || n === this.source.position) {
      this.looking = null;
      this.wanted = null;
      this.notice("");
      document.body.classList.remove("looking");
      this.show(this.source.position);
      return;
    }
    this.looking = n;
    document.body.classList.add("looking");
    const buttons = [];
    if (!this.timeline.sliding) {
      if (this.source.drives) buttons.push(h("button", { type: "button", text: `Go to ${n}`, onclick: () => this.go(n) }));
      buttons.push(h("button", { type: "button", text: `Back to ${this.source.position}`, onclick: () => this.look(null) }));
    }
    this.notice(`Looking at moment ${count(n)}; the session is at ${count(this.source.position)}. `, ...buttons);
    this.show(n);
  }

  show(n) {
    this.timeline.show(n);
    if (this.source.sceneNow) {
      this.wanted = n;
      this.present ||= onceAFrame(() => {
        const at = this.wanted;
        if (at !== null && at !== undefined) this.display(at, this.source.sceneNow(at), this.source.known(at) || null);
      });
      this.present();
      return;
    }
    this.wanted = n;
    if (this.asking) return;
    this.asking = true;
    Promise.all([this.source.scene(n), this.source.step(n)]).then(([scene, step]) => {
      this.asking = false;
      const here = this.looking ?? this.source.position;
      if (n === here) this.display(n, scene, step);
      if (this.wanted !== null && this.wanted !== n) this.show(this.wanted);
    }, (error) => {
      this.asking = false;
      this.notice(error.message);
    });
  }

  go(n) {
    n = Math.max(this.source.first, Math.min(this.source.end, n));
    if (n === this.source.position) this.look(null);
    else if (this.source.session.live && !this.source.drives) this.look(n);
    else this.run(`goto ${n}`);
  }

  async run(line) {
    this.looking = null;
    this.wanted = null;
    this.timeline.sliding = false;
    document.body.classList.remove("looking");
    this.notice("");
    // A line that takes its time can be stopped.
    const slow = setTimeout(() => {
      if (!this.source.session.live) return;
      this.source.slow = true;
      this.source.emit("busy", { line });
    }, 400);
    try {
      await this.source.run(line);
      return true;
    } catch (error) {
      this.prompt.complain(error.message);
      this.notice(error.message);
      return false;
    } finally {
      clearTimeout(slow);
      if (this.source.slow) {
        this.source.slow = false;
        this.prompt.show();
      }
    }
  }

  /** A key that repeats does not outrun the lab: beyond two lines under way it is not heard. */
  async move(line) {
    if (this.moves >= 2) return;
    this.moves += 1;
    await this.run(line);
    this.moves -= 1;
  }

  wake(name) {
    if (!this.scene) return;
    if (name === "picture" && this.topology.fitted) this.topology.fit();
    if (name === "sequence") {
      this.sequence.measure();
      this.sequence.show(this.shown);
    }
    if (name === "bytes") this.bytes.wake();
    if (name === "why") this.why.wake();
    if (name === "prompt") this.prompt.bottom();
  }

  // Buttons and keys

  buttons() {
    const actions = this.actions = {
      home: () => this.go(this.source.first), end: () => this.go(this.source.end),
      back: () => this.move("back"), step: () => this.move("step"), next: () => this.move("next"), continue: () => this.move("continue"),
      play: () => this.play(),
    };
    for (const id in actions) byId(id).onclick = actions[id];
  }

  play() {
    if (this.playing) this.stopPlaying();
    else {
      this.playing = {};
      say(byId("play"), "stop");
      set(byId("play"), "aria-pressed", "true");
      this.playOn(this.playing);
    }
  }

  async playOn(playing) {
    while (this.playing === playing) {
      const began = performance.now();
      const before = this.source.position;
      if (!this.source.session.live && before >= this.source.end) break;
      if (!(await this.run("step")) || this.source.position === before) break;
      const pause = 1000 / Number(byId("speed").value) - (performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pause)));
    }
    if (this.playing === playing) this.stopPlaying();
  }

  stopPlaying() {
    this.playing = null;
    say(byId("play"), "play");
    set(byId("play"), "aria-pressed", "false");
  }

  key(event) {
    if (event.defaultPrevented && !(event.target.id === "moment")) return;
    if (event.key === "c" && event.ctrlKey && (this.source.busy || this.source.slow) && !String(getSelection())) {
      this.source.stop().catch(() => {});
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || byId("help").open) return;
    if (event.key === " " && event.target.closest("button, summary, a, [role=button], [role=tab]")) {
      const thing = event.target.closest("[data-menu]");
      if (thing) {
        event.preventDefault();
        thing.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      }
      return;
    }
    if (event.shiftKey && event.key.startsWith("Arrow")) {
      const by = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      this.topology.pan(...by);
      event.preventDefault();
      return;
    }
    const { actions } = this;
    const keys = {
      " ": actions.step, ArrowRight: actions.step, ArrowLeft: actions.back, Home: actions.home, End: actions.end, n: actions.next, c: actions.continue, p: actions.play,
      "+": () => this.topology.zoom(1.3), "=": () => this.topology.zoom(1.3), "-": () => this.topology.zoom(1 / 1.3), 0: () => this.topology.fit(),
      f: () => this.alone(), l: () => this.large(), t: () => this.theme(), "?": () => this.help(), Escape: () => {
        const open = document.querySelector("details.legend[open], details.marks-list[open]");
        if (open) open.open = false;
        else if (this.looking !== null) this.look(null);
        else this.stopPlaying();
      },
      "/": () => this.focus("prompt"), ":": () => this.focus("prompt"),
    };
    Object.keys(paneNames).forEach((name, at) => { keys[at + 1] = () => this.focus(name); });
    const action = keys[event.key];
    if (!action) return;
    const moves = [" ", "ArrowRight", "ArrowLeft", "Home", "End", "n", "c", "p"].includes(event.key);
    event.preventDefault();
    if (!moves || !byId("step").disabled) action();
  }

  focus(name) {
    if (!this.layout.available.has(name)) return;
    if (name !== "picture" && document.documentElement.classList.contains("alone")) this.alone();
    this.layout.select(name);
    const inside = { picture: "#topology [tabindex='0']", sequence: ".rows", bytes: "[role=treeitem]", why: "#why-body", prompt: "#line", lesson: "#lesson-want input, #lesson-want button" }[name];
    const element = byId(name).querySelector(inside) || byId(name).querySelector("[tabindex]");
    if (element) element.focus();
  }

  // How it looks

  settings() {
    const held = (name) => {
      try {
        return localStorage.getItem(`replab-${name}`);
      } catch {
        return null;
      }
    };
    this.keep = (name, value) => {
      try {
        localStorage.setItem(`replab-${name}`, value);
      } catch {
        // A page from a file may have no storage.
      }
    };
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const paint = () => {
      const theme = this.chosenTheme || (dark.matches ? "dark" : "light");
      set(document.documentElement, "data-theme", theme);
      say(byId("theme"), theme === "dark" ? "Light" : "Dark");
    };
    this.chosenTheme = held("theme");
    dark.addEventListener("change", paint);
    this.theme = () => {
      this.chosenTheme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      this.keep("theme", this.chosenTheme);
      paint();
    };
    paint();
    this.large = () => {
      const large = document.documentElement.classList.toggle("large");
      set(byId("large"), "aria-pressed", String(large));
      this.keep("large", large ? "yes" : "");
      this.layout.arrange();
      for (const name of ["picture", "sequence", "bytes", "why"]) this.wake(name);
      this.timeline.drawMarks(true);
    };
    this.alone = () => {
      const alone = document.documentElement.classList.toggle("alone");
      set(byId("alone"), "aria-pressed", String(alone));
      for (const name of ["picture", "sequence", "bytes", "why"]) this.wake(name);
    };
    byId("alone").onclick = () => this.alone();
    if (held("large")) this.large();
    byId("theme").onclick = () => this.theme();
    byId("large").onclick = () => this.large();
    byId("keys").onclick = () => this.help();
  }

  help() {
    const dialog = byId("help");
    // What this page has: one of a file has no prompt, and not every session a lesson.
    const { available } = this.layout;
    const { live } = this.source.session;
    const names = Object.entries(paneNames).filter(([name]) => available.has(name));
    const numbers = names.map(([name]) => Object.keys(paneNames).indexOf(name) + 1);
    const digits = numbers.length === numbers.at(-1) ? `1 … ${numbers.length}` : numbers.join(" ");
    const rows = [
      ["space, →", "step"], ["←", "back"], ["n", "the next phase"], ["c", live ? "continue" : "to the next mark"], ["Home, End", "the beginning, the end of history"], ["p", "play, stop"],
      ["+ − 0", "larger, smaller, all of the topology"], ["Shift and arrows", "move the topology; the pointer drags it"], ["Tab, Enter", "go through nodes, links and messages; what one can do with them"],
      ["f", "the topology alone, or with the rest"], [digits, names.map(([, words]) => words).join(", ")], ...(available.has("prompt") ? [["/", "the prompt; Escape leaves it"]] : []),
      ["l", "large type"], ["t", "light or dark"], ["Escape", live ? "back to where the session is" : "stop playing"],
    ];
    dialog.replaceChildren(h("h2", { id: "help-title", text: "Keys" }),
      h("table", {}, h("tbody", {}, ...rows.map(([keys, words]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", { text: keys })), h("td", { text: words }))))),
      h("form", { method: "dialog" }, h("button", { class: "main", text: "Close" })));
    dialog.showModal();
  }
}

openSource().then((source) => { window.page = new Page(source); }, (error) => {
  say(byId("sentence"), `The session in this page can't be read: ${error.message}`);
});
