"use strict";
// A lesson beside the picture: what it tells, the command it wants, the question it asks. Every button is a line
// that one could have typed.

class LessonPane {
  constructor(source, run) {
    this.source = source;
    this.run = run;
    this.body = byId("lesson-body");
    this.want = byId("lesson-want");
    source.on("printed", (message) => {
      const { lesson } = source;
      if (lesson && lesson.want && (lesson.want.kind === "question" || message.line === "hint")) this.verdict = message.text;
    });
    this.want.addEventListener("submit", (event) => {
      event.preventDefault();
      const lesson = this.source.lesson;
      if (!lesson || !lesson.want) return;
      if (lesson.want.kind === "command") this.runOnce(lesson.want.text);
      else this.answer();
    });
  }

  /** Half an hour of virtual time takes seconds: who clicks again meanwhile does not mean another half hour. */
  async runOnce(line) {
    if (this.running === this.key) return;
    this.running = this.key;
    const button = this.want.querySelector("button.main");
    set(button, "aria-busy", "true");
    await this.run(line);
    this.running = "";
    set(button, "aria-busy", null);
  }

  /** Whether there is a lesson to be shown. */
  show() {
    const { lesson } = this.source;
    if (!lesson) {
      this.key = "";
      this.name = "";
      return false;
    }
    const part = lesson.parts ? `${lesson.part} of ${counted(lesson.parts, "part")} done` : "";
    say(byId("lesson-part"), part);
    const bar = byId("lesson-bar");
    bar.hidden = !lesson.parts;
    set(bar, "max", lesson.parts || 1);
    bar.value = lesson.part || 0;
    this.tell(lesson);
    const key = JSON.stringify([lesson, this.source.drives]);
    if (key === this.key) return true;
    this.key = key;
    this.ask(lesson);
    return true;
  }

