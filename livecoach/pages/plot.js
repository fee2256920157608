// The script of all pages. Above a plot, it shows the value under a finger or the pointer: the text of the nearest dot or column, or the value
// of the line there. Plots can be read without this script.

// Stops the videos that play by themselves, if the user wants little motion.
function stopVideos() {
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  document.querySelectorAll("video").forEach((video) => { video.autoplay = false; video.pause(); });
}

document.addEventListener("DOMContentLoaded", stopVideos);

const plots = new WeakMap(); // plot → its points, with x, y and text

function pointsOf(plot) {
  if (!plots.has(plot)) plots.set(plot, [...told(plot), ...valued(plot)]);
  return plots.get(plot);
}

function told(plot) {
  return [...plot.querySelectorAll("[data-tip]")].map((mark) => {
    const box = mark.getBBox();
    const y = mark.tagName === "rect" ? box.y : box.y + box.height / 2;
    return { x: box.x + box.width / 2, y, tip: mark.dataset.tip };
  });
}

function valued(plot) {
  const [bottom, top, low, high] = plot.dataset.y.split(" ").map(Number);
  return [...plot.querySelectorAll("[data-value]")].flatMap((line) => {
    const digits = { minimumFractionDigits: line.dataset.digits, maximumFractionDigits: line.dataset.digits };
    return [...line.getAttribute("d").matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => {
      const value = low + (bottom - y) / (bottom - top) * (high - low);
      const number = value.toLocaleString(document.documentElement.lang, digits);
      return { x: Number(x), y: Number(y), tip: line.dataset.value.replace("{n}", number) };
    });
  });
}

function show(event) {
  const plot = event.target.closest?.("svg.data");
  if (document.tip?.plot !== plot) hide();
  if (!plot) return;
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
  const off = (point) => Math.hypot(point.x - at.x, (point.y - at.y) / 4); // a horizontal distance counts four times
  const near = pointsOf(plot).reduce((best, one) => (best && off(best) <= off(one) ? best : one), null);
  if (!near) return;
  if (!document.tip) {
    plot.insertAdjacentHTML("beforeend", '<circle class="under" r="6"/>');
    plot.insertAdjacentHTML("beforebegin", '<output class="tip"></output>');
    document.tip = { plot, ring: plot.lastElementChild, text: plot.previousElementSibling };
  }
  document.tip.ring.setAttribute("cx", near.x);
  document.tip.ring.setAttribute("cy", near.y);
  document.tip.text.textContent = near.tip;
}

function hide() {
  document.tip?.ring.remove();
  document.tip?.text.remove();
  delete document.tip;
}

for (const kind of ["pointerdown", "pointermove"]) document.addEventListener(kind, show);
document.addEventListener("scroll", hide);

// Opens the details that a link leads to and all details around them, and scrolls there.
function reveal(hash) {
  const target = document.getElementById(decodeURIComponent(hash.slice(1)));
  for (let one = target?.querySelector(":scope > details") ?? target; one; one = one.parentElement)
    if (one.tagName === "DETAILS") one.open = true;
  target?.scrollIntoView();
}

if (location.hash) addEventListener("DOMContentLoaded", () => reveal(location.hash));
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (link) reveal(link.getAttribute("href"));
});
