//! No kernel reads or writes beyond its buffers: each lies against a page that must not be touched, once with its end
//! and once with its beginning, for many shapes on every path.

use crate::direct;
use crate::epilogue::Epilogue;
use crate::geometry::Geometry;
use crate::simd::{Isa, Path, set_path};
use crate::winograd::{self, Tiles};

/// Memory between two inaccessible pages.
struct Guarded {
    map: *mut libc::c_void,
    map_len: usize,
    data: *mut f32,
    len: usize,
}

impl Guarded {
    /// `len` values, at the end of the accessible memory or at its beginning.
    fn new(len: usize, at_end: bool) -> Self {
        let page = 4096;
        let bytes = len * size_of::<f32>();
        let inner = bytes.next_multiple_of(page);
        let map_len = inner + 2 * page;
        // SAFETY: a new anonymous mapping, of which the pages between the first and the last are made accessible.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let map = libc::mmap(std::ptr::null_mut(), map_len, libc::PROT_NONE, flags, -1, 0);
            assert!(map != libc::MAP_FAILED);
            let first = map.cast::<u8>().add(page);
            let access = libc::PROT_READ | libc::PROT_WRITE;
            assert_eq!(libc::mprotect(first.cast(), inner, access), 0);
            let start = if at_end { inner - bytes } else { 0 };
            let data = first.add(start).cast::<f32>();
            for i in 0..len {
                data.add(i).write(((i * 7919) % 13) as f32 - 6.0);
            }
            Self {
                map,
                map_len,
                data,
                len,
            }
        }
    }

    fn values(&self) -> &[f32] {
        // SAFETY: `len` values were written.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // SAFETY: the mapping of `new`.
        unsafe { libc::munmap(self.map, self.map_len) };
    }
}

/// Every kernel of one convolution. A fault ends the test program.
fn run(g: &Geometry, at_end: bool) {
    let isa = Isa::current();
    let guarded = |len| Guarded::new(len, at_end);
    let (x, w, y) = (
        guarded(g.input_len()),
        guarded(g.weight_len()),
        guarded(g.output_len()),
    );
    let (dx, skip, back_skip) = (
        guarded(g.input_len()),
        guarded(g.output_len()),
        guarded(g.input_len()),
    );
    let epilogue = |tensor: &Guarded| Epilogue {
        residual: tensor.data,
        mask: tensor.data,
        relu: true,
        ..Epilogue::NONE
    };
    let area = g.kernel * g.kernel;
    // SAFETY: all lengths are those of the geometry.
    unsafe {
        direct::convolve(isa, g, x.values(), w.values(), epilogue(&skip), y.data);
        direct::data_gradient(
            isa,
            g,
            y.values(),
            w.values(),
            epilogue(&back_skip),
            dx.data,
        );
        drop(direct::weight_gradient(isa, g, x.values(), y.values()));
        let Some(tiles) = Tiles::for_kernel(g.kernel).filter(|_| g.stride == 1) else {
            return;
        };
        let weight = |o: usize, i: usize, k: usize| (o * g.inputs + i) * area + k;
        let u = winograd::transform_weights(isa, tiles, g.inputs, g.outputs, w.values(), weight);
        winograd::convolve(isa, *g, tiles, x.values(), &u, epilogue(&skip), y.data);
        drop(winograd::weight_gradient(
            isa,
            *g,
            tiles,
            x.values(),
            y.values(),
        ));
    }
}

#[test]
fn nothing_beyond_the_buffers_is_touched() {
    let channels = [1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 64, 80];
    for path in Path::ALL.into_iter().filter(|path| path.is_available()) {
        set_path(Some(path)).unwrap();
        for (case, kernel) in [1, 2, 3, 5, 7].into_iter().cycle().enumerate().take(120) {
            let g = Geometry {
                batch: 1 + case % 2,
                height: kernel + case % 9,
                width: kernel + (case * 5) % 11,
                inputs: channels[case % channels.len()],
                outputs: channels[(case * 7 + 3) % channels.len()],
                kernel,
                stride: 1 + (case / 5) % 3 % 2,
                padding: if case % 3 == 0 { 0 } else { kernel / 2 },
            };
            run(&g, case % 4 < 2);
        }
    }
    set_path(None).unwrap();
}