  /**
   * What the lesson tells, under what it told before, so that one can read back. Between them stands what it said to
   * an answer; it is printed, together with the text that follows, which is told here anyhow.
   */
  tell(lesson) {
    if (lesson.name !== this.name) {
      this.name = lesson.name;
      this.told = "";
      this.body.replaceChildren(h("h2", { class: "lesson-title", text: lesson.title || "" }));
    }
    const lines = (lesson.prose || []).filter((line) => line !== `# ${lesson.title}`);
    const told = `${lesson.part} ${lines.join("\n")}`;
    const prose = told !== this.told && lines.some((line) => line.trim());
    this.told = told;
    const block = h("div", { class: "lesson-block" });
    if (this.verdict) {
      const plain = (text) => text.replace(/[`*#\s]+/g, "");
      const begins = plain(lines.find((line) => line.trim()) || "").slice(0, 24);
      const said = [];
      for (const line of this.verdict.replace(/\u001b\[[0-9;]*m/g, "").split("\n")) {
        if (/^\s*▸/.test(line) || (begins && line.trim() && (plain(line).startsWith(begins) || begins.startsWith(plain(line))))) break;
        said.push(line);
      }
      this.verdict = "";
      if (said.join("").trim()) block.append(h("div", { class: "verdict" }, ...markdown(said)));
    }
    if (prose) block.append(...markdown(lines));
    if (!block.childElementCount) return;
    while (this.body.childElementCount > 80) this.body.children[1].remove();
    this.body.append(block);
    // Once the question below has its height.
    if (this.body.childElementCount > 2) requestAnimationFrame(() => { this.body.scrollTop += block.getBoundingClientRect().top - this.body.getBoundingClientRect().top - 8; });
  }

  line(words, title) {
    return h("button", { type: "button", text: words, title, disabled: !this.source.drives, onclick: () => this.run(words) });
  }

  ask(lesson) {
    const want = lesson.want || { kind: "done" };
    const others = [this.line("hint", "help with what is asked"), this.line("skip", "let the lesson do it"), this.line("again", "do this part again"), this.line("lesson off", "leave the lesson")];
    const parts = [];
    if (want.kind === "command") {
      parts.push(h("p", { text: "Run this, or type something else at the prompt:" }),
        h("p", { class: "wanted" }, h("code", { text: want.text }), h("button", { class: "main", text: "Run", disabled: !this.source.drives, "aria-label": `Run ${want.text}` })));
      others.shift();
    } else if (want.kind === "question") {
      const asked = h("div", { class: "question" }, ...markdown(want.text || []));
      const options = want.options || [];
      if (want.question === "choice" && options.length) {
        parts.push(h("fieldset", {}, h("legend", {}, asked), ...options.map((option, at) => {
          const letter = String.fromCharCode(97 + at);
          return h("label", { class: "option" }, h("input", { type: "radio", name: "answer", value: letter }), h("span", { class: "letter", text: letter }), h("span", {}, ...inline(option)));
        })), h("button", { class: "main", text: "Answer", disabled: !this.source.drives }));
      } else {
        const order = want.question === "order";
        if (options.length) asked.append(h("ol", { type: "a" }, ...options.map((option) => h("li", {}, ...inline(option)))));
        parts.push(asked, h("p", { class: "wanted" },
          h("input", {
            type: "text", name: "answer", autocomplete: "off", spellcheck: "false", inputmode: want.question === "number" ? "decimal" : null,
            "aria-label": order ? "All letters, in order" : want.question === "number" ? "A number" : "Your answer",
            placeholder: { order: "all letters, in order: b a c", number: "a number", command: "a command", predict: "what will it print?" }[want.question] || "your answer",
          }), h("button", { class: "main", text: "Answer", disabled: !this.source.drives })));
      }
    } else {
      parts.push(h("p", { text: "The lesson is done." }));
      if (want.next) {
        parts.push(h("p", { class: "wanted" }, h("span", { text: `The next one: ${want.next.title}` }),
          h("button", { type: "button", class: "next", text: "Begin", disabled: !this.source.drives, onclick: () => this.run(`lesson ${want.next.name}`) })));
      }
      others.splice(0, 2, this.line("lesson", "lists the lessons"));
    }
    const here = this.want.contains(document.activeElement);
    this.want.replaceChildren(...parts, h("p", { class: "lesson-lines" }, ...others));
    // Who goes through a lesson by keyboard stays where the next answer is given.
    const next = this.want.querySelector("input, button.main, button.next");
    if (here && next) next.focus();
  }

  answer() {
    const chosen = this.want.querySelector("input[type=radio]:checked") || this.want.querySelector("input[type=text]");
    if (!chosen || !chosen.value.trim()) return;
    this.run(chosen.value);
    // If it was wrong, the next one replaces it.
    if (chosen.type === "text") chosen.select();
  }
}

/** The little of Markdown that lessons use. Whatever else stands in it is text. */
function markdown(lines) {
  const parts = [];
  let paragraph = [];
  let list = null;
  let words = "";
  const end = () => {
    if (paragraph.length) parts.push(h("p", {}, ...inline(paragraph.join(" "))));
    paragraph = [];
    list = null;
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const fence = line.match(/^\s*(```+|~~~+)/);
    const item = line.match(/^(\s*)([-*]|\d+[.)])\s+(.*)/);
    const heading = line.match(/^(#{1,6})\s+(.*)/);
    if (fence) {
      end();
      const code = [];
      while (++at < lines.length && !lines[at].trim().startsWith(fence[1])) code.push(lines[at]);
      parts.push(h("pre", { class: "code", tabindex: "0", text: code.join("\n") }));
    } else if (/^\s*\|/.test(line)) {
      end();
      const rows = [line];
      while (at + 1 < lines.length && /^\s*\|/.test(lines[at + 1])) rows.push(lines[++at]);
      parts.push(h("pre", { class: "table", tabindex: "0", text: rows.filter((row) => !/^[\s|:-]+$/.test(row)).map((row) => row.trim().replace(/^\||\|$/g, "").replaceAll("`", "")).join("\n") }));
    } else if (heading) {
      end();
      parts.push(h("h3", {}, ...inline(heading[2])));
    } else if (item) {
      if (paragraph.length) end();
      const ordered = /\d/.test(item[2]);
      if (!list) {
        list = h(ordered ? "ol" : "ul");
        parts.push(list);
      }
      words = item[3];
      list.append(h("li", {}, ...inline(words)));
    } else if (!line.trim()) end();
    else if (list && /^\s/.test(line)) {
      // What stands in backticks may go on from one line to the next.
      words += ` ${line.trim()}`;
      list.lastElementChild.replaceChildren(...inline(words));
    }
    else {
      list = null;
      paragraph.push(line.trim());
    }
  }
  end();
  return parts;
}

function inline(text) {
  const parts = [];
  for (const part of text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)]*\))/)) {
    if (part.length > 2 && part.startsWith("`")) parts.push(h("code", { text: part.slice(1, -1) }));
    else if (part.length > 4 && part.startsWith("**")) parts.push(h("strong", { text: part.slice(2, -2) }));
    else if (part.length > 2 && /^\*[^*]+\*$/.test(part)) parts.push(h("em", { text: part.slice(1, -1) }));
    else if (/^\[[^\]]+\]\([^)]*\)$/.test(part)) parts.push(part.slice(1, part.indexOf("](")));
    else if (part) parts.push(part);
  }
  return parts;
}
