"use strict";
// Where everything stands in the topology: a cell for each node, which it keeps, and the ways of the lines between them.

const CARD = { width: 184, height: 84 };
const GRID = { x: 256, row: 190, sub: 114, sentinels: 164 };

/** Which row a node stands in: Sentinels above the masters, replicas below them. */
function rowOf(node) {
  return Number.isInteger(node.row) ? Math.max(-1, Math.min(100, node.row)) : 0;
}

/**
 * Gives each node a cell in its row. One that stays in its row stays in its cell, whoever comes or goes; one that
 * comes back to a row comes back to its cell, if that is free.
 */
class Places {
  constructor() {
    this.cells = new Map(); // of a node: its cell in each row that it has been in
    this.current = new Map();
    this.subs = new Map();
    this.order = [];
    this.ring = -1;
  }

  /** Cells around a column in the order in which they fill: seven abreast, then a further row, and wider every other. */
  candidate(index) {
    while (this.order.length <= index) {
      this.ring += 1;
      const wide = 3 + Math.ceil(this.ring / 2);
      const cells = [];
      for (let sub = 0; sub <= this.ring; sub++) {
        for (let col = -wide; col <= wide; col++) {
          const ring = Math.max(Math.abs(col) <= 3 ? 0 : 2 * (Math.abs(col) - 3) - 1, sub);
          if (ring === this.ring) cells.push([col, sub]);
        }
      }
      cells.sort((a, b) => a[1] - b[1] || Math.abs(a[0]) - Math.abs(b[0]) || b[0] - a[0]);
      this.order.push(...cells);
    }
    return this.order[index];
  }

  /** The cells of a scene's nodes, which come row by row. */
  arrange(nodes) {
    const before = this.current;
    const taken = new Set();
    const next = new Map();
    this.current = new Map();
    const claim = (name, cell) => {
      taken.add(`${cell.row}:${cell.col},${cell.sub}`);
      this.current.set(name, cell);
      if (!this.cells.has(name)) this.cells.set(name, new Map());
      this.cells.get(name).set(cell.row, cell);
      this.subs.set(cell.row, Math.max(this.subs.get(cell.row) || 0, cell.sub));
    };
    for (const node of nodes) {
      const cell = before.get(node.name);
      if (cell && cell.row === rowOf(node)) claim(node.name, cell);
    }
    for (const node of nodes) {
      if (this.current.has(node.name)) continue;
      const row = rowOf(node);
      const held = this.cells.get(node.name);
      const there = held && held.get(row);
      if (there && !taken.has(`${row}:${there.col},${there.sub}`)) {
        claim(node.name, there);
        continue;
      }
      const parent = node.master && this.current.get(node.master);
      const last = before.get(node.name) || (held && [...held.values()].pop());
      let col = 0;
      if (last) col = last.col;
      else if (row > 0 && parent) col = parent.col;
      else if (row === 0) {
        const cols = [...this.current.values()].filter((cell) => cell.row === 0).map((cell) => cell.col);
        if (cols.length) col = Math.max(...cols) + 1;
      }
      const from = `${row}:${col}`;
      for (let index = next.get(from) || 0; ; index++) {
        const [across, sub] = this.candidate(index);
        if (taken.has(`${row}:${col + across},${sub}`)) continue;
        next.set(from, index + 1);
        claim(node.name, { col: col + across, sub, row });
        break;
      }
    }
    return this.current;
  }

  /** Where a cell's middle is. A row begins under all of the row above. */
  point(cell) {
    let y = 0;
    if (cell.row >= 0) {
      for (let row = 0; row < cell.row; row++) y += GRID.row + (this.subs.get(row) || 0) * GRID.sub;
      y += cell.sub * GRID.sub;
    } else y = -GRID.sentinels - ((this.subs.get(cell.row) || 0) - cell.sub) * GRID.sub;
    return { x: cell.col * GRID.x, y };
  }
}

/** A line between two cards, straight, or bent where it would run behind others. */
function route(a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  let control = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  if (dy === 0 && Math.abs(dx) > GRID.x * 1.1) control.y -= 70 + Math.abs(dx) * 0.16;
  else if (Math.abs(dx) < 1 && Math.abs(dy) > GRID.row * 1.2) control.x += 130;
  const straight = Math.abs(control.x - (a.x + b.x) / 2) < 1 && Math.abs(control.y - (a.y + b.y) / 2) < 1;
  const from = leave(a, control);
  const to = leave(b, control);
  if (straight) control = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return { from, to, control, length: Math.hypot(to.x - from.x, to.y - from.y) };
}

/** Where the line from a card's middle towards a point leaves the card. */
function leave(card, towards) {
  const dx = towards.x - card.x;
  const dy = towards.y - card.y;
  const half = { x: (card.width ?? CARD.width) / 2 + 2, y: (card.height ?? CARD.height) / 2 + 2 };
  const scale = 1 / Math.max(Math.abs(dx) / half.x, Math.abs(dy) / half.y, 1e-6);
  return scale >= 1 ? { x: card.x, y: card.y } : { x: card.x + dx * scale, y: card.y + dy * scale };
}

function along(path, t) {
  const u = 1 - t;
  const { from, control, to } = path;
  return {
    x: u * u * from.x + 2 * u * t * control.x + t * t * to.x,
    y: u * u * from.y + 2 * u * t * control.y + t * t * to.y,
    angle: Math.atan2(
      2 * u * (control.y - from.y) + 2 * t * (to.y - control.y),
      2 * u * (control.x - from.x) + 2 * t * (to.x - control.x)),
  };
}
