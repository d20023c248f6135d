// Plays whole sessions of the visual Turing test in a headless browser: at desktop and phone
// width, with the keyboard alone, over reloads, a second tab and a kill of the program; looks at
// names, contrast and size of controls; compares the statistics with those of its own count.
//
//   turing_check.js CHROMIUM SIMGAN FOLDER [PICTURES]
//
// FOLDER holds `run`, and `real` whose images are lighter than any synthetic one, so that the
// truth can be seen.
"use strict";

const assert = require("node:assert");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const browsers = require("./browser.js");

const [executablePath, simgan, folder, pictures] = process.argv.slice(2);
const PORT = 18765;
const ADDRESS = `http://127.0.0.1:${PORT}/`;
const SIZES = ["--trials", "12", "--examples", "20", "--control", "8"];
const TRIALS = 20;
/** Mean level of the image that is shown. */
const LEVEL = `(async () => {
  const image = document.getElementById("image");
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += data[i];
  return sum / (data.length / 4);
})()`;

let server = null;

/** Starts the program; resolves when it listens. */
function serve() {
  const args = ["turing", "--run", "run", "--real", "real", "--port", String(PORT), ...SIZES];
  server = spawn(simgan, args, { cwd: folder });
  return new Promise((resolve, reject) => {
    server.stderr.on("data", (text) => String(text).includes("Ctrl-C") && resolve());
    server.on("exit", (code) => reject(new Error(`the program ended with ${code}`)));
  });
}

function stop(signal) {
  return new Promise((resolve) => {
    let text = "";
    server.stdout.on("data", (part) => { text += part; });
    server.removeAllListeners("exit");
    server.on("close", () => resolve(text));
    server.kill(signal);
  });
}

const look = (page, name) => browsers.look(page, name, { pictures });
const open = (browser, size, url = ADDRESS, options = {}) => browsers.open(browser, size, url, options);

/** Decides on the image that is shown; wrong on purpose where `wrong`. Returns the truth. */
async function decide(page, press, wrong) {
  // Two presses close together are one.
  await page.waitForTimeout(170);
  const truth = (await page.evaluate(LEVEL)) > 128 ? "real" : "synthetic";
  const other = truth === "real" ? "synthetic" : "real";
  const before = await page.evaluate("answered");
  await press(wrong ? other : truth);
  await page.waitForFunction(`answered > ${before}`);
  return truth;
}

/** Plays to the end; `hook(n)` runs after n answers. Every third answer of the first part is wrong. */
async function play(page, press, next, hook = async () => page) {
  const count = { real_as_real: 0, real_as_synthetic: 0, made_as_real: 0, made_as_synthetic: 0 };
  for (;;) {
    const done = await page.evaluate("answered");
    if (done === TRIALS) break;
    if (await page.locator("#pause").isVisible()) await next();
    const wrong = done < 12 && done % 3 === 0;
    const truth = await decide(page, press, wrong);
    const taken = wrong ? (truth === "real" ? "synthetic" : "real") : truth;
    if (done < 12) count[`${truth === "real" ? "real" : "made"}_as_${taken}`] += 1;
    page = await hook(done + 1);
  }
  await page.waitForSelector("#end:not([hidden])");
  return count;
}

