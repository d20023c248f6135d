//! What the projector lights.

use crate::depths::Depths;

/// How near, in pixels, a surface must come to a ray of the projector to be met by it.
const MET: f32 = 0.6;

/// Whether the projector, at the camera's right, lights what each pixel shows.
///
/// Along the ray from a surface to the projector, each pixel to the right is one of disparity. What meets
/// this ray is before the surface, seen from the projector. Only what the camera sees is known.
pub(super) fn lit(disparities: &Depths) -> Vec<bool> {
    let rows = disparities.values.chunks_exact(disparities.width.max(1));
    rows.flat_map(|row| {
        let nearest = row.iter().copied().fold(0.0, f32::max);
        (0..row.len()).map(move |x| row[x] > 0.0 && !is_shadowed(&row[x..], nearest))
    })
    .collect()
}

/// Whether something to the right is before the first pixel of a row.
fn is_shadowed(row: &[f32], nearest: f32) -> bool {
    let own = row[0];
    // Further away the ray is nearer than anything.
    let reach = (nearest - own + MET).max(0.0) as usize;
    let right = row.iter().enumerate().take(reach + 1).skip(1);
    right
        .into_iter()
        .any(|(step, &disparity)| (disparity - own - step as f32).abs() < MET)
}
