//! The signs that are drawn.

/// A class of signs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// Its number in the German Traffic Sign Recognition Benchmark (Stallkamp et al. 2011), 0..=42.
    pub number: u32,
    /// What people call it.
    pub name: &'static str,
    /// What it shows.
    pub(super) design: Design,
}

/// What a sign shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Design {
    /// A number in a red ring.
    SpeedLimit(&'static str),
    /// A yellow square on its tip, with a white border.
    PriorityRoad,
    /// A white triangle on its tip, with a red border.
    Yield,
    /// A red octagon with the word STOP.
    Stop,
    /// A white bar on a red disc.
    NoEntry,
}

/// All classes: those of the benchmark that a few drawing primitives make.
pub const CLASSES: [Class; 12] = [
    speed_limit(0, "speed 20", "20"),
    speed_limit(1, "speed 30", "30"),
    speed_limit(2, "speed 50", "50"),
    speed_limit(3, "speed 60", "60"),
    speed_limit(4, "speed 70", "70"),
    speed_limit(5, "speed 80", "80"),
    speed_limit(7, "speed 100", "100"),
    speed_limit(8, "speed 120", "120"),
    class(12, "priority road", Design::PriorityRoad),
    class(13, "yield", Design::Yield),
    class(14, "stop", Design::Stop),
    class(17, "no entry", Design::NoEntry),
];

const fn speed_limit(number: u32, name: &'static str, limit: &'static str) -> Class {
    class(number, name, Design::SpeedLimit(limit))
}

const fn class(number: u32, name: &'static str, design: Design) -> Class {
    Class {
        number,
        name,
        design,
    }
}
