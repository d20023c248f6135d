//! `--device`: where tensors live, and `--precision`: in what numbers layers compute there.

use std::fmt;
use std::str::FromStr;

use burn::tensor::{Device, DeviceType};
use simgan_kernels::ops::{self, Precision};

use crate::errors::UsageError;

/// A kind of device; all but the CPU need the cargo feature of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// NVIDIA GPUs through CUDA.
    Cuda,
    /// AMD GPUs through ROCm.
    Rocm,
    /// Apple GPUs through Metal.
    Metal,
    /// GPUs through Vulkan.
    Vulkan,
    /// GPUs through WebGPU.
    Webgpu,
    /// The CPU.
    Cpu,
}

/// All kinds, in the order in which `auto` looks for one.
const KINDS: [(&str, DeviceKind); 6] = [
    ("cuda", DeviceKind::Cuda),
    ("rocm", DeviceKind::Rocm),
    ("metal", DeviceKind::Metal),
    ("vulkan", DeviceKind::Vulkan),
    ("webgpu", DeviceKind::Webgpu),
    ("cpu", DeviceKind::Cpu),
];

/// What `--device` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A GPU if one is there, else the CPU.
    Auto,
    /// Number `index` of those of `kind`, counted from 0; `None` is the first.
    Named {
        /// Kind of device.
        kind: DeviceKind,
        /// Which of them.
        index: Option<usize>,
    },
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let (name, index) = match text.split_once(':') {
            Some((name, index)) => (name, Some(index)),
            None => (text, None),
        };
        let kind = KINDS
            .iter()
            .find_map(|&(known, kind)| (known == name).then_some(kind))
            .ok_or("known devices: auto, cpu, cuda, rocm, metal, vulkan, webgpu")?;
        let index = match index.map(str::parse) {
            None => None,
            Some(Ok(_)) if kind == DeviceKind::Cpu => return Err("there is only one `cpu`".into()),
            Some(Ok(index)) => Some(index),
            Some(Err(_)) => return Err("expected a whole number after the colon".into()),
        };
        Ok(Self::Named { kind, index })
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KINDS.iter().find(|(_, kind)| kind == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Named { kind, index: None } => kind.fmt(f),
            Self::Named {
                kind,
                index: Some(index),
            } => write!(f, "{kind}:{index}"),
        }
    }
}

/// A device that is open.
#[derive(Clone, Debug)]
pub struct OpenDevice {
    /// As Burn knows it.
    pub device: Device,
    /// As `--device` names it, and what it calls itself: `vulkan:0 (NVIDIA H100 PCIe)`.
    pub name: String,
}

impl DeviceChoice {
    /// The device itself, on which layers then compute in `precision`.
    ///
    /// # Errors
    /// A kind whose cargo feature this program was built without, a device that the machine has not, or a precision that
    /// the device has not.
    pub fn open(self, precision: Precision) -> Result<OpenDevice, UsageError> {
        let open = match self {
            Self::Auto => automatic(),
            Self::Named { kind, index } => kind.open(index)?,
        };
        check_precision(&open, precision)?;
        ops::compute_in(precision);
        Ok(open)
    }
}

impl DeviceKind {
    /// As Burn calls it; `None`: this program was built without it.
    fn built_in(self) -> Option<DeviceType> {
        match self {
            Self::Cpu => Some(DeviceType::Flex),
            #[cfg(feature = "cuda")]
            Self::Cuda => Some(DeviceType::Cuda),
            #[cfg(feature = "rocm")]
            Self::Rocm => Some(DeviceType::Rocm),
            #[cfg(feature = "metal")]
            Self::Metal => Some(DeviceType::Metal),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Some(DeviceType::Vulkan),
            #[cfg(feature = "webgpu")]
            Self::Webgpu => Some(DeviceType::Wgpu),
            #[allow(unreachable_patterns, reason = "reached unless every feature is on")]
            _ => None,
        }
    }

    /// Every device of this kind, in the order of their numbers: discrete GPUs come first, software last.
    fn all(self) -> Vec<Device> {
        self.built_in()
            .map_or_else(Vec::new, |kind| Device::enumerate(kind).into_vec())
    }

    fn open(self, index: Option<usize>) -> Result<OpenDevice, UsageError> {
        if self == Self::Cpu {
            return Ok(cpu());
        }
        if self.built_in().is_none() {
            return Err(not_built(self));
        }
        let number = index.unwrap_or(0);
        let mut found = self.all();
        match number < found.len() {
            true => Ok(named(self, number, found.swap_remove(number))),
            false => Err(not_there(self, number, found.len())),
        }
    }
}

