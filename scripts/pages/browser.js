// What the checks of pages share: a headless browser, and what every page has to be.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const BROWSER = [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

function launch(executablePath) {
  return chromium.launch({ executablePath, args: BROWSER });
}

/** A page of its own at a size; errors of its scripts come into `problems`. */
async function open(browser, size, url, options = {}) {
  const context = await browser.newContext({ viewport: size, acceptDownloads: true, bypassCSP: true, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(url);
  return { context, page, problems };
}

/**
 * Names, roles and contrast by axe-core; nothing wider than the window; controls of at least
 * `smallest` pixels. Leaves a picture in the folder `pictures`, if there is one.
 */
async function look(page, name, { pictures, smallest = 44 }) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate("axe.run()");
  const said = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
  assert.deepStrictEqual(said, [], `${name}: ${said.join("\n")}`);
  const wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
  assert(!wide, `${name}: wider than the window`);
  for (const button of await page.locator("button:visible").all()) {
    const { width, height } = await button.boundingBox();
    assert(width >= smallest && height >= smallest, `${name}: a control of ${width}x${height}`);
  }
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

module.exports = { launch, look, open };
