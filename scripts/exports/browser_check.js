// Opens exported pages in a headless browser, straight from their folders: the model runs, its
// results are simgan's to 1e-5, a sample and a file are refined, the slider moves, and nothing is
// fetched from anywhere.
//
//   browser_check.js CHROMIUM FOLDER...
"use strict";

const assert = require("node:assert");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const LIMIT = 1e-5;
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** What a page says when it is ready, or cannot be. */
const SETTLED = "document.body.dataset.difference || document.querySelector('#status.problem')";

/** A picture of two colours, larger than the model's images. */
const PICTURE = `(() => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [200, 130];
  const context = canvas.getContext("2d");
  const gradient = context.createLinearGradient(0, 0, 200, 130);
  gradient.addColorStop(0, "#204060");
  gradient.addColorStop(1, "#e0c0a0");
  context.fillStyle = gradient;
  context.fillRect(0, 0, 200, 130);
  return canvas.toDataURL("image/png").split(",")[1];
})()`;

async function check(browser, folder) {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) {
      problems.push(request.url());
    }
  });
  await page.goto(pathToFileURL(path.join(folder, "index.html")).href);
  await page.waitForFunction(SETTLED, null, { timeout: 120000 });
  const difference = Number(await page.evaluate("document.body.dataset.difference"));
  const said = await page.textContent("#status");
  assert(difference <= LIMIT, `${folder}: ${difference}: ${said} ${problems}`);
  const buttons = page.locator(".samples button");
  assert((await buttons.count()) > 1, "there are samples");
  await buttons.nth(1).click();
  await page.waitForSelector("text=Refining changed a pixel");
  const drawn = await page.evaluate("document.querySelector('.refined').width");
  assert.strictEqual(drawn, await page.evaluate("MODEL.description.input.shape[2]"));
  const picture = Buffer.from(await page.evaluate(PICTURE), "base64");
  const file = (name, buffer) => ({ name, mimeType: "image/png", buffer });
  await page.setInputFiles("#file", file("picture.png", picture));
  await page.waitForSelector("text=Refined picture.png.");
  await page.fill("#slider", "20");
  const shown = "document.querySelector('.comparison').style.getPropertyValue('--shown')";
  assert.strictEqual(await page.evaluate(shown), "20%");
  await page.setInputFiles("#file", file("text.png", Buffer.from("no image")));
  await page.waitForSelector("#status.problem");
  const width = await page.evaluate("document.documentElement.scrollWidth");
  assert(width <= 390, `the page is ${width} px wide on a phone`);
  assert.deepStrictEqual(problems, []);
  await page.screenshot({ path: `${folder}.png`, fullPage: true });
  await page.close();
  console.log(`${path.basename(folder)}: largest difference ${difference.toExponential(1)}`);
}

async function main() {
  const [executablePath, ...folders] = process.argv.slice(2);
  assert(folders.length > 0, "no folder");
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    for (const folder of folders) {
      await check(browser, path.resolve(folder));
    }
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