/// The first GPU of the kinds that are built in, else the CPU. A device without a card behind it computes on the CPU, too,
/// and more slowly.
fn automatic() -> OpenDevice {
    let kinds = KINDS.iter().map(|&(_, kind)| kind);
    let gpus = kinds.filter(|&kind| kind != DeviceKind::Cpu);
    let all = gpus.flat_map(|kind| {
        (0..)
            .zip(kind.all())
            .map(move |(i, device)| (kind, i, device))
    });
    all.filter(|(_, _, device)| has_card(device))
        .map(|(kind, i, device)| named(kind, i, device))
        .next()
        .unwrap_or_else(cpu)
}

fn cpu() -> OpenDevice {
    OpenDevice {
        device: Device::flex(),
        name: DeviceKind::Cpu.to_string(),
    }
}

fn named(kind: DeviceKind, number: usize, device: Device) -> OpenDevice {
    let own = card(&device).map_or_else(String::new, |own| format!(" ({own})"));
    OpenDevice {
        name: format!("{kind}:{number}{own}"),
        device,
    }
}

/// What a device calls itself.
#[cfg(feature = "gpu")]
pub fn card(device: &Device) -> Option<String> {
    device.identity().map(|identity| identity.name)
}

/// What a device calls itself.
#[cfg(not(feature = "gpu"))]
pub fn card(_: &Device) -> Option<String> {
    None
}

#[cfg(feature = "gpu")]
fn has_card(device: &Device) -> bool {
    device
        .identity()
        .is_some_and(|identity| identity.physical.is_some())
}

#[cfg(not(feature = "gpu"))]
fn has_card(_: &Device) -> bool {
    false
}

/// Whether the device has numbers of this `precision`.
fn check_precision(open: &OpenDevice, precision: Precision) -> Result<(), UsageError> {
    let has = match ops::is_cpu(&open.device) {
        true => precision == Precision::F32,
        false => open.device.supports_dtype(precision.dtype()),
    };
    if has {
        return Ok(());
    }
    Err(UsageError {
        message: format!(
            "--precision {precision}: {} does not compute in it",
            open.name
        ),
        hint: "leave --precision out to compute in f32, or choose another device".to_owned(),
    })
}

fn not_built(kind: DeviceKind) -> UsageError {
    UsageError {
        message: format!("--device {kind}: this program was built without {kind}"),
        hint: format!(
            "build it with `cargo build --release --features {kind}`, or leave --device out to use the CPU"
        ),
    }
}

fn not_there(kind: DeviceKind, number: usize, found: usize) -> UsageError {
    let there = match found {
        0 => format!("this machine has no {kind} device, or no driver that tells of it"),
        1 => format!("this machine has one {kind} device, {kind}:0"),
        _ => format!("this machine has {kind}:0 to {kind}:{}", found - 1),
    };
    UsageError {
        message: format!("--device {kind}:{number}: {there}"),
        hint: "choose another one, or leave --device out to use the CPU".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(text: &str) -> DeviceChoice {
        text.parse().unwrap()
    }

    #[test]
    fn kinds_and_indices_are_read_and_written() {
        for text in ["auto", "cpu", "cuda", "cuda:1", "vulkan:0", "webgpu"] {
            assert_eq!(choice(text).to_string(), text);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "auto:0",
        ] {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_cpu_is_always_there_and_computes_in_f32() {
        let open = choice("cpu").open(Precision::F32).unwrap();
        assert_eq!(open.name, "cpu");
        for precision in [Precision::F16, Precision::Bf16] {
            let error = choice("cpu").open(precision).unwrap_err();
            let expected = format!("--precision {precision}: cpu does not compute in it");
            assert_eq!(error.message, expected);
        }
    }

    #[test]
    fn auto_always_finds_one() {
        assert!(
            !DeviceChoice::Auto
                .open(Precision::F32)
                .unwrap()
                .name
                .is_empty()
        );
    }

    #[test]
    fn a_number_that_is_not_there_is_told_with_those_that_are() {
        let told = |found| not_there(DeviceKind::Vulkan, 7, found).message;
        assert!(told(0).contains("no vulkan device"));
        assert!(told(1).ends_with("one vulkan device, vulkan:0"));
        assert!(told(3).ends_with("vulkan:0 to vulkan:2"));
    }
}
