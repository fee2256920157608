// The page of `livecoach live --phone`: sends the pictures of the phone's camera, and shows and plays livecoach's answers.
"use strict";

/* global LANGUAGE, RUN, WORDS */ // from words.js, which the server makes from livecoach's translations in the language of the run

const say = (key) => WORDS[key];
const at = (id) => document.getElementById(id);
const within = (value, low, high) => Math.min(high, Math.max(low, value));

const MARKS = {
  tick: "M3 13l6 6L21 5", cross: "M5 5l14 14M19 5L5 19", dash: "M4 12h16", equals: "M4 9h16M4 16h16", unequal: "M4 9h16M4 16h16M17 3L7 22",
  up: "M12 22V3M4 11l8-8 8 8", down: "M12 2v19M4 13l8 8 8-8", left: "M22 12H3M11 4l-8 8 8 8", right: "M2 12h19M13 4l8 8-8 8",
  "turn-left": "M17 20a9 9 0 1 0-14-6M0 8l3 6 6-3", "turn-right": "M7 20a9 9 0 1 1 14-6M24 8l-3 6-6-3",
};
const MIRRORED = { left: "right", right: "left" };
const SHAPE_OF = { good: "tick", anomalous: "cross", unsure: "dash", alike: "equals", different: "unequal" };
const FEW = 3; // most lifters whose names leave room for further words
const LEAST_CARDS = 0.5, LEAST_IN_PORTRAIT = 0.35; // smallest scales of the cards' type, which follows the height, so it is large in portrait
const NOTHING = "–"; // choice of no rep or no set
const SIGNS = { tick: "✓", cross: "✕", dash: "–", equals: "=", unequal: "≠" };
const LONGER_SIDE_PX = 640, BEST_QUALITY = 0.7, WORST_QUALITY = 0.3;
const READ_ONLY = location.hash === "#watch"; // whether the address is that for watching
const NARROWEST = 0.6; // least width of letters, as a share of their usual width
const LEGIBLE = 0.86; // least scale of a correction's type in portrait, where its capitals have 8 % of the height
const MOST_REFUSALS = 8; // of a camera that comes back: livecoach must first notice that the old connection is dead
const MOST_UNOPENED = 2; // unopened sockets, while the server answers, that show distrust: a single one may be a slow network
const MOST_UNDER_WAY = 3; // most pictures without an answer
const QUICK_MS = 30, QUEUED_MS = 60; // times above the shortest answer's: below the first, one more picture may be under way; above the second, one less
const SLOW_MS = 120; // answers that take longer make the pictures smaller
const FORGOTTEN_MS = 0.1; // increase of the shortest time with each answer, because the network may have changed
const SETTLED_MS = 500; // time after which new buttons take taps: an earlier tap was meant for the buttons before
const CLOCK_MS = 1000, SILENCE_MS = 3000, FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 5000;

let role = null; // "camera" or "watch" after the first tap
let over = false;
let state = null;

/* ---- camera: preview and frames ---- */

const camera = { stream: null, facing: "user", front: true, newest: null, sentMs: 0, taking: false, waitMs: FIRST_WAIT_MS, timer: 0 };
const picture = document.createElement("canvas");
const pen = picture.getContext("2d", { alpha: false });

/** Open the camera that faces the chosen way. Throws what getUserMedia throws. */
async function openCamera() {
  closeCamera();
  if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: camera.facing, width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
  });
  const track = stream.getVideoTracks()[0];
  camera.stream = stream;
  camera.front = track.getSettings().facingMode !== "environment";
  camera.waitMs = FIRST_WAIT_MS;
  track.onended = () => camera.stream === stream && retryCamera();
  at("stage").classList.toggle("mirrored", camera.front);
  at("preview").srcObject = stream;
  at("preview").play().catch(() => {}); // a browser may refuse until the screen is shown
  watchFrames(stream);
}

function closeCamera() {
  if (camera.stream) camera.stream.getTracks().forEach((track) => track.stop());
  camera.stream = null;
}

/** Open the camera again until it works: another app may use it, or it was unplugged. */
function retryCamera() {
  if (over || role !== "camera") return;
  closeCamera();
  showLink();
  clearTimeout(camera.timer);
  camera.timer = setTimeout(() => openCamera().then(showLink, retryCamera), camera.waitMs);
  camera.waitMs = Math.min(LONGEST_WAIT_MS, 2 * camera.waitMs);
}

/** Note the capture time of each new picture, and send the picture if not too many are under way. */
function watchFrames(stream) {
  const video = at("preview");
  const note = (now, about) => {
    if (camera.stream !== stream) return;
    const captured = about && about.captureTime;
    camera.newest = captured > now - 1000 && captured <= now + 50 ? captured : now;
    sendNewest();
    next();
  };
  // A video's own callback comes once for each picture and knows when it was captured; Firefox has none before 132.
  const next = () => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(note) : requestAnimationFrame(note));
  next();
}

/** Send the newest picture, if it has not been sent and not too many are under way. */
async function sendNewest() {
  const video = at("preview"), capturedMs = camera.newest;
  const long = Math.max(video.videoWidth, video.videoHeight);
  if (camera.taking || link.underWay.length >= link.room || !isOpen() || !long || capturedMs === null || capturedMs <= camera.sentMs) return;
  camera.taking = true;
  try {
    const scale = Math.min(1, LONGER_SIDE_PX / long);
    const width = Math.round(video.videoWidth * scale), height = Math.round(video.videoHeight * scale);
    if (picture.width !== width || picture.height !== height) Object.assign(picture, { width, height });
    pen.drawImage(video, 0, 0, width, height);
    const jpeg = await new Promise((done) => picture.toBlob(done, "image/jpeg", link.quality));
    if (!jpeg || !isOpen()) return;
    const time = new ArrayBuffer(8);
    new DataView(time).setFloat64(0, capturedMs, true);
    const message = await new Blob([time, jpeg]).arrayBuffer();
    if (!isOpen()) return; // the socket has closed, and its handler connects again
    link.underWay.push(performance.now());
    camera.sentMs = capturedMs;
    link.socket.send(message);
  } finally {
    camera.taking = false;
  }
}

