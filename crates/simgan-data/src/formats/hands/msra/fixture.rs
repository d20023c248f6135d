//! Files as MSRA has them, for tests and hostile input.

/// A `joint.txt`: all joints of a frame at one place.
pub(super) fn joints(frames: usize) -> Vec<u8> {
    let mut text = format!("{frames}\n");
    for frame in 0..frames {
        text += &format!("{frame} 1.5 -400 ").repeat(21);
        text.push('\n');
    }
    text.into_bytes()
}

/// A frame of which a part is there.
pub(super) fn frame(size: [u32; 2], part: [u32; 4], depths: &[f32]) -> Vec<u8> {
    let head = size.into_iter().chain(part).flat_map(u32::to_le_bytes);
    head.chain(depths.iter().flat_map(|depth| depth.to_le_bytes()))
        .collect()
}
