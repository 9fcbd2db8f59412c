"use strict";
// Why: what nodes decided at this moment and with what numbers, what they logged, and how it all went over time.

/** What one looks for first, first: the pane is small. */
const WEIGHT = ["life", "role", "keys", "offset", "state", "link"];

function byWeight(changes) {
  const weight = ({ fact }) => (WEIGHT.includes(fact) ? WEIGHT.indexOf(fact) : WEIGHT.length);
  return [...changes].sort((a, b) => weight(a) - weight(b));
}

class WhyPane {
  constructor(source) {
    this.source = source;
    this.body = byId("why-body");
    this.mode = "moment";
    this.node = "";
    for (const mode of ["moment", "logs", "chart"]) byId(`why-${mode}`).onclick = () => this.choose(mode);
    byId("why-node").onchange = (event) => {
      this.node = event.target.value;
      this.refresh();
    };
    byId("why-fact").append(...Object.entries(FACTS).map(([value, fact]) => h("option", { value, text: fact.name })));
    byId("why-fact").onchange = () => this.refresh();
    byId("why-over").onchange = () => this.refresh();
    new ResizeObserver(onceAFrame(() => {
      if (this.mode === "chart") this.drawChart();
    })).observe(this.body);
  }

  choose(mode) {
    this.mode = mode;
    for (const each of ["moment", "logs", "chart"]) set(byId(`why-${each}`), "aria-pressed", String(each === mode));
    byId("why-node-label").hidden = mode !== "logs";
    byId("why-fact-label").hidden = mode !== "chart";
    byId("why-over-label").hidden = mode !== "chart";
    this.refresh();
  }

  show(n, step, scene) {
    this.n = n;
    this.step = step;
    this.scene = scene;
    if (this.body.offsetParent) this.refresh();
  }

  /** What the prompt has answered about any step stands first, as long as one stays at this moment. */
  answer(line, text) {
    this.answered = { n: this.n, line, text };
    this.choose("moment");
  }

  wake() {
    this.refresh();
  }

  refresh() {
    if (!this.scene) return;
    if (this.mode === "moment") this.moment();
    else if (this.mode === "logs") this.log();
    else this.chart();
  }

  moment() {
    const { step, answered } = this;
    const parts = [];
    if (answered && answered.n === this.n) parts.push(h("h3", {}, h("b", { text: answered.line })), coloured(answered.text), h("h3", { text: "At this moment" }));
    if (!step) parts.push(h("p", { text: "Nothing has happened yet." }));
    else {
      for (const decision of step.decisions || []) {
        parts.push(h("h3", {}, h("b", { text: decision.node }), ` ${named(decision.title, this.scene)}`), ...(decision.lines || []).map((line) => h("p", { class: "reason", text: named(line, this.scene) })));
      }
      // Where there is more to show, one sees that nobody decided anything.
      if (![step.decisions, step.changes, step.logs].some((list) => (list || []).length)) parts.push(h("p", { class: "dim", text: "No node decided anything at this moment." }));
      if ((step.changes || []).length) {
        parts.push(h("h3", { text: "What changed" }), h("table", {},
          h("thead", {}, h("tr", {}, ...["node", "fact", "before", "after"].map((text) => h("th", { scope: "col", text })))),
          h("tbody", {}, ...byWeight(step.changes).slice(0, 200).map((change) => h("tr", {}, h("td", { text: change.node }), h("td", { text: change.fact }),
            h("td", { class: "mono", text: valueWords(change.before) }), h("td", { class: "mono", text: valueWords(change.after) }))))));
      }
      if ((step.logs || []).length) {
        parts.push(h("h3", { text: "What was logged" }), ...step.logs.slice(0, 200).map((log) => h("p", { class: "log-line" }, h("b", { text: log.node }), ` ${log.level} ${log.text}`)));
      }
      if ((step.sent || []).length) parts.push(h("h3", { text: "What was sent" }), ...step.sent.slice(0, 50).map((sent) => h("p", { text: `${sent.from} sends ${counted(sent.size, "byte")} to ${sent.to}, link ${sent.link}` })));
      if (step.lines && step.lines.length) parts.push(h("details", { class: "printed-step" }, h("summary", { text: "As the prompt prints it" }), printedLines(step.lines)));
    }
    this.body.replaceChildren(...parts);
  }

  nodes() {
    const select = byId("why-node");
    const names = this.scene.nodes.map((node) => node.name);
    if (!names.includes(this.node)) this.node = names[0] || "";
    const key = names.join(" ");
    if (select.key !== key) {
      select.key = key;
      select.replaceChildren(...names.map((name) => h("option", { value: name, text: name })));
    }
    select.value = this.node;
  }

  log() {
    this.nodes();
    const asked = this.asked = {};
    if (!this.node) {
      this.body.replaceChildren(h("p", { class: "dim", text: "No node yet." }));
      return;
    }
    this.source.log(this.node, 200, this.n).then((log) => {
      if (this.asked !== asked || this.mode !== "logs") return;
      const until = log.filter((entry) => entry.n <= this.n);
      this.body.replaceChildren(...(until.length
        ? until.map((entry) => h("p", { class: `log-line${entry.n === this.n ? " now-line" : ""}${entry.level === "#" ? " warning" : ""}` }, h("span", { class: "dim", text: `${entry.n} ${entry.time} ` }), `${entry.level} ${entry.text}`))
        : [h("p", { class: "dim", text: `${this.node} has logged nothing yet.` })]));
      this.body.scrollTop = this.body.scrollHeight;
    }, () => {});
  }