/** Adapt the number and the quality of pictures under way to the time of an answer, so that no queue forms in the
    network. */
function answered(tookMs) {
  link.shortestMs = Math.min(tookMs, link.shortestMs + FORGOTTEN_MS);
  const waitedMs = tookMs - link.shortestMs;
  if (waitedMs < QUICK_MS) link.room = Math.min(MOST_UNDER_WAY, link.room + 1);
  else if (waitedMs > QUEUED_MS) link.room = Math.max(1, link.room - 1);
  link.quality = within(link.quality + (tookMs > SLOW_MS ? -0.05 : 0.02), WORST_QUALITY, BEST_QUALITY);
}

/* ---- connection ---- */

const link = { socket: null, underWay: [], room: 1, quality: BEST_QUALITY, shortestMs: Infinity, heardMs: 0, waitMs: FIRST_WAIT_MS, timer: 0, welcome: false, slept: false, opened: false, unopened: 0, refusals: 0, goesOn: false, takesOver: false };
const isOpen = () => link.socket !== null && link.socket.readyState === WebSocket.OPEN;

function connect() {
  clearTimeout(link.timer);
  if (over || role === null) return;
  hangUp();
  const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/live`);
  link.socket = socket;
  link.heardMs = performance.now();
  link.welcome = false;
  socket.onopen = () => {
    link.opened = true;
    const video = at("preview");
    post({ type: "hello", role: link.takesOver ? "take-over" : role, width: video.videoWidth || 640, height: video.videoHeight || 480 });
    post({ type: "clock", sent_ms: performance.now() });
  };
  socket.onmessage = (event) => {
    if (socket !== link.socket) return;
    link.heardMs = performance.now();
    take(JSON.parse(event.data));
  };
  socket.onclose = () => socket === link.socket && connectLater();
}

function hangUp() {
  const socket = link.socket;
  link.socket = null;
  link.underWay = []; // times at which the unanswered pictures were sent
  link.room = 1;
  link.shortestMs = Infinity;
  if (socket) socket.close();
}

function connectLater() {
  hangUp();
  if (over || role === null) return;
  fetch("/").then(pageAnswers, () => {});
  link.welcome = false;
  showLink();
  clearTimeout(link.timer);
  link.timer = setTimeout(connect, link.waitMs);
  link.waitMs = Math.min(LONGEST_WAIT_MS, 2 * link.waitMs);
}

/** Take the server's answer while the socket is closed: reload the page if its address is not valid any more, and count
    sockets that never opened, as in a browser that accepts the certificate only for the page. */
function pageAnswers({ status }) {
  if (status === 403) return location.reload();
  if (!link.opened) link.unopened += 1;
  showLink();
}

function post(message) {
  if (!isOpen()) return false;
  link.socket.send(JSON.stringify(message));
  return true;
}

function tellTheTime() {
  showSound();
  if (over || role === null || !link.socket) return;
  post({ type: "clock", sent_ms: performance.now() });
  if (performance.now() - link.heardMs > SILENCE_MS) connectLater();
  goOnResting();
}

/** Let the clock of the rest go on while livecoach sends no state, because no pictures arrive. */
function goOnResting() {
  const sinceS = Math.floor((performance.now() - shownMs) / 1000);
  if (!state || state.rest_s === null || sinceS < 2) return;
  showRest({ ...state, rest_s: state.rest_s + sinceS, session_s: state.session_s + sinceS });
}

function take(message) {
  if (message.type === "refused") return refused(message);
  if (!link.welcome) {
    link.welcome = true;
    link.waitMs = FIRST_WAIT_MS;
    link.refusals = 0;
    link.takesOver = false;
    showLink();
    if (link.slept) toast(say("asleep"));
    link.slept = false;
  }
  if (message.type === "ack") {
    answered(performance.now() - link.underWay.shift());
    sendNewest();
  } else if (message.type === "state") {
    if (state === null) rehearse(message);
    showState(message);
  } else if (message.type === "cue") giveCue(message);
  else if (message.type === "options") showOffer(message);
  else if (message.type === "ended") end(message);
}

/** Show why livecoach refused an action of the remote, or this page as the camera. */
function refused({ why, may_take_over }) {
  if (link.welcome) return toast(why);
  if ((state || link.goesOn) && ++link.refusals < MOST_REFUSALS) return connectLater();
  role = state = null;
  link.goesOn = false;
  remember(null);
  hangUp();
  closeCamera();
  releaseWakeLock();
  showBeginning(why);
  at("take-over").hidden = !may_take_over;
}

/** Return what is wrong with the connection or the camera; empty if nothing is. */
function trouble() {
  if (over || role === null) return "";
  if (!link.welcome) return say(state ? "lost" : link.unopened >= MOST_UNOPENED ? "distrusted" : "waiting");
  return role === "camera" && !camera.stream ? say("cameraLost") : "";
}

/** Show what is wrong, over everything else, or hide the line if nothing is wrong. */
function showLink() {
  bringToFront(at("link"));
  at("link").textContent = trouble();
  at("link").hidden = !trouble();
  if (state) drawBody(state);
}

/** Move an element into the open dialog, if any, because a dialog covers everything outside. */
function bringToFront(part) {
  const box = document.querySelector("dialog[open]") || document.body;
  if (part.parentElement !== box) box.append(part);
}

/* ---- sound, vibration, wake lock ---- */

const sound = { context: null, playing: null, on: true };

/** Make sound possible. Browsers allow this only during a tap, and iOS withdraws it, as for a call. */
function unlockSound() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  if (navigator.audioSession) navigator.audioSession.type = "playback"; // iOS: plays although the phone is silent
  sound.context = sound.context || Object.assign(new Context(), { onstatechange: showSound });
  if (!isHeard()) sound.context.resume().catch(() => {});
}

const isHeard = () => sound.context.state === "running";

/** Ask for a tap while the browser allows no sound, as after a reload. */
function showSound() {
  const wanted = role !== null && sound.on && sound.context && !(state && state.muted);
  at("unlock").hidden = !wanted || isHeard();
}

/** Play a cue instead of the previous cue. Before sound is allowed, cues are left out: later they would be wrong. */
async function play(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok) return;
    const wave = await sound.context.decodeAudioData(await answer.arrayBuffer());
    if (!isHeard()) return;
    if (sound.playing) sound.playing.stop();
    sound.playing = sound.context.createBufferSource();
    sound.playing.buffer = wave;
    sound.playing.connect(sound.context.destination);
    sound.playing.start();
    document.body.dataset.sounded = String(Number(document.body.dataset.sounded || 0) + 1);
  } catch {
    // The screen shows the cue already.
  }
}

function giveCue(cue) {
  at("cues").textContent = cue.text;
  if (cue.vibrate_ms && navigator.vibrate) navigator.vibrate(cue.vibrate_ms);
  if (cue.sound && sound.on && sound.context && !(state && state.muted)) play(cue.sound);
}

let wakeLock = null;

async function keepAwake() {
  if (!navigator.wakeLock || document.hidden || role === null || over) return;
  wakeLock = await navigator.wakeLock.request("screen").catch(() => null); // refused when the battery is low
}

function releaseWakeLock() {
  if (wakeLock) wakeLock.release().catch(() => {});
  wakeLock = null;
}

/* ---- what livecoach says ---- */

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function setMark(svg, shape) {
  if (shape) svg.firstElementChild.setAttribute("d", MARKS[shape]);
}

const showsOwn = () => role === "camera" && at("preview").videoWidth > 0;
const isMirrored = () => !showsOwn() || camera.front;

let fitted = "", shownMs = 0;

const isResting = ({ in_set, verdict, message }) => !in_set && !verdict && !(message && ["alarm", "stop", "exercise"].includes(message.kind));

function showState(now) {
  if (now !== state) shownMs = performance.now();
  state = now;
  document.documentElement.dataset.count = now.count;
  const message = now.message;
  const resting = isResting(now);
  showNumber(now, message, resting);
  showMessage(message, now.held);
  showChoices(now.choices || []);
  showLastSet(now.last_set);
  showLifters(now);
  showRest(now);
  showFloor(now.floor);
  showLines("summary", resting && now.summary ? now.summary.lines : []);
  showLines("loop", now.loop ? now.loop.words : []);
  at("screen").classList.toggle("looping", Boolean(now.loop));
  showChips(now, resting);
  at("frame").className = now.verdict || "";
  at("progress").classList.toggle("shown", now.progress !== null);
  if (now.progress !== null) at("progress").style.setProperty("--p", now.progress);
  at("mute").setAttribute("aria-pressed", String(now.muted));
  document.querySelectorAll(".of-run").forEach((part) => (part.disabled = !now.picture)); // without pictures, nobody would answer
  at("start-set").disabled = now.in_set;
  at("end-set").disabled = !now.in_set;
  showAnswer(message && message.kind === "said" ? message.text : now.note);
  at("after-set").hidden = READ_ONLY || now.in_set || !now.summary;
  document.querySelectorAll("#remote [data-page]").forEach((button) => (button.disabled = filmsSet()));
  if (filmsSet()) at("sessions").close();
  if (now.in_set) at("pick").close();
  drawBody(now);
  const look = at("words").clientHeight + at("words").textContent + at("words").querySelectorAll(".shown").length + at("number").className;
  if (look !== fitted) fit();
  fitted = look;
}

/** Lay out a good rep and a correction in advance, unseen, so that the first of a set do not wait for fonts and code. */
function rehearse(now) {
  const message = { kind: "alarm", text: say("begin"), detail: say("noCamera"), tick: false, shape: null };
  showState({ ...now, in_set: true, count: 10, verdict: "good", message: null });
  showState({ ...now, in_set: true, count: 10, verdict: "anomalous", message });
}

function showNumber(now, message, resting) {
  const shown = !resting && (now.count > 0 || now.verdict !== null);
  const beside = message !== null && (shown || now.verdict !== null);
  at("number").className = `box ${shown ? "shown" : ""} ${now.verdict || "dim"} ${beside ? "beside" : ""}`;
  at("count").textContent = now.count;
  at("of").textContent = now.likeness || (now.planned ? `${say("of")} ${now.planned}` : "");
  const shape = SHAPE_OF[now.verdict];
  setMark(at("verdict"), shape);
  at("verdict").setAttribute("aria-label", shape ? say(shape) : "");
}

/** Show a message. `held` is the share of the bar under it that a raised hand has filled; null without a hand. */
function showMessage(message, held = null) {
  at("message").className = message ? `box shown ${message.kind} ${held === null ? "" : "held"}` : "box";
  at("message").style.setProperty("--held", held || 0);
  const told = !message ? null : message.shape || (message.kind === "stop" ? "cross" : null);
  const shape = (isMirrored() && MIRRORED[told]) || told;
  at("text").className = shape ? "marked" : "";
  at("mark").setAttribute("class", `mark m-${shape}`);
  setMark(at("mark"), shape);
  at("text").lastElementChild.textContent = message ? message.text : "";
  at("detail").textContent = (message && message.detail) || "";
}

const settling = {}; // id of a box of buttons → the timer after which they take taps

function showChoices(choices) {
  showButtons("choices", choices.slice(0, 2), (index) => act(`choose-${index + 1}`));
}

/** Offer buttons that correct all reps of the last set, or undo the correction. */
function showLastSet(last) {
  const offers = !last ? [] : last.answer
    ? [["undo", `↶ ${last.answer} · ${say("undo")}`]]
    : [["good", `✓ ${say("goodReps")} · ${last.name}`], ["bad", `✕ ${say("notGoodReps")}`]];
  showButtons("last-set", offers.map(([, title]) => title), (index) => act(offers[index][0], undefined, last.number));
}

/** Show who can lift next, and mark the current lifter. If there is only one lifter, the picture needs the room. */
function showLifters(now) {
  const names = now.in_set || !offered.profiles || offered.profiles.length < 2 ? [] : offered.profiles;
  const tapped = (index) => (index < names.length ? act("profile", names[index]) : openRemote(at("f-new-profile")));
  showButtons("lifters", names.length ? [...names.map(called), names.length > FEW ? "+" : `+ ${say("newLifter")}`] : [], tapped);
  if (names.length) at("lifters").lastElementChild.setAttribute("aria-label", say("newLifter"));
  const lifted = (now.sets || []).length ? names : [];
  showButtons("lifted", lifted.map(called), (index) => act("whose", lifted[index], chosen("f-set")));
  at("who-lifted").hidden = !lifted.length;
  at("pick-who").hidden = READ_ONLY || !lifted.length;
  at("next").hidden = READ_ONLY || now.in_set || now.rest_s === null;
  press("lifters", now.profile);
  press("lifted", (chosenSet() || {}).profile);
}

/** Return a profile's name as it is shown: "me" is the profile without a name. */
const called = (profile) => (profile === "me" ? say("me") : profile);

/** Mark the button with a name in a box. */
function press(id, name) {
  for (const button of at(id).children) button.setAttribute("aria-pressed", String(button.textContent === called(name)));
}

/** Show large buttons for a choice. */
function pick(title, choices, tapped) {
  at("pick-title").textContent = title;
  at("picks").dataset.words = "";
  showButtons("picks", choices, (index) => {
    tapped(index);
    at("pick").close();
  });
  at("pick").showModal();
}

function pickExercise() {
  const { exercises } = offered;
  pick(say("exercise"), exercises.map(({ title }) => title), (index) => act("exercise", exercises[index].name));
}

/** Let the user choose who did the last set, whoever lifts now. */
function pickLifter() {
  const [last] = state.sets.map(doneSet), { profiles } = offered;
  pick(`${last.words}: ${say("whoLifted")}`, profiles.map(called), (index) => act("whose", profiles[index], last.number));
  press("picks", last.profile);
}

/** Show buttons in a box. They do not change under a finger, and new buttons take no tap at first. */
function showButtons(id, titles, tapped) {
  const box = at(id), words = titles.join("\n");
  if (box.dataset.words === words || box.matches(":active")) return;
  box.dataset.words = words;
  box.className = titles.length && !READ_ONLY ? "shown" : "";
  box.replaceChildren(...titles.map((title, index) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
    button.onclick = () => tapped(index);
    return button;
  }));
  box.inert = true;
  clearTimeout(settling[id]);
  settling[id] = setTimeout(() => (box.inert = false), SETTLED_MS);
}

function showRest(now) {
  const resting = isResting(now);
  at("rest").className = resting ? "box shown" : "box";
  at("title").textContent = now.exercise || (now.message ? "" : say("begin"));
  const load = (now.load || "").replaceAll(" ", "\u00a0").replace(":\u00a0", ": ");
  at("whose").replaceChildren(...[now.lifter, load].filter(Boolean).map((textContent) => Object.assign(document.createElement("span"), { textContent })));
  at("set").textContent = now.set;
  const timed = resting && now.rest_s !== null;
  const rested = timed && now.rest_target_s !== null && now.rest_s >= now.rest_target_s;
  at("timer").className = `box ${timed ? "shown" : ""} ${rested ? "over" : ""}`;
  if (!timed) return;
  at("clock").firstElementChild.textContent = clock(now.rest_s);
  at("target").textContent = rested ? say("restOver") : now.rest_target_s === null ? say("rest") : `${say("restOf")} ${clock(now.rest_target_s)}`;
  at("session").textContent = `${say("session")} ${clock(now.session_s)}`;
}

const SIGN_OF = { all: "tick", some: "dash", none: "cross" }; // sign for the faults that show from a sector of the floor
const LEAST_DEG = 20; // narrower sectors have no room for a sign

/** Show the floor from above: the lifter, who faces up, the camera's place, and the sectors from which faults show. */
function showFloor(floor) {
  at("floor").setAttribute("class", floor ? "shown" : "");
  if (!floor) return;
  at("camera").style.display = floor.azimuth === null ? "none" : "";
  at("camera").setAttribute("transform", `rotate(${-floor.azimuth})`);
  const words = JSON.stringify(floor.ring);
  if (at("ring").dataset.words === words) return;
  at("ring").dataset.words = words;
  const towards = (degrees, length) => [-length * Math.sin((degrees * Math.PI) / 180), -length * Math.cos((degrees * Math.PI) / 180)];
  const drawn = (name, d, transform = "") => `<path class="${name}" d="${d}" transform="${transform}"/>`;
  at("ring").innerHTML = floor.ring.map(([first, last, shows]) => {
    const large = Number(last - first > 180), [x, y] = towards((first + last) / 2, 39);
    const sector = `M${towards(first, 49)}A49 49 0 ${large} 0 ${towards(last, 49)}L${towards(last, 29)}A29 29 0 ${large} 1 ${towards(first, 29)}Z`;
    const signed = SIGN_OF[shows] && last - first >= LEAST_DEG;
    return drawn(shows, sector) + (signed ? drawn(`mark sign-${shows}`, MARKS[SIGN_OF[shows]], `translate(${x - 6} ${y - 6}) scale(.5)`) : "");
  }).join("");
}

function showLines(id, lines) {
  at(id).className = lines.length ? "box shown" : "box";
  const words = lines.join("\n");
  if (at(id).dataset.words === words) return;
  at(id).dataset.words = words;
  at(id).replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
}

function showChips(now, resting) {
  const chips = [];
  if (now.synthetic) chips.push(["synthetic", say("synthetic")]);
  if (now.recording) chips.push(["rec", "● REC"]);
  if (now.camera !== "connected" && !now.message) chips.push(["lost", say(now.camera === "lost" ? "cameraLost" : "noCamera")]);
  if (!resting) chips.push(["", [now.lifter, now.exercise, now.set].filter(Boolean).join("  ")]);
  else if (now.message) chips.push(["", now.lifter]); // the message may cover the card with the name
  if (now.in_set && now.rest_s !== null) chips.push(["", `${say("rest")} ${clock(now.rest_s)}`]); // after the last planned rep
  if (!now.choices.length) chips.push(...now.costs.map((words) => ["", words]));
  if (now.by_hand && !now.loop) chips.push(["", now.by_hand]); // a loop says this, too
  if (now.learning) chips.push(["", `${say("learning")}: ${now.learning.have} ${say("of")} ${now.learning.wanted}`]);
  if (now.trouble) chips.push(["", now.trouble]);
  if (now.muted) chips.push(["", say("muted")]);
  if (now.loop && now.note) chips.push(["", now.note]); // without a loop, the note is the message
  const shown = chips.filter(([, words]) => words);
  const words = JSON.stringify(shown);
  if (at("chips").dataset.words === words) return;
  at("chips").dataset.words = words;
  at("chips").replaceChildren(...shown.map(([className, text]) => Object.assign(document.createElement("li"), { className, textContent: text })));
}

const SCALES = ["--n", "--x", "--m", "--k", "--d", "--q"]; // scales of number, its width, message, cards, detail and the letters' width
const setScale = (name, value) => document.documentElement.style.setProperty(name, value.toFixed(3));

/** Set a scale to the largest value from `low` to `high` that does not fail, or else to `low`, and return the value. */
function shrink(name, low, high, fails) {
  if (!fails()) return high;
  setScale(name, low);
  if (fails()) return low;
  for (let step = 0; step < 5; step += 1) {
    const middle = (low + high) / 2;
    setScale(name, middle);
    if (fails()) high = middle;
    else low = middle;
  }
  setScale(name, low);
  return low;
}

/** Make type as large as the panel allows. On a narrow screen, letters get narrower before they get smaller. On a low
    screen, reasons get smaller first, then the picture, and a correction last. */
function fit() {
  const panel = at("words"), number = at("count"), text = at("text"), words = text.lastElementChild;
  for (const name of SCALES) setScale(name, 1);
  panel.classList.remove("squeezed");
  at("screen").classList.remove("roomy");
  for (const line of at("summary").children) line.hidden = false;
  const room = panel.clientWidth - 2 * parseFloat(getComputedStyle(at("number")).paddingLeft);
  const squeeze = within(room / number.offsetWidth, 0.75, 1);
  setScale("--x", squeeze);
  if (squeeze * number.offsetWidth > room) setScale("--n", room / (squeeze * number.offsetWidth));
  number.style.marginRight = `${(squeeze - 1) * number.offsetWidth}px`;
  const right = (element) => element.getBoundingClientRect().right; // Firefox scrolls over what a transform has made narrower
  const wide = () => words.scrollWidth > words.clientWidth || right(words) > right(text) + 1;
  const tall = () => panel.scrollHeight > panel.clientHeight || panel.scrollWidth > panel.clientWidth;
  panel.classList.toggle("squeezed", wide());
  const widest = shrink("--q", NARROWEST, 1, wide);
  const largest = shrink("--m", 0.4, 1, wide);
  const looping = at("screen").classList.contains("looping"); // the figures of a loop need the room below
  if (at("cards").offsetHeight) shrink("--k", looping ? 0.3 : innerHeight > innerWidth ? LEAST_IN_PORTRAIT : LEAST_CARDS, 1, tall);
  shrink("--d", 0.6, 1, tall);
  panel.classList.toggle("squeezed", widest < 1 || tall());
  shrink("--q", NARROWEST, widest, tall); // more words in a line
  shrink("--m", Math.min(LEGIBLE, largest), largest, tall);
  if (tall() && !looping) {
    at("screen").classList.add("roomy");
    shrink("--m", 0.4, largest, tall);
  }
  // Lines of the summary that do not fit are hidden, the last first, but never the first two. The report has all lines.
  for (const line of [...at("summary").children].slice(2).reverse()) line.hidden = tall();
}

/* ---- the skeleton ---- */

const BONES = [[11, 12], [11, 13], [13, 15], [12, 14], [14, 16], [11, 23], [12, 24], [23, 24], [23, 25], [25, 27], [24, 26],
  [26, 28], [27, 29], [29, 31], [27, 31], [28, 30], [30, 32], [28, 32]];
const MIN_VISIBILITY = 0.5;

/** Draw the skeleton over the lifter, or the loop of reps in a rest. While no picture arrives, or after the phone was
    turned, no skeleton is drawn, because it would belong to another picture. */
function drawBody(now) {
  const canvas = at("body"), video = at("preview"), scale = Math.min(2, devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const ink = canvas.getContext("2d");
  ink.clearRect(0, 0, width, height);
  if (now.loop) return drawLoop(ink, now, camera.front);
  if (!now.body || now.camera !== "connected" || trouble()) return;
  const own = showsOwn(), seen = now.picture || [4, 3];
  const [w, h] = own ? [video.videoWidth, video.videoHeight] : seen;
  if (w > h !== seen[0] > seen[1]) return;
  const zoom = Math.min(width / w, height / h), left = (width - w * zoom) / 2, top = (height - h * zoom) / 2;
  const mirrored = isMirrored();
  const points = now.body.map(([x, y, visibility]) => ({ x: left + (mirrored ? 1 - x : x) * w * zoom, y: top + y * h * zoom, visible: visibility >= MIN_VISIBILITY }));
  drawFigure(ink, points, (Math.min(w, h) * zoom) / 480, now.progress !== null);
}

/** Draw the reps of a rest side by side, each under its caption. */
function drawLoop(ink, { loop, figures, backs, phase }, mirrored) {
  const { width, height } = ink.canvas, wide = width / loop.reps.length, type = within(height / 16, 22, 44), top = 1.6 * type;
  loop.reps.forEach((rep, k) => {
    const left = k * wide, zoom = Math.min(wide / rep.width, height - top);
    const x0 = left + (wide - rep.width * zoom) / 2, y0 = height - zoom;
    ink.font = `600 ${type}px system-ui, sans-serif`;
    ink.fillStyle = "#d3d7da";
    ink.fillText(`${SIGNS[rep.shape]} ${rep.caption}`, left + type / 2, 1.1 * type, wide - type);
    if (rep.line) {
      ink.fillStyle = "#fff";
      ink.fillText(rep.line.words, left + type / 2, 2.4 * type, wide - type);
    }
    if (!figures[k]) return;
    const placed = ([x, y, visible]) => ({ x: x0 + (mirrored ? rep.width - x : x) * zoom, y: y0 + y * zoom, visible: visible > 0 });
    drawFigure(ink, figures[k].map(placed), zoom / 480, true, rep.joints);
    if (backs[k]) drawBack(ink, backs[k].map(placed), rep.shape === "cross" ? VERDICTS.missed : VERDICTS.met, zoom / 480);
    if (rep.line && rep.line.shown[phase]) drawDepth(ink, rep.line.verdict, rep.line.points.map(placed), zoom / 480);
  });
}

const VERDICTS = { met: "#009e73", missed: "#d55e00", close: "#afafaf" };

/** Draw the edge of the back, and the straight line between its ends. */
function drawBack(ink, points, colour, unit) {
  const stroke = (of, ink_colour, thick) => {
    ink.beginPath();
    ink.lineWidth = thick;
    ink.strokeStyle = ink_colour;
    of.forEach(({ x, y }) => ink.lineTo(x, y));
    ink.stroke();
  };
  stroke(points, "#121416", 8.5 * unit);
  stroke(points, colour, 5.5 * unit);
  stroke([points[0], points[points.length - 1]], "#fff", 2 * unit);
}

/** Draw the line at the top of the knee, and the distance of the hip crease from it. */
function drawDepth(ink, verdict, [behind, before, crease], unit) {
  const stroke = (from, to, colour, thick, dash = []) => {
    ink.beginPath();
    ink.setLineDash(dash);
    ink.lineWidth = thick;
    ink.strokeStyle = colour;
    ink.moveTo(from.x, from.y);
    ink.lineTo(to.x, to.y);
    ink.stroke();
    ink.setLineDash([]);
  };
  const dash = [9 * unit, 9 * unit], half = 13 * unit;
  stroke(behind, before, "#121416", 5 * unit, dash);
  stroke(behind, before, "#fff", 2.5 * unit, dash);
  const marks = [[{ x: crease.x, y: behind.y }, crease], [{ x: crease.x - half, y: crease.y }, { x: crease.x + half, y: crease.y }]];
  for (const [from, to] of marks) stroke(from, to, "#121416", 8 * unit);
  for (const [from, to] of marks) stroke(from, to, VERDICTS[verdict], 5 * unit);
}

/** Draw a skeleton: if `active`, in colour (left blue, right yellow), else thin and grey. `marked` joints are thick. */
function drawFigure(ink, points, unit, active, marked = []) {
  ink.lineCap = "round";
  const strokes = (thick, colourOf, of = BONES) => of.forEach(([a, b]) => {
    if (!points[a].visible || !points[b].visible) return;
    ink.beginPath();
    ink.lineWidth = thick;
    ink.strokeStyle = colourOf(a, b);
    ink.moveTo(points[a].x, points[a].y);
    ink.lineTo(points[b].x, points[b].y);
    ink.stroke();
  });
  if (active) strokes(8 * unit, () => "#121416");
  const side = (a, b) => (a % 2 !== b % 2 ? "#fff" : a % 2 ? "#56b4e9" : "#f0e442");
  strokes((active ? 5 : 2.4) * unit, active ? side : () => "#afafaf");
  strokes(11 * unit, () => "#d55e00", BONES.filter((bone) => bone.some((joint) => marked.includes(joint))));
  if (![7, 8, 11, 12].every((index) => points[index].visible)) return;
  const middle = (a, b) => [(points[a].x + points[b].x) / 2, (points[a].y + points[b].y) / 2];
  const [x, y] = middle(7, 8), [sx, sy] = middle(11, 12);
  ink.beginPath();
  ink.lineWidth = (active ? 5 : 2.4) * unit;
  ink.strokeStyle = active ? "#fff" : "#afafaf";
  ink.arc(x, y, Math.hypot(sx - x, sy - y) / 2, 0, 2 * Math.PI);
  ink.stroke();
}

/* ---- remote ---- */

function act(name, value, set) {
  const sent = post({ type: "action", name, value, set }); // undefined fields are left out
  if (!sent) toast(say("offline"));
  return sent;
}

const chosen = (id) => (at(id).value ? Number(at(id).value) : undefined);

/** Return the values of a set of the session, with its lifter and number in words. */
function doneSet([number, named, load, profile, rpe]) {
  const who = profile === state.profile ? state.lifter : called(profile);
  return { number, load, profile, rpe, words: [who, `${say("set")} ${named}`].filter(Boolean).join(", ") };
}

/** List the reps that can be corrected, and the sets, the newest first. The chosen rep and set stay chosen. */
function showDone({ reps = [], sets = [], in_set }) {
  const done = new Map(sets.map((one) => [one[0], doneSet(one)]));
  const named = reps.filter(([, set]) => done.has(set)).map(([startS, set, number, shape]) => [String(startS), `${done.get(set).words}, ${say("rep")} ${number} ${SIGNS[shape]}`]);
  const listed = in_set ? JSON.parse(at("f-rep").dataset.words || "[]").slice(1).filter(([value]) => value !== named[0]?.[0]) : [];
  list("f-rep", [["", NOTHING], ...named, ...listed]);
  list("f-set", [["", NOTHING], ...[...done.values()].map(({ number, load, words }) => [String(number), [words, load].filter(Boolean).join(" · ")])]);
  showChosen();
}

/** Return the set that is chosen on the remote, if any. */
const chosenSet = () => (state.sets || []).map(doneSet).find(({ number }) => number === chosen("f-set"));

/** Enable the buttons and fields for the chosen rep and set, and show the set's RPE and lifter. */
function showChosen() {
  const set = chosenSet();
  for (const [parts, off] of [[".of-rep button", !at("f-rep").value], [".of-set :is(button, input, #f-rpe)", !set]]) document.querySelectorAll(parts).forEach((part) => (part.disabled = off));
  if (!isEdited(at("f-rpe"))) at("f-rpe").value = at("f-rpe").dataset.filled = set && set.rpe !== null ? String(set.rpe) : "";
  press("lifted", set && set.profile);
}

/** Choose the current lifter's last rep and last set. A load or note that is typed and not sent keeps its set. */
function chooseLast({ reps = [], sets = [], profile }) {
  const own = new Set(sets.filter((one) => one[3] === profile).map(([number]) => number));
  const [rep] = reps.find(([, set]) => own.has(set)) || [""], [set] = own.size ? own : [""];
  at("f-rep").value = String(rep);
  if (!["f-set-load", "f-note"].some((id) => isEdited(at(id)))) at("f-set").value = String(set);
  at("f-rpe").value = at("f-rpe").dataset.filled = "";
  showChosen();
}

/** Return whether a field has a value that was typed or chosen, and not sent yet. */
const isEdited = (field) => field.value !== (field.dataset.filled || "");

/** Put a value into a field, unless the user is editing it. */
function fill(id, value, placeholder = "") {
  const field = at(id), typing = field === document.activeElement && field.matches("input");
  if (typing || isEdited(field)) return;
  Object.assign(field, { value, placeholder });
  field.dataset.filled = field.value;
}

/** Fill a list. The chosen option stays chosen if it is still there. */
function list(id, options) {
  const box = at(id), was = box.value;
  if (box.dataset.words === JSON.stringify(options) || box === document.activeElement) return;
  box.dataset.words = JSON.stringify(options);
  box.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
  if (options.some(([value]) => value === was)) box.value = was;
  else box.value = box.dataset.filled = "";
}

let answer = null;

/** Show livecoach's answer on the remote, and fill in the values in use again: a change may have been refused. */
function showAnswer(said) {
  if (said && said !== answer && at("remote").open) {
    toast(said);
    fillFields();
  }
  answer = said;
}

let offered = {};
const LISTS = { exercises: "f-exercise", depths: "f-depth", counts: "f-count" }; // kind of choices in an offer → id of their list

/** Fill the lists with the offered exercises and standards, and choose the values in use. */
function showOffer(offer) {
  offered = offer;
  const { exercises, depths = [], counts = [] } = offer;
  for (const [id, choices] of Object.entries({ exercises, depths, counts })) list(LISTS[id], choices.map(({ name, title }) => [name, title]));
  for (const id of ["f-load", "f-set-load"]) at(id).labels[0].textContent = `${say("load")}, ${offer.load_unit}`;
  document.querySelectorAll(".of-depth").forEach((form) => (form.hidden = !at("f-depth").length));
  fillFields();
  if (state) showState(state);
}

let toastTimer = 0;

/** Show a text for a moment; on the open remote, where it covers nothing, until the next text. */
function toast(words) {
  if (at("remote").open) return (at("answer").textContent = words);
  bringToFront(at("toast"));
  at("toast").textContent = words;
  at("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (at("toast").hidden = true), 2500);
}

let quitTimer = 0;

/** End the session at the second tap within three seconds: chalky hands slip. */
function quit() {
  const button = at("quit"), sure = button.classList.toggle("sure");
  button.textContent = say(sure ? "sure" : "end");
  button.scrollIntoView({ block: "nearest" }); // its words may have become longer
  clearTimeout(quitTimer);
  if (sure) quitTimer = setTimeout(() => button.classList.contains("sure") && (button.classList.remove("sure"), (button.textContent = say("end"))), 3000);
  else act("end-session");
}

/** Fill the fields with the values in force or, before there are any, of last time. Values that are not sent yet stay. */
function fillFields() {
  const now = state || {}, rest = now.rest_target_s ? clock(now.rest_target_s) : "";
  showDone(now);
  fill("f-load", now.load_in_force ? "" : offered.load || "", now.load_in_force || "");
  fill("f-rest", rest || !offered.rest_s ? "" : clock(offered.rest_s), rest);
  fill("f-exercise", offered.exercise || "");
  if (now.depth) fill("f-depth", now.depth);
  if (now.counted) fill("f-count", now.counted);
}

function openRemote(field = null) {
  fillFields();
  at("answer").textContent = "";
  chooseLast(state || {});
  at("remote").showModal();
  if (field) field.focus();
  showLink();
}

/* ---- report and history ---- */

/** Return whether this device films a set, in which nothing may cover livecoach's messages. */
const filmsSet = () => role === "camera" && state !== null && state.in_set;

/** Show a page of the sessions in a frame, while this page goes on filming. "last" is the current lifter's last report. */
function openPage(name) {
  closePage();
  at("remote").close();
  const whose = name === "last" && state && state.profile ? `?${new URLSearchParams({ profile: state.profile })}` : "";
  const frame = newFrame(`/sessions/${name}.html${whose}`);
  frame.onload = () => (at("opening").hidden = true);
  at("opening").hidden = false;
  at("sessions").append(frame);
  if (!at("sessions").open) at("sessions").showModal();
  showLink();
}

const newFrame = (src) => Object.assign(document.createElement("iframe"), { title: say("sessions"), src });

function closePage() {
  document.querySelectorAll("#sessions iframe").forEach((frame) => frame.remove());
  showLink();
}

async function switchCamera() {
  camera.facing = camera.front ? "environment" : "user";
  at("switch").disabled = true;
  await openCamera().catch(retryCamera);
  at("switch").disabled = false;
}

/* ---- beginning and end ---- */

async function begin(as) {
  unlockSound();
  at("start").disabled = at("watch").disabled = true;
  try {
    role = as;
    if (as === "camera") await openCamera();
  } catch (error) {
    role = null;
    const why = { NotAllowedError: "denied", NotFoundError: "missing", OverconstrainedError: "missing", SecurityError: "insecure" };
    return showBeginning(say(why[error.name] || "busy"));
  }
  remember(as);
  sound.on = as === "camera";
  at("sound").setAttribute("aria-pressed", String(sound.on));
  at("switch").hidden = as === "watch";
  document.body.classList.toggle("watching", as === "watch");
  at("begin").hidden = true;
  at("screen").hidden = false;
  showLink();
  keepAwake();
  connect();
}

/** Remember the role during a run: to watch, only in this tab; to film, in the browser, which may close the tab. */
function remember(as) {
  localStorage.removeItem("films");
  sessionStorage.removeItem("watches");
  if (as === "camera") localStorage.setItem("films", RUN);
  if (as === "watch") sessionStorage.setItem("watches", RUN);
}

/** Go on after a reload, or after the tab was killed, without a tap if the browser still allows the camera. */
async function goOn() {
  const before = sessionStorage.getItem("watches") === RUN ? "watch" : localStorage.getItem("films") === RUN ? "camera" : null;
  if (READ_ONLY || before === null) return;
  const permission = await navigator.permissions.query({ name: "camera" }).then((found) => found.state, () => "unknown");
  if (role !== null || (before === "camera" && permission !== "granted")) return;
  link.goesOn = true;
  begin(before);
}

function showBeginning(why) {
  at("screen").hidden = true;
  at("begin").hidden = false;
  at("start").disabled = at("watch").disabled = false;
  at("why").textContent = why;
  at("why").hidden = !why;
  at("take-over").hidden = true;
  showLink();
}

/** Stop, and show the reports of the session, one at a time. The server waits until this page has them and hangs up. */
async function end({ text, reports = [] }) {
  over = true;
  remember(null);
  closeCamera();
  releaseWakeLock();
  for (const id of ["remote", "sessions", "pick"]) at(id).close();
  at("screen").hidden = true;
  at("over").hidden = false;
  at("over-text").textContent = text;
  showLink();
  const frames = new Map();
  const show = (lifter) => {
    frames.forEach((frame, name) => (frame.hidden = name !== lifter));
    press("reports", lifter);
  };
  for (const { lifter, url } of reports) {
    const frame = newFrame(url), loaded = new Promise((done) => (frame.onload = done));
    frame.hidden = frames.size > 0;
    at("over").append(frame);
    await loaded;
    if (!frame.contentDocument || !frame.contentDocument.querySelector("meta[name=generator]")) frame.remove();
    else frames.set(lifter, frame);
    const names = [...frames.keys()];
    showButtons("reports", names.length > 1 ? names.map(called) : [], (index) => show(names[index]));
    press("reports", names.find((name) => !frames.get(name).hidden));
  }
  hangUp();
}

/** Go on after the tab slept or the network changed, without waiting for the next attempt. */
function wake() {
  if (document.hidden) {
    link.slept = role !== null;
    return;
  }
  if (role === null || over) return;
  keepAwake();
  if (sound.context) unlockSound();
  if (role === "camera" && (!camera.stream || camera.stream.getVideoTracks()[0].readyState === "ended")) retryCamera();
  at("preview").play().catch(() => {});
  if (!isOpen() || performance.now() - link.heardMs > SILENCE_MS) {
    link.waitMs = FIRST_WAIT_MS;
    connectLater();
  } else link.slept = false;
}

function wire() {
  document.documentElement.lang = LANGUAGE;
  document.querySelectorAll("[data-say]").forEach((part) => (part.textContent = say(part.dataset.say)));
  at("stage").setAttribute("aria-label", say("picture"));
  at("panel").setAttribute("aria-label", say("panel"));
  at("floor").setAttribute("aria-label", say("floor"));
  at("lifters").setAttribute("aria-label", say("lifters"));
  at("last-set").setAttribute("aria-label", say("lastSet"));
  at("start").hidden = READ_ONLY;
  document.querySelectorAll(".of-remote").forEach((part) => (part.hidden = READ_ONLY));
  at("start").onclick = () => begin("camera");
  at("watch").onclick = () => begin("watch");
  at("take-over").onclick = () => {
    link.takesOver = true;
    begin("camera");
  };
  at("open-remote").onclick = () => openRemote();
  at("close-remote").onclick = () => at("remote").close();
  at("remote").onclose = showLink;
  at("close-sessions").onclick = () => at("sessions").close();
  at("sessions").onclose = closePage;
  document.querySelectorAll("[data-page]").forEach((button) => (button.onclick = () => openPage(button.dataset.page)));
  document.querySelectorAll("[data-action]").forEach((button) => (button.onclick = () => act(button.dataset.action, button.closest(".of-rep") ? chosen("f-rep") : undefined, button.closest(".of-set") ? chosen("f-set") : undefined)));
  at("f-rep").onchange = at("f-set").onchange = ({ target }) => {
    target.blur(); // a list that has the focus is not filled
    at("f-rpe").value = at("f-rpe").dataset.filled = "";
    showChosen();
  };
  for (const option of at("f-rpe").children) {
    option.setAttribute("value", option.value); // the value that is sent, whatever the text is
    if (Number(option.value)) option.textContent = Number(option.value).toLocaleString(LANGUAGE);
  }
  at("pick-load").onclick = () => openRemote(at("f-load"));
  at("pick-exercise").onclick = pickExercise;
  at("pick-who").onclick = pickLifter;
  at("close-pick").onclick = () => at("pick").close();
  at("pick").onclose = showLink;
  document.querySelectorAll("[data-form]").forEach((form) => (form.onsubmit = (event) => {
    event.preventDefault();
    const field = form.querySelector("input, select");
    const value = field.value.trim() || field.placeholder; // an empty field stands for the value in force
    const set = form.closest(".of-set") ? chosen("f-set") : undefined;
    if (!value || !act(form.dataset.form, value, set)) return;
    if (field.matches("input")) field.blur();
    field.dataset.filled = field.matches("input") ? (field.value = "") : field.value;
  }));
  at("quit").onclick = quit;
  at("switch").onclick = switchCamera;
  at("sound").onclick = () => {
    sound.on = !sound.on;
    at("sound").setAttribute("aria-pressed", String(sound.on));
    unlockSound();
    showSound();
  };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("pageshow", wake);
  window.addEventListener("online", wake);
  new ResizeObserver(() => state && (fit(), drawBody(state))).observe(at("stage"));
  // Browsers differ in which of these events count as an act of the user; a finger that goes down never does.
  for (const act of ["pointerup", "touchend", "click", "keydown"]) document.addEventListener(act, () => role !== null && unlockSound());
  setInterval(tellTheTime, CLOCK_MS);
  goOn();
}

wire();
