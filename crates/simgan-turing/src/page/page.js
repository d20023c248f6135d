"use strict";
// What a subject sees: start, one image after another, a pause between rounds, the end.

const $ = (id) => document.getElementById(id);
const answers = typeof FORMS === "number" ? new Folder(FORMS) : new Server();
const PARTS = {
  refined: "Some images are photographs; a program has changed the others so that they look real.",
  control: "The same question, but now the other images are as the simulator made them.",
};
/** Two presses closer than this are one. */
const SHORTEST_MS = 150;

let form = null;
let answered = 0;
let shownAt = 0;
let busy = false;

function show(id) {
  for (const part of ["start", "pause", "trial", "end"]) $(part).hidden = part !== id;
  $("problem").hidden = true;
}

function tell(problem) {
  $("problem").textContent = problem.message;
  $("problem").hidden = false;
}

/** Round and trial that come after the answers so far; null at the end. */
function place() {
  let left = answered;
  for (const [round, { trials }] of form.rounds.entries()) {
    if (left < trials.length) return { round, trial: left };
    left -= trials.length;
  }
  return null;
}

function total() { return form.rounds.reduce((sum, round) => sum + round.trials.length, 0); }

async function start(opening) {
  if (busy) return;
  busy = true;
  try {
    form = await opening;
    answered = form.answered;
    step();
  } catch (problem) {
    showStart();
    tell(problem);
  } finally {
    busy = false;
  }
}

function showStart() {
  show("start");
  $("resume").hidden = !answers.waiting();
  $("subject").focus();
}

/** What comes after the answers so far. */
function step() {
  const next = place();
  if (next === null) return finish();
  if (next.trial === 0 && form.rounds.length > 1) return pause(next.round);
  showTrial(next, $("trial").hidden);
}

function pause(round) {
  show("pause");
  $("pause-title").textContent = `Part ${round + 1} of ${form.rounds.length}`;
  $("pause-text").textContent = PARTS[form.rounds[round].name];
  $("pause-title").focus();
}

function showTrial({ round, trial }, anew) {
  const { name, examples, trials } = form.rounds[round];
  show("trial");
  if ($("trial").dataset.round !== name) {
    $("trial").dataset.round = name;
    for (const list of document.querySelectorAll("[data-examples]")) {
      const kind = list.dataset.examples;
      list.replaceChildren(...examples.filter((e) => e.kind === kind).map((example) => {
        const image = new Image();
        image.src = example.src;
        image.alt = `Example: ${kind}`;
        image.draggable = false;
        return image;
      }));
    }
  }
  $("image").src = trials[trial];
  if (trial + 1 < trials.length) new Image().src = trials[trial + 1];
  $("count").textContent = `Image ${trial + 1} of ${trials.length}`;
  $("progress").max = total();
  $("progress").value = answered;
  if (anew) $("question").focus();
  shownAt = performance.now();
}

async function decide(choice) {
  const milliseconds = Math.round(performance.now() - shownAt);
  if (busy || $("trial").hidden || milliseconds < SHORTEST_MS) return;
  busy = true;
  const { round, trial } = place();
  try {
    answered = await answers.answer({ round: form.rounds[round].name, trial, choice, milliseconds });
    step();
  } catch (problem) {
    tell(problem);
  } finally {
    busy = false;
  }
}

async function finish() {
  show("end");
  $("end-title").focus();
  try {
    const { score, name, url } = await answers.end();
    $("save").hidden = !url;
    $("score").hidden = !score;
    $("end-text").textContent = url
      ? "Your answers are in this browser alone. Save them, and send the file to whoever asked you."
      : "All your answers are kept.";
    if (url) Object.assign($("save"), { href: url, download: name });
    if (score) showScore(score);
  } catch (problem) {
    tell(problem);
  }
}

function showScore(rounds) {
  const rows = rounds.map(({ round, right, all }, index) => {
    const row = document.createElement("tr");
    row.dataset.round = round;
    const cells = [`Part ${index + 1}`, `${right} of ${all}`].map((text, column) => {
      const cell = document.createElement(column ? "td" : "th");
      cell.textContent = text;
      return cell;
    });
    row.append(...cells);
    return row;
  });
  $("score").tBodies[0].replaceChildren(...rows);
}

$("begin").addEventListener("submit", (event) => {
  event.preventDefault();
  start(answers.begin($("subject").value.trim()));
});
$("resume").querySelector("button").addEventListener("click", () => start(answers.resume()));
$("next-round").addEventListener("click", () => showTrial(place(), true));
$("another").addEventListener("click", () => {
  answers.forget();
  $("trial").dataset.round = "";
  $("subject").value = "";
  showStart();
});
for (const button of document.querySelectorAll("[data-choice]")) {
  button.addEventListener("click", () => decide(button.dataset.choice));
}
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const choice = { r: "real", s: "synthetic" }[event.key.toLowerCase()];
  if (choice && !$("trial").hidden) decide(choice);
});
if (answers.waiting()) start(answers.resume());
else showStart();
