"use strict";

/** Draws an image, planes of levels 0 to 255, on a canvas of its size. */
function draw(canvas, levels, { channels, height, width }) {
  const pixels = new ImageData(width, height);
  const plane = height * width;
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let c = 0; c < 3; c++) {
      pixels.data[4 * pixel + c] = levels[channels === 3 ? c * plane + pixel : pixel];
    }
    pixels.data[4 * pixel + 3] = 255;
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** Two images, one above the other, of which a slider shows the upper one in part. */
class Comparison {
  constructor(figure, slider) {
    this.original = figure.querySelector(".original");
    this.refined = figure.querySelector(".refined");
    slider.addEventListener("input", () => figure.style.setProperty("--shown", `${slider.value}%`));
  }

  show(original, refined, shape) {
    draw(this.original, original, shape);
    draw(this.refined, refined, shape);
  }
}
