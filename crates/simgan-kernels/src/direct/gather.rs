//! Which input pixels an output pixel sees.

use crate::geometry::Geometry;

/// A kernel position and the offset of its input pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Row-major position in the kernel.
    pub position: usize,
    /// Row offset.
    pub y: isize,
    /// Column offset.
    pub x: isize,
}

/// Output pixels that use the same taps: rows `y0, y0 + step, ..`, columns `x0, x0 + step, ..`.
///
/// A strided convolution's data gradient has one phase for every remainder of rows and columns, all else has one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    y0: usize,
    x0: usize,
    step: usize,
    /// Rows of this phase.
    pub rows: usize,
    /// Columns of this phase.
    pub columns: usize,
    /// Input pixels from one output pixel of the phase to the next.
    input_step: isize,
    /// Taps; possibly none, then the output is 0.
    pub taps: Vec<Tap>,
}

/// An output pixel of a phase: its image and its row and column within the phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    image: usize,
    row: usize,
    column: usize,
}

/// Size of an image: pixels, not channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Size {
    /// Of the input of a convolution.
    pub fn input(g: &Geometry) -> Self {
        Self {
            height: g.height,
            width: g.width,
        }
    }

    /// Of its output.
    pub fn output(g: &Geometry) -> Self {
        Self {
            height: g.out_height(),
            width: g.out_width(),
        }
    }
}

impl Phase {
    /// The phase of a forward convolution.
    pub fn forward(g: &Geometry) -> Self {
        let padding = g.padding as isize;
        let taps = (0..g.kernel * g.kernel).map(|position| Tap {
            position,
            y: (position / g.kernel) as isize - padding,
            x: (position % g.kernel) as isize - padding,
        });
        Self {
            y0: 0,
            x0: 0,
            step: 1,
            rows: g.out_height(),
            columns: g.out_width(),
            input_step: g.stride as isize,
            taps: taps.collect(),
        }
    }

    /// The phases of a data gradient: input pixel q of the convolution gets the gradient of output pixel
    /// (q + padding - tap) / stride for every tap that makes it whole.
    pub fn backward(g: &Geometry) -> Vec<Self> {
        let sides = |side: usize| g.stride.min(side);
        let mut phases = Vec::new();
        for y0 in 0..sides(g.height) {
            for x0 in 0..sides(g.width) {
                let down = taps_of_remainder(g, y0);
                let across = taps_of_remainder(g, x0);
                let taps = down.iter().flat_map(|&(ky, y)| {
                    across.iter().map(move |&(kx, x)| Tap {
                        position: ky * g.kernel + kx,
                        y,
                        x,
                    })
                });
                phases.push(Self {
                    y0,
                    x0,
                    step: g.stride,
                    rows: (g.height - y0).div_ceil(g.stride),
                    columns: (g.width - x0).div_ceil(g.stride),
                    input_step: 1,
                    taps: taps.collect(),
                });
            }
        }
        phases
    }

    /// Output pixels of `batch` images.
    pub fn len(&self, batch: usize) -> usize {
        batch * self.rows * self.columns
    }

    /// Output pixel number `index`.
    pub fn position(&self, index: usize) -> Position {
        let area = self.rows * self.columns;
        let within = index % area;
        Position {
            image: index / area,
            row: within / self.columns,
            column: within % self.columns,
        }
    }

    /// The pixel of an output of `size` at a position of this phase.
    #[inline(always)]
    pub fn output_pixel(&self, at: Position, size: Size) -> usize {
        let y = self.y0 + at.row * self.step;
        let x = self.x0 + at.column * self.step;
        (at.image * size.height + y) * size.width + x
    }

    /// The pixel of an input of `size` that `tap` sees from a position, `None` outside the image.
    #[inline(always)]
    pub fn input_pixel(&self, at: Position, tap: Tap, size: Size) -> Option<usize> {
        let y = at.row as isize * self.input_step + tap.y;
        let x = at.column as isize * self.input_step + tap.x;
        // Negative ones become huge.
        let (y, x) = (y as usize, x as usize);
        (y < size.height && x < size.width).then(|| (at.image * size.height + y) * size.width + x)
    }
}

/// Kernel rows (or columns) that reach pixels of remainder `start`, with the offset of the output pixel.
fn taps_of_remainder(g: &Geometry, start: usize) -> Vec<(usize, isize)> {
    let stride = g.stride as isize;
    (0..g.kernel)
        .filter_map(|k| {
            let distance = (start + g.padding) as isize - k as isize;
            (distance.rem_euclid(stride) == 0).then_some((k, distance.div_euclid(stride)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair (output, tap, input) of the forward pass appears once in the backward phases.
    #[test]
    fn backward_phases_invert_the_forward_one() {
        for (kernel, stride, padding, height, width) in [
            (3, 2, 1, 7, 6),
            (7, 4, 3, 9, 13),
            (5, 2, 0, 8, 5),
            (1, 3, 0, 4, 4),
            (3, 1, 1, 4, 5),
        ] {
            let g = Geometry {
                batch: 2,
                height,
                width,
                inputs: 1,
                outputs: 1,
                kernel,
                stride,
                padding,
            };
            let (input, output) = (Size::input(&g), Size::output(&g));
            let mut forward = Vec::new();
            let phase = Phase::forward(&g);
            for index in 0..phase.len(g.batch) {
                for &tap in &phase.taps {
                    if let Some(pixel) = phase.input_pixel(phase.position(index), tap, input) {
                        forward.push((
                            phase.output_pixel(phase.position(index), output),
                            tap.position,
                            pixel,
                        ));
                    }
                }
            }
            let mut backward = Vec::new();
            for phase in Phase::backward(&g) {
                for index in 0..phase.len(g.batch) {
                    for &tap in &phase.taps {
                        if let Some(pixel) = phase.input_pixel(phase.position(index), tap, output) {
                            backward.push((
                                pixel,
                                tap.position,
                                phase.output_pixel(phase.position(index), input),
                            ));
                        }
                    }
                }
            }
            forward.sort_unstable();
            backward.sort_unstable();
            assert_eq!(forward, backward);
        }
    }
}
