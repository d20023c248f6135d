//! `--device`: where tensors live.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

use crate::errors::UsageError;

/// A kind of device; all but the CPU need the cargo feature of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// The CPU.
    Cpu,
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
}

const KINDS: [(&str, DeviceKind); 6] = [
    ("cpu", DeviceKind::Cpu),
    ("cuda", DeviceKind::Cuda),
    ("rocm", DeviceKind::Rocm),
    ("metal", DeviceKind::Metal),
    ("vulkan", DeviceKind::Vulkan),
    ("webgpu", DeviceKind::Webgpu),
];

/// What `--device` says: a kind and, after a colon, which one of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceChoice {
    /// Kind of device.
    pub kind: DeviceKind,
    /// Index among the devices of its kind; `None` is the default one.
    pub index: Option<usize>,
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, index) = match text.split_once(':') {
            Some((name, index)) => (name, Some(index)),
            None => (text, None),
        };
        let kind = KINDS
            .iter()
            .find_map(|&(known, kind)| (known == name).then_some(kind))
            .ok_or("known devices: cpu, cuda, rocm, metal, vulkan, webgpu")?;
        let index = match index.map(str::parse) {
            None => None,
            Some(Ok(_)) if kind == DeviceKind::Cpu => return Err("there is only one `cpu`".into()),
            Some(Ok(index)) => Some(index),
            Some(Err(_)) => return Err("expected a whole number after the colon".into()),
        };
        Ok(Self { kind, index })
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
        match self.index {
            Some(index) => write!(f, "{}:{index}", self.kind),
            None => self.kind.fmt(f),
        }
    }
}

impl DeviceChoice {
    /// The device itself.
    ///
    /// # Errors
    /// A kind whose cargo feature this program was built without.
    pub fn open(self) -> Result<Device, UsageError> {
        match self.kind {
            DeviceKind::Cpu => Ok(Device::flex()),
            #[cfg(feature = "cuda")]
            DeviceKind::Cuda => Ok(Device::cuda(self.numbered())),
            #[cfg(feature = "rocm")]
            DeviceKind::Rocm => Ok(Device::rocm(self.numbered())),
            #[cfg(feature = "metal")]
            DeviceKind::Metal => Ok(Device::metal(self.discrete())),
            #[cfg(feature = "vulkan")]
            DeviceKind::Vulkan => Ok(Device::vulkan(self.discrete())),
            #[cfg(feature = "webgpu")]
            DeviceKind::Webgpu => Ok(Device::webgpu(self.discrete())),
            #[allow(unreachable_patterns, reason = "reached unless every feature is on")]
            kind => Err(not_built(kind)),
        }
    }

    #[cfg(any(feature = "cuda", feature = "rocm"))]
    fn numbered(self) -> burn::tensor::DeviceIndex {
        self.index.map_or(
            burn::tensor::DeviceIndex::Default,
            burn::tensor::DeviceIndex::Specified,
        )
    }

    #[cfg(any(feature = "metal", feature = "vulkan", feature = "webgpu"))]
    fn discrete(self) -> burn::tensor::DeviceKind {
        self.index.map_or(
            burn::tensor::DeviceKind::DefaultDevice,
            burn::tensor::DeviceKind::DiscreteGpu,
        )
    }
}

fn not_built(kind: DeviceKind) -> UsageError {
    UsageError {
        message: format!("--device {kind}: this program was built without {kind}"),
        hint: format!(
            "build it with `cargo build --release --features {kind}`, or leave --device out to use the CPU"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_indices_are_read_and_written() {
        for text in ["cpu", "cuda", "cuda:1", "vulkan:0", "webgpu"] {
            let choice: DeviceChoice = text.parse().unwrap();
            assert_eq!(choice.to_string(), text);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cpu:0"] {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_cpu_is_always_there() {
        assert!("cpu".parse::<DeviceChoice>().unwrap().open().is_ok());
    }
}
