"use strict";

/**
 * The part of an image of `size` that is kept: left, top, width and height in its pixels. It leaves
 * an image that is padded.
 */
function keptPart(size, { crop, width, height }) {
  if (crop.kind === "none") {
    return [0, 0, ...size];
  }
  const unit = crop.unit === "fraction" ? size : [1, 1];
  const scales = [size[0] / width, size[1] / height];
  const proportioned = (scale) => [width * scale, height * scale];
  const part = {
    aspect: () => proportioned(Math.min(...scales)),
    pad: () => proportioned(Math.max(...scales)),
    centre: () => [crop.width * unit[0], crop.height * unit[1]],
    box: () => [crop.width * unit[0], crop.height * unit[1]],
  }[crop.kind]().map((side) => Math.max(Math.round(side), 1));
  const middle = part.map((side, axis) => (size[axis] - side) / 2);
  const corner = [crop.left * unit[0], crop.top * unit[1]];
  const start = (crop.kind === "box" ? corner : middle).map(Math.round);
  const leaves = start.some((place, axis) => place < 0 || place + part[axis] > size[axis]);
  if (leaves && crop.kind !== "pad") {
    const [kept, whole] = [part, size].map((sides) => sides.join("x"));
    throw new Error(`the crop (${kept} at ${start}) leaves the image, which is ${whole}`);
  }
  return [...start, ...part];
}

/** A part of an image in the size of the model, on white. Beside the image its border goes on. */
function resized(image, part, { width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  const [left, top] = [(-part[0] * width) / part[2], (-part[1] * height) / part[3]];
  const [w, h] = [(image.width * width) / part[2], (image.height * height) / part[3]];
  const border = (x, y, sw, sh, ...place) => context.drawImage(image, x, y, sw, sh, ...place);
  if (left > 0) {
    border(0, 0, 1, image.height, 0, top, left + 1, h);
    border(image.width - 1, 0, 1, image.height, left + w - 1, top, width, h);
  }
  if (top > 0) {
    border(0, 0, image.width, 1, left, 0, w, top + 1);
    border(0, image.height - 1, image.width, 1, left, top + h - 1, w, height);
  }
  context.drawImage(image, left, top, w, h);
  return context.getImageData(0, 0, width, height).data;
}

/** Rec. 709 luma. */
const luma = (r, g, b) => Math.floor((2126 * r + 7152 * g + 722 * b) / 10000);

/** From the pixels of a canvas to planes of levels: one of luma, or red, green and blue. */
function planes(rgba, channels) {
  const count = rgba.length / 4;
  const levels = new Uint8ClampedArray(channels * count);
  for (let pixel = 0; pixel < count; pixel++) {
    const [r, g, b] = rgba.subarray(4 * pixel, 4 * pixel + 3);
    if (channels === 1) {
      levels[pixel] = luma(r, g, b);
    } else {
      [r, g, b].forEach((level, c) => (levels[c * count + pixel] = level));
    }
  }
  return levels;
}

/** The new value of every level, as OpenCV's equalizeHist has it; null for an image of one level. */
function equalizedLevels(levels) {
  const histogram = new Array(256).fill(0);
  levels.forEach((level) => histogram[level]++);
  const darkest = histogram.find((count) => count > 0);
  const range = levels.length - darkest;
  if (range === 0) {
    return null;
  }
  let below = 0;
  return histogram.map((count) => {
    below += count;
    return Math.round((Math.max(below - darkest, 0) / range) * 255);
  });
}

/** Equalizes the histogram of planes: of grey, or of the luma, whose change goes to all channels. */
function equalize(levels, channels) {
  const count = levels.length / channels;
  const lumaOf = (_, p) => luma(levels[p], levels[count + p], levels[2 * count + p]);
  const grey = channels === 1 ? levels : Uint8Array.from({ length: count }, lumaOf);
  const map = equalizedLevels(grey);
  const change = (i) => map[grey[i % count]] - grey[i % count];
  return map === null ? levels : levels.map((level, i) => level + change(i));
}

/** What the model is to see of an image: planes of levels 0 to 255. */
function prepare(image, preprocessing) {
  const part = keptPart([image.width, image.height], preprocessing);
  const levels = planes(resized(image, part, preprocessing), preprocessing.channels);
  return preprocessing.equalize ? equalize(levels, preprocessing.channels) : levels;
}
