"use strict";

const { description, samples } = MODEL;
const [channels, height, width] = description.input.shape;
const shape = { channels, height, width };
const imageLength = channels * height * width;

/** Levels 0 to 255 as the model takes them, and back. */
const toValues = (levels) => Float32Array.from(levels, (level) => Math.fround(level / 127.5) - 1);
const toLevel = (value) => Math.floor((value + 1) * 127.5 + 0.5);
const toLevels = (values) => Uint8ClampedArray.from(values, toLevel);

const find = (selector) => document.querySelector(selector);
const status = find("#status");
const comparison = new Comparison(find(".comparison"), find("#slider"));

function bytes(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** onnxruntime-web from the script beside this one: pages in folders may load scripts only. */
async function runtime() {
  const module = new Blob([bytes(RUNTIME.module)], { type: "text/javascript" });
  const ort = await import(URL.createObjectURL(module));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = bytes(RUNTIME.wasm).buffer;
  return ort;
}

/** Loads the model; the result refines images, one behind the other. */
async function load() {
  const ort = await runtime();
  const session = await ort.InferenceSession.create(bytes(MODEL.onnx));
  return async (values) => {
    const batch = [values.length / imageLength, channels, height, width];
    const image = new ort.Tensor("float32", values, batch);
    const results = await session.run({ [description.input.name]: image });
    return results[description.output.name].data;
  };
}

/** How far what this browser computes is from what simgan computed when it wrote the page. */
async function check(refine, pixels) {
  const expected = new Float32Array(bytes(samples.refined).buffer);
  const refined = await refine(toValues(pixels));
  return refined.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i])), 0);
}

function tell(text, isProblem = false) {
  status.textContent = text;
  status.classList.toggle("problem", isProblem);
}

async function show(refine, levels) {
  const begun = performance.now();
  const refined = toLevels(await refine(toValues(levels)));
  const milliseconds = Math.round(performance.now() - begun);
  comparison.show(levels, refined, shape);
  const changes = levels.reduce((sum, level, i) => sum + Math.abs(level - refined[i]), 0);
  const mean = (changes / levels.length).toFixed(1);
  find("#change").textContent =
    `Refining changed a pixel by ${mean} of 255 on average; it took ${milliseconds} ms.`;
}

function offerSamples(refine, pixels) {
  const buttons = Array.from({ length: samples.count }, (_, index) => {
    const levels = pixels.slice(index * imageLength, (index + 1) * imageLength);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `Image ${index + 1} of the simulator`);
    const canvas = document.createElement("canvas");
    draw(canvas, levels, shape);
    button.append(canvas);
    button.addEventListener("click", () => {
      press(button);
      show(refine, levels).catch(fail);
    });
    return button;
  });
  find(".samples").append(...buttons);
  buttons[0].click();
}

function press(pressed) {
  for (const button of document.querySelectorAll(".samples button")) {
    button.setAttribute("aria-pressed", button === pressed);
  }
}

function offerFiles(refine) {
  const [input, drop] = [find("#file"), find(".drop")];
  const take = async (file) => {
    if (!file) {
      return;
    }
    try {
      const image = await createImageBitmap(file);
      press(null);
      await show(refine, prepare(image, description.preprocessing));
      tell(`Refined ${file.name}.`);
    } catch (error) {
      tell(`${file.name} cannot be shown: ${error.message}`, true);
    }
  };
  input.disabled = false;
  input.addEventListener("change", () => take(input.files[0]));
  const over = (event) => {
    event.preventDefault();
    drop.classList.toggle("over", event.type === "dragover");
  };
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, over);
  }
  drop.addEventListener("drop", (event) => take(event.dataTransfer.files[0]));
}

function tellFacts() {
  const facts = [
    ["run", description.name],
    ["iteration", description.step],
    ["image", `${width} x ${height}, ${channels === 1 ? "grey" : "colour"}`],
    ["SHA-256 of the weights", description.weights_sha256],
  ];
  for (const [name, value] of facts) {
    const [term, text] = ["dt", "dd"].map((tag) => document.createElement(tag));
    term.textContent = name;
    text.textContent = value;
    find(".facts").append(term, text);
  }
  for (const step of description.preparation) {
    const item = document.createElement("li");
    item.textContent = step;
    find(".preparation").append(item);
  }
}

function fail(error) {
  tell(`The model cannot be used here: ${error.message}`, true);
}

async function main() {
  tellFacts();
  const refine = await load();
  const pixels = new Uint8ClampedArray(bytes(samples.pixels));
  const difference = await check(refine, pixels);
  offerSamples(refine, pixels);
  offerFiles(refine);
  document.body.dataset.difference = difference;
  const largest = difference.toExponential(1);
  tell(`Ready. This browser's results differ from simgan's by ${largest} at most.`);
}

main().catch(fail);
