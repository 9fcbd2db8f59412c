"use strict";
// The prompt: the same session as the terminal's. What is typed in one shows in the other.

class PromptPane {
  constructor(source, run) {
    this.source = source;
    this.run = run;
    this.printed = byId("printed");
    this.line = byId("line");
    this.words = byId("words");
    this.history = [];
    this.length = 0;
    this.at = 0;
    byId("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    this.line.addEventListener("keydown", (event) => this.key(event));
    this.line.addEventListener("input", () => this.hideWords());
    byId("stop").onclick = () => source.stop().catch(() => {});
    byId("drive").onclick = () => source.drive().catch(() => {});
    source.on("printed", (message) => this.take(message));
    source.on("busy", (message) => {
      byId("stop").hidden = false;
      this.working(message);
    });
  }

  show() {
    const { source } = this;
    say(byId("prompt-word"), source.prompt);
    this.line.disabled = !source.drives;
    set(this.line, "placeholder", source.drives ? "type a command, or help" : "another page drives; Drive takes over");
    byId("drive").hidden = source.drives;
    const busy = source.busy || source.slow;
    byId("stop").hidden = !busy;
    if (!busy && this.work) {
      this.work.remove();
      this.work = null;
    }
  }

  enter() {
    const line = this.line.value;
    if (line.trim() && this.history[this.history.length - 1] !== line) this.history.push(line);
    if (this.history.length > 1000) this.history.shift();
    this.at = this.history.length;
    this.line.value = "";
    this.hideWords();
    this.run(line);
  }

  key(event) {
    if (event.key === "Tab" && !event.shiftKey && !event.ctrlKey && this.line.value) {
      event.preventDefault();
      this.complete();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      if (this.at === this.history.length) this.draft = this.line.value;
      this.at = Math.max(0, Math.min(this.history.length, this.at + (event.key === "ArrowUp" ? -1 : 1)));
      this.line.value = this.at === this.history.length ? this.draft || "" : this.history[this.at];
      this.line.setSelectionRange(this.line.value.length, this.line.value.length);
    } else if (event.key === "Escape") {
      if (this.words.hidden) this.line.blur();
      this.hideWords();
    } else if (event.key === "c" && event.ctrlKey && this.line.selectionStart === this.line.selectionEnd && (this.source.busy || this.source.slow)) {
      this.source.stop().catch(() => {});
    }
  }

  async complete() {
    const typed = this.line.value.slice(0, this.line.selectionStart);
    const rest = this.line.value.slice(typed.length);
    let answer;
    try {
      answer = await this.source.complete(typed);
    } catch {
      return;
    }
    if (!this.line.value.startsWith(typed)) return;
    const { words, from } = answer;
    if (!words.length) {
      this.showWords(["nothing fits"], null);
      return;
    }
    let common = words[0];
    for (const word of words) while (!word.startsWith(common)) common = common.slice(0, -1);
    const start = [...typed].slice(0, from).join("");
    const put = (word, end) => {
      this.line.value = start + word + end + rest;
      const at = start.length + word.length + end.length;
      this.line.setSelectionRange(at, at);
    };
    if (words.length === 1) {
      put(words[0], words[0].endsWith(" ") ? "" : " ");
      this.hideWords();
    } else {
      if (start.length + common.length > typed.length) put(common, "");
      this.showWords(words, (word) => {
        put(word, " ");
        this.hideWords();
        this.line.focus();
      });
    }
  }

  showWords(words, choose) {
    this.words.hidden = false;
    this.words.replaceChildren(...words.slice(0, 60).map((word) => choose
      ? h("button", { type: "button", text: word, onclick: () => choose(word) }) : h("span", { text: word })));
  }

  hideWords() {
    this.words.hidden = true;
    this.words.replaceChildren();
  }

  working(message) {
    const text = `${message.line || ""} is at work${message.moment ? `, at moment ${count(message.moment)}` : ""} …`;
    if (!this.work) {
      this.work = h("p", { class: "dim" });
      this.printed.append(this.work);
    }
    say(this.work, text);
    this.bottom();
  }

  take(message) {
    if (this.work) {
      this.work.remove();
      this.work = null;
    }
    const block = h("div", { class: "block" });
    if (message.line !== undefined && message.line !== null) {
      block.append(h("p", { class: "typed" }, h("span", { class: "dim", text: `${message.prompt || this.source.prompt} ` }), message.line));
    }
    const text = message.text || "";
    if (text) block.append(coloured(text.length > 200000 ? text.slice(0, 200000) + "\n…" : text));
    this.printed.append(block);
    block.length = text.length;
    this.length += block.length;
    while (this.printed.childElementCount > 500 || (this.length > 1e6 && this.printed.childElementCount > 1)) {
      this.length -= this.printed.firstElementChild.length || 0;
      this.printed.firstElementChild.remove();
    }
    this.bottom();
  }

  /** What the page has to say about a line that could not be run. */
  complain(words) {
    this.printed.append(h("p", { class: "sgr-31", text: words }));
    this.bottom();
  }

  bottom() {
    this.printed.scrollTop = this.printed.scrollHeight;
  }
}

/** A text with a terminal's colours, as spans with classes; other escapes are left out. */
function coloured(text) {
  const pre = h("pre");
  let styles = new Set();
  for (const part of text.replace(/\n$/, "").split(/(\u001b\[[0-9;?]*[A-Za-z])/)) {
    if (part.startsWith("\u001b[")) {
      if (!part.endsWith("m")) continue;
      for (const code of part.slice(2, -1).split(";")) {
        if (code === "" || code === "0") styles = new Set();
        else if (code === "22") styles = new Set([...styles].filter((each) => each !== "1" && each !== "2"));
        else if (code === "39") styles = new Set([...styles].filter((each) => each.length === 1));
        else styles.add(code);
      }
    } else if (part) {
      const words = part.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
      pre.append(styles.size ? h("span", { class: [...styles].filter((code) => /^\d+$/.test(code)).map((code) => `sgr-${code}`).join(" "), text: words }) : words);
    }
  }
  return pre;
}
