"use strict";
// The picture: nodes in rows (Sentinels, masters, their replicas, replicas of those), links between them, and
// on the links what is in flight. A node keeps its place for as long as it keeps its row, whatever comes or goes.

const LIVES = { running: "", paused: "paused", ended: "stopped", killed: "killed", dark: "no power" };

class TopologyPane {
  constructor(source, menu) {
    this.source = source;
    this.menu = menu;
    this.places = new Places();
    this.nodes = new Map();
    this.edges = new Map();
    this.view = { x: 0, y: 0, k: 1 };
    this.wallWords = [];
    this.wallBoxes = [];
    this.fitted = true;
    this.body = byId("topology");
    this.layers = {};
    for (const name of ["edges", "cards", "flights", "walls"]) this.layers[name] = s("g", { class: name });
    this.root = s("g", {}, ...Object.values(this.layers));
    this.svg = s("svg", { class: "topology", role: "group", "aria-label": "Topology: nodes, links, and what is in flight" }, this.root);
    this.empty = h("p", { class: "empty", text: "No node yet." });
    this.body.append(this.svg, this.empty);
    this.paint = onceAFrame(() => this.look());
    this.listen();
    legend();
  }

  listen() {
    new ResizeObserver(() => {
      // At once, not a frame later: another size is not seen with the old one's picture.
      if (this.fitted) this.fit();
      this.look();
    }).observe(this.body);
    this.svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      const box = this.svg.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015));
      this.zoom(factor, event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    const fingers = new Map();
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      fingers.set(event.pointerId, event);
      this.dragged = false;
    });
    addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const dx = event.clientX - before.clientX;
      const dy = event.clientY - before.clientY;
      if (!this.dragged && Math.hypot(dx, dy) < 4) return;
      this.dragged = true;
      this.fitted = false;
      if (fingers.size === 2) {
        const other = [...fingers.values()].find((each) => each.pointerId !== event.pointerId);
        const far = (each) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
        const box = this.svg.getBoundingClientRect();
        this.zoom(far(event) / Math.max(1, far(before)), (event.clientX + other.clientX) / 2 - box.left, (event.clientY + other.clientY) / 2 - box.top);
      } else {
        this.view.x += dx;
        this.view.y += dy;
      }
      fingers.set(event.pointerId, event);
      this.paint();
    });
    const lift = (event) => fingers.delete(event.pointerId);
    addEventListener("pointerup", lift);
    addEventListener("pointercancel", lift);
    const choose = (event) => {
      if (this.dragged) return;
      const target = event.target.closest("[data-menu]");
      if (target) this.open(target, event.clientX, event.clientY);
    };
    this.svg.addEventListener("click", choose);
    this.svg.addEventListener("keydown", (event) => {
      const target = event.target.closest("[data-menu]");
      if (target && (event.key === "Enter" || event.key === "ContextMenu")) {
        event.preventDefault();
        event.stopPropagation();
        const box = target.getBoundingClientRect();
        this.open(target, box.left + box.width / 2, box.top + Math.min(box.height, 40));
      }
    });
    this.svg.addEventListener("focusin", (event) => {
      const card = event.target.closest("[data-node]");
      if (card) this.reveal(card.dataset.node);
    });
    byId("zoom-in").onclick = () => this.zoom(1.3);
    byId("zoom-out").onclick = () => this.zoom(1 / 1.3);
    byId("zoom-fit").onclick = () => this.fit();
    const find = byId("find");
    find.addEventListener("input", () => {
      for (const view of this.nodes.values()) view.card.classList.toggle("found", view.node.name === find.value);
      if (this.nodes.has(find.value)) this.centre(find.value);
    });
    find.addEventListener("keydown", (event) => {
      const view = this.nodes.get(find.value);
      if (event.key === "Enter" && view) view.card.focus();
    });
  }

  // The view

  zoom(factor, x, y) {
    const box = this.body.getBoundingClientRect();
    x ??= box.width / 2;
    y ??= box.height / 2;
    const k = Math.max(0.02, Math.min(4, this.view.k * factor));
    this.view.x = x - ((x - this.view.x) * k) / this.view.k;
    this.view.y = y - ((y - this.view.y) * k) / this.view.k;
    this.view.k = k;
    this.fitted = false;
    this.paint();
  }

  pan(dx, dy) {
    this.view.x += dx;
    this.view.y += dy;
    this.fitted = false;
    this.paint();
  }

  bounds() {
    let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
    for (const { at } of this.nodes.values()) {
      left = Math.min(left, at.x);
      right = Math.max(right, at.x);
      top = Math.min(top, at.y);
      bottom = Math.max(bottom, at.y);
    }
    const room = 24;
    return { left: left - CARD.width / 2 - 2 * room, right: right + CARD.width / 2 + 2 * room, top: top - CARD.height / 2 - room - (this.pills && this.pills.size ? 36 : 0), bottom: bottom + CARD.height / 2 + room };
  }

  fit() {
    this.fitted = true;
    if (!this.nodes.size) return;
    const box = this.body.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const { left, right, top, bottom } = this.bounds();
    // The pane's buttons lie on the picture's upper edge.
    const bar = rem() * 1.6;
    const k = Math.max(0.02, Math.min(rem() / 16 * 1.25, box.width / (right - left), (box.height - bar) / (bottom - top)));
    this.view = { k, x: box.width / 2 - (k * (left + right)) / 2, y: (box.height + bar) / 2 - (k * (top + bottom)) / 2 };
    this.paint();
  }

  /** Pans as little as is needed for a node to be seen. */
  reveal(name) {
    const view = this.nodes.get(name);
    const box = this.body.getBoundingClientRect();
    const x = this.view.x + view.at.x * this.view.k;
    const y = this.view.y + view.at.y * this.view.k;
    const half = { x: (CARD.width / 2) * this.view.k, y: (CARD.height / 2) * this.view.k };
    const dx = Math.max(0, half.x - x) - Math.max(0, x + half.x - box.width);
    const dy = Math.max(0, half.y - y) - Math.max(0, y + half.y - box.height);
    if (dx || dy) this.pan(dx, dy);
  }

  centre(name) {
    const view = this.nodes.get(name);
    const box = this.body.getBoundingClientRect();
    const k = Math.max(this.view.k, 0.8);
    this.view = { k, x: box.width / 2 - view.at.x * k, y: box.height / 2 - view.at.y * k };
    this.fitted = false;
    this.paint();
  }

  /** Moves the picture, and leaves out what is out of sight or too small to be read. */
  look() {
    const { x, y, k } = this.view;
    set(this.root, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${k.toFixed(4)})`);
    const level = k < 0.14 ? "tiny" : k < 0.42 ? "far" : "near";
    if (level !== this.level) {
      this.svg.classList.remove("tiny", "far", "near");
      this.svg.classList.add(level);
      this.level = level;
    }
    const width = this.body.clientWidth;
    const height = this.body.clientHeight;
    const margin = 40;
    for (const view of this.nodes.values()) {
      const cx = x + view.at.x * k;
      const cy = y + view.at.y * k;
      const hw = (CARD.width / 2) * k + margin;
      const hh = (CARD.height / 2) * k + margin * 1.5;
      const seen = cx > -hw && cx < width + hw && cy > -hh && cy < height + hh;
      if (seen !== view.seen) {
        view.seen = seen;
        set(view.card, "display", seen ? null : "none");
      }
      if (seen && level === "near") this.detail(view);
    }
    this.furnish();
    // Words keep inside the picture, which another size or scale makes another one.
    if (this.fitted && this.nodes.size <= 60 && this.written !== `${x} ${k} ${width}`) this.write();
  }

  // The scene

  show(scene, step) {
    this.forward = this.scene && scene.moment > this.scene.moment && scene.moment < this.scene.moment + 3;
    this.scene = scene;
    this.step = step;
    const byName = new Map(scene.nodes.map((node) => [node.name, node]));
    const rows = [...scene.nodes].sort((a, b) => rowOf(a) - rowOf(b));
    let moved = false;
    const changes = new Map();
    for (const change of (step && step.changes) || []) {
      if (!changes.has(change.node)) changes.set(change.node, new Set());
      changes.get(change.node).add(change.fact);
    }
    const cells = this.places.arrange(rows);
    for (const node of rows) {
      let view = this.nodes.get(node.name);
      if (!view) {
        view = this.card(node);
        this.nodes.set(node.name, view);
        moved = true;
      }
      view.cell = cells.get(node.name);
      const changed = changes.get(node.name);
      const words = this.words(node, changed);
      if (view.words !== words.key) {
        view.words = words.key;
        view.content = words;
        view.node = node;
        view.drawn = false;
        this.outline(view);
      } else view.node = node;
    }
    for (const [name, view] of this.nodes) {
      if (!byName.has(name)) {
        view.card.remove();
        this.nodes.delete(name);
        moved = true;
      }
    }
    for (const view of this.nodes.values()) {
      const at = this.places.point(view.cell);
      if (view.at && view.at.x === at.x && view.at.y === at.y) continue;
      moved = true;
      view.at = at;
      set(view.card, "transform", `translate(${at.x} ${at.y})`);
    }
    this.showClients(scene);
    this.showWalls(scene);
    this.showLinks(scene, step, byName);
    this.empty.hidden = scene.nodes.length > 0;
    if (moved) {
      if (this.fitted) this.fit();
      this.names(scene.nodes);
    }
    this.paint();
  }

  names(nodes) {
    byId("find-label").hidden = nodes.length <= 12;
    if (nodes.length > 12) byId("find-names").replaceChildren(...nodes.map((node) => h("option", { value: node.name })));
    const many = nodes.length > 60;
    for (const view of this.nodes.values()) set(view.card, "tabindex", many ? "-1" : "0");
  }

  /** The words on a card, and a key that tells whether they are still the same. */
  words(node, changed) {
    const life = LIVES[node.life] ?? node.life ?? "";
    const has = (fact) => changed && changed.has(fact);
    const lines = [];
    if (node.role === "sentinel") {
      const masters = (node.sentinel || {}).masters || [];
      for (const master of masters.slice(0, masters.length > 1 ? 3 : 1)) {
        const flags = String(master.flags || "").split(",").filter((flag) => flag && flag !== "master").join(", ");
        const where = master.node || (master.address || "").replace(/^127\.0\.0\.1:/, "port ");
        if (masters.length > 1) lines.push({ text: `${master.name} ${where}: ${flags || "up"}`, strong: !!flags });
        else {
          const down = flags.includes("o_down") ? "down for all (odown)" : flags.includes("s_down") ? "down for it (sdown)" : flags;
          lines.push({ text: `${master.name} is ${where}` }, { text: down || "up", strong: !!flags });
          if (master.failover && master.failover !== "none") lines.push({ text: `failover: ${String(master.failover).replaceAll("_", " ")}`, strong: true });
          else if (master.leader) lines.push({ text: `leader ${short(named(master.leader, this.scene), 14)}` });
        }
      }
      if (!lines.length) lines.push({ text: "watches nothing yet" });
    } else if (life && life !== "paused" && typeof node.offset !== "number") lines.push({ text: "does not run" });
    else {
      const facts = [];
      if (typeof node.offset === "number" && node.offset >= 0) facts.push(`offset ${count(node.offset)}`);
      if (typeof node.keys === "number") facts.push(counted(node.keys, "key"));
      lines.push({ text: facts.join(" · ") || "offset unknown", strong: has("offset") || has("keys") });
      if (node.replid) lines.push({ id: node.replid, second: /[1-9a-f]/.test(node.replid2 || "0") ? node.replid2 : "", strong: has("replid") });
      if (node.role === "replica") {
        lines.push({ text: (node.state || "").replaceAll("_", " ") || (node.master ? `of ${node.master}` : ""), strong: has("state") || has("link") });
      } else {
        const parts = [];
        const list = node.replicas || [];
        if (list.length) parts.push(list.length > 2 ? counted(list.length, "replica") : list.map((each) => `${each.name} ${(each.state || "").replaceAll("_", " ")}`).join(", "));
        if (node.output) parts.push(`${size(node.output)} to send`);
        lines.push({ text: parts.join(" · ") || (node.role === "master" ? "no replica" : ""), strong: has("replicas") || has("replica_states") });
      }
    }
    const any = !!changed;
    const key = [node.role, life, any, ...lines.map((line) => `${line.text || line.id + line.second}${line.strong ? "!" : ""}`)].join("|");
    return { key, life, lines: lines.slice(0, 3), any };
  }

  card(node) {
    const box = s("rect", { class: "box", x: -CARD.width / 2, y: -CARD.height / 2, width: CARD.width, height: CARD.height, rx: 4 });
    const name = s("text", { class: "name", x: -CARD.width / 2 + 10, y: -CARD.height / 2 + 19, text: node.name });
    const big = s("text", { class: "big", x: 0, y: 14, "text-anchor": "middle", text: short(node.name, 7) });
    const inner = s("g", { class: "inner" });
    const card = s("g", { class: "card", tabindex: "0", role: "button", "aria-haspopup": "menu", "data-menu": "node", "data-node": node.name }, box, name, big, inner);
    this.layers.cards.append(card);
    return { node, card, box, nameText: name, inner, seen: true };
  }

  /** What is seen of a node from afar: its box, its life, its role. */
  outline(view) {
    const { node, content } = view;
    set(view.card, "class", `card ${node.role || "unknown"} life-${node.life || "running"}${content.any ? " changed" : ""}`);
    const words = [node.name, node.role, content.life, ...content.lines.map((line) => (line.id ? `replication id ${line.id.slice(0, 8)}` : line.text))];
    set(view.card, "aria-label", words.filter(Boolean).join(", "));
  }

  detail(view) {
    if (view.drawn) return;
    view.drawn = true;
    const { node, content } = view;
    const left = -CARD.width / 2 + 10;
    const top = -CARD.height / 2;
    say(view.nameText, short(node.name, 12));
    const parts = [];
    if (content.life) {
      const width = textWidth(content.life, 12.5, 700) + 14;
      parts.push(s("rect", { class: "badge", x: CARD.width / 2 - width - 8, y: top + 7, width, height: 18, rx: 3 }));
      parts.push(s("text", { class: "badge-text", x: CARD.width / 2 - width / 2 - 8, y: top + 19, "text-anchor": "middle", text: content.life }));
    } else parts.push(s("text", { class: "role", x: CARD.width / 2 - 10, y: top + 19, "text-anchor": "end", text: node.role === "sentinel" ? "Sentinel" : node.role || "" }));
    content.lines.forEach((line, index) => {
      const y = top + 39 + index * 18;
      if (line.id) {
        const swatch = (id, x) => {
          const rect = s("rect", { class: "swatch", x, y: y - 10, width: 12, height: 12 });
          rect.style.fill = `hsl(${hue(id)} 55% 52%)`;
          return rect;
        };
        parts.push(swatch(line.id, left));
        parts.push(s("text", { class: `mono${line.strong ? " strong" : ""}`, x: left + 18, y, text: line.id.slice(0, 8) }));
        if (line.second) parts.push(swatch(line.second, left + 86), s("text", { class: "mono dim", x: left + 103, y, text: line.second.slice(0, 8) }));
      } else parts.push(s("text", { class: line.strong ? "strong" : "", x: left, y, text: fitting(line.text, CARD.width - 20, 12.5, line.strong ? 700 : 400) }));
    });
    if (node.life === "killed" || node.life === "dark" || node.life === "ended") {
      parts.unshift(s("path", { class: "cross", d: `M${-CARD.width / 2} ${top} L${CARD.width / 2} ${-top} M${CARD.width / 2} ${top} L${-CARD.width / 2} ${-top}` }));
    }
    if (node.life === "paused") {
      parts.unshift(s("path", { class: "bars", d: `M-10 ${top + 6} V${-top - 6} M10 ${top + 6} V${-top - 6}` }));
    }
    view.inner.replaceChildren(...parts);
  }

  // Clients stand on the card of the node they talk to.

  showClients(scene) {
    this.pills = new Map();
    const byNode = new Map();
    const add = (node, client) => {
      if (!this.nodes.has(node)) return;
      if (!byNode.has(node)) byNode.set(node, []);
      byNode.get(node).push(client);
    };
    // The prompt's own client of a node has the node's name; on its link it is just "client".
    const named = (scene.clients || []).map((client) => (client.name === client.node ? { ...client, name: "client" } : client));
    for (const client of named) add(client.node, client);
    for (const link of scene.links) {
      if (link.kind === "client" && !this.nodes.has(link.from) && !named.some((each) => each.name === link.from && each.node === link.to)) {
        const known = byNode.get(link.to);
        if (!known || !known.some((each) => each.name === link.from)) add(link.to, { name: link.from, node: link.to });
      }
    }
    for (const [name, view] of this.nodes) {
      const list = byNode.get(name) || [];
      const key = list.map((each) => `${each.name} ${each.state || ""}`).join("|");
      if (view.clientsKey === key) {
        for (const [client, at] of view.clients || []) this.pills.set(`${client} ${name}`, { x: view.at.x + at.x, y: view.at.y + at.y, width: at.width, height: 20 });
        continue;
      }
      view.clientsKey = key;
      if (view.clientGroup) view.clientGroup.remove();
      view.clientGroup = null;
      view.clients = new Map();
      if (!list.length) continue;
      const group = s("g", { class: "pills" });
      let x = -CARD.width / 2;
      const shown = list.slice(0, 3);
      for (const client of shown) {
        const state = client.state && client.state !== "idle" ? `, ${client.state}` : "";
        const text = short(client.name + state, 18);
        const width = textWidth(text, 12.5) + 16;
        const at = { x: x + width / 2, y: -CARD.height / 2 - 46, width };
        group.append(
          s("rect", { class: "pill", x, y: at.y - 10, width, height: 20, rx: 10 }),
          s("text", { class: "pill-text", x: at.x, y: at.y + 4, "text-anchor": "middle", text }));
        view.clients.set(client.name, at);
        this.pills.set(`${client.name} ${name}`, { x: view.at.x + at.x, y: view.at.y + at.y, width, height: 20 });
        x += width + 6;
      }
      if (list.length > shown.length) group.append(s("text", { class: "pill-text", x, y: -CARD.height / 2 - 42, text: `+ ${list.length - shown.length}` }));
      view.clientGroup = group;
      view.card.append(group);
    }
  }

  // Links, of which those between the same two of the same kind are one line.

  showLinks(scene, step, byName) {
    const wanted = new Map();
    const want = (from, to, kind) => {
      const key = from < to ? `${kind} ${from} ${to}` : `${kind} ${to} ${from}`;
      let edge = wanted.get(key);
      if (!edge) wanted.set(key, edge = { key, from, to, kind, links: [], arrived: [] });
      return edge;
    };
    for (const link of scene.links) {
      const party = (name, other) => this.nodes.has(name) || this.pills.has(`${name} ${other}`);
      if (!party(link.from, link.to) || !party(link.to, link.from)) continue;
      want(link.from, link.to, link.kind).links.push(link);
    }
    for (const node of scene.nodes) {
      if (!node.master || !byName.has(node.master) || node.master === node.name) continue;
      const key = node.name < node.master ? `replication ${node.name} ${node.master}` : `replication ${node.master} ${node.name}`;
      if (!wanted.has(key)) want(node.name, node.master, "replication").missing = true;
    }
    for (const said of step ? (step.messages && step.messages.length ? step.messages : step.packets || []) : []) {
      for (const edge of wanted.values()) {
        if ((edge.from === said.from && edge.to === said.to) || (edge.from === said.to && edge.to === said.from)) {
          edge.arrived.push(said);
          break;
        }
      }
    }
    for (const edge of wanted.values()) this.edge(edge);
    for (const [key, view] of this.edges) {
      if (wanted.has(key)) continue;
      view.line.remove();
      view.hit.remove();
      view.flights.remove();
      this.edges.delete(key);
    }
    if (this.nodes.size <= 60) this.write();
  }

  /**
   * Puts the words beside what they name: what has arrived first, then what is in flight, then the links' own.
   * Words that would lie on others go to the other side, or a little further along.
   */
  write() {
    const boxes = [];
    const { x: left, k } = this.view;
    this.written = `${left} ${k} ${this.body.clientWidth}`;
    const edge = { left: -left / k, right: (this.body.clientWidth - left) / k };
    if (this.nodes.size <= 60) {
      for (const { at } of this.nodes.values()) boxes.push([at.x - CARD.width / 2, at.y - CARD.height / 2, at.x + CARD.width / 2, at.y + CARD.height / 2, null, 3]);
      for (const at of this.pills.values()) boxes.push([at.x - at.width / 2, at.y - 10, at.x + at.width / 2, at.y + 10, null, 2]);
    }
    boxes.push(...this.wallBoxes);
    for (const { dot } of this.wallWords) boxes.push([dot.x - 22, dot.y - 22, dot.x + 22, dot.y + 22]);
    const all = [...this.edges.values()].flatMap((view) => (view.seen === false ? [] : view.words || [])).concat(this.wallWords).sort((a, b) => a.rank - b.rank);
    for (const word of all) if (word.dot && word.rank >= 0) boxes.push([word.dot.x - 7, word.dot.y - 7, word.dot.x + 7, word.dot.y + 7, word]);
    for (const word of all) {
      const width = textWidth(word.text.textContent, 12.5, word.rank ? 400 : 700);
      let best = null;
      for (const [x, y, anchor] of word.spots) {
        const at = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
        const box = [at, y - 10, at + width, y + 4, word];
        const out = this.fitted && (box[0] < edge.left || box[2] > edge.right) ? 4 : 0;
        const hits = out + boxes.reduce((sum, each) => sum + (each[4] !== word && each[0] < box[2] && each[2] > box[0] && each[1] < box[3] && each[3] > box[1] ? each[5] || 1 : 0), 0);
        if (!best || hits < best.hits) best = { hits, x, y, anchor, box };
        if (!hits) break;
      }
      // Of the Sentinels' many messages those keep their words that have room; all tell them when pointed at.
      const hidden = word.quiet && best.hits > 0;
      set(word.text, "display", hidden ? "none" : null);
      if (hidden) continue;
      boxes.push(best.box);
      set(word.text, "x", best.x.toFixed(1));
      set(word.text, "y", best.y.toFixed(1));
      set(word.text, "text-anchor", best.anchor);
    }
  }

  place(name, other) {
    const view = this.nodes.get(name);
    return view ? view.at : this.pills.get(`${name} ${other}`);
  }

  edge(edge) {
    let view = this.edges.get(edge.key);
    if (!view) {
      view = { line: s("path", { class: "edge" }), hit: s("path", { class: "hit", "data-menu": "edge", "data-edge": edge.key }), flights: s("g", { class: "on-edge" }) };
      this.layers.edges.append(view.line, view.hit);
      this.layers.flights.append(view.flights);
      this.edges.set(edge.key, view);
    }
    view.edge = edge;
    let a = this.place(edge.from, edge.to);
    let b = this.place(edge.to, edge.from);
    // A client's line goes straight down to the card it stands on.
    if (!this.nodes.has(edge.from)) b = { x: a.x, y: b.y - CARD.height / 2, width: 0, height: 0 };
    else if (!this.nodes.has(edge.to)) a = { x: b.x, y: a.y - CARD.height / 2, width: 0, height: 0 };
    const shape = `${a.x},${a.y},${b.x},${b.y}`;
    if (view.shape !== shape) {
      view.shape = shape;
      view.path = route(a, b);
      const { from, control, to } = view.path;
      const d = `M${from.x} ${from.y} Q${control.x} ${control.y} ${to.x} ${to.y}`;
      set(view.line, "d", d);
      set(view.hit, "d", d);
      view.key = "";
    }
    const main = edge.links[edge.links.length - 1];
    const wall = (this.scene.walls || []).some(({ between }) => between.includes(edge.from) && between.includes(edge.to));
    const now = edge.arrived.length > 0;
    view.wall = wall;
    set(view.line, "class", `edge ${edge.kind}${edge.missing ? " missing" : ""}${now ? " now" : ""}${wall ? " walled" : ""}`);
    const many = this.nodes.size > 60;
    const focusable = !many && edge.kind !== "other" && !edge.missing;
    set(view.hit, "tabindex", focusable ? "0" : null);
    set(view.hit, "role", focusable ? "button" : "presentation");
    set(view.hit, "aria-haspopup", focusable ? "menu" : null);
    const label = this.edgeLabel(edge, main);
    set(view.hit, "aria-label", focusable ? `link between ${edge.from} and ${edge.to}${label ? ", " + label : ""}` : null);
    const key = JSON.stringify([label, wall, edge.arrived.map((each) => [each.title || each.kind, each.to]), edge.links.map((link) => [link.flights, link.more])]);
    if (key === view.key) return;
    view.key = key;
    view.label = label;
    // Of many links only those in sight are furnished, and only once one can read it.
    if (many) view.stale = true;
    else this.onEdge(view, edge, label);
  }

  furnish() {
    if (this.nodes.size <= 60 || this.level === "tiny") return;
    const { x, y, k } = this.view;
    const width = this.body.clientWidth;
    const height = this.body.clientHeight;
    let any = false;
    for (const view of this.edges.values()) {
      const { from, to } = view.path;
      const seen = Math.max(from.x, to.x) * k + x > 0 && Math.min(from.x, to.x) * k + x < width && Math.max(from.y, to.y) * k + y > 0 && Math.min(from.y, to.y) * k + y < height;
      if (seen !== view.seen) {
        view.seen = seen;
        set(view.flights, "display", seen ? null : "none");
      }
      if (!seen || !view.stale) continue;
      view.stale = false;
      this.onEdge(view, view.edge, view.label);
      any = true;
    }
    if (any && this.level === "near") this.write();
  }

  edgeLabel(edge, main) {
    if (edge.kind === "client") return "";
    const parts = [];
    if (edge.missing) parts.push("no connection");
    if (main && edge.kind === "replication") parts.push(`link ${main.id}`, main.place || main.phase);
    if (main && main.slow) parts.push(`lag ${duration(main.lag)}`);
    for (const path of this.scene.paths || []) {
      if ((path.from === edge.from && path.to === edge.to) || (path.from === edge.to && path.to === edge.from)) parts.push(path.text);
    }
    if (edge.links.length > 1 && edge.kind === "replication") parts.push(`${edge.links.length} links`);
    return parts.filter(Boolean).join(" · ");
  }

  /** Dots in their order, the first to arrive foremost, each direction on its right-hand side. */
  onEdge(view, edge, label) {
    const { path } = view;
    const group = view.flights;
    const parts = [];
    const steep = Math.abs(path.to.y - path.from.y) > Math.abs(path.to.x - path.from.x) * 0.35;
    view.words = [];
    const written = (at, side, text, more, rank = 1) => {
      const element = s("text", { class: `said ${more || ""}`, text });
      const beside = (way, dy) => [at.x + way * 14, at.y + 4 + dy, way > 0 ? "start" : "end"];
      const spots = steep
        ? [beside(side, 0), beside(-side, 0), beside(side, 14), beside(side, -14), beside(-side, 14), beside(-side, -14)]
        : [16, -16, 30, -30, CARD.height / 2 + 24, -CARD.height / 2 - 24].map((far) => [at.x, at.y + 4 - side * far, "middle"]);
      // What has arrived may stand further back on its way.
      for (let back = 40; !rank && back < path.length * 0.7; back += 40) {
        const x = at.x - Math.cos(at.angle) * back;
        const y = at.y - Math.sin(at.angle) * back;
        spots.push([x + 16, y + 4, "start"], [x - 16, y + 4, "end"], [x, y - 14, "middle"], [x, y + 22, "middle"]);
      }
      view.words.push({ text: element, spots, rank, dot: at, quiet: rank > 0 && edge.kind === "sentinel" });
      return element;
    };
    for (const towards of [edge.to, edge.from]) {
      const forward = towards === edge.to;
      const point = (behind) => {
        const t = 1 - Math.min(behind / Math.max(path.length, 1), 0.94);
        const at = along(path, forward ? t : 1 - t);
        const angle = at.angle + (forward ? 0 : Math.PI);
        return { x: at.x - Math.sin(angle) * 8, y: at.y + Math.cos(angle) * 8, angle, side: steep ? (Math.sin(angle) < 0 ? 1 : -1) : (Math.cos(angle) > 0 ? -1 : 1) };
      };
      const arrived = edge.arrived.filter((each) => each.to === towards);
      if (arrived.length) {
        const at = point(9);
        const head = s("g", {}, s("path", { class: `arrived${arrived.some((each) => each.fault) ? " fault" : ""}`, d: "M8 0 L-8 -7 L-8 7 Z", transform: `translate(${at.x} ${at.y}) rotate(${(at.angle * 180) / Math.PI})` }));
        parts.push(head);
        // A step forward is seen to arrive.
        if (this.forward && !calm.matches) {
          const dx = -Math.cos(at.angle) * 34;
          const dy = -Math.sin(at.angle) * 34;
          head.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }], { duration: 160, easing: "ease-out" });
        }
        const first = telling(arrived);
        parts.push(written(at, at.side, short(first.title || packetWord(first.kind), 24) + (arrived.length > 1 ? ` + ${arrived.length - 1}` : ""), "strong", 0));
      }
      const flights = edge.links.flatMap((link) => (link.flights || []).map((flight) => ({ ...flight, link: link.id })))
        .filter((flight) => flight.towards === towards).sort((a, b) => a.place - b.place);
      const more = edge.links.reduce((sum, link) => sum + (link.more || 0), 0);
      // What a wall holds waits in front of it: a number says more than its words.
      const walled = flights.length > 0 && flights[0].held && view.wall;
      const front = walled ? path.length / 2 + 18 : arrived.length ? 34 : 20;
      const room = walled ? 3 : Math.max(1, Math.floor((path.length - front - 8) / 21));
      // What Sentinels would say through a wall is much, and of no interest: the link's menu counts it.
      const shown = walled && edge.kind === "sentinel" ? 0 : Math.min(flights.length, room);
      flights.slice(0, shown).forEach((flight, index) => {
        const at = point(front + index * 21);
        const data = flight.kind === "data";
        const dot = s("g", {
          class: `flight ${data ? "data" : "packet"}${flight.held ? " held" : ""}`, "data-menu": "flight", "data-edge": edge.key,
          "data-towards": towards, "data-place": flight.place, "data-link": flight.link, tabindex: "0", role: "button",
          "aria-haspopup": "menu", "aria-label": `in flight to ${towards}, number ${index + 1}: ${flight.title || packetWord(flight.kind)}`,
        });
        dot.append(
          s("title", { text: `${flight.title || packetWord(flight.kind)}, ${counted(flight.size || 0, "byte")}${flight.held ? ", held" : ""}` }),
          s("circle", { cx: at.x, cy: at.y, r: data ? 7 : 5 }),
          s("path", { class: "heading", d: "M-2 -3 L2 0 L-2 3", transform: `translate(${at.x} ${at.y}) rotate(${(at.angle * 180) / Math.PI})` }),
          walled ? "" : written(at, at.side, short(flight.title || packetWord(flight.kind), 24) + (flight.held ? " (held)" : "")));
        parts.push(dot);
      });
      if (walled) {
        const waiting = flights.length + (forward ? more : 0);
        if (edge.kind !== "sentinel") parts.push(written(point(front), point(front).side, waiting === 1 ? `${short(flights[0].title || packetWord(flights[0].kind), 20)} (held)` : `${waiting} held`));
      }
      const left = flights.length - shown + (forward ? more : 0);
      if (!walled && flights.length && left > 0) {
        const at = point(front + shown * 21 - 4);
        parts.push(written(at, at.side, `+ ${left} more`, "dim"));
      }
    }
    if (label && this.nodes.size <= 60) {
      const text = s("text", { class: "label", text: short(label, 34) });
      const spots = [];
      for (const where of [0.12, 0.5, 0.3, 0.7, 0.88]) {
        const at = along(path, where);
        if (steep) spots.push([at.x + 12, at.y + 4, "start"], [at.x - 12, at.y + 4, "end"], [at.x - 28, at.y + 4, "end"]);
        else spots.push([at.x, at.y + 18, "middle"], [at.x, at.y - 10, "middle"]);
      }
      view.words.push({ text, spots, rank: 2, quiet: view.wall });
      parts.unshift(text);
    }
    group.replaceChildren(...parts);
  }

  showWalls(scene) {
    const key = JSON.stringify([scene.walls, [...this.nodes.values()].map((view) => view.at)]);
    if (!scene.walls || !scene.walls.length) {
      this.layers.walls.replaceChildren();
      this.wallKey = "";
      this.wallWords = [];
      this.wallBoxes = [];
      return;
    }
    if (key === this.wallKey) return;
    this.wallKey = key;
    this.wallWords = [];
    this.wallBoxes = [];
    const walls = [];
    const parts = [];
    const enclosed = this.enclosure(scene.walls);
    if (enclosed) parts.push(enclosed);
    for (const { between, oneWay } of scene.walls.slice(0, 400)) {
      const [a, b] = between.map((name) => this.nodes.get(name));
      if (!a || !b) continue;
      const follows = (one, other) => one.node.master === other.node.name;
      if (enclosed && !follows(a, b) && !follows(b, a)) continue;
      const path = route(a.at, b.at);
      const at = along(path, 0.5);
      const turn = `translate(${at.x} ${at.y}) rotate(${(at.angle * 180) / Math.PI})`;
      const words = oneWay ? `wall: nothing from ${between[0]} to ${between[1]}` : "wall: partition";
      parts.push(s("g", { class: "wall", transform: turn, "data-menu": "wall", "data-between": JSON.stringify(between), tabindex: "0", role: "button", "aria-haspopup": "menu", "aria-label": `${words}, ${between.join(" and ")}` },
        s("rect", { x: -5, y: -30, width: 10, height: 60 }),
        s("path", { d: oneWay ? "M-5 -30 V30" : "M-5 -18 H5 M-5 -6 H5 M-5 6 H5 M-5 18 H5 M0 -30 V-18 M0 -6 V6 M0 18 V30" })));
      walls.push({ between, oneWay, at, weight: follows(a, b) || follows(b, a) ? 0 : 1 });
    }
    // Of the walls of one partition, two bear the word: those between a replica and its master, if there are.
    walls.sort((a, b) => a.weight - b.weight);
    for (const { between, oneWay, at } of enclosed ? [] : walls.slice(0, 2)) {
      const text = s("text", { class: "wall-text", text: oneWay ? `nothing gets from ${between[0]} to ${between[1]}` : "partition" });
      const spots = [[36, 4], [36, -12], [36, 20], [-36, 4], [-36, -12], [-36, 20], [20, 46], [-20, 46]].map(([dx, dy]) => [at.x + dx, at.y + dy, dx > 0 ? "start" : "end"]);
      this.wallWords.push({ text, spots, rank: -1, dot: at });
      parts.push(text);
    }
    this.layers.walls.replaceChildren(...parts);
  }

  /**
   * A partition of many pairs is drawn as one wall around one of its sides, where no card of the other stands between:
   * which side is which is then seen at once.
   */
  enclosure(walls) {
    if (walls.length < 4 || this.nodes.size > 60 || walls.some((wall) => wall.oneWay)) return null;
    const apart = new Set(walls.map(({ between }) => [...between].sort().join(" ")));
    const names = [...this.nodes.keys()];
    const side = new Set(names.slice(0, 1));
    for (const name of side) {
      for (const other of names) if (!apart.has([name, other].sort().join(" "))) side.add(other);
    }
    const rest = names.filter((name) => !side.has(name));
    // Both sides whole: all of one is apart from all of the other, and nobody else is apart.
    if (!rest.length || apart.size !== side.size * rest.length) return null;
    const sides = [[...side], rest].sort((a, b) => a.length - b.length);
    const pad = 22;
    const box = (list) => {
      const points = list.map((name) => this.nodes.get(name));
      const across = points.map(({ at }) => at.x);
      const down = points.map(({ at }) => at.y);
      const pills = points.map((view) => view.at.y - CARD.height / 2 - (view.clientGroup ? 36 : 0));
      return { left: Math.min(...across) - CARD.width / 2 - pad, right: Math.max(...across) + CARD.width / 2 + pad, top: Math.min(...pills) - pad, bottom: Math.max(...down) + CARD.height / 2 + pad };
    };
    for (const [inside, outside] of [sides, [...sides].reverse()]) {
      const { left, right, top, bottom } = box(inside);
      const free = outside.every((name) => {
        const { at } = this.nodes.get(name);
        return at.x + CARD.width / 2 < left || at.x - CARD.width / 2 > right || at.y + CARD.height / 2 < top || at.y - CARD.height / 2 > bottom;
      });
      if (!free) continue;
      const frame = { x: left, y: top, width: right - left, height: bottom - top, rx: 6 };
      const words = `wall: partition, ${inside.join(", ")} on one side, ${outside.join(", ")} on the other`;
      const half = 6;
      for (const x of [left, right]) this.wallBoxes.push([x - half, top, x + half, bottom]);
      for (const y of [top, bottom]) this.wallBoxes.push([left, y - half, right, y + half]);
      const text = s("text", { class: "wall-text", text: "partition: nothing gets in or out" });
      this.wallWords.push({ text, spots: [[left, bottom + 20, "start"], [right, bottom + 20, "end"], [left, top - 12, "start"]], rank: -1, dot: { x: left, y: bottom } });
      return s("g", { class: "wall enclosure", "data-menu": "wall", "data-between": "[]", tabindex: "0", role: "button", "aria-haspopup": "menu", "aria-label": words },
        s("rect", { class: "brick", ...frame }), s("rect", { class: "mortar", ...frame }), text);
    }
    return null;
  }

  // Menus: each item is the line that one could have typed.

  open(target, x, y) {
    const kind = target.dataset.menu;
    if (kind === "node") this.menu.node(this.nodes.get(target.dataset.node).node, x, y, target);
    else if (kind === "wall") {
      const [a, b] = JSON.parse(target.dataset.between);
      if (!a) this.menu.open(x, y, "the partition", [["what lies between its sides", "a wall"]], [["heal", "let all packets through again"]], target);
      else this.menu.open(x, y, `${a} and ${b}`, [["what lies between them", "a wall"]], [[`heal ${a} ${b}`, "let packets through again"]], target);
    } else {
      const { edge } = this.edges.get(target.dataset.edge);
      if (kind === "edge") this.menu.link(edge, this.scene, x, y, target);
      else {
        const link = edge.links.find((each) => String(each.id) === target.dataset.link);
        const flight = link && (link.flights || []).find((each) => each.towards === target.dataset.towards && String(each.place) === target.dataset.place);
        if (flight) this.menu.flight(link, flight, this.scene, x, y, target);
      }
    }
  }
}

function packetWord(kind) {
  return { syn: "SYN", synAck: "SYN, ACK", ack: "ACK", fin: "FIN", reset: "RST", data: "data" }[kind] || kind || "";
}

function legend() {
  const sample = (...parts) => s("svg", { width: 60, height: 26, viewBox: "0 0 60 26", "aria-hidden": "true", class: "topology near" }, ...parts);
  const card = (name) => s("g", { class: `card ${name}` }, s("rect", { class: "box", x: 4, y: 4, width: 52, height: 18, rx: 3 }));
  const row = (picture, words) => h("p", {}, picture, h("span", { text: words }));
  byId("legend").append(
    row(sample(card("master life-running")), "a master: thick border"),
    row(sample(card("replica life-running")), "a replica"),
    row(sample(card("sentinel life-running")), "a Sentinel: dotted border"),
    row(sample(s("g", { class: "card replica life-killed" }, s("rect", { class: "box", x: 4, y: 4, width: 52, height: 18 }), s("path", { class: "cross", d: "M4 4 L56 22 M56 4 L4 22" }))), "a node that does not run: crossed out"),
    row(sample(s("path", { class: "edge replication", d: "M2 13 H58" }), s("g", { class: "flight data" }, s("circle", { cx: 40, cy: 13, r: 7 }), s("path", { class: "heading", d: "M38 10 L42 13 L38 16" }))), "a message in flight; the foremost arrives first"),
    row(sample(s("path", { class: "edge replication", d: "M2 13 H58" }), s("g", { class: "flight packet" }, s("circle", { cx: 40, cy: 13, r: 5 }))), "a packet without data: SYN, ACK, FIN, RST"),
    row(sample(s("path", { class: "edge replication now", d: "M2 13 H50" }), s("path", { class: "arrived", d: "M58 13 L42 6 L42 20 Z" })), "what has just arrived"),
    row(sample(s("path", { class: "edge replication missing", d: "M2 13 H58" })), "should be connected, and is not"),
    row(sample(s("path", { class: "edge replication", d: "M2 13 H58" }), s("g", { class: "wall" }, s("rect", { x: 25, y: 1, width: 10, height: 24 }))), "a wall: the network lets nothing through"),
    row(sample(s("rect", { class: "pill", x: 6, y: 4, width: 48, height: 18, rx: 9 })), "a client, above the node it talks to"),
    row(sample(s("rect", { class: "swatch sample", x: 24, y: 7, width: 12, height: 12 })), "a replication id: same colour and characters, same history"));
}