async function main() {
  const browser = await browsers.launch(executablePath);
  await serve();

  // Under its own rules of what may be loaded, which the checks below have to go round.
  const strict = await open(browser, { width: 800, height: 800 }, ADDRESS, { bypassCSP: false });
  strict.page.on("console", (said) => said.type() === "error" && strict.problems.push(said.text()));
  await strict.page.reload();
  await strict.page.waitForSelector("#start:not([hidden])");
  assert.deepStrictEqual(strict.problems, []);

  // The keyboard alone, at desktop width; a reload, a kill of the program and a second tab on the way.
  const desk = await open(browser, { width: 1300, height: 800 });
  await look(desk.page, "start-1300");
  await desk.page.keyboard.type("Ann");
  await desk.page.keyboard.press("Enter");
  await desk.page.waitForSelector("#pause:not([hidden])");
  const tabTo = async (id) => {
    for (let i = 0; i < 10; i++) {
      await desk.page.keyboard.press("Tab");
      if (await desk.page.evaluate(`document.activeElement.id === "${id}"`)) return;
    }
    assert.fail(`${id} cannot be reached by Tab`);
  };
  const onward = async () => { await tabTo("next-round"); await desk.page.keyboard.press("Enter"); };
  const key = (choice) => desk.page.keyboard.press(choice === "real" ? "r" : "s");
  const counted = await play(desk.page, key, onward, async (done) => {
    if (done === 2) {
      await look(desk.page, "trial-1300");
      const seen = await desk.page.evaluate(
        "[...document.querySelectorAll('#trial img')].every((i) => i.getBoundingClientRect().bottom <= innerHeight)",
      );
      assert(seen, "image and examples are seen without scrolling");
    }
    if (done === 3) await desk.page.reload();
    if (done === 5) {
      await stop("SIGKILL");
      await serve();
      await desk.page.reload();
    }
    if (done === 7) {
      const tab = await desk.context.newPage();
      await tab.goto(ADDRESS);
      await tab.waitForSelector("#trial:not([hidden])");
      await tab.waitForTimeout(200);
      await tab.keyboard.press("r"); // the answer to image 8, given in the other tab
      await tab.waitForFunction("answered === 8");
      await tab.close();
      // This tab still shows image 8: its answer is not taken, and it goes on with image 9.
      await desk.page.keyboard.press("s");
      await desk.page.waitForFunction("answered === 8");
      await desk.page.waitForTimeout(50);
      assert.strictEqual(await desk.page.textContent("#count"), "Image 9 of 12");
    }
    await desk.page.waitForSelector("#trial:not([hidden]), #pause:not([hidden]), #end:not([hidden])");
    return desk.page;
  });
  await look(desk.page, "end-1300");
  assert.match(await desk.page.textContent("#score"), /of 12.*of 8/s);
  assert.deepStrictEqual(desk.problems, []);

  // Touch, at phone width, in the dark.
  const phone = await open(browser, { width: 390, height: 844 }, ADDRESS,
    { hasTouch: true, colorScheme: "dark" });
  await look(phone.page, "start-390");
  await phone.page.locator("#begin button").tap();
  await phone.page.waitForSelector("#pause:not([hidden])");
  await look(phone.page, "pause-390");
  await phone.page.locator("#next-round").tap();
  await phone.page.waitForSelector("#trial:not([hidden])");
  await look(phone.page, "trial-390");
  const seen = await phone.page.evaluate(
    "[...document.querySelectorAll('[data-choice], [data-examples] img')].every((i) => i.getBoundingClientRect().bottom <= innerHeight)",
  );
  assert(seen, "on a phone, buttons and examples are seen without scrolling");
  const tap = (choice) => phone.page.locator(`[data-choice=${choice}]`).tap();
  const second = await play(phone.page, tap, () => phone.page.locator("#next-round").tap(),
    async () => phone.page);
  await look(phone.page, "end-390");

  // The statistics are those of the truth that was seen; one answer was another tab's.
  const table = await stop("SIGINT");
  assert.match(table, /2 subjects have finished/);
  const results = JSON.parse(fs.readFileSync(path.join(folder, "run/turing/test/results.json")));
  const found = results.rounds[0].confusion;
  assert.strictEqual(Object.values(found).reduce((a, b) => a + b), 24);
  const missing = Object.keys(found).reduce(
    (sum, cell) => sum + found[cell] - counted[cell] - second[cell], 0);
  assert.strictEqual(missing, 1);
  for (const cell of Object.keys(found)) {
    assert(found[cell] - counted[cell] - second[cell] >= 0, cell);
  }
  const control = results.rounds[1];
  assert.deepStrictEqual([control.all.right, control.all.all], [16, 16]);
  assert(Math.abs(control.p_one_sided - 2 ** -16) < 1e-12);

  // The page in a folder: answers stay in the browser and are saved at the end.
  const page = path.join(folder, "page");
  const static_ = await open(browser, { width: 800, height: 900 },
    `${pathToFileURL(path.join(page, "index.html")).href}?form=2`);
  await static_.page.locator("#begin button").click();
  await static_.page.waitForSelector("#pause:not([hidden])");
  const click = (choice) => static_.page.locator(`[data-choice=${choice}]`).click();
  await play(static_.page, click, () => static_.page.locator("#next-round").click(), async (done) => {
    if (done === 4) {
      await look(static_.page, "trial-800");
      await static_.page.reload();
      await static_.page.waitForSelector("#trial:not([hidden])");
    }
    return static_.page;
  });
  await look(static_.page, "end-800");
  const saved = static_.page.waitForEvent("download");
  await static_.page.locator("#save").click();
  await (await saved).saveAs(path.join(folder, "answers.json"));
  assert.deepStrictEqual(static_.problems, []);
  await browser.close();
  console.log("three sessions were played; names, contrast, sizes and statistics are right");
}

main().then(
  () => process.exit(0),
  (problem) => { console.error(problem); server?.kill("SIGKILL"); process.exit(1); },
);
