"use strict";
// The address as the browser knows it: a proxy may have changed its scheme, or stand at a path of its own.
const base = (location.origin + location.pathname).replace(/\/+$/, "");
for (const place of document.querySelectorAll(".base")) place.textContent = base;

async function copy(pre) {
  try {
    await navigator.clipboard.writeText(pre.textContent);
    return true;
  } catch {
    // Plain http beyond this machine has no clipboard of its own.
    const range = document.createRange();
    range.selectNodeContents(pre);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }
}
for (const how of document.querySelectorAll(".how")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy: " + how.querySelector("pre").getAttribute("aria-label"));
  button.addEventListener("click", async () => {
    button.textContent = (await copy(how.querySelector("pre"))) ? "Copied" : "Selected";
    said.textContent = button.textContent;
    setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
  });
  how.querySelector(".bar").append(button);
}
const said = document.createElement("p");
said.className = "skip";
said.setAttribute("role", "status");
document.body.append(said);

const health = document.getElementById("health");
async function look() {
  if (document.hidden) return;
  let state = "failing", word = "No answer", text = "The server cannot be reached.";
  try {
    const answer = await fetch(base + "/readyz", { cache: "no-store", credentials: "omit" });
    const told = await answer.json();
    [word, text] = ["Not ready", health.dataset.failing];
    if (told.ready) [state, word, text] = ["ready", "Ready", health.dataset.ready];
    else if (told.reason) text = told.reason[0].toUpperCase() + told.reason.slice(1) + ".";
  } catch {}
  const [first, second] = health.children;
  health.className = "health " + state;
  // What stays the same is not said again to those who listen.
  if (first.textContent !== word) first.textContent = word;
  if (second.textContent !== text) second.textContent = text;
}
look();
setInterval(look, 15000);
document.addEventListener("visibilitychange", look);
