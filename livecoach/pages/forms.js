"use strict";
// Posts the forms of a page that change something, and then shows the page anew without leaving it. After a form with data-then, the browser
// goes to that address; after a form with data-again, the page takes that address. The form's output shows an error in a line.

let newest = 0; // number of the latest refresh: the page of an earlier refresh is not shown

document.addEventListener("submit", async (event) => {
  const form = event.target, pressed = event.submitter;
  if (form.method === "get") return;
  event.preventDefault();
  const filled = new FormData(form), sent = form.enctype === "multipart/form-data" ? new FormData() : new URLSearchParams();
  for (const [name, value] of filled) {
    if (value instanceof File) sent.append("modified", value.lastModified); // the server sees only the content and the name
    sent.append(name, value);
  }
  if (pressed?.name) sent.set(pressed.name, pressed.value);
  tell(form, form.dataset.busy ?? "…");
  let answer;
  try {
    answer = await fetch(form.getAttribute("action"), { method: "POST", body: sent });
  } catch {
    const lost = await unreadable(filled);
    return tell(form, lost ? `${lost.name}: ${document.body.dataset.unreadable}` : document.body.dataset.gone, "failed");
  }
  const said = await answer.text();
  if (!answer.ok) return tell(form, said, "failed");
  for (const [name, value] of filled) if (form.elements[`${name}-was`]) form.elements[`${name}-was`].value = value; // the page may stay
  tell(form, said || document.body.dataset.saved);
  if (form.dataset.then) location.assign(form.dataset.then);
  else {
    if (form.dataset.again) history.replaceState(null, "", form.dataset.again); // the current address would choose the previous lifter
    refresh(there(form));
  }
});

// If a fault is chosen after its verdict was sent, sends the verdict again, with the fault.
document.addEventListener("change", (event) => {
  const bad = event.target.name === "fault" && event.target.form.querySelector("[value=bad][aria-pressed=true]");
  if (bad) event.target.form.requestSubmit(bad);
});

// Shows the results of a search as soon as something is typed or chosen, and keeps the search in the address.
let asked = 0, waiting; // number of the latest search, and its timer: the answer to an earlier search is not shown
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.role !== "search") return;
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const mine = ++asked, address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("count").textContent = page.getElementById("count").textContent; // said by a screen reader
    document.getElementById("found").replaceWith(page.getElementById("found"));
    history.replaceState(null, "", address);
  }, 150);
});

// Returns the first chosen file that can't be read, such as a folder, or a file that was moved after it was chosen.
async function unreadable(filled) {
  for (const file of filled.values()) if (file instanceof File) try {
    const reader = file.stream().getReader();
    await reader.read();
    reader.cancel();
  } catch { return file; }
}

function tell(form, text, kind = "") {
  const line = there(form).querySelector("output");
  line.textContent = text;
  line.className = kind;
}

// Returns the form in the current page, which may have been shown anew meanwhile.
function there(form) {
  return document.getElementById(form.id) ?? form;
}

// Shows the page anew, with the same details open, and with the form where it was on the screen. While something is typed in another form,
// the page stays as it is.
async function refresh(form) {
  const mine = ++newest, said = form.querySelector("output").textContent, saved = document.body.dataset.saved;
  let page;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) return tell(form, await answer.text(), "failed");
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return tell(form, document.body.dataset.gone, "failed");
  }
  form = there(form);
  if (mine !== newest || typing(form)) return;
  const open = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
  const chosen = [...document.querySelectorAll("[name=with]:checked")].map((box) => box.value); // sessions to compare
  const top = form.getBoundingClientRect().top, focused = document.activeElement?.closest("details[id]")?.id;
  const pressed = form.contains(document.activeElement) ? document.activeElement.value : null;
  document.documentElement.lang = page.documentElement.lang; // the form may have changed the language
  document.title = page.title;
  document.body.replaceWith(page.body);
  stopVideos();
  for (const box of document.querySelectorAll("[name=with]")) box.checked = chosen.includes(box.value);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const again = document.getElementById(form.id);
  if (again === null) return;
  tell(again, said === saved ? document.body.dataset.saved : said); // in the page's new language
  scrollBy({ top: again.getBoundingClientRect().top - top, behavior: "instant" });
  if (!focused && pressed !== null) (again.querySelector(`button[value="${pressed}"]`) ?? again.querySelector("button")).focus({ preventScroll: true });
  if (focused) document.getElementById(focused)?.querySelector("summary").focus({ preventScroll: true });
}

// Returns whether something is typed in another form, which a new page would lose.
function typing(form) {
  const changed = (field) => field.type === "checkbox" ? field.checked !== field.defaultChecked // its value is "on", and the default ""
    : field.tagName !== "SELECT" && "defaultValue" in field && field.value !== field.defaultValue;
  return [...document.forms].some((one) => one !== form && one.method !== "get" && [...one.elements].some(changed));
}

setInterval(() => fetch("forms.js").catch(() => {}), 60_000); // the server does not end while a page is open

// Sends files that are dropped anywhere, by the page's form with a field for files.
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => {
  const field = document.querySelector("input[type=file]");
  if (!field || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  if (name === "dragover") return;
  field.files = event.dataTransfer.files;
  field.form.requestSubmit();
});

// Follows a queue: progress changes in place, and the list is shown anew when something begins or ends.
async function follow() {
  const list = document.querySelector("[data-follow]");
  if (list) try {
    const now = await (await fetch(list.dataset.follow)).json();
    const line = document.getElementById("follow-line");
    if (line.textContent !== now.line) line.textContent = now.line; // a screen reader says what changed
    document.getElementById("follow-left").textContent = now.left;
    const states = [...list.querySelectorAll("[data-state]")].map((one) => one.id + one.dataset.state).join();
    if (states !== now.films.map((one) => `film-${one.number}${one.state}`).join()) await relist(list);
    else for (const one of now.films) {
      const row = document.getElementById(`film-${one.number}`), bar = row.querySelector("progress");
      if (bar) bar.value = one.share, row.querySelector(".left").textContent = one.line;
    }
  } catch {
    document.getElementById("follow-line").textContent = document.body.dataset.gone;
    document.getElementById("follow-left").textContent = "";
  }
  setTimeout(follow, 1000);
}

async function relist(list) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const focused = list.contains(document.activeElement) && document.activeElement.closest("[id]").id;
  const said = [...list.querySelectorAll("output")].map((one) => [one.form.id, one.textContent, one.className]);
  list.replaceWith(page.querySelector("[data-follow]"));
  for (const [id, text, kind] of said) if (document.getElementById(id)) tell(document.getElementById(id), text, kind);
  if (focused) document.getElementById(focused)?.querySelector("button, a")?.focus();
}

// This file is loaded before the page, so that no form is ever sent without it.
addEventListener("DOMContentLoaded", () => {
  follow();
  document.querySelector("form[data-now]")?.requestSubmit();
});
