"use strict";
// Time: a slider over all moments, with what happened marked on it, and branches above it.

const MARKS = {
  fault: ["✕", "fault"], start: ["□", "a node starts or goes on"], life: ["■", "a node ends or stands still"], sync: ["▼", "full sync"], partial: ["▽", "partial resync"],
  failover: ["◆", "failover"], decision: ["●", "decision"], breakpoint: ["◎", "breakpoint"],
};

/** Of what a node's life is marked with, a beginning looks different from an end. */
function markKind([, kind, text]) {
  return kind === "life" && /(starts|again|goes on|resumes)/.test(text) ? "start" : kind;
}

class Timeline {
  /** `look(n)` shows a moment without going there, `go(n)` goes, `run(line)` types. */
  constructor(source, { look, go, run }) {
    this.source = source;
    this.look = look;
    this.go = go;
    this.run = run;
    this.slider = byId("moment");
    this.slider.addEventListener("input", () => {
      this.sliding = true;
      look(Number(this.slider.value));
    });
    this.slider.addEventListener("change", () => {
      this.sliding = false;
      go(Number(this.slider.value));
    });
    this.slider.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.sliding) {
        this.sliding = false;
        look(null);
      }
      // The page's own keys mean the same wherever one is: they go a moment back and forth.
      if (event.key === "Home" || event.key === "End" || event.key === "ArrowLeft" || event.key === "ArrowRight") event.preventDefault();
    });
    byId("marks").addEventListener("click", (event) => {
      const mark = event.target.closest("[data-moment]");
      if (mark) go(Number(mark.dataset.moment));
    });
    new ResizeObserver(() => this.drawMarks(true)).observe(byId("marks"));
    document.querySelector(".marks-list").addEventListener("toggle", () => this.list());
  }

  /** The slider's knob has a width: a moment stands where the knob's middle does. */
  x(n) {
    const { first, end } = this.source;
    const knob = 16;
    const width = byId("marks").clientWidth;
    return knob / 2 + ((width - knob) * (n - first)) / Math.max(1, end - first);
  }

  show(position) {
    const { first, end, branches, branch } = this.source;
    set(this.slider, "min", first);
    set(this.slider, "max", end);
    if (!this.sliding) this.slider.value = position;
    const step = this.source.known(position);
    set(this.slider, "aria-valuetext", `moment ${position} of ${end}${step ? ", " + step.time : ""}`);
    this.drawMarks(false);
    this.drawBranches(branches, branch, position);
    if (document.querySelector(".marks-list").open) this.list();
  }

  drawMarks(again) {
    const box = byId("marks");
    const width = box.clientWidth;
    const key = `${this.source.first} ${this.source.end} ${this.source.marks.length} ${width} ${this.source.branch}`;
    if (!width || (!again && key === this.key)) return;
    this.key = key;
    // Marks that would lie on one another are one, of the gravest kind.
    const grave = ["fault", "failover", "life", "sync", "partial", "breakpoint", "start", "decision"];
    const cells = new Map();
    for (const each of this.source.marks) {
      const [moment, , text] = each;
      const kind = markKind(each);
      const cell = Math.round(this.x(moment) / 12);
      const held = cells.get(cell);
      if (!held) cells.set(cell, { moment, kind, text, texts: [`${moment} ${text}`], more: 0 });
      else {
        if (held.texts.length < 8) held.texts.push(`${moment} ${text}`);
        else held.more += 1;
        if (grave.indexOf(kind) < grave.indexOf(held.kind)) Object.assign(held, { moment, kind, text });
      }
    }
    const marks = [...cells.values()];
    const said = this.written(marks, grave, width);
    box.replaceChildren(...marks.map((mark) => {
      const [sign, words] = MARKS[mark.kind] || ["·", mark.kind];
      const title = `${words}: ${mark.texts.join("; ")}${mark.more ? `; and ${mark.more} more` : ""}`;
      const element = h("span", { class: `mark ${mark.kind}`, "data-moment": mark.moment, title, text: sign });
      element.style.left = `${this.x(mark.moment)}px`;
      const word = said.get(mark);
      if (word) element.append(h("span", { class: `mark-words ${word.side}`, text: word.text }));
      return element;
    }));
  }

  /** The words of those marks beside which there is room for them: the gravest choose first, the later before the earlier. */
  written(marks, grave, width) {
    const said = new Map();
    if (marks.length > 200) return said;
    const unit = rem() / 16;
    const taken = marks.map((mark) => [this.x(mark.moment) - 7 * unit, this.x(mark.moment) + 7 * unit, mark]);
    const order = [...marks].sort((a, b) => grave.indexOf(a.kind) - grave.indexOf(b.kind) || b.moment - a.moment);
    for (const mark of order) {
      const text = short(mark.text, 56);
      const wide = textWidth(text, 12 * unit) + 8 * unit;
      const x = this.x(mark.moment);
      for (const [side, from, to] of [["after", x + 7 * unit, x + 7 * unit + wide], ["before", x - 7 * unit - wide, x - 7 * unit]]) {
        if (from < 0 || to > width || taken.some(([left, right, of]) => of !== mark && left < to && right > from)) continue;
        taken.push([from, to, null]);
        said.set(mark, { side, text });
        break;
      }
      if (said.has(mark) || mark.kind === "start") continue;
      // Half of what a grave mark says is more than its sign alone.
      const from = x + 7 * unit;
      const to = Math.min(width, ...taken.filter(([left, , of]) => of !== mark && left >= x).map(([left]) => left));
      if (to - from < 70 * unit) continue;
      taken.push([from, to, null]);
      said.set(mark, { side: "after", text: fitting(text, to - from - 8 * unit, 12 * unit) });
    }
    return said;
  }

  drawBranches(branches, current, position) {
    const box = byId("branches");
    const shown = (branches || []).slice(-12);
    const key = JSON.stringify([shown, current, position]);
    if (key === this.branchKey) return;
    this.branchKey = key;
    if (shown.length < 2) {
      box.replaceChildren();
      return;
    }
    const last = Math.max(1, ...shown.map((each) => each.end));
    const live = this.source.session.live;
    box.replaceChildren(...shown.map((each) => {
      const from = each.from ? each.from.moment : 0;
      const here = each.number === current;
      const words = each.from ? `branch ${each.number}, from moment ${each.from.moment} of branch ${each.from.branch}, to ${each.end}` : `branch ${each.number}, to moment ${each.end}`;
      const line = h("span", { class: "branch-line" });
      line.style.left = `${(100 * from) / last}%`;
      line.style.width = `${Math.max(0.5, (100 * (each.end - from)) / last)}%`;
      const track = h("span", { class: "branch-track" }, line);
      if (here) {
        const dot = h("span", { class: "branch-dot" });
        dot.style.left = `${(100 * position) / last}%`;
        track.append(dot);
      }
      return h(live && !here ? "button" : "div", {
        class: `branch${here ? " here" : ""}`, type: live && !here ? "button" : null, title: words, "aria-label": words + (here ? ", where one is" : ""),
        role: live && !here ? null : "img", onclick: live && !here ? () => this.run(`branch ${each.number}`) : null,
      }, h("span", { class: "branch-name", text: `branch ${each.number}${here ? " ◂" : ""}` }), track);
    }));
  }

  list() {
    const box = byId("marks-list");
    const marks = this.source.marks.slice(-500);
    box.replaceChildren(marks.length
      ? h("ul", {}, ...marks.map(([moment, , text], at) => h("li", {}, h("button", {
        type: "button", onclick: () => this.go(moment),
      }, h("span", { class: `sign ${markKind(marks[at])}`, "aria-hidden": "true", text: (MARKS[markKind(marks[at])] || ["·"])[0] }), ` ${moment}  ${text}`))))
      : h("p", { text: "Nothing marked yet." }));
  }
}