  /** The series are asked for when history grew, not at every step back and forth. */
  chart() {
    const key = `${this.source.end} ${this.source.branch}`;
    if (key === this.seriesKey || this.asking) {
      this.drawChart();
      return;
    }
    this.asking = true;
    if (!this.series) this.body.replaceChildren(h("p", { class: "dim", text: "Drawing …" }));
    this.source.series(240).then((series) => {
      this.asking = false;
      this.seriesKey = key;
      this.series = series;
      if (this.mode === "chart") this.drawChart();
    }, (error) => {
      this.asking = false;
      this.body.replaceChildren(h("p", { text: error.message }));
    });
  }

  drawChart() {
    const { series } = this;
    if (!series || !this.body.clientWidth) return;
    const fact = byId("why-fact").value;
    const { name, of, unit } = FACTS[fact];
    const all = Object.keys(series.nodes).map((node) => [node, of(series, node)]).filter(([, values]) => values.some((value) => value !== null && value !== undefined));
    const shown = all.slice(0, 10);
    const u = rem() / 16;
    const width = this.body.clientWidth - 24 * u;
    const height = Math.max(160 * u, Math.min(320 * u, this.body.clientHeight - 60 * u));
    const room = { left: 62 * u, right: 70 * u, top: 12 * u, bottom: 26 * u };
    const overTime = byId("why-over").value === "time" && series.us;
    const moments = overTime ? series.us : series.moments;
    const last = Math.max(1, moments[moments.length - 1] - moments[0]);
    const here = overTime ? (this.step ? this.step.us : this.scene.us || 0) : this.n;
    let most = 1;
    for (const [, values] of shown) for (const value of values) if (value > most) most = value;
    const x = (n) => room.left + ((width - room.left - room.right) * (n - moments[0])) / last;
    const y = (value) => height - room.bottom - ((height - room.top - room.bottom) * value) / most;
    const parts = [];
    for (const part of [0, 0.5, 1]) {
      const value = most * part;
      parts.push(s("path", { class: "grid", d: `M${room.left} ${y(value)} H${width - room.right}` }),
        s("text", { class: "axis", x: room.left - 6, y: y(value) + 4, "text-anchor": "end", text: unit === "B" ? size(Math.round(value)) : count(Math.round(value)) }));
    }
    parts.push(s("text", { class: "axis", x: room.left, y: height - 6, text: overTime ? duration(moments[0]) : `moment ${moments[0]}` }),
      s("text", { class: "axis", x: width - room.right, y: height - 6, "text-anchor": "end", text: overTime ? duration(moments[moments.length - 1]) : count(moments[moments.length - 1]) }));
    const ends = [];
    shown.forEach(([node, values], index) => {
      let d = "";
      let pen = false;
      let end = null;
      values.forEach((value, at) => {
        if (value === null || value === undefined) {
          pen = false;
          return;
        }
        d += pen ? `H${x(moments[at]).toFixed(1)}V${y(value).toFixed(1)}` : `M${x(moments[at]).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = true;
        end = [x(moments[at]), y(value)];
      });
      parts.push(s("path", { class: `series series-${index % 5}`, d, "stroke-dasharray": DASHES[index % DASHES.length] }));
      ends.push({ node, index, x: end[0], y: end[1] });
    });
    ends.sort((a, b) => a.y - b.y);
    let under = -Infinity;
    for (const end of ends) {
      const at = Math.max(end.y, under + 14 * u);
      under = at;
      parts.push(s("text", { class: `series-name series-${end.index % 5}`, x: end.x + 6, y: at + 4, text: short(end.node, 9) }));
    }
    if (here >= moments[0]) parts.push(s("path", { class: "here", d: `M${x(Math.min(here, moments[moments.length - 1]))} ${room.top} V${height - room.bottom}` }));
    const words = shown.map(([node, values]) => `${node} ${count(values.filter((value) => value !== null && value !== undefined).pop())}`).join(", ");
    this.body.replaceChildren(
      h("p", { class: "dim", text: `${name}; the line is where one is.${all.length > shown.length ? ` The first ${shown.length} of ${all.length} nodes.` : ""}` }),
      shown.length ? s("svg", { class: "chart", width, height, role: "img", "aria-label": `${name} over time; at the end: ${words}` }, ...parts) : h("p", { text: "Nothing to draw yet." }));
  }
}

const DASHES = ["", "7 4", "2 3", "10 3 2 3", "14 5"];

const FACTS = {
  offset: { name: "Replication offset", unit: "B", of: (series, node) => series.nodes[node].offset || [] },
  lag: {
    name: "Lag: bytes behind the furthest offset", unit: "B",
    of: (series, node) => series.moments.map((_, at) => {
      const own = (series.nodes[node].offset || [])[at];
      if (own === null || own === undefined) return null;
      let most = own;
      for (const each in series.nodes) most = Math.max(most, (series.nodes[each].offset || [])[at] || 0);
      return most - own;
    }),
  },
  keys: { name: "Keys", unit: "", of: (series, node) => series.nodes[node].keys || [] },
  output: { name: "Output buffers to replicas", unit: "B", of: (series, node) => series.nodes[node].output || [] },
  backlog: { name: "Backlog", unit: "B", of: (series, node) => series.nodes[node].backlog || [] },
};

function valueWords(value) {
  return value === null || value === undefined || value === "" ? "none" : String(value);
}

/** Lines of [style, text] runs, as the prompt prints a step. */
function printedLines(lines) {
  return h("pre", { class: "printed-lines" }, ...lines.slice(0, 1000).flatMap((line) => [...line.map(([style, text]) => h("span", { class: `p-${style}`, text })), "\n"]));
}
