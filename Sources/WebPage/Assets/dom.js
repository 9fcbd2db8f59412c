"use strict";
// What all panes use to make elements and to write numbers. Text from a node only ever becomes a text
// node, never markup: there is no innerHTML on this page.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== null && child !== false) element.append(child);
  }
  return element;
}

/** An HTML element: `text` is its text, `onclick` a listener, everything else an attribute. */
function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

const byId = (id) => document.getElementById(id);

/** Sets an attribute only where it changes: what is not touched is not painted again. */
function set(element, name, value) {
  if (value === undefined || value === null || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const numbers = new Intl.NumberFormat("en");
const count = (value) => numbers.format(value);

function counted(value, one, many = one + "s") {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function size(value) {
  if (value < 10000) return `${count(value)} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  if (value < 1e9) return `${(value / 1e6).toFixed(1)} MB`;
  return `${(value / 1e9).toFixed(1)} GB`;
}

/** A duration in microseconds, in the unit one would say it in. */
function duration(us) {
  if (us < 1000) return `${us} µs`;
  if (us < 1e6) return `${+(us / 1e3).toFixed(2)} ms`;
  if (us < 120e6) return `${+(us / 1e6).toFixed(us < 10e6 ? 2 : 0)} s`;
  if (us < 7200e6) return `${Math.round(us / 60e6)} min`;
  return `${(us / 3600e6).toFixed(1)} h`;
}

function short(text, length) {
  return text.length > length ? text.slice(0, length - 1) + "…" : text;
}

const pen = document.createElement("canvas").getContext("2d");

/** How wide words are in the page's typeface. */
function textWidth(text, pixels, weight = 400) {
  const font = `${weight} ${pixels}px ${getFace()}`;
  if (font !== pen.face) {
    pen.face = font;
    pen.font = font;
  }
  return pen.measureText(text).width;
}

function getFace() {
  pen.family ||= getComputedStyle(document.body).fontFamily;
  return pen.family;
}

/** As much of a text as is not wider than `room`. */
function fitting(text, room, pixels, weight) {
  if (textWidth(text, pixels, weight) <= room) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(text.slice(0, middle) + "…", pixels, weight) <= room) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low) + "…";
}

/** Calls `work` once in the next frame, however often it is asked for until then. */
function onceAFrame(work) {
  let asked = 0;
  return () => {
    if (!asked) asked = requestAnimationFrame(() => { asked = 0; work(); });
  };
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Where one types, keys mean letters. */
function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.tagName === "TEXTAREA"
    || target.tagName === "SELECT" || (target.tagName === "INPUT" && target.type !== "range"));
}

function rem() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

const hues = new Map();

/** A colour for a replication id: always beside its first characters, never alone. */
function hue(id) {
  if (hues.has(id)) return hues.get(id);
  let value = 7;
  for (let i = 0; i < 16 && i < id.length; i++) value = (value * 31 + id.charCodeAt(i)) % 3600;
  value /= 10;
  // Two ids that the page has shown don't look alike, as long as there are few.
  const near = (other) => Math.min(Math.abs(other - value), 360 - Math.abs(other - value)) < 30;
  for (let tries = 0; tries < 12 && [...hues.values()].some(near); tries++) value = (value + 137.5) % 360;
  if (hues.size > 60) hues.clear();
  hues.set(id, value);
  return value;
}

/** Of what arrived at once, what tells most: a SELECT only says which database the write after it is about. */
function telling(messages) {
  return messages.find((each) => !/^SELECT \d+$/.test(each.title || "")) || messages[0];
}

/** A text in which Sentinels go by their nodes' names and not by their ids of forty characters, which nobody knows by heart. */
function named(text, scene) {
  const sentinels = ((scene && scene.nodes) || []).filter((node) => node.sentinel && node.sentinel.id);
  if (!sentinels.length) return text;
  return text.replace(/\b[0-9a-f]{8,40}\b…?/g, (word) => {
    const id = word.replace("…", "");
    const node = id.length === 40 || word.endsWith("…") ? sentinels.find((each) => each.sentinel.id.startsWith(id)) : null;
    return node ? node.name : word;
  });
}
