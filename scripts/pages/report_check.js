// Looks at a report in a headless browser: at three widths, in light and dark, on paper, and
// without its script; moves a slider with the keyboard and turns to the next image.
//
//   report_check.js CHROMIUM REPORT [PICTURES]
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { launch, look, open } = require("./browser.js");

const [executablePath, report, pictures] = process.argv.slice(2);
const url = pathToFileURL(report).href;
const LOOKS = [
  ["report-1300", { width: 1300, height: 800 }, "light"],
  ["report-800-dark", { width: 800, height: 900 }, "dark"],
  ["report-390", { width: 390, height: 844 }, "light"],
];
/** Texts that are cut off by their boxes, and text below 11 pixels. */
const CLIPPED = `[...document.querySelectorAll("body *")].filter((e) => {
  const style = getComputedStyle(e);
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.getClientRects().length || e.closest("svg, noscript, script, style")) return false;
  const cut = style.overflowX !== "visible" && style.overflowX !== "auto" && e.scrollWidth > e.clientWidth + 1;
  return cut || parseFloat(style.fontSize) < 11;
}).map((e) => e.outerHTML.slice(0, 200))`;

async function sliders(browser) {
  const { page, problems } = await open(browser, { width: 1300, height: 800 }, url);
  const viewer = page.locator(".viewer").first();
  const edge = () => viewer.locator(".pair.shown .overlay").evaluate((e) => e.style.getPropertyValue("--at"));
  await viewer.locator(".pair.shown .slider").focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  assert.strictEqual(await edge(), "55%");
  const title = () => viewer.locator(".pair.shown figcaption").textContent();
  const first = await title();
  await viewer.locator(".next").press("Enter");
  assert.notStrictEqual(await title(), first);
  assert.strictEqual(await edge(), "55%", "the edge stays from image to image");
  await viewer.locator(".previous").press("Enter");
  assert.strictEqual(await title(), first);
  const toggle = viewer.locator(".toggle");
  if (await toggle.count()) {
    await toggle.press("Space");
    assert(await viewer.evaluate((e) => e.classList.contains("bare")), "labels can be hidden");
  }
  assert.deepStrictEqual(problems, []);
}

/** The verdict and the strip of images are seen without scrolling. */
async function top(page) {
  const seen = await page.evaluate(
    "[...document.querySelectorAll('.top .verdict, .top .strip img')].every((e) => e.getBoundingClientRect().bottom <= innerHeight)",
  );
  assert(seen, "verdict and strip are seen without scrolling");
}

/** Light on paper even for who reads in the dark; every image stands on it. */
async function paper(browser) {
  const { page } = await open(browser, { width: 1000, height: 900 }, url, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const text = await page.evaluate("getComputedStyle(document.body).color");
  const levels = text.match(/\d+/g).slice(0, 3).map(Number);
  assert(Math.max(...levels) < 100, `text is dark on paper: ${text}`);
  const [shown, all] = await page.evaluate(
    "[...document.querySelectorAll('.pair')].reduce(([s, a], e) => [s + !!e.getClientRects().length, a + 1], [0, 0])",
  );
  assert(all > 0 && shown === all, `${shown} of ${all} images on paper`);
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  assert(pdf.length > 20_000, "a printed report has pages");
  if (pictures) fs.writeFileSync(path.join(pictures, "report.pdf"), pdf);
}

async function withoutScript(browser) {
  const { page } = await open(browser, { width: 800, height: 900 }, url, { javaScriptEnabled: false });
  const count = await page.locator(".pair:visible").count();
  assert(count > 1, `${count} images without a script`);
}

async function main() {
  const browser = await launch(executablePath);
  for (const [name, size, colorScheme] of LOOKS) {
    const { context, page, problems } = await open(browser, size, url, { colorScheme });
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.reload();
    await look(page, name, { pictures, smallest: 24 });
    assert.deepStrictEqual(await page.evaluate(CLIPPED), [], `${name}: clipped or tiny`);
    assert.deepStrictEqual(requests.filter((to) => !to.startsWith("data:") && to !== url), []);
    if (size.width === 1300) await top(page);
    assert.deepStrictEqual(problems, []);
    await context.close();
  }
  await sliders(browser);
  await paper(browser);
  await withoutScript(browser);
  await browser.close();
  console.log("the report was looked at: three widths, light, dark and paper; its sliders move");
}

main().then(
  () => process.exit(0),
  (problem) => { console.error(problem); process.exit(1); },
);
