//! Which instruction set to use.

use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// An instruction set that the kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Path {
    /// Plain Rust, four lanes: every processor (SSE2 on x86-64, NEON on aarch64).
    Portable = 1,
    /// x86-64 with AVX2 and FMA, eight lanes.
    Avx2 = 2,
    /// x86-64 with AVX-512 F, BW, DQ and VL, sixteen lanes.
    Avx512 = 3,
}

impl Path {
    /// All of them, the fastest last.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The name: `portable`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The one that [`VARIABLE`] names, if this processor has it, else the fastest one.
    pub fn preferred() -> Self {
        static PREFERRED: OnceLock<Path> = OnceLock::new();
        *PREFERRED.get_or_init(|| match from_environment() {
            Ok(Some(path)) => path,
            _ => Self::best(),
        })
    }

    /// The fastest one of this processor.
    pub fn best() -> Self {
        let available = Self::ALL.into_iter().rev().find(|path| path.is_available());
        available.unwrap_or(Self::Portable)
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let path = Self::ALL.into_iter().find(|path| path.name() == name);
        path.ok_or_else(|| format!("`{name}` is none of portable, avx2, avx512"))
    }
}

/// The environment variable that chooses a path: `portable`, `avx2` or `avx512`; `burn` turns the kernels off.
pub const VARIABLE: &str = "SIMGAN_KERNELS";

/// The path that [`VARIABLE`] names, `None` where it is unset, empty or `burn`.
///
/// # Errors
/// Another value, or a path that this processor lacks. The kernels themselves ignore such a value.
pub fn from_environment() -> Result<Option<Path>, String> {
    let value = std::env::var(VARIABLE).unwrap_or_default();
    if value.is_empty() || value == "burn" {
        return Ok(None);
    }
    let path: Path = value.parse()?;
    if path.is_available() {
        Ok(Some(path))
    } else {
        Err(format!("this processor has no {value}"))
    }
}

/// The forced path, 0 for none.
static FORCED: AtomicU8 = AtomicU8::new(0);

/// The path in use: the forced one or [`Path::preferred`].
pub fn path() -> Path {
    match FORCED.load(Ordering::Relaxed) {
        1 => Path::Portable,
        2 => Path::Avx2,
        3 => Path::Avx512,
        _ => Path::preferred(),
    }
}

/// Forces a path for the whole process, `None` returns to [`Path::preferred`].
///
/// # Errors
/// A path that this processor lacks; nothing changes.
pub fn set_path(path: Option<Path>) -> Result<(), String> {
    match path {
        Some(path) if !path.is_available() => Err(format!("this processor has no {}", path.name())),
        _ => {
            FORCED.store(path.map_or(0, |path| path as u8), Ordering::Relaxed);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for path in Path::ALL {
            assert_eq!(path.name().parse::<Path>().unwrap(), path);
        }
        assert!("sse".parse::<Path>().is_err());
    }

    #[test]
    fn the_best_path_is_available() {
        assert!(Path::best().is_available());
        assert!(Path::Portable.is_available());
    }
}
